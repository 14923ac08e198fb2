// The bounds of window frames. From row to row a bound only moves forward, so it is found by a cursor that goes
// over a partition once, whatever the offset (as nodeWindowAgg.c does it).

import { type Datum, databaseError } from '#common';
import type { PhysicalWindow, WindowFrameBound } from '#planner';
import { type KeyColumn, compareByKey } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import { compileScalar } from './simple-operators.ts';
import { type RangeOffsets, pastAllValues, refuseNegativeOffset } from './window-range.ts';

type Mode = PhysicalWindow['frame']['mode'];

export interface FrameBound {
  readonly kind: WindowFrameBound['kind'];
  readonly offset: (() => Datum) | undefined;
}

/** The row whose frame is sought, among the rows of its partition. */
export interface RowPlace {
  readonly position: number;
  readonly peerStart: number;
  readonly peerEnd: number;
  /** From 1. */
  readonly peerGroup: number;
  readonly rowCount: number;
  /** One past the last peer of the row at a position where a group of peers begins. */
  endOfPeers(position: number): number;
  /** Of the first key of the order. */
  keyAt(position: number): Datum;
  /** To be called in loops. */
  poll(): void;
}

/** Of a RANGE with an offset. */
export interface RangeKey {
  readonly key: KeyColumn;
  readonly offsets: RangeOffsets;
  readonly runtime: Runtime;
}

export class MovingBound {
  private readonly bound: FrameBound;
  private readonly isStart: boolean;
  private readonly mode: Mode;
  private readonly range: RangeKey | undefined;
  private offset: Datum = null;
  /** Where the cursor stands, and the group of peers that begins there (GROUPS) or whose limit it is (RANGE). */
  private row = 0;
  private group = 0;

  constructor(
    bound: FrameBound,
    isStart: boolean,
    { mode, range }: { readonly mode: Mode; readonly range: RangeKey | undefined },
  ) {
    this.bound = bound;
    this.isStart = isStart;
    this.mode = mode;
    this.range = range;
  }

  startPartition(): void {
    this.row = 0;
    this.group = 0;
    this.offset = frameOffset(this.bound, this.mode, this.isStart ? 'starting' : 'ending');
  }

  /** Position of the bound; as the end of a frame, one past its last row. It may lie outside of the partition. */
  of(place: RowPlace): number {
    const { isStart } = this;
    switch (this.bound.kind) {
      case 'unboundedPreceding':
        return 0;
      case 'unboundedFollowing':
        return place.rowCount;
      case 'currentRow':
        if (this.mode === 'rows') return isStart ? place.position : place.position + 1;
        return isStart ? place.peerStart : place.peerEnd;
      default:
        return this.atOffset(place, this.bound.kind === 'preceding' ? -1 : 1);
    }
  }

  private atOffset(place: RowPlace, direction: 1 | -1): number {
    if (this.mode === 'range') return this.inRange(place, direction);
    const moved = direction * Number(this.offset) + (this.isStart ? 0 : 1);
    if (this.mode === 'rows') return place.position + moved;
    const wanted = place.peerGroup - 1 + moved;
    if (wanted <= 0) return 0;
    while (this.group < wanted && this.row < place.rowCount) {
      this.row = place.endOfPeers(this.row);
      this.group++;
    }
    return this.row;
  }

  /** The first row at or past (or, for an end, just past) the key plus or minus the offset. */
  private inRange(place: RowPlace, direction: 1 | -1): number {
    if (this.group === place.peerGroup) return this.row;
    this.group = place.peerGroup;
    const current = place.keyAt(place.position);
    if (current === null) return (this.row = this.isStart ? place.peerStart : place.peerEnd);
    const { key, offsets, runtime } = this.range!;
    const backward = (direction === -1) !== key.descending;
    const way = {
      sign: backward ? ('minus' as const) : ('plus' as const),
      isLowest: this.isStart !== key.descending,
    };
    const limit = offsets(current, this.offset, way, runtime);
    while (this.row < place.rowCount && this.isBefore(place.keyAt(this.row), limit, direction)) {
      this.row++;
      place.poll();
    }
    return this.row;
  }

  private isBefore(value: Datum, limit: Datum | typeof pastAllValues, direction: 1 | -1): boolean {
    const { key } = this.range!;
    if (value === null) return key.nullsFirst;
    if (limit === pastAllValues) return direction === 1;
    const order = compareByKey(key, value, limit);
    return this.isStart ? order < 0 : order <= 0;
  }
}

export function compileFrameBound(bound: WindowFrameBound, runtime: Runtime): FrameBound {
  return {
    kind: bound.kind,
    offset: bound.offset === undefined ? undefined : compileScalar(bound.offset, runtime),
  };
}

/** The bound's offset, null when it has none; 22004 and 22013. */
export function frameOffset(bound: FrameBound, mode: Mode, name: 'starting' | 'ending'): Datum {
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
