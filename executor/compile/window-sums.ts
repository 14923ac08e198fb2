// count, sum and avg over frames. What is exact is added up once from each partition's start, and a frame's sum
// is the difference of two such sums. Floats are added up along growing or shrinking frames, and anew for
// every other frame, because what has been added to a float cannot be taken out again.

import { type Datum, Numeric, TypeOid, type Vector } from '#common';
import { vectorOf } from './datum-vector.ts';
import type { WindowCall, WindowCallKernel } from './window-kernels.ts';
import type { WindowRows } from './window-rows.ts';

/** 1 for the places that an aggregate leaves out; undefined: none. */
export function leftOut(
  rows: WindowRows,
  { filter }: WindowCall,
  argument: Vector | undefined,
): Uint8Array | undefined {
  const nulls = argument === undefined ? undefined : nullsOf(argument);
  if (filter === undefined) return nulls;
  const passes = rows.reader(filter);
  const marks = new Uint8Array(rows.rows.length);
  for (let place = 0; place < marks.length; place++)
    if (passes(place) !== true || (nulls !== undefined && nulls[place] !== 0)) marks[place] = 1;
  return marks;
}

function nullsOf(vector: Vector): Uint8Array | undefined {
  if (vector.kind !== 'datum') return vector.nulls;
  return Uint8Array.from(vector.values, (value) => (value === null ? 1 : 0));
}

/** Sums of the rows from each partition's start up to and including a position. */
class RunningSums {
  private readonly sums: Float64Array;

  constructor(rows: WindowRows, valueAt: (place: number) => number) {
    const { order } = rows;
    this.sums = new Float64Array(order.length);
    let position = 0;
    for (const end of rows.partitionEnds)
      for (let sum = 0; position < end; position++)
        this.sums[position] = sum += valueAt(order[position]);
    rows.poll();
  }

  get areSafe(): boolean {
    return this.sums.every((sum) => Math.abs(sum) <= Number.MAX_SAFE_INTEGER);
  }

  /** Over the positions start .. end - 1 of the partition that begins at `first`. */
  between(first: number, start: number, end: number): number {
    if (end <= start) return 0;
    return start > first ? this.sums[end - 1] - this.sums[start - 1] : this.sums[end - 1];
  }
}

/** How many rows of a frame an aggregate takes in. */
function countsOf(
  rows: WindowRows,
  skipped: Uint8Array | undefined,
): (first: number, start: number, end: number) => number {
  if (skipped === undefined) return (_first, start, end) => end - start;
  const counts = new RunningSums(rows, (place) => 1 - skipped[place]);
  return (first, start, end) => counts.between(first, start, end);
}

export const countRows: WindowCallKernel = (rows, call) => {
  const [argument] = call.arguments;
  const counted = argument === undefined ? undefined : rows.vector(argument);
  const countOf = countsOf(rows, leftOut(rows, call, counted));
  const values = new Float64Array(rows.rows.length);
  forFrames(rows, (place, first, start, end) => {
    values[place] = countOf(first, start, end);
  });
  return { kind: 'integer', values, scale: 0, min: 0, max: rows.length, nulls: undefined };
};

/** sum and avg of whole numbers and decimals of one scale. */
export function wholeSum(name: 'sum' | 'avg'): WindowCallKernel {
  return (rows, call) => {
    const vector = rows.vector(call.arguments[0]);
    if (vector.kind !== 'integer') return undefined;
    const { values, scale } = vector;
    const skipped = leftOut(rows, call, vector);
    const valueAt =
      skipped === undefined
        ? (place: number): number => values[place]
        : (place: number): number => (skipped[place] === 0 ? values[place] : 0);
    const sums = new RunningSums(rows, valueAt);
    if (!sums.areSafe) return undefined;
    const countOf = countsOf(rows, skipped);
    return name === 'sum'
      ? totals(rows, scale, { sums, countOf })
      : averages(rows, scale, { sums, countOf });
  };
}

interface FrameSums {
  readonly sums: RunningSums;
  readonly countOf: (first: number, start: number, end: number) => number;
}

function totals(rows: WindowRows, scale: number, { sums, countOf }: FrameSums): Vector | undefined {
  const values = new Float64Array(rows.rows.length);
  const nulls = new Uint8Array(values.length);
  let min = 0;
  let max = 0;
  let nullCount = 0;
  forFrames(rows, (place, first, start, end) => {
    if (countOf(first, start, end) === 0) {
      nulls[place] = 1;
      nullCount++;
      return;
    }
    const sum = sums.between(first, start, end);
    values[place] = sum;
    if (sum < min) min = sum;
    if (sum > max) max = sum;
  });
  if (min < Number.MIN_SAFE_INTEGER || max > Number.MAX_SAFE_INTEGER) return undefined;
  return { kind: 'integer', values, scale, min, max, nulls: nullCount === 0 ? undefined : nulls };
}

function averages(
  rows: WindowRows,
  scale: number,
  { sums, countOf }: FrameSums,
): Vector | undefined {
  const values = new Array<Datum>(rows.rows.length).fill(null);
  let known: Datum = null;
  let knownStart = -1;
  let knownEnd = -1;
  let isSafe = true;
  forFrames(rows, (place, first, start, end) => {
    if (start !== knownStart || end !== knownEnd) {
      const count = countOf(first, start, end);
      const sum = sums.between(first, start, end);
      if (!Number.isSafeInteger(sum)) isSafe = false;
      [knownStart, knownEnd] = [start, end];
      known = count === 0 ? null : new Numeric(sum, scale).divide(Numeric.fromInteger(count));
    }
    values[place] = known;
  });
  return isSafe ? vectorOf(TypeOid.numeric, values) : undefined;
}

function forFrames(
  rows: WindowRows,
  take: (place: number, first: number, start: number, end: number) => void,
): void {
  const { order } = rows;
  const { starts, ends } = rows.frames;
  let position = 0;
  let first = 0;
  for (const partitionEnd of rows.partitionEnds) {
    for (; position < partitionEnd; position++) {
      take(order[position], first, starts[position], ends[position]);
      if ((position & 0xffff) === 0) rows.poll();
    }
    first = partitionEnd;
  }
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
    this.totals = new Float64Array(rows.rows.length);
    this.counts = new Float64Array(rows.rows.length);
  }

  /** Frames begin where their partition does. */
  grow(): void {
    const { order, frames, partitionEnds } = this.rows;
    let position = 0;
    for (const partitionEnd of partitionEnds) {
      let next = position;
      this.start();
      for (; position < partitionEnd; position++) {
        for (; next < frames.ends[position]; next++) this.add(order[next]);
        this.keep(order[position]);
      }
    }
  }

  /** Frames end where their partition does. */
  growBackwards(): void {
    const { order, frames, partitionEnds } = this.rows;
    let first = 0;
    for (const partitionEnd of partitionEnds) {
      let next = partitionEnd;
      this.start();
      for (let position = partitionEnd - 1; position >= first; position--) {
        while (next > frames.starts[position]) this.add(order[--next]);
        this.keep(order[position]);
      }
      first = partitionEnd;
    }
  }

  /** Any frames; equal ones next to each other are added up once. */
  addAnew(): void {
    const { order, frames, length } = this.rows;
    let [start, end] = [-1, -1];
    for (let position = 0; position < length; position++) {
      if (frames.starts[position] !== start || frames.ends[position] !== end) {
        start = frames.starts[position];
        end = frames.ends[position];
        this.start();
        for (let next = start; next < end; next++) this.add(order[next]);
      }
      this.keep(order[position]);
    }
  }

  result(name: 'sum' | 'avg'): Vector {
    const { totals, counts } = this;
    let nulls: Uint8Array | undefined;
    for (const place of this.rows.order) {
      if (counts[place] === 0) {
        nulls ??= new Uint8Array(totals.length);
        nulls[place] = 1;
      } else if (name === 'avg') totals[place] /= counts[place];
    }
    return { kind: 'float', values: totals, nulls };
  }

  private start(): void {
    this.total = 0;
    this.count = 0;
  }

  private keep(place: number): void {
    this.totals[place] = this.total;
    this.counts[place] = this.count;
  }

  private add(place: number): void {
    if (++this.additions % polledAdditions === 0) this.rows.poll();
    if (this.skipped !== undefined && this.skipped[place] !== 0) return;
    const value = this.values[place];
    // The first value is the total, so that a sum of -0 stays -0.
    const next = this.count === 0 ? value : this.total + value;
    if (!Number.isFinite(next) && Number.isFinite(value) && Number.isFinite(this.total))
      this.overflows = true;
    this.total = next;
    this.count++;
  }
}
