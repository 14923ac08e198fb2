// An aggregate over a join, rebuilt over groups of one of the join's parts (passes/group-early.ts says when).

import {
  type AggregateExpression,
  assert,
  type ColumnId,
  type Expression,
  sqlType,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import type { AggregateNode, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { columnExpression, conjunctsOf, mapChildren } from './expression-tree.ts';
import { notNullColumns } from './not-null.ts';
import type { ColumnSource } from './plan-tree.ts';
import { type SplitAggregate, splitAggregate } from './split-aggregate.ts';
import { isUniqueBy, uniqueColumns } from './unique-columns.ts';

export interface EarlyGroups {
  /** A part of the aggregate's input, with joins and filters between. */
  readonly part: LogicalPlan;
  /** Its columns that are read above. */
  readonly keys: readonly PlanColumn[];
  /** An outer join between may extend its rows by nulls. */
  readonly isNullable: boolean;
}

const int8 = sqlType(TypeOid.int8);

/** One aggregate in parts. */
interface Split {
  readonly whole: AggregateExpression;
  readonly parts: SplitAggregate;
  /** What the groups have for it. */
  readonly partial: readonly PlanColumn[];
}

/** The same rows and columns. */
export function grouped(
  node: AggregateNode,
  place: EarlyGroups,
  columns: ColumnSource,
): LogicalPlan {
  const splits: Split[] = [];
  for (const whole of node.aggregates) {
    const parts = splitAggregate(whole);
    assert(parts !== undefined, 'the aggregate can be computed in parts');
    const partial = parts.partial.map(({ type }) => ({ id: columns.fresh(), name: 'part', type }));
    splits.push({ whole, parts, partial });
  }
  const below: AggregateNode = {
    kind: 'aggregate',
    input: place.part,
    groupKeys: place.keys.map(columnExpression),
    aggregates: splits.flatMap(({ parts }) => parts.partial),
    outputs: [...place.keys, ...splits.flatMap(({ partial }) => partial)],
  };
  const input = over(node.input, place.part, below);
  const parts = { input, splits, isNullable: place.isNullable };
  return keepsGroups(node, place, below) && splits.every(({ partial }) => partial.length === 1)
    ? withoutGrouping(node, parts)
    : groupedAgain(node, parts, columns);
}

/** The nodes between, over the groups. */
function over(plan: LogicalPlan, part: LogicalPlan, groups: LogicalPlan): LogicalPlan {
  if (plan === part) return groups;
  if (plan.kind === 'filter') {
    const input = over(plan.input, part, groups);
    return input === plan.input ? plan : { ...plan, input, outputs: input.outputs };
  }
  if (plan.kind !== 'join') return plan;
  const left = over(plan.left, part, groups);
  const right = over(plan.right, part, groups);
  if (left === plan.left && right === plan.right) return plan;
  const { estimatedRows: _, ...join } = plan;
  const leftOnly = plan.type === 'semi' || plan.type === 'anti';
  return {
    ...join,
    left,
    right,
    outputs: leftOnly ? left.outputs : [...left.outputs, ...right.outputs],
  };
}

/** Each row of the join is a group of the aggregate: the other side has one row a group, and each of them one partner. */
function keepsGroups(node: AggregateNode, { part }: EarlyGroups, below: AggregateNode): boolean {
  const join = node.input;
  if (join.kind !== 'join' || (join.type !== 'inner' && join.type !== 'left')) return false;
  if (join.right !== part && (join.left !== part || join.type === 'left')) return false;
  const other = join.right === part ? join.left : join.right;
  // Rows with nulls in a unique key may be several, and one group.
  const known = notNullColumns(other);
  const keys = new Set<ColumnId>();
  for (const key of node.groupKeys)
    if (key.kind === 'column' && known.has(key.column)) keys.add(key.column);
  const own = new Set(other.outputs.map(({ id }) => id));
  return (
    node.groupKeys.every((key) => key.kind === 'column' && own.has(key.column)) &&
    isUniqueBy(other, keys) &&
    uniqueColumns(below, conjunctsOf(join.condition), own)
  );
}

interface Parts {
  readonly input: LogicalPlan;
  readonly splits: readonly Split[];
  readonly isNullable: boolean;
}

function withoutGrouping(node: AggregateNode, { input, splits, isNullable }: Parts): LogicalPlan {
  const results: Expression[] = [];
  for (const { whole, partial } of splits) {
    const [value] = partial.map(columnExpression);
    // A row without a partner is one row, and has no values.
    const missing = whole.star ? 1 : 0;
    results.push(isCount(whole) && isNullable ? orElse(value, missing) : value);
  }
  return {
    kind: 'project',
    input,
    expressions: [...node.groupKeys, ...results],
    outputs: node.outputs,
  };
}

function groupedAgain(
  node: AggregateNode,
  { input, splits, isNullable }: Parts,
  columns: ColumnSource,
): LogicalPlan {
  const keys = node.outputs.slice(0, node.groupKeys.length);
  const aggregates: AggregateExpression[] = [];
  const made: PlanColumn[] = [];
  const results = splits.map(({ whole, parts, partial }) => {
    const inputs = partial.map((column) => {
      const value = columnExpression(column);
      return whole.star && isNullable ? orElse(value, 1) : value;
    });
    const combined = parts.combined.map((aggregate): Expression => {
      aggregates.push(overInputs(aggregate, inputs));
      const column = { id: columns.fresh(), name: 'part', type: aggregate.type };
      made.push(column);
      return columnExpression(column);
    });
    const result = parts.result(combined);
    return isCount(whole) && isNullable ? orElse(result, 0) : result;
  });
  return {
    kind: 'project',
    input: { ...node, input, aggregates, outputs: [...keys, ...made] },
    expressions: [...keys.map(columnExpression), ...results],
    outputs: node.outputs,
  };
}

/** An aggregate of the second stage over the columns that its inputs are. */
function overInputs(
  aggregate: AggregateExpression,
  inputs: readonly Expression[],
): AggregateExpression {
  const map = (expression: Expression): Expression =>
    expression.kind === 'input' ? inputs[expression.ordinal] : mapChildren(expression, map);
  return map(aggregate) as AggregateExpression;
}

function isCount({ functionOid }: AggregateExpression): boolean {
  return functionRegistry.functionByOid(functionOid)?.name === 'count';
}

function orElse(value: Expression, otherwise: number): Expression {
  const constant: Expression = { kind: 'constant', type: int8, value: otherwise };
  return { kind: 'coalesce', type: int8, arguments: [value, constant] };
}
