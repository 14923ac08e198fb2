// min and max over frames. Values are compared by the numbers that stand for them in a sort (sort-keys.ts), and
// what comes out is the position of the least or greatest one, so a result keeps the representation of its
// argument. Frames that grow from their partition's start are followed with one value; for others the rows
// that may still become an extreme are kept in a queue (D. Lemire, "Streaming maximum-minimum filter using no more than three comparisons per element", 2006).

import type { Vector } from '#common';
import { functionRegistry } from '#functions';
import { entryCount } from './late-texts.ts';
import { gathered } from './vector-values.ts';
import { keyColumn } from '../rows/row-order.ts';
import { numberKey } from './sort-keys.ts';
import type { WindowCallKernel } from './window-kernels.ts';
import type { Growth, WindowRows } from './window-rows.ts';
import { leftOut } from './window-sums.ts';

type Numbers = Float64Array | Int32Array | Uint8Array;

/** What an extreme is sought among. */
interface Candidates {
  /** The extreme is the highest of them. */
  readonly heights: Float64Array;
  readonly skipped: Uint8Array | undefined;
  /** Is NaN above everything, or below? */
  readonly isNaNHighest: boolean;
}

export function extreme(name: 'min' | 'max'): WindowCallKernel {
  return (rows, call) => {
    const [argument] = call.arguments;
    const vector = rows.vector(argument);
    if (
      functionRegistry.ordering(argument.type.oid) === undefined ||
      !isRanked(vector, rows.length)
    )
      return undefined;
    const key = keyColumn({ expression: argument, descending: false, nullsFirst: false }, 0);
    const { numbers } = numberKey(vector, key, rows.length, rows.poll);
    const candidates = {
      heights: heightsOf(numbers, name, rows.length),
      skipped: leftOut(rows, call, vector),
      isNaNHighest: name === 'max',
    };
    const { growth } = rows;
    const sources =
      growth === undefined ? within(rows, candidates) : along(rows, growth, candidates);
    return gathered(vector, sources);
  };
}

/** The values themselves, or less than nothing for a minimum. */
function heightsOf(numbers: Numbers, name: 'min' | 'max', length: number): Float64Array {
  const heights = new Float64Array(length);
  const sign = name === 'min' ? -1 : 1;
  for (let row = 0; row < length; row++) heights[row] = sign * numbers[row];
  return heights;
}

/** Is ranking its values less work than comparing them row by row? */
function isRanked(vector: Vector, rows: number): boolean {
  if (vector.kind === 'dictionary') return entryCount(vector.dictionary) <= rows / 2;
  return vector.kind !== 'datum';
}

/** Of equal values the last is kept, as *_smaller and *_larger do. */
function replaces({ heights, isNaNHighest }: Candidates, position: number, kept: number): boolean {
  return (
    heights[position] >= heights[kept] || Number.isNaN(heights[isNaNHighest ? position : kept])
  );
}

/** Frames that begin where their partition does. */
function along(rows: WindowRows, { ends }: Growth, candidates: Candidates): Int32Array {
  const { skipped } = candidates;
  const sources = new Int32Array(rows.length);
  let position = 0;
  let group = 0;
  for (const partitionEnd of rows.partitionEnds) {
    let kept = -1;
    while (position < partitionEnd) {
      const end = ends === undefined ? position + 1 : ends[group++];
      for (let next = position; next < end; next++) {
        if (skipped !== undefined && skipped[next] !== 0) continue;
        if (kept === -1 || replaces(candidates, next, kept)) kept = next;
      }
      for (; position < end; position++) sources[position] = kept;
    }
  }
  rows.poll();
  return sources;
}

/** Frames whose starts and ends move on. */
function within(rows: WindowRows, candidates: Candidates): Int32Array {
  const { starts, ends } = rows.frames;
  const { skipped } = candidates;
  const sources = new Int32Array(rows.length);
  const queue = new Int32Array(rows.length);
  let position = 0;
  for (const partitionEnd of rows.partitionEnds) {
    let next = position;
    let head = 0;
    let tail = 0;
    for (; position < partitionEnd; position++) {
      const start = starts[position];
      const end = ends[position];
      for (; next < end; next++) {
        if (skipped !== undefined && skipped[next] !== 0) continue;
        while (tail > head && replaces(candidates, next, queue[tail - 1])) tail--;
        queue[tail++] = next;
      }
      while (head < tail && queue[head] < start) head++;
      sources[position] = head === tail || start >= end ? -1 : queue[head];
    }
  }
  rows.poll();
  return sources;
}
