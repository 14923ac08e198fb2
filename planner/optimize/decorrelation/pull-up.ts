// Takes what correlates a subquery out of it: conjuncts that read columns of an enclosing query move up to
// the subquery's top, where they become the condition of a join.

import type { ColumnId, Expression } from '#common';
import { functionRegistry } from '#functions';
import type { AggregateNode, JoinNode, LogicalPlan, PlanColumn } from '../../logical-plan.ts';
import { asComparison, hasSubquery, isVolatile, returnsSet } from '../expression-facts.ts';
import { columnExpression, conjunction, conjunctsOf } from '../expression-tree.ts';
import { columnsOf, type ColumnSource } from '../plan-tree.ts';

export interface PulledUp {
  readonly plan: LogicalPlan;
  readonly conjuncts: readonly Expression[];
}

/**
 * What the rows of the subquery are for. exists: whether there is one, so that projections, orders and
 * limits of a row or more can be dropped; in: which values there are, however often; rows: every row.
 */
export type RowUse = 'exists' | 'in' | 'rows';

export interface Outer {
  /** Columns of enclosing queries. */
  readonly columns: ReadonlySet<ColumnId>;
  readonly source: ColumnSource;
}

/** Takes the conjuncts that read outer columns out of a subquery's filters, as far up as its top. */
export function pullUp(plan: LogicalPlan, outer: Outer, use: RowUse): PulledUp | undefined {
  switch (plan.kind) {
    case 'filter': {
      if (plan.barrier) return { plan, conjuncts: [] };
      // Its conjuncts read what is below it: no projection there may be dropped.
      const inner = pullUp(plan.input, outer, use === 'exists' ? 'in' : use);
      if (inner === undefined) return undefined;
      const local: Expression[] = [];
      const correlated: Expression[] = [];
      for (const conjunct of conjunctsOf(plan.condition)) {
        const reads = [...columnsOf(conjunct)].some((column) => outer.columns.has(column));
        if (reads && (hasSubquery(conjunct) || isVolatile(conjunct))) return undefined;
        (reads ? correlated : local).push(conjunct);
      }
      const condition = conjunction(local);
      return {
        plan:
          condition === undefined
            ? inner.plan
            : { ...plan, input: inner.plan, condition, outputs: inner.plan.outputs },
        conjuncts: [...inner.conjuncts, ...correlated],
      };
    }
    case 'project': {
      const inner = pullUp(plan.input, outer, use);
      if (inner === undefined) return undefined;
      if (use === 'exists') return plan.expressions.some(returnsSet) ? undefined : inner;
      return keepColumns(plan, inner);
    }
    case 'sort':
      return use === 'rows' ? { plan, conjuncts: [] } : pullUp(plan.input, outer, use);
    case 'distinct': {
      const repeats = use === 'exists' || (use === 'in' && plan.on === undefined);
      return repeats ? pullUp(plan.input, outer, use) : { plan, conjuncts: [] };
    }
    case 'aggregate':
      return pullFromGroups(plan, outer);
    case 'limit': {
      const atLeastOne =
        plan.offset === undefined && (plan.count === undefined || isPositive(plan.count));
      if (use === 'exists' && atLeastOne) return pullUp(plan.input, outer, use);
      return { plan, conjuncts: [] };
    }
    case 'join': {
      if (plan.lateral || !(plan.type === 'inner' || plan.type === 'cross'))
        return { plan, conjuncts: [] };
      const below = use === 'exists' ? 'in' : use;
      const left = pullUp(plan.left, outer, below);
      const right = pullUp(plan.right, outer, below);
      if (left === undefined || right === undefined) return undefined;
      return pullFromJoin(plan, { left, right, outer });
    }
    default:
      return { plan, conjuncts: [] };
  }
}

function pullFromJoin(
  plan: JoinNode,
  sides: {
    readonly left: PulledUp;
    readonly right: PulledUp;
    readonly outer: Outer;
  },
): PulledUp | undefined {
  const { left, right, outer } = sides;
  const local: Expression[] = [];
  const correlated: Expression[] = [];
  for (const conjunct of conjunctsOf(plan.condition)) {
    const reads = [...columnsOf(conjunct)].some((column) => outer.columns.has(column));
    if (reads && (hasSubquery(conjunct) || isVolatile(conjunct))) return undefined;
    (reads ? correlated : local).push(conjunct);
  }
  return {
    plan: {
      ...plan,
      left: left.plan,
      right: right.plan,
      condition: conjunction(local),
      outputs: [...left.plan.outputs, ...right.plan.outputs],
    },
    conjuncts: [...left.conjuncts, ...right.conjuncts, ...correlated],
  };
}

/**
 * Rows that meet `inner = outer` are whole groups once the inner side is a group key as well. A plain
 * aggregate has a row for no input too: that is for grouped-aggregate.ts.
 */
function pullFromGroups(plan: AggregateNode, outer: Outer): PulledUp | undefined {
  if (plan.groupKeys.length === 0 || plan.groupingSets !== undefined)
    return { plan, conjuncts: [] };
  const inner = pullUp(plan.input, outer, 'rows');
  if (inner === undefined) return undefined;
  if (inner.conjuncts.length === 0) return { plan, conjuncts: [] };
  return groupedByCorrelation(plan, inner, outer);
}

/** The aggregate with the inner sides of the correlated equalities as further keys; undefined when one is no equality. */
export function groupedByCorrelation(
  plan: AggregateNode,
  inner: PulledUp,
  outer: Outer,
): (PulledUp & { readonly keys: readonly PlanColumn[] }) | undefined {
  const keys: PlanColumn[] = [];
  const expressions: Expression[] = [];
  const conjuncts: Expression[] = [];
  for (const conjunct of inner.conjuncts) {
    const sides = correlatedEquality(conjunct, outer.columns);
    if (sides === undefined) return undefined;
    const key: PlanColumn = { id: outer.source.fresh(), name: 'key', type: sides.inner.type };
    keys.push(key);
    expressions.push(sides.inner);
    conjuncts.push(sides.rebuilt(columnExpression(key)));
  }
  const count = plan.groupKeys.length;
  return {
    keys,
    conjuncts,
    plan: {
      ...plan,
      input: inner.plan,
      groupKeys: [...plan.groupKeys, ...expressions],
      outputs: [...plan.outputs.slice(0, count), ...keys, ...plan.outputs.slice(count)],
    },
  };
}

/** `inner = outer` under an equality that grouping uses as well, and the same with another inner side. */
function correlatedEquality(
  conjunct: Expression,
  outer: ReadonlySet<ColumnId>,
): { readonly inner: Expression; readonly rebuilt: (key: Expression) => Expression } | undefined {
  const equality = asComparison(conjunct);
  if (equality?.operator !== '=' || conjunct.kind !== 'call') return undefined;
  if (functionRegistry.operatorByOid(equality.operatorOid)?.canHash !== true) return undefined;
  const { left, right } = equality;
  const isOuter = (side: Expression): boolean | undefined => {
    const reads = [...columnsOf(side)].map((column) => outer.has(column));
    return reads.every((read) => read) ? true : reads.some((read) => read) ? undefined : false;
  };
  const leftIsOuter = isOuter(left);
  const rightIsOuter = isOuter(right);
  if (leftIsOuter === undefined || rightIsOuter === undefined || leftIsOuter === rightIsOuter)
    return undefined;
  const inner = leftIsOuter ? right : left;
  return {
    inner,
    rebuilt: (key) => ({ ...conjunct, arguments: leftIsOuter ? [left, key] : [key, right] }),
  };
}

/** The projection with the columns added that the pulled conjuncts read from below it. */
function keepColumns(plan: Extract<LogicalPlan, { kind: 'project' }>, inner: PulledUp): PulledUp {
  const made = new Set(plan.outputs.map((column) => column.id));
  const wanted = new Set<ColumnId>();
  for (const conjunct of inner.conjuncts)
    for (const column of columnsOf(conjunct)) wanted.add(column);
  const added: PlanColumn[] = inner.plan.outputs.filter(
    (column) => wanted.has(column.id) && !made.has(column.id),
  );
  return {
    plan: {
      ...plan,
      input: inner.plan,
      expressions: [...plan.expressions, ...added.map(columnExpression)],
      outputs: [...plan.outputs, ...added],
    },
    conjuncts: inner.conjuncts,
  };
}

function isPositive(count: Expression): boolean {
  return count.kind === 'constant' && count.value !== null && Number(count.value) > 0;
}
