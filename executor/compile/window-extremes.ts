// min and max over frames. Values are compared by the numbers that stand for them in a sort (sort-keys.ts), and
// what comes out is the position of the least or greatest one, so a result keeps the representation of its
// argument. Frames that grow from their partition's start are followed with one value; for others the rows
// that may still become an extreme are kept in a queue (D. Lemire, "Streaming maximum-minimum filter using no more than three comparisons per element", 2006).

import type { Vector } from '#common';
import { functionRegistry } from '#functions';
import { gathered } from './vector-values.ts';
import { keyColumn } from '../rows/row-order.ts';
import { numberKey } from './sort-keys.ts';
import type { WindowCallKernel } from './window-kernels.ts';
import type { WindowRows } from './window-rows.ts';
import { leftOut } from './window-sums.ts';

type Numbers = Float64Array | Int32Array | Uint8Array;

/** What an extreme is sought among. */
interface Candidates {
  readonly numbers: Numbers;
  readonly skipped: Uint8Array | undefined;
  readonly name: 'min' | 'max';
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
    const candidates = { numbers, skipped: leftOut(rows, call, vector), name };
    const grows = rows.shape.node.frame.start.kind === 'unboundedPreceding';
    return gathered(vector, (grows ? along : within)(rows, candidates));
  };
}

/** Is ranking its values less work than comparing them row by row? */
function isRanked(vector: Vector, rows: number): boolean {
  if (vector.kind === 'dictionary') return vector.dictionary.values.length <= rows / 2;
  return vector.kind !== 'datum';
}

/** Of equal values the last is kept, as *_smaller and *_larger do; NaN is above everything. */
function replaces({ numbers, name }: Candidates, position: number, kept: number): boolean {
  const low = name === 'min' ? numbers[kept] : numbers[position];
  const high = name === 'min' ? numbers[position] : numbers[kept];
  return !(low < high || (Number.isNaN(high) && !Number.isNaN(low)));
}

/** Frames that begin where their partition does. */
function along(rows: WindowRows, candidates: Candidates): Int32Array {
  const { ends } = rows.frames;
  const { skipped } = candidates;
  const sources = new Int32Array(rows.length);
  let position = 0;
  for (const partitionEnd of rows.partitionEnds) {
    let kept = -1;
    let next = position;
    for (; position < partitionEnd; position++) {
      for (; next < ends[position]; next++) {
        if (skipped !== undefined && skipped[next] !== 0) continue;
        if (kept === -1 || replaces(candidates, next, kept)) kept = next;
      }
      sources[position] = kept;
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
      for (; next < ends[position]; next++) {
        if (skipped !== undefined && skipped[next] !== 0) continue;
        while (tail > head && replaces(candidates, next, queue[tail - 1])) tail--;
        queue[tail++] = next;
      }
      while (head < tail && queue[head] < starts[position]) head++;
      const isEmpty = head === tail || starts[position] >= ends[position];
      sources[position] = isEmpty ? -1 : queue[head];
    }
  }
  rows.poll();
  return sources;
}
