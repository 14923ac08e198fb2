// Sorted rows on disk: runs, each of blocks of vectors, and their merge (block-merge.ts) in memory that does not grow
// with the rows. Rows with equal keys stay in the order in which they were added, run by run.

import type { Vector } from '#common';
import { mergeFanIn } from '../limits.ts';
import type { KeyColumn } from '../rows/row-order.ts';
import { BlockMerge, type SortedBlocks } from './block-merge.ts';
import type { OrderedRows } from './ordered-rows.ts';
import { VectorFile } from './vector-file.ts';

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
  private merge: BlockMerge | undefined = undefined;
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
        this.write(this.mergeOf(file, runs.slice(first, first + mergeFanIn)), poll);
        this.runs.push({ from, to: this.file.blockCount });
      }
      file.close();
    }
    this.merge = this.mergeOf(this.file, this.runs);
  }

  private mergeOf(file: VectorFile, runs: readonly Run[]): BlockMerge {
    return new BlockMerge(
      runs.map((run) => new Cursor(file, run)),
      this.options,
    );
  }

  private write(merge: BlockMerge, poll: () => void): void {
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
class Cursor implements SortedBlocks {
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
