// What a logical plan costs as a whole: for choices between plans that differ in more than one place.

import type { Catalog } from '../catalog.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import type { PhysicalNode } from '../physical-plan.ts';
import { Cardinality, type EstimateOptions } from '../optimize/cardinality.ts';
import { buildNode } from './build.ts';
import { PlanBuilder } from './builder.ts';
import { outermost } from './built.ts';
import { bulkCost, costs } from './cost.ts';
import { withUsedSubplans } from './plan-facts.ts';

/** Every part of it run once: WITH queries and subplans, too. `whole`: what it is a part of. */
export function planCost(
  plan: LogicalPlan,
  options: EstimateOptions & { readonly catalog: Catalog; readonly whole?: LogicalPlan },
): number {
  const builder = new PlanBuilder({
    catalog: options.catalog,
    cardinality: new Cardinality(options.catalog, options.whole ?? plan, options),
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
