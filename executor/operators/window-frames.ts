// Finds, for each row of a partition, its peers and its frame (SQL:2016, 7.15; PostgreSQL manual,
// 4.2.8). Frames are [start, end) of row positions; EXCLUDE takes rows out of the middle.

import { type Datum, databaseError } from '#common';
import type { PhysicalWindow, WindowFrameBound } from '#planner';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import type { RowStore } from '../rows/row-store.ts';
import type { Runtime } from '../runtime.ts';
import { compileScalar } from './simple-operators.ts';
import {
  pastAllValues,
  type RangeOffsets,
  rangeOffsets,
  refuseNegativeOffset,
} from './window-range.ts';

export interface FrameBound {
  readonly kind: WindowFrameBound['kind'];
  readonly offset: (() => Datum) | undefined;
}

export class WindowFrames {
  readonly mode: PhysicalWindow['frame']['mode'];
  readonly exclude: PhysicalWindow['frame']['exclude'];
  position = 0;
  frameStart = 0;
  frameEnd = 0;
  peerStart = 0;
  peerEnd = 0;
  peerGroup = 1;
  private readonly runtime: Runtime;
  private readonly store: RowStore;
  private readonly keys: readonly KeyColumn[];
  private readonly start: FrameBound;
  private readonly end: FrameBound;
  private readonly range: RangeOffsets | undefined;
  /** First row of each peer group, for GROUPS frames. */
  private groupStarts: number[] = [];
  private startOffset: Datum = null;
  private endOffset: Datum = null;

  constructor(node: PhysicalWindow, firstKey: number, store: RowStore, runtime: Runtime) {
    this.runtime = runtime;
    this.store = store;
    this.mode = node.frame.mode;
    this.exclude = node.frame.exclude;
    this.keys = node.orderBy.map((key, i) => keyColumn(key, firstKey + i));
    this.start = compileFrameBound(node.frame.start, runtime);
    this.end = compileFrameBound(node.frame.end, runtime);
    const offset = node.frame.start.offset ?? node.frame.end.offset;
    this.range =
      this.mode === 'range' && offset !== undefined
        ? rangeOffsets(node.orderBy[0].expression, offset)
        : undefined;
  }

  startPartition(): void {
    this.position = -1;
    this.peerStart = 0;
    this.peerEnd = 0;
    this.peerGroup = 0;
    this.startOffset = frameOffset(this.start, this.mode, 'starting');
    this.endOffset = frameOffset(this.end, this.mode, 'ending');
    this.groupStarts = [];
    if (this.mode !== 'groups') return;
    for (let row = 0; row < this.store.length; row++) {
      if (row === 0 || !this.arePeers(row - 1, row)) this.groupStarts.push(row);
    }
  }

  /** To the next row; rows are visited in order. */
  moveTo(row: number): void {
    this.position = row;
    if (row >= this.peerEnd) {
      this.peerStart = row;
      this.peerEnd = row + 1;
      while (this.peerEnd < this.store.length && this.arePeers(row, this.peerEnd)) this.peerEnd++;
      this.peerGroup++;
    }
    const length = this.store.length;
    this.frameStart = Math.min(
      Math.max(this.boundary(this.start, this.startOffset, true), 0),
      length,
    );
    this.frameEnd = Math.min(
      Math.max(this.boundary(this.end, this.endOffset, false), this.frameStart),
      length,
    );
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

  /** Row position of a bound; as the end of a frame, one past its last row. */
  private boundary(bound: FrameBound, offset: Datum, isStart: boolean): number {
    switch (bound.kind) {
      case 'unboundedPreceding':
        return 0;
      case 'unboundedFollowing':
        return this.store.length;
      case 'currentRow':
        if (this.mode === 'rows') return isStart ? this.position : this.position + 1;
        return isStart ? this.peerStart : this.peerEnd;
      default:
        return this.offsetBoundary(bound.kind === 'preceding' ? -1 : 1, offset, isStart);
    }
  }

  private offsetBoundary(direction: 1 | -1, offset: Datum, isStart: boolean): number {
    if (this.mode === 'rows') return this.position + direction * Number(offset) + (isStart ? 0 : 1);
    if (this.mode === 'groups') {
      const group = this.peerGroup - 1 + direction * Number(offset) + (isStart ? 0 : 1);
      if (group < 0) return 0;
      return group < this.groupStarts.length ? this.groupStarts[group] : this.store.length;
    }
    return this.rangeBoundary(direction, offset, isStart);
  }

  /** RANGE offset: the first row at or past (or, for an end, just past) the key plus or minus the offset. */
  private rangeBoundary(direction: 1 | -1, offset: Datum, isStart: boolean): number {
    const key = this.keys[0];
    const values = this.store.columns[key.column];
    const current = values[this.position]!;
    if (current === null) return isStart ? this.peerStart : this.peerEnd;
    const backward = (direction === -1) !== key.descending;
    const way = {
      sign: backward ? ('minus' as const) : ('plus' as const),
      isLowest: isStart !== key.descending,
    };
    const limit = this.range!(current, offset, way, this.runtime);
    if (limit === pastAllValues) return this.endOfValues(direction);
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareByKey(key, values[middle], limit);
      if (isStart ? order < 0 : order <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Before the first row or after the last one whose key is not null. */
  private endOfValues(direction: 1 | -1): number {
    const values = this.store.columns[this.keys[0].column];
    let row = this.position;
    if (direction === 1) {
      while (row < this.store.length && values[row] !== null) row++;
    } else {
      while (row > 0 && values[row - 1] !== null) row--;
    }
    return row;
  }

  private arePeers(left: number, right: number): boolean {
    for (const key of this.keys) {
      const values = this.store.columns[key.column];
      if (compareByKey(key, values[left], values[right]) !== 0) return false;
    }
    return true;
  }
}

export function compileFrameBound(bound: WindowFrameBound, runtime: Runtime): FrameBound {
  return {
    kind: bound.kind,
    offset: bound.offset === undefined ? undefined : compileScalar(bound.offset, runtime),
  };
}

/** The bound's offset, null when it has none; 22004 and 22013. */
export function frameOffset(
  bound: FrameBound,
  mode: PhysicalWindow['frame']['mode'],
  name: 'starting' | 'ending',
): Datum {
  if (bound.offset === undefined) return null;
  const offset = bound.offset();
  if (offset === null) {
    throw databaseError('nullValueNotAllowed', `frame ${name} offset must not be null`);
  }
  if (mode === 'range') {
    refuseNegativeOffset(offset);
  } else if (Number(offset) < 0) {
    throw databaseError(
      'invalidPrecedingOrFollowingSize',
      `frame ${name} offset must not be negative`,
    );
  }
  return offset;
}
