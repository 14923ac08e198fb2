// The two stages of an aggregate node: groups of each thread's rows, and groups of these groups. With grouping
// sets the first stage does the grouping, and its GROUPING() bits are keys of the second.

import { type AggregateExpression, type Expression, type SqlType, sqlType, TypeOid } from '#common';
import {
  type PhysicalAggregate,
  type PhysicalGather,
  type PhysicalNode,
  type SplitAggregate,
  splitAggregate,
} from '#planner';
import { gatherCost } from './gather-cost.ts';

export interface AggregateStages {
  /** Over the rows that threads share. */
  readonly first: (input: PhysicalNode) => PhysicalAggregate;
  /** Over what the threads have found; puts out what the node does. */
  readonly second: (gather: PhysicalGather, projectId: number) => PhysicalNode;
}

/** undefined: the node cannot be computed in stages. */
export function aggregateStages(node: PhysicalAggregate): AggregateStages | undefined {
  if (node.strategy === 'sorted' || hasEqualSets(node)) return undefined;
  const splits: SplitAggregate[] = [];
  for (const aggregate of node.aggregates) {
    const split = splitAggregate(aggregate);
    if (split === undefined) return undefined;
    splits.push(split);
  }
  return stagesOf(node, splits);
}

/** `splits`: of the node's aggregates. */
export function stagesOf(
  node: PhysicalAggregate,
  splits: readonly SplitAggregate[],
): AggregateStages {
  return {
    first: (input) => firstStage(node, splits, input),
    second: (gather, projectId) => secondStage(node, splits, { gather, projectId }),
  };
}

function firstStage(
  node: PhysicalAggregate,
  splits: readonly SplitAggregate[],
  input: PhysicalNode,
): PhysicalAggregate {
  const keyTypes = node.groupKeys.map(({ type }) => type);
  const bits = Array.from({ length: setBitCount(node) }, () => sqlType(TypeOid.int4));
  const aggregates = splits.flatMap(({ partial }) => partial);
  const types = [...keyTypes, ...aggregates.map(({ type }) => type), ...bits];
  return { ...node, input, aggregates, types };
}

function secondStage(
  node: PhysicalAggregate,
  splits: readonly SplitAggregate[],
  { gather, projectId }: { readonly gather: PhysicalGather; readonly projectId: number },
): PhysicalNode {
  const keyCount = node.groupKeys.length;
  const firstBit = gather.types.length - setBitCount(node);
  const groupKeys = gather.types
    .map((type, ordinal) => inputAt(ordinal, type))
    .filter((_key, ordinal) => ordinal < keyCount || ordinal >= firstBit);
  const aggregates: AggregateExpression[] = [];
  const results: Expression[] = [];
  let partialAt = keyCount;
  for (const { partial, combined, result } of splits) {
    const resultAt = groupKeys.length + aggregates.length;
    results.push(result(combined.map(({ type }, i) => inputAt(resultAt + i, type))));
    for (const aggregate of combined) aggregates.push(shifted(aggregate, partialAt));
    partialAt += partial.length;
  }
  const grouped: PhysicalAggregate = {
    ...node,
    strategy: groupKeys.length === 0 ? 'plain' : 'hash',
    input: gather,
    groupKeys,
    aggregates,
    groupingSets: undefined,
    types: [...groupKeys, ...aggregates].map(({ type }) => type),
    // Whether it is worth compiling depends on its own rows, not on those of the first stage.
    totalCost: gatherCost(gather.estimatedRows, gather.types),
  };
  const keys = groupKeys.map(({ type }, i) => inputAt(i, type));
  const bits = keys.slice(keyCount, node.types.length - node.aggregates.length);
  const expressions = [...keys.slice(0, keyCount), ...results, ...bits];
  const { estimatedRows, startupCost, totalCost } = grouped;
  return {
    kind: 'project',
    id: projectId,
    input: grouped,
    expressions,
    types: node.types,
    estimatedRows,
    startupCost,
    totalCost,
  };
}

/** A group whose key is null, and one of a set without that key, are told apart by what GROUPING() says of it. */
function setBitCount(node: PhysicalAggregate): number {
  return node.groupingSets === undefined ? 0 : node.groupKeys.length;
}

/** Two grouping sets with the same keys give the same groups twice. */
function hasEqualSets({ groupingSets }: PhysicalAggregate): boolean {
  if (groupingSets === undefined) return false;
  const texts = groupingSets.map((set) => set.toSorted((left, right) => left - right).join());
  return new Set(texts).size < texts.length;
}

function shifted(aggregate: AggregateExpression, by: number): AggregateExpression {
  const args = aggregate.arguments.map((argument) =>
    argument.kind === 'input' ? inputAt(argument.ordinal + by, argument.type) : argument,
  );
  return { ...aggregate, arguments: args };
}

function inputAt(ordinal: number, type: SqlType): Expression {
  return { kind: 'input', ordinal, type };
}
