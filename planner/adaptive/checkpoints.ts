// Where an execution may stop and have its rest planned anew: where all that has been computed so far lies in
// tables of whole inputs, and nothing has gone on from there. From the root down that is the build side of a hash
// join, and the rows for which a nested loop looks others up, as long as everything above waits for their first
// row.

import { functionRegistry } from '#functions';
import { isVolatile } from '../optimize/expression-facts.ts';
import { visitExpression } from '../optimize/expression-tree.ts';
import type { PhysicalNode, PhysicalPlan } from '../physical-plan.ts';
import { mapNode } from '../physical/plan-facts.ts';

export interface Checkpoint {
  readonly kind: 'Hash Build' | 'Nested Loop Input';
  readonly node: PhysicalNode;
  /** Estimated cost of all that comes after it. */
  readonly restCost: number;
  /** Something after it is done again and again for each row more. */
  readonly isRepeated: boolean;
}

const none: ReadonlyMap<number, Checkpoint> = new Map();
const known = new WeakMap<PhysicalPlan, ReadonlyMap<number, Checkpoint>>();

/** By id of the node whose rows are complete there; none where the statement may not be planned anew. */
export function checkpointsOf(plan: PhysicalPlan): ReadonlyMap<number, Checkpoint> {
  if (plan.adaptive === undefined) return none;
  let found = known.get(plan);
  if (found === undefined) {
    found = findCheckpoints(plan);
    known.set(plan, found);
  }
  return found;
}

/** Reads only, and computes the same when it computes something again. */
export function mayReplan(plan: PhysicalPlan): boolean {
  if (!plan.readOnly) return false;
  const parts = plan.ctes.flatMap((cte) => (cte.step ? [cte.plan, cte.step] : [cte.plan]));
  return [plan.root, ...plan.subplans, ...parts].every(isRepeatable);
}

function isRepeatable(root: PhysicalNode): boolean {
  let repeatable = true;
  mapNode(root, (expression) => {
    repeatable &&= !isVolatile(expression);
    visitExpression(expression, (node) => {
      if (node.kind === 'call' && isOfUser(node.functionOid)) repeatable = false;
      if (node.kind === 'aggregate' && isOfUser(node.functionOid)) repeatable = false;
    });
    return expression;
  });
  return repeatable;
}

/** What a routine says by RAISE, it should say once. */
function isOfUser(functionOid: number): boolean {
  return functionRegistry.functionByOid(functionOid)?.routine !== undefined;
}

function isRead(node: PhysicalNode): boolean {
  if (node.kind === 'project' || node.kind === 'filter') return isRead(node.input);
  return node.kind === 'scan' || node.kind === 'cteScan' || node.kind === 'values';
}

function findCheckpoints(plan: PhysicalPlan): ReadonlyMap<number, Checkpoint> {
  const found = new Map<number, Checkpoint>();
  const entered = new Set<number>();
  const note = (kind: Checkpoint['kind'], node: PhysicalNode, isRepeated: boolean): void => {
    // Its rows are known: it has been computed before.
    if (plan.replannings !== undefined && node.kind === 'cteScan' && node.cteId < 0) return;
    found.set(node.id, { kind, node, restCost: plan.root.totalCost - node.totalCost, isRepeated });
  };
  const walk = (node: PhysicalNode, isRepeated = false): void => {
    switch (node.kind) {
      case 'project':
      case 'filter':
      case 'projectSet':
      case 'aggregate':
      case 'sort':
      case 'limit':
      case 'window':
      case 'distinct':
        walk(node.input, isRepeated);
        return;
      case 'hashJoin':
        note('Hash Build', node.right, isRepeated);
        // Some semi and anti joins keep their left side.
        if (node.type === 'semi' || node.type === 'anti') note('Hash Build', node.left, isRepeated);
        walk(node.right, isRepeated);
        walk(node.left, isRepeated);
        return;
      case 'nestedLoop':
        if (node.bindings.length > 0) note('Nested Loop Input', node.left, true);
        // The right side is kept; of the left side some rows have been read, which is no work.
        else if (isRead(node.left)) walk(node.right, true);
        walk(node.left, true);
        return;
      case 'cteScan': {
        const cte = plan.ctes.find(({ cteId }) => cteId === node.cteId);
        if (cte === undefined || cte.step !== undefined || entered.has(node.cteId)) return;
        entered.add(node.cteId);
        if (cte.outerSlots === undefined) walk(cte.plan, isRepeated);
        return;
      }
      default:
    }
  };
  walk(plan.root);
  return found;
}
