// Questions about whole plans. Nodes are plain data with a `kind`; children are found generically.

import type { PhysicalInsert, PhysicalNode, PhysicalPlan } from '#planner';

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

/** Is there a node in the tree for which the test holds? */
export function someNode(node: PhysicalNode, test: (node: PhysicalNode) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => someNode(child, test));
}

function childrenOf(node: PhysicalNode): readonly PhysicalNode[] {
  switch (node.kind) {
    case 'filter':
    case 'project':
    case 'projectSet':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lockRows':
      return [node.input];
    case 'nestedLoop':
    case 'hashJoin':
    case 'setOperation':
      return [node.left, node.right];
    case 'append':
      return node.inputs;
    case 'insert':
    case 'update':
    case 'delete':
      return [node.source];
    default:
      return [];
  }
}
