// Sorted rows cut into pieces of whole partitions. Rows in memory are one piece. Rows that come back from disk
// are collected until a partition ends; while one does not end and grows past its share of the memory, the
// columns that no call looks at wait in a file of their own.

import type { Datum, Expression, Vector } from '#common';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import { valueBytes } from '../rows/value-size.ts';
import type { Runtime } from '../runtime.ts';
import { type RowsInOrder, inOrder } from './ordered-rows.ts';
import type { SortedStore } from './sorted-store.ts';
import { VectorFile, allPositions } from './vector-file.ts';
import { datumReader, joinedVector } from './vector-values.ts';

/** Rows of a block that waits in the file. */
const waitingRows = 8192;
/** What a partition may hold before columns go to the file, as a part of the limit. */
const pieceShare = 8;

export interface Piece {
  /** Of a piece in several parts, only the columns that calls look at. */
  readonly rows: RowsInOrder;
  /** The rows on their way out. */
  readonly parts: readonly PiecePart[];
}

/** The rows at from .. to - 1. */
export interface PiecePart {
  readonly from: number;
  readonly to: number;
  vector(column: number): Vector;
}

export interface PiecesOptions {
  readonly partitionBy: readonly Expression[];
  /** Columns that calls, partitions and orders look at. */
  readonly seen: ReadonlySet<number>;
  readonly runtime: Runtime;
  readonly bytesMax: () => number;
}

/** Rows in order whose partition may go on. */
interface Waiting {
  readonly length: number;
  /** By column; undefined: in the file. */
  readonly vectors: readonly (Vector | undefined)[];
  /** Of the file. */
  readonly block: number | undefined;
}

export class PartitionPieces {
  private readonly store: SortedStore;
  private readonly options: PiecesOptions;
  private readonly keys: readonly KeyColumn[];
  private waiting: Waiting[] = [];
  private lastKeys: readonly Datum[] = [];
  private file: VectorFile | undefined = undefined;
  /** Of the piece that is on its way out. */
  private usedFile: VectorFile | undefined = undefined;
  /** Of the rows that wait, and of the piece that was taken last. */
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

  get bytes(): number {
    return this.waitingBytes + this.takenBytes;
  }

  /** The next partitions; what came before is not read any more. */
  next(): Piece | undefined {
    if (!this.store.isSpilled) {
      const rows = this.store.next();
      return rows && wholePiece(inOrder(rows));
    }
    this.usedFile?.close();
    this.usedFile = undefined;
    this.takenBytes = 0;
    for (;;) {
      const rows = this.store.next();
      if (rows === undefined) return this.waiting.length === 0 ? undefined : this.taken();
      const ordered = inOrder(rows);
      const vectors = this.types.map((_type, column) => ordered.vector(column));
      const start = this.lastStart(vectors, rows.length);
      if (start > 0) this.wait(vectors, 0, start);
      const piece = start < rows.length && this.waiting.length > 0 ? this.taken() : undefined;
      if (start < rows.length) this.wait(vectors, start, rows.length);
      if (piece !== undefined) return piece;
    }
  }

  close(): void {
    this.waiting = [];
    this.waitingBytes = 0;
    this.takenBytes = 0;
    this.file?.close();
    this.usedFile?.close();
    this.file = undefined;
    this.usedFile = undefined;
  }

  private get types(): readonly number[] {
    return this.store.store.columns.map(({ typeOid }) => typeOid);
  }

  /** Where the last of the rows' partitions begins; their number when it began before them. */
  private lastStart(vectors: readonly Vector[], length: number): number {
    const readers = this.keys.map(({ column }) => datumReader(vectors[column], this.types[column]));
    const keysOf = (row: number): Datum[] => readers.map((read) => read(row));
    const isSame = (left: readonly Datum[], right: readonly Datum[]): boolean =>
      this.keys.every((key, i) => compareByKey(key, left[i], right[i]) === 0);
    const last = keysOf(length - 1);
    const known = this.waiting.length === 0 ? undefined : this.lastKeys;
    this.lastKeys = last;
    for (let row = length - 2; row >= 0; row--) if (!isSame(keysOf(row), last)) return row + 1;
    return known !== undefined && isSame(known, last) ? length : 0;
  }

  /** Puts rows from .. to - 1 with those whose partition may go on. */
  private wait(vectors: readonly Vector[], from: number, to: number): void {
    const { seen, runtime, bytesMax } = this.options;
    for (let start = from; start < to; start += waitingRows) {
      const end = Math.min(to, start + waitingRows);
      const own = vectors.map((vector, column) =>
        joinedVector([{ vector, from: start, to: end }], this.types[column]),
      );
      const length = end - start;
      if (this.file === undefined) {
        this.waiting.push({ length, vectors: own, block: undefined });
        for (const vector of own) this.waitingBytes += vectorBytes(vector, length);
      } else this.waitOnDisk(own, length);
    }
    const { length } = this.types;
    if (this.file === undefined && seen.size < length && this.bytes > bytesMax() / pieceShare)
      this.moveToDisk();
    runtime.checkUnspillable(this, this.bytes);
  }

  private moveToDisk(): void {
    const { waiting } = this;
    this.file = new VectorFile(this.options.runtime.context.spillDirectory);
    this.waiting = [];
    this.waitingBytes = 0;
    for (const { vectors, length } of waiting) this.waitOnDisk(vectors as Vector[], length);
  }

  private waitOnDisk(vectors: readonly Vector[], length: number): void {
    const { seen } = this.options;
    const file = this.file!;
    const block = file.blockCount;
    const before = file.bytes;
    file.append(
      vectors.filter((_vector, column) => !seen.has(column)),
      allPositions(length),
    );
    this.bytesWritten += file.bytes - before;
    const kept = vectors.map((vector, column) => (seen.has(column) ? vector : undefined));
    this.waiting.push({ length, vectors: kept, block });
    for (const vector of kept)
      if (vector !== undefined) this.waitingBytes += vectorBytes(vector, length);
  }

  private taken(): Piece {
    const { waiting, file, types } = this;
    this.waiting = [];
    this.file = undefined;
    this.usedFile = file;
    this.takenBytes = this.waitingBytes;
    this.waitingBytes = 0;
    const length = waiting.reduce((sum, block) => sum + block.length, 0);
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
    const rows = { length, vector };
    if (file === undefined) return wholePiece(rows);
    return { rows, parts: this.partsOf(waiting, file) };
  }

  /** Each block that waited, with its columns from the file. */
  private partsOf(waiting: readonly Waiting[], file: VectorFile): PiecePart[] {
    const inFile = this.types.flatMap((_type, column) =>
      this.options.seen.has(column) ? [] : [column],
    );
    let to = 0;
    return waiting.map(({ length, vectors, block }) => {
      const from = to;
      to += length;
      let read: readonly (Vector | undefined)[] | undefined;
      const vector = (column: number): Vector => {
        const own = vectors[column];
        if (own !== undefined) return own;
        read ??= file.read(block!).vectors;
        return read[inFile.indexOf(column)]!;
      };
      return { from, to, vector };
    });
  }
}

function wholePiece(rows: RowsInOrder): Piece {
  const { length } = rows;
  return { rows, parts: [{ from: 0, to: length, vector: (column) => rows.vector(column) }] };
}

function vectorBytes(vector: Vector, length: number): number {
  if (vector.kind === 'datum') return length * 8 + valuesBytes(vector.values);
  const own = vector.kind === 'dictionary' ? valuesBytes(vector.dictionary.values) : length * 4;
  return own + length * 5;
}

function valuesBytes(values: readonly Datum[]): number {
  return values.reduce<number>((sum, value) => sum + valueBytes(value), 0);
}
