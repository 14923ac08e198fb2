// Aggregates with DISTINCT and without groups, in stages that threads share. Where few values are different, the rows are
// grouped by the value first, which threads do as they group anything, and the aggregates read the groups. Where many are,
// threads divide the values: each aggregates the rows of its part, and no value is in two parts.

import { type AggregateExpression, type Expression, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import {
  type PhysicalAggregate,
  type PhysicalNode,
  type SplitAggregate,
  splitAggregate,
} from '#planner';
import { isPlainKey } from '../compile/key-code.ts';
import { expressionKey } from '../compile/expression-key.ts';
import { type AggregateStages, stagesOf } from './aggregate-stages.ts';

/** What all its aggregates with DISTINCT read; undefined: they are of no such kind, or read several values. */
export function distinctArgument(node: PhysicalAggregate): Expression | undefined {
  if (node.strategy !== 'plain') return undefined;
  let found: Expression | undefined;
  for (const aggregate of node.aggregates) {
    if (!aggregate.distinct) continue;
    const { arguments: args, orderBy } = aggregate;
    if (args.length !== 1 || orderBy.length > 0) return undefined;
    // Of others the result shows in which order the values have come.
    if (splitAggregate({ ...aggregate, distinct: false }) === undefined) return undefined;
    if (found !== undefined && !isSame(found, args[0])) return undefined;
    [found] = args;
  }
  return found;
}

function isSame(left: Expression, right: Expression): boolean {
  const key = expressionKey(left);
  return key !== undefined && key === expressionKey(right);
}

/** Over rows among which no other part has a value of this one. */
export function stagesOfParts(node: PhysicalAggregate): AggregateStages | undefined {
  const splits = node.aggregates.map((aggregate): SplitAggregate | undefined => {
    const split = splitAggregate({ ...aggregate, distinct: false });
    if (split === undefined || !aggregate.distinct) return split;
    return { ...split, partial: split.partial.map((each) => ({ ...each, distinct: true })) };
  });
  return splits.every((split) => split !== undefined) ? stagesOf(node, splits) : undefined;
}

export interface GroupedFirst {
  /** One row for each value: it, and what the other aggregates have found for its rows. */
  readonly groups: PhysicalAggregate;
  /** What the node puts out, over these rows. */
  readonly above: (groups: PhysicalNode) => PhysicalNode;
}

/** undefined: a value's rows are not alike for all aggregates. */
export function groupedFirst(
  node: PhysicalAggregate,
  argument: Expression,
  newId: () => number,
): GroupedFirst | undefined {
  const { aggregates } = node;
  const isAlike = aggregates.every(({ distinct, filter }) => !distinct || filter === undefined);
  // How many values an expression has is a guess, and groups that were expected to be few are many on disk.
  if (!isAlike || argument.kind !== 'input' || !isPlainKey(argument.type)) return undefined;
  // Equal numbers may have other digits, which their sum shows.
  const isShown = argument.type.oid !== TypeOid.numeric || aggregates.every(isCount);
  if (!isShown) return undefined;
  const splits = aggregates.map((aggregate) =>
    aggregate.distinct ? undefined : splitAggregate(aggregate),
  );
  if (splits.some((split, i) => split === undefined && !aggregates[i].distinct)) return undefined;
  const partial = splits.flatMap((split) => split?.partial ?? []);
  const groups: PhysicalAggregate = {
    ...node,
    id: newId(),
    strategy: 'hash',
    groupKeys: [argument],
    aggregates: partial,
    types: [argument.type, ...partial.map(({ type }) => type)],
    estimatedRows: node.distinctRows ?? node.input.estimatedRows,
  };
  return { groups, above: (input) => overGroups(node, splits, { input, id: newId() }) };
}

function overGroups(
  node: PhysicalAggregate,
  splits: readonly (SplitAggregate | undefined)[],
  { input, id }: { readonly input: PhysicalNode; readonly id: number },
): PhysicalNode {
  const made: AggregateExpression[] = [];
  const results: Expression[] = [];
  let partialAt = 1;
  const added = (aggregate: AggregateExpression, argumentAt: number): Expression => {
    const [argument] = aggregate.arguments;
    const read: Expression = { kind: 'input', ordinal: argumentAt, type: argument.type };
    const ordinal = made.push({ ...aggregate, distinct: false, arguments: [read] }) - 1;
    return { kind: 'input', ordinal, type: aggregate.type };
  };
  node.aggregates.forEach((aggregate, i) => {
    const split = splits[i];
    if (split === undefined) {
      results.push(added(aggregate, 0));
      return;
    }
    const { partial, combined, result } = split;
    const value = result(combined.map((each) => added(each, partialAt + ordinalOf(each))));
    results.push(isCount(aggregate) ? orZero(value) : value);
    partialAt += partial.length;
  });
  const { types, estimatedRows, startupCost } = node;
  const costs = { estimatedRows, startupCost, totalCost: input.totalCost };
  const plain: PhysicalAggregate = {
    ...node,
    ...costs,
    input,
    aggregates: made,
    types: made.map(({ type }) => type),
  };
  return { kind: 'project', id, input: plain, expressions: results, types, ...costs };
}

function ordinalOf({ arguments: [argument] }: AggregateExpression): number {
  return argument.kind === 'input' ? argument.ordinal : 0;
}

export function isCount({ functionOid }: AggregateExpression): boolean {
  return functionRegistry.functionByOid(functionOid)?.name === 'count';
}

/** Without rows there are no groups to count those of. */
function orZero(value: Expression): Expression {
  const { type } = value;
  return { kind: 'coalesce', arguments: [value, { kind: 'constant', value: 0, type }], type };
}
