// count over frames, and sum and avg of what is exact: added up once from each partition's start, so that a
// frame's sum is the difference of two such sums.

import { type Datum, Numeric, TypeOid, type Vector } from '#common';
import { vectorOf } from './datum-vector.ts';
import type { WindowCall, WindowCallKernel } from './window-kernels.ts';
import type { Growth, WindowRows } from './window-rows.ts';

/** 1 for the rows that an aggregate leaves out; undefined: none. */
export function leftOut(
  rows: WindowRows,
  { filter }: WindowCall,
  argument: Vector | undefined,
): Uint8Array | undefined {
  const nulls = argument === undefined ? undefined : nullsOf(argument);
  if (filter === undefined) return nulls;
  const passes = rows.reader(filter);
  const marks = new Uint8Array(rows.length);
  for (let row = 0; row < marks.length; row++)
    if (passes(row) !== true || (nulls !== undefined && nulls[row] !== 0)) marks[row] = 1;
  return marks;
}

function nullsOf(vector: Vector): Uint8Array | undefined {
  if (vector.kind !== 'datum') return vector.nulls;
  return Uint8Array.from(vector.values, (value) => (value === null ? 1 : 0));
}

type Numbers = Float64Array | Int32Array | Uint8Array;

/** For each row the sum of those from its partition's start up to itself, but for those left out. */
function runningSums(
  rows: WindowRows,
  values: Numbers | undefined,
  skipped: Uint8Array | undefined,
): Float64Array {
  const sums = new Float64Array(rows.length);
  let position = 0;
  for (const end of rows.partitionEnds) {
    let sum = 0;
    for (; position < end; position++) {
      if (skipped === undefined || skipped[position] === 0)
        sum += values === undefined ? 1 : values[position];
      sums[position] = sum;
    }
  }
  rows.poll();
  return sums;
}

/** For each row the sum over its frame. */
function frameSums(rows: WindowRows, sums: Float64Array): Float64Array {
  const { starts, ends } = rows.frames;
  const results = new Float64Array(rows.length);
  let position = 0;
  for (const partitionEnd of rows.partitionEnds) {
    const first = position;
    for (; position < partitionEnd; position++) {
      const start = starts[position];
      const end = ends[position];
      if (end <= start) continue;
      results[position] = start > first ? sums[end - 1] - sums[start - 1] : sums[end - 1];
    }
  }
  rows.poll();
  return results;
}

/** For each row the sum over its frame, which grows from its partition's start; without values, their number. */
function grownSums(
  rows: WindowRows,
  { ends }: Growth,
  values: Numbers | undefined,
  skipped: Uint8Array | undefined,
): Float64Array {
  const sums = new Float64Array(rows.length);
  let position = 0;
  let group = 0;
  for (const partitionEnd of rows.partitionEnds) {
    let sum = 0;
    while (position < partitionEnd) {
      const end = ends === undefined ? position + 1 : ends[group++];
      for (let next = position; next < end; next++) {
        if (skipped === undefined || skipped[next] === 0)
          sum += values === undefined ? 1 : values[next];
      }
      for (; position < end; position++) sums[position] = sum;
    }
  }
  rows.poll();
  return sums;
}

/** How many rows of each frame an aggregate takes in. */
function frameCounts(rows: WindowRows, skipped: Uint8Array | undefined): Float64Array {
  const { growth } = rows;
  if (growth !== undefined) return grownSums(rows, growth, undefined, skipped);
  if (skipped !== undefined) return frameSums(rows, runningSums(rows, undefined, skipped));
  const { starts, ends } = rows.frames;
  const counts = new Float64Array(rows.length);
  for (let position = 0; position < counts.length; position++)
    counts[position] = ends[position] - starts[position];
  return counts;
}

export const countRows: WindowCallKernel = (rows, call) => {
  const [argument] = call.arguments;
  const counted = argument === undefined ? undefined : rows.vector(argument);
  const values = frameCounts(rows, leftOut(rows, call, counted));
  return { kind: 'integer', values, scale: 0, min: 0, max: rows.length, nulls: undefined };
};

/** sum and avg of whole numbers and decimals of one scale. */
export function wholeSum(name: 'sum' | 'avg'): WindowCallKernel {
  return (rows, call) => {
    const vector = rows.vector(call.arguments[0]);
    if (vector.kind !== 'integer') return undefined;
    const skipped = leftOut(rows, call, vector);
    const sums = exactSums(rows, vector, skipped);
    const bounds = sums && boundsOf(sums);
    if (sums === undefined || bounds === undefined) return undefined;
    const { scale } = vector;
    // A frame that grows holds its row at least.
    const isFilled = rows.growth !== undefined && skipped === undefined;
    if (name === 'sum' && isFilled)
      return { kind: 'integer', values: sums, scale, ...bounds, nulls: undefined };
    const counts = frameCounts(rows, skipped);
    if (name === 'avg') return averages(sums, counts, { scale, poll: rows.poll });
    return { kind: 'integer', values: sums, scale, ...bounds, nulls: whereZero(counts) };
  };
}

/** undefined: not all are exact. */
function exactSums(
  rows: WindowRows,
  { values, min, max }: Extract<Vector, { readonly kind: 'integer' }>,
  skipped: Uint8Array | undefined,
): Float64Array | undefined {
  const { growth } = rows;
  if (growth !== undefined && Math.max(-min, max) * rows.length <= Number.MAX_SAFE_INTEGER)
    return grownSums(rows, growth, values, skipped);
  const running = runningSums(rows, values, skipped);
  return boundsOf(running) && frameSums(rows, running);
}

/** undefined: not all are exact. */
function boundsOf(sums: Float64Array): { readonly min: number; readonly max: number } | undefined {
  let min = 0;
  let max = 0;
  for (let position = 0; position < sums.length; position++) {
    const sum = sums[position];
    if (sum < min) min = sum;
    if (sum > max) max = sum;
  }
  return Number.isSafeInteger(min) && Number.isSafeInteger(max) ? { min, max } : undefined;
}

export function whereZero(counts: Float64Array): Uint8Array | undefined {
  let nulls: Uint8Array | undefined;
  for (let position = 0; position < counts.length; position++) {
    if (counts[position] !== 0) continue;
    nulls ??= new Uint8Array(counts.length);
    nulls[position] = 1;
  }
  return nulls;
}

/** Averages made between two polls. */
const polledDivisions = 8192;

function averages(
  sums: Float64Array,
  counts: Float64Array,
  { scale, poll }: { readonly scale: number; readonly poll: () => void },
): Vector {
  const values: Datum[] = [];
  for (let position = 0; position < sums.length; position++) {
    const [sum, count] = [sums[position], counts[position]];
    if (position % polledDivisions === 0) poll();
    const isKnown = position > 0 && sum === sums[position - 1] && count === counts[position - 1];
    if (isKnown) values.push(values[position - 1]);
    else if (count === 0) values.push(null);
    else values.push(new Numeric(sum, scale).divide(Numeric.fromInteger(count)));
  }
  poll();
  return vectorOf(TypeOid.numeric, values);
}
