// What it costs to read one relation of a join, before a physical plan exists: its cheapest access path,
// or for anything else its inputs and a pass over its rows.

import type { LogicalPlan } from '../../logical-plan.ts';
import { accessPaths } from '../../physical/access-path.ts';
import { bulkCost, costs } from '../../physical/cost.ts';
import type { Cardinality } from '../cardinality.ts';
import { conjunctsOf } from '../expression-tree.ts';
import { inputsOf } from '../plan-tree.ts';

export function relationCost(plan: LogicalPlan, cardinality: Cardinality): number {
  const scan = plan.kind === 'filter' ? plan.input : plan;
  if (scan.kind === 'scan') {
    const conjuncts = plan.kind === 'filter' ? conjunctsOf(plan.condition) : [];
    return accessPaths(scan, conjuncts, cardinality).reduce(
      (least, path) => Math.min(least, path.cost),
      Infinity,
    );
  }
  let cost = bulkCost(cardinality.rows(plan), costs.tuple);
  for (const input of inputsOf(plan))
    cost += relationCost(input, cardinality) + bulkCost(cardinality.rows(input), costs.hashProbe);
  return cost;
}
