// What a hash join costs: building the table of the right side, looking every left row up, and putting the
// pairs out. Compiled pipelines (executor/compile) do less than that in two cases, which count here:
//
// - A semi or anti join whose right side is much larger keeps its left rows and marks those that the
//   right side meets.
// - An aggregate that is joined by its group keys with a much smaller right side reads only rows that
//   have a partner there.

import type { Expression } from '#common';
import type { PhysicalAggregate, PhysicalHashJoin, PhysicalNode } from '../physical-plan.ts';
import { aggregationCost, bulkCost, costs, probeCost } from './cost.ts';

/** A semi or anti join whose right side has so many times the rows of its left builds the left. */
const markedSideFactor = 2;
/** So many times as many groups as partners make it worth its time to look rows up before they are grouped. */
export const reducedGroupsFactor = 4;

type Join = Pick<PhysicalHashJoin, 'type' | 'left' | 'right' | 'leftKeys'>;

export function hashJoinCost(join: Join & { readonly rows: number }): {
  readonly startup: number;
  readonly total: number;
} {
  const { type, left, right, rows } = join;
  const output = bulkCost(rows, costs.tuple);
  if (marksLeft(join)) {
    const startup =
      left.totalCost +
      bulkCost(left.estimatedRows, costs.hashBuild) +
      right.totalCost +
      probeCost(right.estimatedRows, type === 'semi' ? rows : left.estimatedRows - rows);
    return { startup, total: startup + output };
  }
  const built = right.totalCost + bulkCost(right.estimatedRows, costs.hashBuild);
  const saved = Math.min(left.totalCost, reductionGain(join));
  const probed =
    saved === 0 ? left.estimatedRows : Math.min(left.estimatedRows, right.estimatedRows);
  return {
    startup: Math.max(0, left.startupCost - saved) + built,
    total: left.totalCost - saved + built + probeCost(probed, rows) + output,
  };
}

export function marksLeft({ type, left, right }: Join): boolean {
  const leftOnly = type === 'semi' || type === 'anti';
  return leftOnly && left.estimatedRows * markedSideFactor < right.estimatedRows;
}

/** What it saves to aggregate only groups with a partner on the right; 0: all are made. */
function reductionGain({ type, left, right, leftKeys }: Join): number {
  if (type !== 'inner' && type !== 'right' && type !== 'semi') return 0;
  const aggregate = groupedBy(left, leftKeys);
  if (aggregate === undefined) return 0;
  const groups = aggregate.estimatedRows;
  if (right.estimatedRows * reducedGroupsFactor > groups) return 0;
  const rows = aggregate.input.estimatedRows;
  const kept = (rows * right.estimatedRows) / groups;
  const count = aggregate.aggregates.length;
  return Math.max(
    0,
    aggregationCost(rows, count) - aggregationCost(kept, count) - probeCost(rows, kept),
  );
}

/** The aggregate below filters and projections, some of whose group keys the keys are. */
function groupedBy(node: PhysicalNode, keys: readonly Expression[]): PhysicalAggregate | undefined {
  if (node.kind === 'filter') return groupedBy(node.input, keys);
  if (keys.length === 0 || !keys.every((key) => key.kind === 'input')) return undefined;
  if (node.kind === 'project')
    return groupedBy(
      node.input,
      keys.map((key) => node.expressions[key.ordinal]),
    );
  if (node.kind !== 'aggregate' || node.groupingSets !== undefined) return undefined;
  return keys.every((key) => key.ordinal < node.groupKeys.length) ? node : undefined;
}
