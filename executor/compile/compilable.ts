// Which nodes pipelines run themselves; all others are interpreted sources of rows.

import { sortRowsMax, sortRowsMin } from '../limits.ts';
import type {
  PhysicalAggregate,
  PhysicalDistinct,
  PhysicalFilter,
  PhysicalHashJoin,
  PhysicalNode,
  PhysicalProject,
  PhysicalScan,
  PhysicalSort,
} from '#planner';
import { isPlainKey } from './key-code.ts';

export type CompilableNode =
  | PhysicalScan
  | PhysicalFilter
  | PhysicalProject
  | PhysicalHashJoin
  | PhysicalAggregate
  | PhysicalSort
  | PhysicalDistinct;

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
    case 'sort':
      return compilesSort(node);
    case 'distinct':
      return compilesDistinct(node);
    default:
      return false;
  }
}

/** Few rows are not worth more code; many that are all wanted may have to go to disk. */
function compilesSort({ input, limit }: PhysicalSort): boolean {
  const rows = input.estimatedRows;
  return rows >= sortRowsMin && (limit !== undefined || rows <= sortRowsMax);
}

/** As groups without aggregates; several keys must be of types whose equal values look the same. */
function compilesDistinct({ strategy, on, types, input }: PhysicalDistinct): boolean {
  return (
    strategy === 'hash' &&
    on === undefined &&
    input.estimatedRows >= sortRowsMin &&
    types.length > 0 &&
    (types.length === 1 || types.every(isPlainKey))
  );
}

/** Is there enough work in the subtree to generate code for it? */
export function isWorthCompiling(node: PhysicalNode, costMin: number): boolean {
  if (node.totalCost < costMin) return false;
  if (node.kind === 'sort' || node.kind === 'distinct')
    return compilesNode(node) && compilesNode(node.input);
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
