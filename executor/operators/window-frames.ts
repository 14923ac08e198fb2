// Finds, for each row of a partition, its peers and its frame (SQL:2016, 7.15; PostgreSQL manual,
// 4.2.8). Frames are [start, end) of row positions; EXCLUDE takes rows out of the middle.

import type { Datum } from '#common';
import type { PhysicalWindow } from '#planner';
import type { PositionedRows } from '../rows/positioned-rows.ts';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import { MovingBound, type RangeKey, type RowPlace, compileFrameBound } from './window-bounds.ts';
import { rangeOffsets } from './window-range.ts';

/** Rows looked at between two polls, a power of two. */
const polledRows = 4096;

/** Rows from .. to - 1. */
interface Hole {
  readonly from: number;
  readonly to: number;
}

export class WindowFrames implements RowPlace {
  readonly exclude: PhysicalWindow['frame']['exclude'];
  position = 0;
  frameStart = 0;
  frameEnd = 0;
  peerStart = 0;
  peerEnd = 0;
  peerGroup = 1;
  private readonly runtime: Runtime;
  private readonly keys: readonly KeyColumn[];
  private readonly start: MovingBound;
  private readonly end: MovingBound;
  private rows: PositionedRows | undefined = undefined;
  private polls = 0;

  /** `firstKey`: which of the rows' columns is the first of the order; the others follow. */
  constructor(node: PhysicalWindow, firstKey: number, runtime: Runtime) {
    const { frame, orderBy } = node;
    this.runtime = runtime;
    this.exclude = frame.exclude;
    this.keys = orderBy.map((key, i) => keyColumn(key, firstKey + i));
    const range = rangeKeyOf(node, this.keys, runtime);
    const { mode } = frame;
    this.start = new MovingBound(compileFrameBound(frame.start, runtime), true, { mode, range });
    this.end = new MovingBound(compileFrameBound(frame.end, runtime), false, { mode, range });
  }

  get rowCount(): number {
    return this.rows!.length;
  }

  startPartition(rows: PositionedRows): void {
    this.rows = rows;
    this.position = -1;
    this.peerStart = 0;
    this.peerEnd = 0;
    this.peerGroup = 0;
    this.start.startPartition();
    this.end.startPartition();
  }

  /** To the next row; rows are visited in order. */
  moveTo(row: number): void {
    this.position = row;
    if (row >= this.peerEnd) {
      this.peerStart = row;
      this.peerEnd = this.endOfPeers(row);
      this.peerGroup++;
    }
    const length = this.rowCount;
    this.frameStart = Math.min(Math.max(this.start.of(this), 0), length);
    this.frameEnd = Math.min(Math.max(this.end.of(this), this.frameStart), length);
  }

  inFrame(position: number): boolean {
    if (position < this.frameStart || position >= this.frameEnd) return false;
    switch (this.exclude) {
      case 'none':
        return true;
      case 'currentRow':
        return position !== this.position;
      case 'group':
        return position < this.peerStart || position >= this.peerEnd;
      case 'ties':
        return position === this.position || position < this.peerStart || position >= this.peerEnd;
    }
  }

  /** Position of the frame's row number `index` from 0, or from its end, the last one being -1; -1: there is none. */
  frameRow(index: number): number {
    let position = index >= 0 ? this.frameStart + index : this.frameEnd + index;
    const holes = this.exclude === 'none' ? [] : this.holes();
    if (index >= 0) {
      for (const { from, to } of holes) if (position >= from) position += to - from;
      return position < this.frameEnd ? position : -1;
    }
    for (const { from, to } of holes.toReversed()) if (position < to) position -= to - from;
    return position >= this.frameStart ? position : -1;
  }

  endOfPeers(position: number): number {
    const { keys, rowCount } = this;
    if (keys.length === 0) return rowCount;
    let end = position + 1;
    while (end < rowCount && this.arePeers(end - 1, end)) {
      end++;
      this.poll();
    }
    return end;
  }

  keyAt(position: number): Datum {
    return this.rows!.value(this.keys[0].column, position);
  }

  poll(): void {
    if ((++this.polls & (polledRows - 1)) === 0) this.runtime.context.interrupt.check();
  }

  /** What EXCLUDE takes out of the frame, in order. */
  private holes(): Hole[] {
    const { position, peerStart, peerEnd } = this;
    const all: readonly Hole[] =
      this.exclude === 'currentRow'
        ? [{ from: position, to: position + 1 }]
        : this.exclude === 'group'
          ? [{ from: peerStart, to: peerEnd }]
          : [
              { from: peerStart, to: position },
              { from: position + 1, to: peerEnd },
            ];
    return all.flatMap(({ from, to }) => {
      const hole = { from: Math.max(from, this.frameStart), to: Math.min(to, this.frameEnd) };
      return hole.from < hole.to ? [hole] : [];
    });
  }

  private arePeers(left: number, right: number): boolean {
    const rows = this.rows!;
    for (const key of this.keys) {
      const { column } = key;
      if (compareByKey(key, rows.value(column, left), rows.value(column, right)) !== 0)
        return false;
    }
    return true;
  }
}

function rangeKeyOf(
  { frame, orderBy }: PhysicalWindow,
  [key]: readonly KeyColumn[],
  runtime: Runtime,
): RangeKey | undefined {
  const offset = frame.start.offset ?? frame.end.offset;
  if (frame.mode !== 'range' || offset === undefined) return undefined;
  return { key, offsets: rangeOffsets(orderBy[0].expression, offset), runtime };
}
