// A join whose left side is an aggregate grouped by the join's keys keeps only groups that have a partner
// on the right. Where these are few, rows of other groups need not be aggregated: they are looked up in
// the join's table, which is built first, before they reach the aggregate (a semi-join reduction, as in
// L. Mackert, G. Lohman, VLDB 1986).

import type { Expression } from '#common';
import {
  type PhysicalAggregate,
  type PhysicalHashJoin,
  type PhysicalNode,
  reducedGroupsFactor,
} from '#planner';
import type { ProbeStep } from './probe-code.ts';
import { isRepeatable } from './row-constants.ts';

export interface AggregateReduction {
  readonly aggregate: PhysicalAggregate;
  /** For the rows that the aggregate reads. */
  readonly step: ProbeStep;
}

/** undefined: the left side is no such aggregate, or little would be gained. */
export function reductionOf(
  node: PhysicalHashJoin,
  probe: ProbeStep,
): AggregateReduction | undefined {
  const found = reducedAggregate(node);
  if (found === undefined) return undefined;
  const { aggregate, keys } = found;
  const step: ProbeStep = {
    ...probe,
    type: 'semi',
    leftWidth: aggregate.input.types.length,
    leftKeys: keys,
    condition: undefined,
    stored: [],
    marks: false,
    spill: undefined,
  };
  return { aggregate, step };
}

/** The aggregate of which the join leaves few groups, and the join's keys over its input. */
export function reducedAggregate(
  node: PhysicalHashJoin,
): { readonly aggregate: PhysicalAggregate; readonly keys: readonly Expression[] } | undefined {
  if (node.type !== 'inner' && node.type !== 'right' && node.type !== 'semi') return undefined;
  const found = aggregateBelow(node.left, node.leftKeys);
  if (found === undefined || found.keys.length === 0) return undefined;
  const isReduced = node.right.estimatedRows * reducedGroupsFactor <= found.aggregate.estimatedRows;
  return isReduced ? found : undefined;
}

/** The aggregate and the keys as expressions over its input. */
function aggregateBelow(
  node: PhysicalNode,
  keys: readonly Expression[],
): { readonly aggregate: PhysicalAggregate; readonly keys: readonly Expression[] } | undefined {
  if (node.kind === 'filter') return aggregateBelow(node.input, keys);
  const lists =
    node.kind === 'project'
      ? node.expressions
      : node.kind === 'aggregate' && node.groupingSets === undefined
        ? node.groupKeys
        : undefined;
  const mapped =
    lists && keys.map((key) => (key.kind === 'input' ? lists[key.ordinal] : undefined));
  const isWhole = (list: typeof mapped): list is Expression[] =>
    list !== undefined && !list.includes(undefined);
  if (!isWhole(mapped)) return undefined;
  if (node.kind === 'project') return aggregateBelow(node.input, mapped);
  if (node.kind !== 'aggregate') return undefined;
  const isSafe = [...node.groupKeys, ...node.aggregates].every(isRepeatable);
  return isSafe ? { aggregate: node, keys: mapped } : undefined;
}
