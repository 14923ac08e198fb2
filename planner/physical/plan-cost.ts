// What a logical plan costs as a whole: for choices between plans that differ in more than one place.

import type { LogicalPlan } from '../logical-plan.ts';
import type { PhysicalNode } from '../physical-plan.ts';
import type { Cardinality } from '../optimize/cardinality.ts';
import { buildNode } from './build.ts';
import { PlanBuilder } from './builder.ts';
import { outermost } from './built.ts';
import { bulkCost, costs } from './cost.ts';
import { withUsedSubplans } from './plan-facts.ts';

/** Every part of it run once: WITH queries and subplans, too. `cardinality` knows the whole plan. */
export function planCost(plan: LogicalPlan, cardinality: Cardinality): number {
  const builder = new PlanBuilder({
    catalog: cardinality.catalog,
    cardinality,
    checks: () => [],
    build: buildNode,
  });
  const root = builder.build(plan, outermost).node;
  const { subplans, ctes } = withUsedSubplans({
    root,
    subplans: builder.subplans,
    ctes: builder.ctes,
  });
  const sum = (nodes: readonly PhysicalNode[]) =>
    nodes.reduce((total, node) => total + node.totalCost, 0);
  const kept = ctes.reduce(
    (total, cte) => total + bulkCost(cte.plan.estimatedRows, costs.tuple),
    0,
  );
  return root.totalCost + sum(subplans) + sum(ctes.map((cte) => cte.plan)) + kept;
}
