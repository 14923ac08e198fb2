// Subquery decorrelation: EXISTS and IN as conjuncts of a filter become semi joins, NOT EXISTS an
// anti join, when the correlation can be pulled up into the join's condition. NOT IN becomes an anti
// join only where neither side can be null, since one null makes the whole condition unknown. What
// stays is run as a subplan (hashed when it is uncorrelated equality).

import type { ColumnId, Expression, SubqueryExpression } from '#common';
import type { FilterNode, JoinNode, LogicalPlan, PlanColumn } from '../../logical-plan.ts';
import { columnExpression, conjunction, conjunctsOf } from '../expression-tree.ts';
import { hasSubquery, isVolatile, returnsSet } from '../expression-facts.ts';
import { notNullColumns } from '../not-null.ts';
import type { Pass } from '../pass.ts';
import { columnsOf, freeColumns, rewritePlan } from '../plan-tree.ts';

export const decorrelatePass: Pass = {
  name: 'decorrelate',
  rewrite: (plan) =>
    rewritePlan(plan, (node) => (node.kind === 'filter' ? decorrelateFilter(node) : node)),
};

function decorrelateFilter(filter: FilterNode): LogicalPlan {
  let input = filter.input;
  const kept: Expression[] = [];
  for (const conjunct of conjunctsOf(filter.condition)) {
    const join = joinFor(conjunct, input);
    if (join === undefined) kept.push(conjunct);
    else input = join;
  }
  if (input === filter.input) return filter;
  const condition = conjunction(kept);
  if (condition === undefined) return input;
  return { ...filter, input, condition };
}

function joinFor(conjunct: Expression, input: LogicalPlan): JoinNode | undefined {
  const negated = conjunct.kind === 'not';
  const subquery = negated ? conjunct.argument : conjunct;
  if (subquery.kind !== 'subquery') return undefined;
  if (subquery.mode === 'exists') return semiJoin({ subquery, input, negated, test: undefined });
  if (subquery.mode !== 'any' || subquery.test === undefined) return undefined;
  if (negated && !neverNull(subquery, input)) return undefined;
  if (hasSubquery(subquery.test) || isVolatile(subquery.test)) return undefined;
  return semiJoin({ subquery, input, negated, test: subquery.test });
}

/** NOT (x = ANY …) is NOT EXISTS (… x = …) only when no comparison can be null. */
function neverNull(subquery: SubqueryExpression, input: LogicalPlan): boolean {
  const known = notNullColumns(input);
  for (const column of notNullColumns(subquery.plan as LogicalPlan)) known.add(column);
  const tests = subquery.test === undefined ? [] : conjunctsOf(subquery.test);
  return tests.every(
    (test) =>
      test.kind === 'call' &&
      test.operatorOid !== undefined &&
      test.arguments.every(
        (argument) =>
          (argument.kind === 'constant' && argument.value !== null) ||
          (argument.kind === 'column' && known.has(argument.column)),
      ),
  );
}

function semiJoin(parts: {
  readonly subquery: SubqueryExpression;
  readonly input: LogicalPlan;
  readonly negated: boolean;
  readonly test: Expression | undefined;
}): JoinNode | undefined {
  const { subquery, input, negated, test } = parts;
  const plan = subquery.plan as LogicalPlan;
  const outer = freeColumns(plan);
  const pulled = pullUp(plan, outer, test === undefined);
  if (pulled === undefined || freeColumns(pulled.plan).size > 0) return undefined;
  // A condition over columns of an enclosing query stays correlated to it; that is fine below a subplan.
  const condition = conjunction([
    ...pulled.conjuncts,
    ...(test === undefined ? [] : conjunctsOf(test)),
  ]);
  return {
    kind: 'join',
    type: negated ? 'anti' : 'semi',
    left: input,
    right: pulled.plan,
    condition,
    lateral: false,
    outputs: input.outputs,
  };
}

interface PulledUp {
  readonly plan: LogicalPlan;
  readonly conjuncts: readonly Expression[];
}

/**
 * Takes the conjuncts that read outer columns out of a subquery's filters. `exists`: only whether
 * there is a row matters, so that projections, orders and limits of a row or more can be dropped.
 */
function pullUp(
  plan: LogicalPlan,
  outer: ReadonlySet<ColumnId>,
  exists: boolean,
): PulledUp | undefined {
  switch (plan.kind) {
    case 'filter': {
      const inner = pullUp(plan.input, outer, exists);
      if (inner === undefined || plan.barrier) return undefined;
      const local: Expression[] = [];
      const correlated: Expression[] = [];
      for (const conjunct of conjunctsOf(plan.condition)) {
        const reads = [...columnsOf(conjunct)].some((column) => outer.has(column));
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
      const inner = pullUp(plan.input, outer, exists);
      if (inner === undefined) return undefined;
      if (exists) return plan.expressions.some(returnsSet) ? undefined : inner;
      return keepColumns(plan, inner);
    }
    case 'sort':
      return pullUp(plan.input, outer, exists);
    case 'distinct':
      return plan.on === undefined || exists
        ? pullUp(plan.input, outer, exists)
        : { plan, conjuncts: [] };
    case 'limit': {
      const atLeastOne =
        plan.offset === undefined && (plan.count === undefined || isPositive(plan.count));
      if (exists && atLeastOne) return pullUp(plan.input, outer, exists);
      return { plan, conjuncts: [] };
    }
    case 'join': {
      if (plan.lateral || !(plan.type === 'inner' || plan.type === 'cross'))
        return { plan, conjuncts: [] };
      const left = pullUp(plan.left, outer, false);
      const right = pullUp(plan.right, outer, false);
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
    readonly outer: ReadonlySet<ColumnId>;
  },
): PulledUp | undefined {
  const { left, right, outer } = sides;
  const local: Expression[] = [];
  const correlated: Expression[] = [];
  for (const conjunct of conjunctsOf(plan.condition)) {
    const reads = [...columnsOf(conjunct)].some((column) => outer.has(column));
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
