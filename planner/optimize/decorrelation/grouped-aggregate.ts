// A correlated subquery that aggregates - (SELECT sum(x) FROM … WHERE inner = outer) - computed for all outer
// values at once: grouped by the inner sides of the correlation and joined (Kim 1982). Outer rows without
// a group find nulls; where the subquery would say something else for no rows (count: 0), that is put in.

import { type AggregateExpression, type Datum, type Expression, sqlType, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import type { AggregateNode, LogicalPlan, PlanColumn } from '../../logical-plan.ts';
import { isVolatile } from '../expression-facts.ts';
import { columnExpression, conjunction, visitExpression } from '../expression-tree.ts';
import { freeColumns, substituteColumns } from '../plan-tree.ts';
import { groupedByCorrelation, type Outer, pullUp } from './pull-up.ts';
import { cannotFail } from './safe-evaluation.ts';

/** Results of aggregates over no rows. */
const emptyResults = new Map<string, Datum>([
  ['count', 0],
  ['regr_count', 0],
  ...[
    'sum',
    'avg',
    'min',
    'max',
    'bool_and',
    'bool_or',
    'every',
    'bit_and',
    'bit_or',
    'stddev',
    'stddev_pop',
    'stddev_samp',
    'variance',
    'var_pop',
    'var_samp',
    'array_agg',
    'string_agg',
  ].map((name): [string, Datum] => [name, null]),
]);

export interface GroupedAggregate {
  readonly plan: LogicalPlan;
  readonly condition: Expression;
  /** Per output of the subquery: its value in a row of the left join with the plan. */
  readonly values: readonly Expression[];
}

/** The subquery is a projection over an aggregate without keys; undefined when it cannot be grouped. */
export function groupedAggregate(plan: LogicalPlan, outer: Outer): GroupedAggregate | undefined {
  const { aggregate, expressions } = topOf(plan);
  if (aggregate === undefined || expressions === undefined) return undefined;
  if (aggregate.groupKeys.length > 0 || aggregate.groupingSets !== undefined) return undefined;
  const empty = aggregate.aggregates.map(emptyResult);
  if (empty.includes(undefined) || !aggregate.aggregates.every(isSafeAggregate)) return undefined;
  if (!expressions.every((expression) => cannotFail(expression) && !isVolatile(expression)))
    return undefined;
  const inner = pullUp(aggregate.input, outer, 'rows');
  if (inner === undefined || inner.conjuncts.length === 0) return undefined;
  const grouped = groupedByCorrelation(aggregate, inner, outer);
  if (grouped === undefined || freeColumns(grouped.plan).size > 0) return undefined;
  // The values may read outer columns: they are computed above the join.
  const made = new Map(aggregate.outputs.map((column, at) => [column.id, empty[at] ?? null]));
  const [key] = grouped.keys;
  return {
    plan: grouped.plan,
    condition: conjunction(grouped.conjuncts)!,
    values: expressions.map((expression) => valueAbove(expression, made, key)),
  };
}

/** Through projections, down to the aggregate: the outputs in terms of its columns. */
function topOf(plan: LogicalPlan): {
  readonly aggregate: AggregateNode | undefined;
  readonly expressions: readonly Expression[] | undefined;
} {
  let node = plan;
  let expressions: readonly Expression[] = plan.outputs.map(columnExpression);
  while (node.kind === 'project') {
    const made = new Map(node.outputs.map((column, at) => [column.id, at]));
    const { expressions: below } = node;
    expressions = expressions.map((expression) =>
      substituteColumns(expression, (id) => {
        const at = made.get(id);
        return at === undefined ? undefined : below[at];
      }),
    );
    node = node.input;
  }
  return node.kind === 'aggregate'
    ? { aggregate: node, expressions }
    : { aggregate: undefined, expressions: undefined };
}

function emptyResult(aggregate: AggregateExpression): Datum | undefined {
  const name = functionRegistry.functionByOid(aggregate.functionOid)?.name ?? '';
  return emptyResults.has(name) ? emptyResults.get(name) : undefined;
}

function isSafeAggregate(aggregate: AggregateExpression): boolean {
  const parts = [
    ...aggregate.arguments,
    ...(aggregate.filter === undefined ? [] : [aggregate.filter]),
    ...aggregate.orderBy.map((key) => key.expression),
  ];
  return parts.every(cannotFail);
}

function valueAbove(
  expression: Expression,
  empty: ReadonlyMap<number, Datum>,
  key: PlanColumn,
): Expression {
  let differs = false;
  const reads = new Set<number>();
  visitExpression(expression, (node) => {
    if (node.kind !== 'column' || !empty.has(node.column)) return;
    reads.add(node.column);
    differs ||= empty.get(node.column) !== null;
  });
  // A plain column that is null for no rows is null in a row that the join made up.
  if (!differs && expression.kind === 'column' && reads.size === 1) return expression;
  if (!differs && isStrict(expression, empty)) return expression;
  const otherwise = substituteColumns(expression, (id) => {
    if (!empty.has(id)) return undefined;
    return { kind: 'constant', type: typeOf(expression, id), value: empty.get(id) ?? null };
  });
  const present: Expression = {
    kind: 'isNull',
    type: sqlType(TypeOid.bool),
    argument: columnExpression(key),
    negated: true,
    rowwise: false,
  };
  return {
    kind: 'case',
    type: expression.type,
    branches: [{ when: present, then: expression }],
    otherwise,
  };
}

/** Null whenever the aggregates that it reads are; then no case is needed. */
function isStrict(expression: Expression, empty: ReadonlyMap<number, Datum>): boolean {
  switch (expression.kind) {
    case 'column':
      return empty.has(expression.column);
    case 'cast':
      return isStrict(expression.argument, empty);
    case 'call':
      return (
        functionRegistry.functionByOid(expression.functionOid)?.strict === true &&
        expression.arguments.some((argument) => isStrict(argument, empty))
      );
    default:
      return false;
  }
}

function typeOf(expression: Expression, column: number): Expression['type'] {
  let type = expression.type;
  visitExpression(expression, (node) => {
    if (node.kind === 'column' && node.column === column) ({ type } = node);
  });
  return type;
}
