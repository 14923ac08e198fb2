// count, sum and avg over frames. What is exact is added up once from each partition's start, and a frame's sum
// is the difference of two such sums. Floats are added up along growing or shrinking frames, and anew for
// every other frame, because what has been added to a float cannot be taken out again.

import { type Datum, Numeric, TypeOid, type Vector } from '#common';
import { vectorOf } from './datum-vector.ts';
import type { WindowCall, WindowCallKernel } from './window-kernels.ts';
import type { WindowRows } from './window-rows.ts';

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

/** How many rows of each frame an aggregate takes in. */
function frameCounts(rows: WindowRows, skipped: Uint8Array | undefined): Float64Array {
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
    const running = runningSums(rows, vector.values, skipped);
    const safe = boundsOf(running);
    const sums = frameSums(rows, running);
    const bounds = boundsOf(sums);
    if (safe === undefined || bounds === undefined) return undefined;
    const { scale } = vector;
    const counts = frameCounts(rows, skipped);
    if (name === 'avg') return averages(sums, counts, { scale, poll: rows.poll });
    return { kind: 'integer', values: sums, scale, ...bounds, nulls: whereZero(counts) };
  };
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

function whereZero(counts: Float64Array): Uint8Array | undefined {
  let nulls: Uint8Array | undefined;
  for (let position = 0; position < counts.length; position++) {
    if (counts[position] !== 0) continue;
    nulls ??= new Uint8Array(counts.length);
    nulls[position] = 1;
  }
  return nulls;
}

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

/** sum and avg of double precision. */
export function floatSum(name: 'sum' | 'avg'): WindowCallKernel {
  return (rows, call) => {
    const [argument] = call.arguments;
    const vector = rows.vector(argument);
    if (vector.kind !== 'float') return undefined;
    const { frame } = rows.shape.node;
    const sums = new FloatFrames(rows, vector.values, leftOut(rows, call, vector));
    if (frame.start.kind === 'unboundedPreceding') sums.grow();
    else if (frame.end.kind === 'unboundedFollowing') sums.growBackwards();
    else sums.addAnew();
    // The interpreter says what overflows.
    return sums.overflows ? undefined : sums.result(name);
  };
}

/** Averages made between two polls. */
const polledDivisions = 8192;
/** Positions whose values are added between two polls. */
const polledAdditions = 1 << 20;

class FloatFrames {
  overflows = false;
  private readonly rows: WindowRows;
  private readonly values: Float64Array;
  private readonly skipped: Uint8Array | undefined;
  private readonly totals: Float64Array;
  private readonly counts: Float64Array;
  private total = 0;
  private count = 0;
  private additions = 0;

  constructor(rows: WindowRows, values: Float64Array, skipped: Uint8Array | undefined) {
    this.rows = rows;
    this.values = values;
    this.skipped = skipped;
    this.totals = new Float64Array(rows.length);
    this.counts = new Float64Array(rows.length);
  }

  /** Frames begin where their partition does. */
  grow(): void {
    const { frames, partitionEnds } = this.rows;
    let position = 0;
    for (const partitionEnd of partitionEnds) {
      let next = position;
      this.start();
      for (; position < partitionEnd; position++) {
        for (; next < frames.ends[position]; next++) this.add(next);
        this.keep(position);
      }
    }
  }

  /** Frames end where their partition does. */
  growBackwards(): void {
    const { frames, partitionEnds } = this.rows;
    let first = 0;
    for (const partitionEnd of partitionEnds) {
      let next = partitionEnd;
      this.start();
      for (let position = partitionEnd - 1; position >= first; position--) {
        while (next > frames.starts[position]) this.add(--next);
        this.keep(position);
      }
      first = partitionEnd;
    }
  }

  /** Any frames; equal ones next to each other are added up once. */
  addAnew(): void {
    const { frames, length } = this.rows;
    let [start, end] = [-1, -1];
    for (let position = 0; position < length; position++) {
      if (frames.starts[position] !== start || frames.ends[position] !== end) {
        start = frames.starts[position];
        end = frames.ends[position];
        this.start();
        for (let next = start; next < end; next++) this.add(next);
      }
      this.keep(position);
    }
  }

  result(name: 'sum' | 'avg'): Vector {
    const { totals, counts } = this;
    const nulls = whereZero(counts);
    if (name === 'avg')
      for (let position = 0; position < totals.length; position++)
        if (counts[position] !== 0) totals[position] /= counts[position];
    return { kind: 'float', values: totals, nulls };
  }

  private start(): void {
    this.total = 0;
    this.count = 0;
  }

  private keep(position: number): void {
    this.totals[position] = this.total;
    this.counts[position] = this.count;
  }

  private add(position: number): void {
    if (++this.additions % polledAdditions === 0) this.rows.poll();
    if (this.skipped !== undefined && this.skipped[position] !== 0) return;
    const value = this.values[position];
    // The first value is the total, so that a sum of -0 stays -0.
    const next = this.count === 0 ? value : this.total + value;
    if (!Number.isFinite(next) && Number.isFinite(value) && Number.isFinite(this.total))
      this.overflows = true;
    this.total = next;
    this.count++;
  }
}
