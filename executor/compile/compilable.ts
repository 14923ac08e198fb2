// Which nodes pipelines run themselves; all others are interpreted sources of rows.

import { functionRegistry } from '#functions';
import type {
  PhysicalAggregate,
  PhysicalDistinct,
  PhysicalFilter,
  PhysicalHashJoin,
  PhysicalNode,
  PhysicalProject,
  PhysicalScan,
  PhysicalSort,
  PhysicalWindow,
} from '#planner';
import { sortRowsMin } from '../limits.ts';
import { isPlainKey } from './key-code.ts';

export type CompilableNode =
  | PhysicalScan
  | PhysicalFilter
  | PhysicalProject
  | PhysicalHashJoin
  | PhysicalAggregate
  | PhysicalSort
  | PhysicalWindow
  | PhysicalDistinct;

/** `rowsMin`: few rows are not worth more code for a sort, a window or DISTINCT. */
export function compilesNode(node: PhysicalNode, rowsMin = sortRowsMin): node is CompilableNode {
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
      return node.input.estimatedRows >= rowsMin;
    case 'window':
      return node.input.estimatedRows >= rowsMin && compilesWindow(node);
    case 'distinct':
      return node.input.estimatedRows >= rowsMin && compilesDistinct(node);
    default:
      return false;
  }
}

/** Rows of a partition are found by the order of its keys. */
function compilesWindow({ partitionBy }: PhysicalWindow): boolean {
  return partitionBy.every(({ type }) => functionRegistry.ordering(type.oid) !== undefined);
}

/** As groups without aggregates; several keys must be of types whose equal values look the same. */
function compilesDistinct({ strategy, on, types }: PhysicalDistinct): boolean {
  return (
    strategy === 'hash' &&
    on === undefined &&
    types.length > 0 &&
    (types.length === 1 || types.every(isPlainKey))
  );
}

/** A session that wants everything compiled gets it. */
export function compiledRowsMin(costMin: number): number {
  return costMin === 0 ? 0 : sortRowsMin;
}

/** Is there enough work in the subtree to generate code for it? */
export function isWorthCompiling(node: PhysicalNode, costMin: number): boolean {
  if (node.totalCost < costMin) return false;
  const rowsMin = compiledRowsMin(costMin);
  switch (node.kind) {
    case 'sort':
    case 'distinct':
      return compilesNode(node, rowsMin) && compilesNode(node.input, rowsMin);
    case 'hashJoin':
    case 'aggregate':
      return true;
    case 'window':
      return compilesNode(node, rowsMin);
    case 'scan':
    case 'filter':
    case 'project':
      return compilesNode(node, rowsMin) && readsTable(node, rowsMin);
    default:
      return false;
  }
}

/** A chain of filters and projections over a scan that pipelines run. */
function readsTable(node: PhysicalNode, rowsMin: number): boolean {
  switch (node.kind) {
    case 'scan':
      return compilesNode(node, rowsMin) && node.filter !== undefined;
    case 'filter':
    case 'project':
      return node.input.kind === 'scan'
        ? compilesNode(node.input, rowsMin)
        : readsTable(node.input, rowsMin);
    case 'window':
      return compilesNode(node, rowsMin);
    default:
      return node.kind === 'hashJoin' || node.kind === 'aggregate';
  }
}

/**
 * A window whose reader may stop early, over rows that arrive in its order: the interpreted operator puts a
 * partition out before it reads the next one, pipelines read all of them first.
 */
export function goesByPartitions(
  node: PhysicalNode,
  stoppable: ReadonlySet<PhysicalNode>,
): boolean {
  if (node.kind === 'filter' || node.kind === 'project')
    return goesByPartitions(node.input, stoppable);
  return (
    node.kind === 'window' &&
    stoppable.has(node) &&
    node.partitionBy.length > 0 &&
    streams(node.input)
  );
}

function streams(node: PhysicalNode): boolean {
  if (node.kind === 'filter' || node.kind === 'project' || node.kind === 'window')
    return streams(node.input);
  return node.kind !== 'sort' && node.kind !== 'aggregate';
}
