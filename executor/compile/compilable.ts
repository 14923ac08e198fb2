// Which nodes pipelines run themselves; all others are interpreted sources of rows.

import type {
  PhysicalAggregate,
  PhysicalFilter,
  PhysicalHashJoin,
  PhysicalNode,
  PhysicalProject,
  PhysicalScan,
} from '#planner';

export type CompilableNode =
  | PhysicalScan
  | PhysicalFilter
  | PhysicalProject
  | PhysicalHashJoin
  | PhysicalAggregate;

export function compilesNode(node: PhysicalNode): node is CompilableNode {
  switch (node.kind) {
    case 'scan': {
      const { system } = node.temporal;
      return (
        node.access.kind === 'full' &&
        !node.backward &&
        (system.kind === 'current' || system.kind === 'asOf')
      );
    }
    case 'filter':
    case 'project':
    case 'hashJoin':
    case 'aggregate':
      return true;
    default:
      return false;
  }
}

/** Is there enough work in the subtree to generate code for it? */
export function isWorthCompiling(node: PhysicalNode, costMin: number): boolean {
  if (node.totalCost < costMin) return false;
  return (
    node.kind === 'hashJoin' ||
    node.kind === 'aggregate' ||
    ((node.kind === 'scan' || node.kind === 'filter' || node.kind === 'project') &&
      compilesNode(node) &&
      readsTable(node))
  );
}

/** A chain of filters and projections over a scan that pipelines run. */
function readsTable(node: PhysicalNode): boolean {
  if (node.kind === 'scan') return compilesNode(node) && node.filter !== undefined;
  if (node.kind === 'filter' || node.kind === 'project')
    return node.input.kind === 'scan' ? compilesNode(node.input) : readsTable(node.input);
  return node.kind === 'hashJoin' || node.kind === 'aggregate';
}
