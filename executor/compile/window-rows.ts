// Whole partitions of a window, as its calls see them: columns in order, and for each row where its partition,
// its peers and its frame begin and end. Positions count rows over all the partitions at hand.

import type { Datum, Expression, Vector } from '#common';
import type { PhysicalWindow } from '#planner';
import { PickedRows, type RowsInOrder } from './ordered-rows.ts';
import { type FrameBound, compileFrameBound, frameOffset } from '../operators/window-bounds.ts';
import { type KeyColumn, keyColumn } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import { vectorOf } from './datum-vector.ts';
import { type NumberKey, numberKey } from './sort-keys.ts';
import { datumReader } from './vector-values.ts';

/** Start of a range of positions and one past its end, by position. */
export interface Ranges {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** One past the last position of each group of rows that share a frame; undefined: each row has its own. */
export interface Growth {
  readonly ends: Int32Array | undefined;
}

/** What is the same for all rows of a window. */
export class WindowShape {
  readonly node: PhysicalWindow;
  readonly runtime: Runtime;
  readonly partitionKeys: readonly KeyColumn[];
  readonly orderKeys: readonly KeyColumn[];
  readonly start: FrameBound;
  readonly end: FrameBound;
  /** The column that keeps an expression; constants have none. */
  readonly placeOf: (expression: Expression) => number;

  constructor(node: PhysicalWindow, placeOf: (expression: Expression) => number, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
    this.placeOf = placeOf;
    this.partitionKeys = node.partitionBy.map((expression) =>
      keyColumn({ expression, descending: false, nullsFirst: false }, placeOf(expression)),
    );
    this.orderKeys = node.orderBy.map((key) => keyColumn(key, placeOf(key.expression)));
    this.start = compileFrameBound(node.frame.start, runtime);
    this.end = compileFrameBound(node.frame.end, runtime);
  }

  /** 22004 and 22013, whether there are rows or not. */
  checkOffsets(): void {
    const { mode } = this.node.frame;
    frameOffset(this.start, mode, 'starting');
    frameOffset(this.end, mode, 'ending');
  }
}

export class WindowRows {
  readonly shape: WindowShape;
  readonly length: number;
  private readonly rows: RowsInOrder;
  readonly poll: () => void;
  /** One past the last position of each partition. */
  readonly partitionEnds: Int32Array;
  private ownPeerEnds: Int32Array | undefined = undefined;
  private peerRanges: Ranges | undefined = undefined;
  private frameRanges: Ranges | undefined = undefined;

  constructor(shape: WindowShape, rows: RowsInOrder, poll: () => void) {
    this.shape = shape;
    this.rows = rows;
    this.length = rows.length;
    this.poll = poll;
    this.partitionEnds = endsOf(this.changes(shape.partitionKeys));
    poll();
  }

  vector(expression: Expression): Vector {
    if (expression.kind !== 'constant') return this.rows.vector(this.shape.placeOf(expression));
    const values = new Array<Datum>(this.length).fill(expression.value);
    return vectorOf(expression.type.oid, values);
  }

  reader(expression: Expression): (position: number) => Datum {
    if (expression.kind === 'constant') return () => expression.value;
    return datumReader(this.vector(expression), expression.type.oid);
  }

  /** One past the last position of each group of rows that are equal by the window's order. */
  get peerEnds(): Int32Array {
    const { orderKeys } = this.shape;
    this.ownPeerEnds ??= orderKeys.length === 0 ? this.partitionEnds : endsOf(this.peerChanges());
    return this.ownPeerEnds;
  }

  /** The rows that are equal to a row by the window's order. */
  get peers(): Ranges {
    this.peerRanges ??= this.rangesOf(this.peerEnds);
    return this.peerRanges;
  }

  /** Of frames from the start of the partition to its end, the end of the row's peers or the row; else undefined. */
  get growth(): Growth | undefined {
    const { start, end, mode } = this.shape.node.frame;
    if (start.kind !== 'unboundedPreceding') return undefined;
    if (end.kind === 'unboundedFollowing') return { ends: this.partitionEnds };
    if (end.kind !== 'currentRow') return undefined;
    return { ends: mode === 'rows' ? undefined : this.peerEnds };
  }

  /** Frames of the common kinds (hasPlainFrame()). */
  get frames(): Ranges {
    this.frameRanges ??= this.makeFrames();
    return this.frameRanges;
  }

  private makeFrames(): Ranges {
    const { mode } = this.shape.node.frame;
    const { start, end } = this.shape;
    const startOffset = Number(frameOffset(start, mode, 'starting') ?? 0);
    const endOffset = Number(frameOffset(end, mode, 'ending') ?? 0);
    const starts = new Int32Array(this.length);
    const ends = new Int32Array(this.length);
    const peers = mode === 'rows' ? undefined : this.peers;
    const [startIn, endIn] = [start, end].map((bound, i) =>
      boundIn(bound.kind, i === 0 ? startOffset : endOffset),
    );
    let first = 0;
    for (const last of this.partitionEnds) {
      for (let position = first; position < last; position++) {
        const from =
          startIn.offset === undefined
            ? startIn.isFirst
              ? first
              : last
            : (peers === undefined ? position : peers.starts[position]) + startIn.offset;
        const to =
          endIn.offset === undefined
            ? endIn.isFirst
              ? first
              : last
            : (peers === undefined ? position + 1 : peers.ends[position]) + endIn.offset;
        const clamped = from < first ? first : from > last ? last : from;
        starts[position] = clamped;
        ends[position] = to < clamped ? clamped : to > last ? last : to;
      }
      first = last;
    }
    this.poll();
    return { starts, ends };
  }

  private rangesOf(allEnds: Int32Array): Ranges {
    const starts = new Int32Array(this.length);
    const ends = new Int32Array(this.length);
    let start = 0;
    for (const end of allEnds) {
      for (let position = start; position < end; position++) {
        starts[position] = start;
        ends[position] = end;
      }
      start = end;
    }
    this.poll();
    return { starts, ends };
  }

  private peerChanges(): Uint8Array {
    const changes = this.changes(this.shape.orderKeys);
    for (const end of this.partitionEnds) if (end < this.length) changes[end] = 1;
    return changes;
  }

  /** 1 where a row has other keys than the one before it. */
  private changes(keys: readonly KeyColumn[]): Uint8Array {
    const { rows, length, poll } = this;
    const changes = new Uint8Array(length);
    let marked = 0;
    for (const key of keys) {
      const { column } = key;
      // Few rows are left to compare: they are looked up where they are.
      if (marked > length / 2 && rows instanceof PickedRows && !rows.isAtHand(column)) {
        const { source } = rows;
        const numbers = numberKey(source.vector(column), key, length, poll);
        marked += markChanges(changes, numbers, source.order);
      } else marked += markChanges(changes, numberKey(rows.vector(column), key, length, poll));
      poll();
    }
    return changes;
  }
}

/** A bound as an offset from the row, or as the partition's first or last position. */
function boundIn(
  kind: FrameBound['kind'],
  offset: number,
): { readonly offset: number | undefined; readonly isFirst: boolean } {
  switch (kind) {
    case 'unboundedPreceding':
      return { offset: undefined, isFirst: true };
    case 'unboundedFollowing':
      return { offset: undefined, isFirst: false };
    case 'currentRow':
      return { offset: 0, isFirst: false };
    case 'preceding':
      return { offset: -offset, isFirst: false };
    case 'following':
      return { offset, isFirst: false };
  }
}

/** Are the frames whole partitions, or bounded by the row or its peers, or by a number of rows? */
export function hasPlainFrame({ frame }: PhysicalWindow): boolean {
  const hasOffset = frame.start.offset !== undefined || frame.end.offset !== undefined;
  return frame.exclude === 'none' && (frame.mode === 'rows' || !hasOffset);
}

/** Marks the rows that differ in the key from the one before, and counts those that were not marked before. */
function markChanges(
  changes: Uint8Array,
  { numbers, nulls }: NumberKey,
  order?: Int32Array,
): number {
  let marked = 0;
  for (let position = 1; position < changes.length; position++) {
    if (changes[position] !== 0) continue;
    const before = order === undefined ? position - 1 : order[position - 1];
    const place = order === undefined ? position : order[position];
    if (nulls !== undefined && (nulls[place] !== 0 || nulls[before] !== 0)) {
      if (nulls[place] === nulls[before]) continue;
    } else {
      const left = numbers[before];
      const right = numbers[place];
      // NaN equals NaN.
      if (left === right || (Number.isNaN(left) && Number.isNaN(right))) continue;
    }
    changes[position] = 1;
    marked++;
  }
  return marked;
}

function endsOf(changes: Uint8Array): Int32Array {
  let count = changes.length > 0 ? 1 : 0;
  for (let position = 1; position < changes.length; position++) count += changes[position];
  const ends = new Int32Array(count);
  let next = 0;
  for (let position = 1; position < changes.length; position++)
    if (changes[position] !== 0) ends[next++] = position;
  if (count > 0) ends[next] = changes.length;
  return ends;
}
