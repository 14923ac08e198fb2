// Eager aggregation: rows are grouped below a join by what the join and everything above it read of them, and
// what was computed for the groups is put together above, where that makes the whole plan cheaper. After
// W. Yan, P. Larson, *Eager Aggregation and Lazy Aggregation* (VLDB 1995). The grouping above goes altogether where
// the join keeps the groups as they are.
//
// What may be grouped early: one side of a join (the other sides only repeat or drop its rows), all
// of whose aggregates can be computed in parts (split-aggregate.ts), exactly, and cannot fail on rows that
// the join would drop; by columns whose equal values look the same.

import { type ColumnId, type Expression, TypeOid } from '#common';
import type { AggregateNode, LogicalPlan } from '../../logical-plan.ts';
import { planCost } from '../../physical/plan-cost.ts';
import type { Cardinality } from '../cardinality.ts';
import { cannotFail } from '../decorrelation/safe-evaluation.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import { conjunctsOf } from '../expression-tree.ts';
import type { Pass, PassContext } from '../pass.ts';
import {
  addColumns,
  freeColumns,
  inputsOf,
  mapExpressions,
  mapInputs,
  rewriteSubqueries,
} from '../plan-tree.ts';
import { isExactAggregate } from '../split-aggregate.ts';
import { type EarlyGroups, grouped } from '../early-groups.ts';
import { isUniqueBy } from '../unique-columns.ts';
import { orderJoins } from './order-joins.ts';
import { pruneColumnsPass } from './prune-columns.ts';

/** Groups must be this much fewer than the rows that they are made of. */
const reductionMin = 2;
/** What is left must cost clearly less, since estimates err. */
const gainMin = 0.8;
/** Places that are tried for one statement: each costs two plans. */
const triesMax = 3;
/** Larger joins stay as they are: the time to plan them again would be felt. */
const leavesMax = 10;

/** Columns of these types are equal only if they look the same. */
const plainTypes: ReadonlySet<number> = new Set([
  TypeOid.bool,
  TypeOid.int2,
  TypeOid.int4,
  TypeOid.int8,
  TypeOid.oid,
  TypeOid.date,
  TypeOid.timestamp,
  TypeOid.timestamptz,
  TypeOid.uuid,
]);

export const groupEarlyPass: Pass = {
  name: 'group early',
  rewrite(plan, context) {
    const { rewriteCostMin } = context;
    const nodes = rewriteCostMin === Infinity ? [] : aggregatesOverJoins(plan);
    if (nodes.length === 0) return plan;
    const cardinality = context.cardinality(plan);
    const found = nodes.flatMap((node) =>
      places(node, cardinality, context).map((place) => ({ node, place })),
    );
    if (found.length === 0) return plan;
    let best: { readonly plan: LogicalPlan; readonly gain: number } | undefined;
    const costs = new Map<AggregateNode, number>();
    for (const { node, place } of found.slice(0, triesMax)) {
      // Above, both have the same rows, whatever is expected of them.
      const before = costs.get(node) ?? planCost(node, cardinality);
      costs.set(node, before);
      if (before < rewriteCostMin) continue;
      const made = pruneColumnsPass.rewrite(grouped(node, place, context), context);
      const ordered = orderJoins(made, cardinality.withPlan(made));
      const candidate = replaced(plan, node, ordered);
      if (rewriteCostMin === 0) return candidate;
      const after = planCost(ordered, cardinality.withPlan(candidate));
      const gain = before - after;
      if (after < before * gainMin && gain > (best?.gain ?? 0)) best = { plan: candidate, gain };
    }
    return best?.plan ?? plan;
  },
};

/** Those whose aggregates can be computed in parts, the ones of subqueries included. */
function aggregatesOverJoins(plan: LogicalPlan): AggregateNode[] {
  const found: AggregateNode[] = [];
  const enter = (node: LogicalPlan): void => {
    if (node.kind === 'aggregate' && isSplittable(node)) found.push(node);
    inputsOf(node).forEach(enter);
    mapExpressions(node, (expression) =>
      rewriteSubqueries(expression, (query) => {
        enter(query);
        return query;
      }),
    );
  };
  enter(plan);
  return found;
}

function isSplittable(node: AggregateNode): boolean {
  const { input, groupingSets, aggregates, groupKeys } = node;
  const below = input.kind === 'filter' && !input.barrier ? input.input : input;
  return (
    below.kind === 'join' &&
    leafCount(below) <= leavesMax &&
    freeColumns(node).size === 0 &&
    groupingSets === undefined &&
    groupKeys.length > 0 &&
    aggregates.length > 0 &&
    !groupKeys.some((key) => isVolatile(key) || hasSubquery(key)) &&
    aggregates.every(
      (aggregate) =>
        isExactAggregate(aggregate) &&
        !isVolatile(aggregate) &&
        !hasSubquery(aggregate) &&
        aggregate.arguments.every(cannotFail) &&
        (aggregate.filter === undefined || cannotFail(aggregate.filter)),
    )
  );
}

function leafCount(plan: LogicalPlan): number {
  const inputs = inputsOf(plan);
  return inputs.length === 0 ? 1 : inputs.reduce((count, input) => count + leafCount(input), 0);
}

/** Where the rows of the aggregate may be grouped early, from the top down. */
function places(
  node: AggregateNode,
  cardinality: Cardinality,
  { rewriteCostMin }: PassContext,
): EarlyGroups[] {
  const found: EarlyGroups[] = [];
  const argumentColumns = new Set<ColumnId>();
  for (const aggregate of node.aggregates) addColumns(aggregate, argumentColumns);
  const read = new Set<ColumnId>();
  for (const key of node.groupKeys) addColumns(key, read);
  const enter = (part: LogicalPlan, above: ReadonlySet<ColumnId>, isNullable: boolean): void => {
    const made = new Set(part.outputs.map(({ id }) => id));
    if (![...argumentColumns].every((column) => made.has(column))) return;
    if (part !== node.input) {
      const place = placeAt(part, above, isNullable);
      if (place !== undefined && (rewriteCostMin === 0 || reduces(place, cardinality)))
        found.push(place);
    }
    const own = new Set(above);
    // A condition on a table alone stays below the groups.
    const isAbove = part.kind === 'filter' && !part.barrier && part.input.kind === 'join';
    if (isAbove && !isFickle(part.condition)) {
      addColumns(part.condition, own);
      enter(part.input, own, isNullable);
    }
    if (part.kind !== 'join' || part.lateral || part.type === 'right' || part.type === 'full')
      return;
    if (part.condition !== undefined) {
      if (isFickle(part.condition)) return;
      addColumns(part.condition, own);
    }
    enter(part.left, own, isNullable);
    if (part.type === 'inner' || part.type === 'cross') enter(part.right, own, isNullable);
    if (part.type === 'left') enter(part.right, own, true);
  };
  // Null-extended rows have no values, so only what is null for them is computed below.
  const isPlain = node.aggregates.every(
    ({ arguments: [argument], filter, star }) =>
      filter === undefined && (star || argument?.kind === 'column'),
  );
  enter(node.input, read, false);
  return found.filter(({ isNullable }) => !isNullable || isPlain);
}

function isFickle(condition: Expression): boolean {
  return conjunctsOf(condition).some((conjunct) => isVolatile(conjunct) || hasSubquery(conjunct));
}

function placeAt(
  part: LogicalPlan,
  above: ReadonlySet<ColumnId>,
  isNullable: boolean,
): EarlyGroups | undefined {
  const keys = part.outputs.filter(({ id }) => above.has(id));
  if (keys.length === 0 || !keys.every(({ type }) => plainTypes.has(type.oid))) return undefined;
  if (isUniqueBy(part, new Set(keys.map(({ id }) => id)))) return undefined;
  return { part, keys, isNullable };
}

function reduces({ part, keys }: EarlyGroups, cardinality: Cardinality): boolean {
  const groups = { kind: 'aggregate', input: part, aggregates: [], outputs: keys } as const;
  const groupKeys = keys.map(({ id, type }) => ({ kind: 'column', column: id, type }) as const);
  return cardinality.rows(part) >= cardinality.rows({ ...groups, groupKeys }) * reductionMin;
}

function replaced(plan: LogicalPlan, old: LogicalPlan, made: LogicalPlan): LogicalPlan {
  if (plan === old) return made;
  const inner = (part: LogicalPlan) => replaced(part, old, made);
  return mapInputs(
    mapExpressions(plan, (expression) => rewriteSubqueries(expression, inner)),
    inner,
  );
}
