// sum and avg of floats over frames: added up along growing or shrinking frames, and anew for every other frame,
// because what has been added to a float cannot be taken out again.

import type { Vector } from '#common';
import type { WindowCallKernel } from './window-kernels.ts';
import type { Growth, WindowRows } from './window-rows.ts';
import { leftOut, whereZero } from './window-sums.ts';

/** sum and avg of double precision. */
export function floatSum(name: 'sum' | 'avg'): WindowCallKernel {
  return (rows, call) => {
    const [argument] = call.arguments;
    const vector = rows.vector(argument);
    if (vector.kind !== 'float') return undefined;
    const { frame } = rows.shape.node;
    const sums = new FloatFrames(rows, vector.values, leftOut(rows, call, vector));
    if (rows.growth !== undefined) sums.growInGroups(rows.growth);
    else if (frame.start.kind === 'unboundedPreceding') sums.grow();
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
    this.totals = new Float64Array(rows.length);
    this.counts = new Float64Array(rows.length);
  }

  /** Frames begin where their partition does, and groups of rows share them. */
  growInGroups({ ends }: Growth): void {
    let position = 0;
    let group = 0;
    for (const partitionEnd of this.rows.partitionEnds) {
      this.start();
      while (position < partitionEnd) {
        const end = ends === undefined ? position + 1 : ends[group++];
        for (let next = position; next < end; next++) this.add(next);
        for (; position < end; position++) this.keep(position);
      }
    }
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
