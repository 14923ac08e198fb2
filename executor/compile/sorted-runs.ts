// Sorted rows on disk: runs, each of blocks of vectors, and their merge in memory that does not grow with
// the rows. A merge works in rounds, so that rows are not compared one by one: of the blocks at hand, one
// for each run, the one whose last row comes first bounds what can be put out without reading further;
// everything up to that row is sorted anew as vectors (key-order.ts). Rows with equal keys stay in the order
// in which they were added, run by run.

import type { Vector } from '#common';
import { mergeFanIn } from '../limits.ts';
import { type KeyColumn, compareByKey } from '../rows/row-order.ts';
import type { OrderedRows } from './ordered-rows.ts';
import { orderOf } from './key-order.ts';
import { VectorFile, allPositions } from './vector-file.ts';
import { type VectorPart, datumReader, joinedVector } from './vector-values.ts';

/** Rows of one block of a run. */
const blockRowsMax = 8192;
const blockRowsMin = 128;

export interface RunsOptions {
  /** Of the columns. */
  readonly types: readonly number[];
  /** Their `column` is the place of the key's column. */
  readonly keys: readonly KeyColumn[];
  readonly directory: string;
  /** What a merge may hold. */
  readonly bytesMax: number;
}

/** Blocks from .. to - 1 of a file. */
interface Run {
  readonly from: number;
  readonly to: number;
}

export class SortedRuns {
  private readonly options: RunsOptions;
  private file: VectorFile;
  private runs: Run[] = [];
  private merge: RunsMerge | undefined = undefined;
  bytesWritten = 0;

  constructor(options: RunsOptions) {
    this.options = options;
    this.file = new VectorFile(options.directory);
  }

  /** Of blocks that are being merged. */
  get bytes(): number {
    return this.merge === undefined ? 0 : (this.merge.width * this.options.bytesMax) / mergeFanIn;
  }

  /** Writes rows as a run, a block a step. `bytes` is what they hold in memory. */
  *add(vectors: readonly Vector[], order: Int32Array, bytes: number): Generator<undefined, void> {
    const from = this.file.blockCount;
    const rows = this.blockRows(bytes / order.length);
    for (let start = 0; start < order.length; start += rows) {
      this.append(vectors, order.subarray(start, start + rows));
      yield;
    }
    this.runs.push({ from, to: this.file.blockCount });
  }

  private blockRows(rowBytes: number): number {
    const rows = Math.floor(this.options.bytesMax / mergeFanIn / rowBytes);
    return Math.max(blockRowsMin, Math.min(blockRowsMax, rows));
  }

  private append(vectors: readonly Vector[], positions: Int32Array): void {
    const before = this.file.bytes;
    this.file.append(vectors, positions);
    this.bytesWritten += this.file.bytes - before;
  }

  /** All runs are there; leaves so many as one merge reads. */
  finish(poll: () => void): void {
    while (this.runs.length > mergeFanIn) {
      const { file, runs } = this;
      this.file = new VectorFile(this.options.directory);
      this.runs = [];
      for (let first = 0; first < runs.length; first += mergeFanIn) {
        const from = this.file.blockCount;
        this.write(new RunsMerge(file, runs.slice(first, first + mergeFanIn), this.options), poll);
        this.runs.push({ from, to: this.file.blockCount });
      }
      file.close();
    }
    this.merge = new RunsMerge(this.file, this.runs, this.options);
  }

  private write(merge: RunsMerge, poll: () => void): void {
    for (;;) {
      const rows = merge.next(poll);
      if (rows === undefined) return;
      const vectors = this.options.types.map((_type, column) => rows.vector(column));
      this.append(vectors, rows.order);
      poll();
    }
  }

  /** The next rows in order; undefined at the end. */
  next(poll: () => void): OrderedRows | undefined {
    return this.merge!.next(poll);
  }

  close(): void {
    this.file.close();
    this.runs = [];
    this.merge = undefined;
  }
}

/** Where a merge stands in a run. */
class Cursor {
  private readonly file: VectorFile;
  private readonly run: Run;
  private block: number;
  vectors: readonly (Vector | undefined)[] = [];
  row = 0;
  length = 0;

  constructor(file: VectorFile, run: Run) {
    this.file = file;
    this.run = run;
    this.block = run.from;
  }

  /** Reads on when its block is used up; false at the end of the run. */
  fill(): boolean {
    if (this.row < this.length) return true;
    if (this.block >= this.run.to) return false;
    const { length, vectors } = this.file.read(this.block++);
    this.vectors = vectors;
    this.length = length;
    this.row = 0;
    return true;
  }
}

class RunsMerge {
  private readonly options: RunsOptions;
  private cursors: Cursor[];

  constructor(file: VectorFile, runs: readonly Run[], options: RunsOptions) {
    this.options = options;
    this.cursors = runs.map((run) => new Cursor(file, run));
  }

  get width(): number {
    return this.cursors.length;
  }

  next(poll: () => void): OrderedRows | undefined {
    this.cursors = this.cursors.filter((cursor) => cursor.fill());
    if (this.cursors.length === 0) return undefined;
    const bound = this.cursors.reduce((least, cursor) =>
      this.compare(cursor, cursor.length - 1, least) < 0 ? cursor : least,
    );
    const taken: { readonly cursor: Cursor; readonly from: number; readonly to: number }[] = [];
    let isBefore = true;
    for (const cursor of this.cursors) {
      if (cursor === bound) isBefore = false;
      const from = cursor.row;
      const to = cursor === bound ? cursor.length : this.endOf(cursor, bound, isBefore);
      cursor.row = to;
      if (to > from) taken.push({ cursor, from, to });
    }
    const length = taken.reduce((sum, { from, to }) => sum + to - from, 0);
    const parts = this.options.types.map((_type, column) =>
      taken.map(({ cursor, from, to }) => ({ vector: cursor.vectors[column], from, to })),
    );
    return this.ordered(parts, { length, isSorted: taken.length === 1 }, poll);
  }

  /** The first row of the cursor's block that comes after the last row of the bound's. */
  private endOf(cursor: Cursor, bound: Cursor, winsTies: boolean): number {
    let low = cursor.row;
    let high = cursor.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = this.compare(cursor, middle, bound);
      if (order < 0 || (order === 0 && winsTies)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A row against the last one of another cursor's block. */
  private compare(left: Cursor, row: number, right: Cursor): number {
    for (const key of this.options.keys) {
      const { column } = key;
      const type = this.options.types[column];
      const order = compareByKey(
        key,
        datumReader(left.vectors[column], type)(row),
        datumReader(right.vectors[column], type)(right.length - 1),
      );
      if (order !== 0) return order;
    }
    return 0;
  }

  /** The parts' rows in order; columns are joined when they are read. */
  private ordered(
    parts: readonly (readonly VectorPart[])[],
    { length, isSorted }: { readonly length: number; readonly isSorted: boolean },
    poll: () => void,
  ): OrderedRows {
    const { keys, types } = this.options;
    const made = new Map<number, Vector>();
    const vector = (column: number): Vector => {
      let joined = made.get(column);
      if (joined === undefined) {
        joined = joinedVector(parts[column], types[column]);
        made.set(column, joined);
      }
      return joined;
    };
    const keyVectors = isSorted ? [] : keys.map(({ column }) => vector(column));
    const order = isSorted ? allPositions(length) : orderOf(keyVectors, keys, length, poll);
    return { length, order, vector };
  }
}
