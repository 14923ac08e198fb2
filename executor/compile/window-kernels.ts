// The list of window calls that are computed over typed arrays, for all partitions at hand in one loop. A call
// that is not in the list, or whose values or frames its kernel does not take, runs as the interpreter runs it
// (interpreted-window-call.ts).

import type { Vector } from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalWindow } from '#planner';
import { floatSum } from './window-float-sums.ts';
import { countRows, wholeSum } from './window-sums.ts';
import { extreme } from './window-extremes.ts';
import { cumeDist, denseRank, percentRank, rank, rowNumber } from './window-ranks.ts';
import { type WindowRows, hasPlainFrame } from './window-rows.ts';
import { firstValue, lastValue, nthValue, ntile, shifted } from './window-values.ts';

export type WindowCall = PhysicalWindow['calls'][number];

/** Results by position; undefined: the rows at hand are nothing for it. */
export type WindowCallKernel = (rows: WindowRows, call: WindowCall) => Vector | undefined;

/** Those that do not look at frames, by the name of their implementation. */
const unframed: ReadonlyMap<string, WindowCallKernel> = new Map([
  ['window_row_number', rowNumber],
  ['window_rank', rank],
  ['window_dense_rank', denseRank],
  ['window_percent_rank', percentRank],
  ['window_cume_dist', cumeDist],
  ['window_ntile', ntile],
  ['window_lag', shifted(-1)],
  ['window_lag_with_offset', shifted(-1)],
  ['window_lag_with_offset_and_default', shifted(-1)],
  ['window_lead', shifted(1)],
  ['window_lead_with_offset', shifted(1)],
  ['window_lead_with_offset_and_default', shifted(1)],
]);

const framed: ReadonlyMap<string, WindowCallKernel> = new Map([
  ['window_first_value', firstValue],
  ['window_last_value', lastValue],
  ['window_nth_value', nthValue],
  ['count()', countRows],
  ['count(any)', countRows],
  ...['int2', 'int4', 'int8', 'numeric'].flatMap((type): [string, WindowCallKernel][] => [
    [`sum(${type})`, wholeSum('sum')],
    [`avg(${type})`, wholeSum('avg')],
  ]),
  ['sum(float8)', floatSum('sum')],
  ['avg(float8)', floatSum('avg')],
]);

export function windowKernelOf(
  call: WindowCall,
  node: PhysicalWindow,
): WindowCallKernel | undefined {
  const signature = functionRegistry.functionByOid(call.functionOid);
  if (signature === undefined || signature.routine !== undefined) return undefined;
  const { implementation, name } = signature;
  const placed = call.isAggregate ? undefined : unframed.get(implementation);
  if (placed !== undefined || !hasPlainFrame(node)) return placed;
  if (call.isAggregate && (name === 'min' || name === 'max')) return extreme(name);
  return framed.get(implementation);
}
