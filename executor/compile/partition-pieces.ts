// Sorted rows cut into pieces of whole partitions. Rows in memory are one piece. Rows that come back from disk
// are collected until a partition ends; while one does not end and grows past its share of the memory, first the
// columns that no call looks at go to pages on disk, and then those that calls look at as well.

import type { Datum, Expression, Vector } from '#common';
import { again } from '../contract.ts';
import { type PageSize, pageSizeOf } from '../rows/page-cache.ts';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import { PickedRows, type RowsInOrder } from './ordered-rows.ts';
import { type Piece, PieceInMemory, PieceOnDisk } from './partition-piece.ts';
import type { SortedStore } from './sorted-store.ts';
import { vectorBytes } from './vector-bytes.ts';
import { VectorPages } from './vector-pages.ts';
import { datumReader, joinedVector } from './vector-values.ts';

/** What a partition may hold before columns that nobody looks at go to disk, as a part of the limit. */
const pieceShare = 8;
/** What calls need beside a row of a partition in memory: peers, frames and results. */
const workBytesPerRow = 32;

export interface PiecesOptions {
  readonly partitionBy: readonly Expression[];
  /** Columns that calls, partitions and orders look at. */
  readonly seen: ReadonlySet<number>;
  readonly runtime: Runtime;
  readonly bytesMax: () => number;
  /** What one partition may hold before calls read it from disk. */
  readonly partitionBytesMax: () => number;
}

/** Rows in order whose partition may go on; by column, undefined: on disk. */
interface Waiting {
  readonly length: number;
  readonly vectors: readonly (Vector | undefined)[];
}

export class PartitionPieces {
  private readonly store: SortedStore;
  private readonly options: PiecesOptions;
  private readonly keys: readonly KeyColumn[];
  private waiting: Waiting[] = [];
  /** Of the rows that wait. */
  private rowCount = 0;
  private lastKeys: readonly Datum[] = [];
  private seenPages: VectorPages | undefined = undefined;
  private otherPages: VectorPages | undefined = undefined;
  private pageSize: PageSize | undefined = undefined;
  private taken: Piece | undefined = undefined;
  /** Partitions in memory that come after it. */
  private between: Piece | undefined = undefined;
  private waitingBytes = 0;
  private takenBytes = 0;
  /** In all executions, for EXPLAIN ANALYZE. */
  bytesWritten = 0;

  constructor(store: SortedStore, options: PiecesOptions) {
    this.store = store;
    this.options = options;
    this.keys = options.partitionBy.map((expression) =>
      keyColumn({ expression, descending: false, nullsFirst: false }, store.placeOf(expression)),
    );
  }

  /** Of the rows that wait, and of the piece that was taken last. */
  get bytes(): number {
    return this.waitingBytes + this.takenBytes;
  }

  /** The next partitions; what came before is not read any more. */
  next(): Piece | typeof again | undefined {
    if (!this.store.isSpilled) {
      const rows = this.store.next();
      return rows && new PieceInMemory(new PickedRows(rows));
    }
    this.taken?.close();
    this.taken = undefined;
    this.takenBytes = 0;
    const ready = this.between;
    this.between = undefined;
    if (ready !== undefined) return ready;
    for (;;) {
      if (this.options.runtime.pause()) return again;
      const rows = this.store.next();
      if (rows === undefined) return this.rowCount === 0 ? undefined : this.take();
      const ordered = new PickedRows(rows);
      const { length } = ordered;
      const vectors = this.types.map((_type, column) => ordered.vector(column));
      const { firstEnd, lastStart } = this.cuts(vectors, length);
      if (firstEnd === length) {
        this.wait(vectors, 0, length);
        continue;
      }
      const piece = this.ended(vectors, firstEnd, lastStart);
      this.wait(vectors, lastStart, length);
      if (piece !== undefined) return piece;
    }
  }

  /** What waits has come to its end with row `firstEnd` of the vectors; whole partitions follow it up to `lastStart`. */
  private ended(
    vectors: readonly Vector[],
    firstEnd: number,
    lastStart: number,
  ): Piece | undefined {
    const isOnDisk = this.otherPages !== undefined || this.seenPages !== undefined;
    // What is on disk is one partition.
    if (isOnDisk) {
      this.add(vectors, 0, firstEnd);
      const piece = this.take();
      if (lastStart > firstEnd) {
        this.add(vectors, firstEnd, lastStart);
        this.between = this.take();
        this.taken = piece;
      }
      return piece;
    }
    if (lastStart > 0) this.add(vectors, 0, lastStart);
    return this.rowCount === 0 ? undefined : this.take();
  }

  close(): void {
    this.taken?.close();
    this.taken = undefined;
    this.between = undefined;
    this.seenPages?.close();
    this.otherPages?.close();
    this.forgetWaiting();
    this.takenBytes = 0;
  }

  private get types(): readonly number[] {
    return this.store.store.columns.map(({ typeOid }) => typeOid);
  }

  private columns(isSeen: boolean): number[] {
    return this.types.flatMap((_type, column) =>
      this.options.seen.has(column) === isSeen ? [column] : [],
    );
  }

  /** How many rows go on with the partition that waits, and where the last of the rows' partitions begins. */
  private cuts(
    vectors: readonly Vector[],
    length: number,
  ): { readonly firstEnd: number; readonly lastStart: number } {
    const { keys, types } = this;
    const readers = keys.map(({ column }) => datumReader(vectors[column], types[column]));
    const keysOf = (row: number): Datum[] => readers.map((read) => read(row));
    const isSame = (row: number, wanted: readonly Datum[]): boolean =>
      keys.every((key, i) => compareByKey(key, readers[i](row), wanted[i]) === 0);
    const last = keysOf(length - 1);
    const known = this.lastKeys;
    const goesOn = this.rowCount > 0 && isSame(0, known);
    this.lastKeys = last;
    // Rows of a partition are next to each other.
    const firstEnd = goesOn ? firstWhere(length, (row) => !isSame(row, known)) : 0;
    if (firstEnd === length) return { firstEnd, lastStart: length };
    return { firstEnd, lastStart: firstWhere(length - 1, (row) => isSame(row, last)) };
  }

  /** Puts rows from .. to - 1 with those whose partition may go on. */
  private wait(vectors: readonly Vector[], from: number, to: number): void {
    this.add(vectors, from, to);
    if (this.seenPages === undefined) this.relieve();
  }

  private add(vectors: readonly Vector[], from: number, to: number): void {
    const { seenPages, otherPages } = this;
    this.rowCount += to - from;
    otherPages?.add({ vectors: this.columns(false).map((column) => vectors[column]), from, to });
    if (seenPages !== undefined) {
      seenPages.add({ vectors: this.columns(true).map((column) => vectors[column]), from, to });
      return;
    }
    const own = vectors.map((vector, column) =>
      otherPages === undefined || this.options.seen.has(column)
        ? joinedVector([{ vector, from, to }], this.types[column])
        : undefined,
    );
    this.keep({ length: to - from, vectors: own });
  }

  private keep(block: Waiting): void {
    this.waiting.push(block);
    for (const vector of block.vectors)
      if (vector !== undefined) this.waitingBytes += vectorBytes(vector, block.length);
  }

  private relieve(): void {
    const bytesMax = this.options.bytesMax();
    const needed = (): number => this.bytes + this.rowCount * workBytesPerRow;
    if (needed() <= bytesMax / pieceShare) return;
    this.pageSize ??= pageSizeOf(this.waitingBytes / this.rowCount, bytesMax);
    this.otherPages ??= this.pages(false);
    if (needed() > this.options.partitionBytesMax()) this.seenPages = this.pages(true);
  }

  /** Moves columns of the rows that wait to disk; undefined: there are none. */
  private pages(isSeen: boolean): VectorPages | undefined {
    const columns = this.columns(isSeen);
    if (columns.length === 0 && !isSeen) return undefined;
    const types = columns.map((column) => this.types[column]);
    const { spillDirectory } = this.options.runtime.context;
    const pages = new VectorPages(types, this.pageSize!, spillDirectory);
    const { waiting } = this;
    this.waiting = [];
    this.waitingBytes = 0;
    for (const { length, vectors } of waiting) {
      pages.add({ vectors: columns.map((column) => vectors[column]), from: 0, to: length });
      const rest = vectors.map((vector, column) => (columns.includes(column) ? undefined : vector));
      this.keep({ length, vectors: rest });
    }
    return pages;
  }

  private take(): Piece {
    const { waiting, seenPages, otherPages, rowCount } = this;
    for (const pages of [seenPages, otherPages]) {
      pages?.finish();
      this.bytesWritten += pages?.bytesWritten ?? 0;
    }
    const rows = seenPages === undefined ? this.joined(waiting) : undefined;
    this.takenBytes = this.waitingBytes;
    this.forgetWaiting();
    const isWhole = rows !== undefined && otherPages === undefined;
    this.taken = isWhole
      ? new PieceInMemory(rows)
      : new PieceOnDisk(rowCount, { rows, seenPages, otherPages }, (column) => {
          const isSeen = this.options.seen.has(column);
          return { isSeen, place: this.columns(isSeen).indexOf(column) };
        });
    return this.taken;
  }

  private joined(waiting: readonly Waiting[]): RowsInOrder {
    const { types, rowCount } = this;
    const made = new Map<number, Vector>();
    const vector = (column: number): Vector => {
      let joined = made.get(column);
      if (joined === undefined) {
        const parts = waiting.map((block) => {
          return { vector: block.vectors[column], from: 0, to: block.length };
        });
        made.set(column, (joined = joinedVector(parts, types[column])));
      }
      return joined;
    };
    return { length: rowCount, vector };
  }

  private forgetWaiting(): void {
    this.waiting = [];
    this.rowCount = 0;
    this.waitingBytes = 0;
    this.seenPages = undefined;
    this.otherPages = undefined;
    this.pageSize = undefined;
  }
}

/** The first of the rows 0 .. length - 1 from which on the condition holds; their number when there is none. */
function firstWhere(length: number, holds: (row: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
