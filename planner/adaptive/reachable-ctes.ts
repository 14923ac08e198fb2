// The WITH queries that a plan reads, or shows.

import type { PhysicalCte, PhysicalNode } from '../physical-plan.ts';
import { nodeInputs } from '../physical/plan-facts.ts';

export function reachableCtes(
  roots: readonly PhysicalNode[],
  ctes: readonly PhysicalCte[],
): readonly PhysicalCte[] {
  const reached = new Set<number>();
  const enter = (node: PhysicalNode): void => {
    nodeInputs(node).forEach(enter);
    if (node.kind !== 'cteScan' || reached.has(node.cteId)) return;
    reached.add(node.cteId);
    const cte = ctes.find(({ cteId }) => cteId === node.cteId);
    if (cte === undefined) return;
    enter(cte.plan);
    if (cte.step !== undefined) enter(cte.step);
  };
  roots.forEach(enter);
  return ctes.filter(({ cteId }) => reached.has(cteId));
}
