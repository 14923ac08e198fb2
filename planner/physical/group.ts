// Aggregates, DISTINCT and window functions.

import type { AggregateExpression, Expression, OrderKey, SqlType } from '#common';
import { functionRegistry } from '#functions';
import type { LogicalPlan, WindowNode } from '../logical-plan.ts';
import { mapOptional } from '../optimize/expression-tree.ts';
import type { PlanBuilder } from './builder.ts';
import {
  matchOrder,
  ordinalsOf,
  typesOf,
  unordered,
  wantedKeys,
  type Built,
  type Ordering,
  type Scope,
} from './built.ts';
import { aggregationCost, costs } from './cost.ts';
import { sorted } from './sort.ts';

export function buildAggregate(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'aggregate' }>,
  scope: Scope,
): Built {
  const input = builder.build(plan.input, scope);
  const built = sortsGroups(builder, plan, input)
    ? sorted(builder, input, { keys: plan.groupKeys.map(ascending), scope })
    : input;
  const { node, ordinals } = built;
  const plain = plan.groupKeys.length === 0 && plan.groupingSets === undefined;
  const grouped =
    !plain &&
    plan.groupingSets === undefined &&
    (built !== input || arrivesGrouped(plan.groupKeys, built.ordering));
  const total = node.totalCost + aggregationCost(node.estimatedRows, plan.aggregates.length);
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), {
        rows: builder.cardinality.rows(plan),
        startup: total,
        total,
      }),
      kind: 'aggregate',
      strategy: plain ? 'plain' : grouped ? 'sorted' : 'hash',
      input: node,
      groupKeys: plan.groupKeys.map((key) => builder.lower(key, ordinals, scope)),
      aggregates: plan.aggregates.map(
        (aggregate) => builder.lower(aggregate, ordinals, scope) as AggregateExpression,
      ),
      groupingSets: plan.groupingSets,
      ...(plain ? distinctRows(builder, plan, node.estimatedRows) : {}),
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: grouped ? orderingOfGroups(plan, built.ordering) : unordered,
  };
}

function distinctRows(
  builder: PlanBuilder,
  { aggregates }: Extract<LogicalPlan, { kind: 'aggregate' }>,
  rows: number,
): { readonly distinctRows?: number } {
  const counts = aggregates
    .filter(({ distinct }) => distinct)
    .flatMap(({ arguments: args }) => args.map((each) => builder.cardinality.distinct(each)));
  return counts.length === 0 ? {} : { distinctRows: Math.min(rows, Math.max(...counts)) };
}

const ascending = (expression: Expression): OrderKey => ({
  expression,
  descending: false,
  nullsFirst: false,
});

const isOrdered = ({ type }: { readonly type: SqlType }): boolean =>
  functionRegistry.ordering(type.oid) !== undefined;

/** Groups by sorting, where they are not to be hashed and do not come together anyway. */
function sortsGroups(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'aggregate' }>,
  { ordering }: Built,
): boolean {
  const { groupKeys, groupingSets } = plan;
  if (!builder.isDisabled('hashagg') || groupKeys.length === 0 || groupingSets !== undefined)
    return false;
  return groupKeys.every(isOrdered) && !arrivesGrouped(groupKeys, ordering);
}

/** True when equal keys are next to each other: the keys are the first columns of the order. */
function arrivesGrouped(expressions: readonly Expression[], ordering: Ordering): boolean {
  const keys = new Set<number>();
  for (const key of expressions) {
    if (key.kind !== 'column') return false;
    if (!ordering.fixed.has(key.column)) keys.add(key.column);
  }
  const leading = ordering.columns.slice(0, keys.size);
  return leading.length === keys.size && leading.every(({ column }) => keys.has(column));
}

function orderingOfGroups(
  plan: Extract<LogicalPlan, { kind: 'aggregate' }>,
  ordering: Ordering,
): Ordering {
  const made = new Map<number, number>();
  plan.groupKeys.forEach((key, at) => {
    if (key.kind === 'column') made.set(key.column, plan.outputs[at].id);
  });
  const columns = [];
  for (const column of ordering.columns) {
    const id = made.get(column.column);
    if (id === undefined) break;
    columns.push({ ...column, column: id });
  }
  return { columns, fixed: new Set() };
}

/** DISTINCT compares whole rows, so the input has exactly the visible columns. */
export function buildDistinct(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'distinct' }>,
  scope: Scope,
): Built {
  const built = builder.build(plan.input, scope);
  if (plan.on !== undefined) return distinctOn(builder, { built, on: plan.on, scope, plan });
  const node = builder.exact(built, plan.input.outputs);
  if (builder.isDisabled('hashagg') && plan.input.outputs.every(isOrdered)) {
    const exact = { ...built, node, ordinals: ordinalsOf(plan.input.outputs) };
    const on = plan.input.outputs.map(({ id, type }): Expression => {
      return { kind: 'column', column: id, type };
    });
    return distinctOn(builder, { built: exact, on, scope, plan });
  }
  const total = node.totalCost + node.estimatedRows * costs.hashBuild;
  return {
    node: {
      ...builder.frame(node.types, { rows: builder.cardinality.rows(plan), total }),
      kind: 'distinct',
      strategy: 'hash',
      input: node,
      on: undefined,
    },
    ordinals: ordinalsOf(plan.input.outputs),
    // The first row of each value is kept where it stands.
    ordering: built.ordering,
  };
}

/** The first row of each group; rows of a group must be next to each other. */
function distinctOn(
  builder: PlanBuilder,
  parts: {
    readonly built: Built;
    readonly on: readonly Expression[];
    readonly scope: Scope;
    readonly plan: LogicalPlan;
  },
): Built {
  const { on, scope, plan } = parts;
  const keys = on.map((expression) => ({ expression, descending: false, nullsFirst: false }));
  const grouped = arrivesGrouped(on, parts.built.ordering);
  const built = grouped ? parts.built : sorted(builder, parts.built, { keys, scope });
  const { node } = built;
  return {
    ...built,
    node: {
      ...builder.frame(node.types, {
        rows: builder.cardinality.rows(plan),
        startup: node.startupCost,
        total: node.totalCost + node.estimatedRows * costs.operator,
      }),
      kind: 'distinct',
      strategy: 'sorted',
      input: node,
      on: on.map((expression) => builder.lower(expression, built.ordinals, scope)),
    },
  };
}

export function buildWindow(builder: PlanBuilder, plan: WindowNode, scope: Scope): Built {
  const keys: OrderKey[] = [
    ...plan.partitionBy.map((expression) => ({ expression, descending: false, nullsFirst: false })),
    ...plan.orderBy,
  ];
  const columns = wantedKeys(keys);
  const input = builder.build(
    plan.input,
    scope,
    columns === undefined ? undefined : { keys: columns, limitRows: undefined, limit: undefined },
  );
  const inOrder = columns !== undefined && matchOrder(input.ordering, columns) === 'forward';
  const built = keys.length === 0 || inOrder ? input : sorted(builder, input, { keys, scope });
  const { node } = built;
  const types = plan.calls.map((call) => call.type);
  const made = plan.outputs.slice(plan.outputs.length - plan.calls.length);
  const ordinals = new Map(built.ordinals);
  made.forEach((column, at) => ordinals.set(column.id, node.types.length + at));
  const lower = (expression: OrderKey['expression']) =>
    builder.lower(expression, built.ordinals, scope);
  const bound = (frameBound: WindowNode['frame']['start']) =>
    frameBound.offset === undefined
      ? frameBound
      : { ...frameBound, offset: lower(frameBound.offset) };
  return {
    node: {
      ...builder.frame([...node.types, ...types], {
        rows: node.estimatedRows,
        startup: node.startupCost,
        total:
          node.totalCost + node.estimatedRows * (costs.tuple + costs.operator * plan.calls.length),
      }),
      kind: 'window',
      input: node,
      partitionBy: plan.partitionBy.map(lower),
      orderBy: builder.lowerKeys(plan.orderBy, built.ordinals, scope),
      frame: { ...plan.frame, start: bound(plan.frame.start), end: bound(plan.frame.end) },
      calls: plan.calls.map((call) => ({
        ...call,
        arguments: call.arguments.map(lower),
        filter: mapOptional(call.filter, lower),
      })),
    },
    ordinals,
    ordering: built.ordering,
  };
}
