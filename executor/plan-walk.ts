// Questions that the executor asks of whole plans; how a plan is walked is the planner's (plan-facts.ts).

import type { SubplanExpression } from '#common';
import { nodeInputs, type PhysicalInsert, type PhysicalNode, type PhysicalPlan } from '#planner';

/** Does the statement read the table that the node writes? Then it must read before it writes. */
export function readsTable(plan: PhysicalPlan, node: PhysicalInsert): boolean {
  const scansTable = (found: PhysicalNode): boolean =>
    found.kind === 'scan' && found.table.oid === node.table.oid;
  const roots = [
    node.source,
    ...plan.subplans,
    ...plan.ctes.flatMap((cte) => [cte.plan, ...(cte.step ? [cte.step] : [])]),
  ];
  return roots.some((root) => someNode(root, scansTable));
}

/** A WITH query that writes; its projection may stand above. */
export function isWriting(node: PhysicalNode): boolean {
  if (node.kind === 'project') return isWriting(node.input);
  return ['insert', 'update', 'delete', 'merge'].includes(node.kind);
}

export interface InitPlan {
  readonly subplan: number;
  /** Rows after which the expression needs no more. */
  readonly rowsWanted: number;
}

const rowsWanted = { scalar: 2, exists: 1, any: Infinity, all: Infinity, array: Infinity } as const;

/** Nodes whose rows are a guess that may be far too low. */
const unforeseeable: readonly PhysicalNode['kind'][] = ['functionScan', 'projectSet', 'cteScan'];

/**
 * The subplans without bindings that cost at least so much, or may, inner ones first. `kept`: WITH queries whose rows
 * are there.
 */
export function longInitPlans(
  plan: PhysicalPlan,
  costMin: number,
  kept: ReadonlySet<number> = new Set(),
): InitPlan[] {
  const found = new Map<number, number>();
  const seen = new Set<number>();
  const note = (value: SubplanExpression): void => {
    if (!seen.has(value.subplan)) {
      seen.add(value.subplan);
      visitSubplans(plan.subplans[value.subplan], note);
    }
    if (value.bindings.length > 0) return;
    const root = plan.subplans[value.subplan];
    const isLong =
      root.totalCost >= costMin || someNode(root, ({ kind }) => unforeseeable.includes(kind));
    if (!isLong) return;
    found.set(value.subplan, Math.max(found.get(value.subplan) ?? 0, rowsWanted[value.mode]));
  };
  visitSubplans([plan.root, plan.ctes.filter(({ cteId }) => !kept.has(cteId))], note);
  return [...found]
    .map(([subplan, rows]) => ({ subplan, rowsWanted: rows }))
    .toSorted((left, right) => left.subplan - right.subplan);
}

function visitSubplans(value: unknown, note: (expression: SubplanExpression) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) visitSubplans(item, note);
    return;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return;
  if ('kind' in value && value.kind === 'subplan') note(value as SubplanExpression);
  for (const [name, part] of Object.entries(value)) {
    if (name !== 'table') visitSubplans(part, note);
  }
}

/** Is there a node in the tree for which the test holds? */
function someNode(node: PhysicalNode, test: (node: PhysicalNode) => boolean): boolean {
  return test(node) || nodeInputs(node).some((child) => someNode(child, test));
}
