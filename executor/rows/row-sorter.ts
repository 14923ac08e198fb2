// Sorts any number of rows in small steps, so that whoever drives it can stop between any two.
//
// Rows are sorted in chunks as they arrive; chunks that outgrow the budget are merged into a run on
// disk; many runs are merged into one. What remains at the end is merged as it is read.

import { type Batch, batchRows } from '#common';
import { mergeFanIn, sortChunkRows } from '../limits.ts';
import { type KeyColumn, sortedPositions } from './row-order.ts';
import { RowStore } from './row-store.ts';
import { RunMerge } from './run-merge.ts';
import { SpillFile } from './spill-file.ts';

export interface SorterOptions {
  readonly keys: readonly KeyColumn[];
  readonly width: number;
  readonly budgetBytes: number;
  readonly directory: string;
}

export class RowSorter {
  readonly store: RowStore;
  spilledBytes = 0;
  private readonly options: SorterOptions;
  private chunks: Int32Array[] = [];
  private chunkedRows = 0;
  private runs: SpillFile[] = [];
  /** A run that is being written: from the chunks, or from earlier runs. */
  private merging:
    | { readonly source: RunMerge; readonly target: SpillFile; readonly fromRuns: boolean }
    | undefined = undefined;
  private result: RunMerge | undefined = undefined;

  constructor(options: SorterOptions) {
    this.options = options;
    this.store = new RowStore(options.width);
  }

  /** After rows were added to the store. Then step() until it says done. */
  rowsAdded(): void {
    if (this.store.length - this.chunkedRows >= sortChunkRows) this.sortChunk();
    if (this.store.bytes > this.options.budgetBytes) this.startRun();
  }

  /** Does a small piece of what is due; false when nothing is. */
  step(): boolean {
    if (this.merging === undefined) return false;
    const batch = this.merging.source.next(batchRows);
    if (batch !== undefined) {
      this.merging.target.write(batch);
      return true;
    }
    this.finishRun(this.merging);
    return this.merging !== undefined;
  }

  /** All rows are in. Then step() until done, then read(). */
  finish(): void {
    this.sortChunk();
    if (this.runs.length > 0 && this.store.length > 0) this.startRun();
  }

  /** The next sorted rows; undefined at the end. */
  read(): Batch | undefined {
    this.result ??=
      this.runs.length > 0
        ? RunMerge.ofFiles(this.runs, this.options.keys)
        : RunMerge.ofChunks(this.store, this.chunks, this.options.keys);
    return this.result.next(batchRows);
  }

  /** Keeps only the first rows of what is in memory, sorted. */
  cutTo(rows: number): void {
    const positions = sortedPositions(this.store, this.options.keys, 0, this.store.length);
    const kept = this.store.gather(positions, 0, Math.min(rows, positions.length));
    this.forgetRows();
    this.store.appendBatch(kept);
  }

  clear(): void {
    this.forgetRows();
    for (const run of this.runs) run.close();
    this.merging?.target.close();
    this.runs = [];
    this.merging = undefined;
    this.result = undefined;
  }

  private sortChunk(): void {
    if (this.store.length === this.chunkedRows) return;
    this.chunks.push(
      sortedPositions(this.store, this.options.keys, this.chunkedRows, this.store.length),
    );
    this.chunkedRows = this.store.length;
  }

  private startRun(): void {
    this.sortChunk();
    const source = RunMerge.ofChunks(this.store, this.chunks, this.options.keys);
    this.merging = { source, target: new SpillFile(this.options.directory), fromRuns: false };
  }

  private finishRun(merging: NonNullable<RowSorter['merging']>): void {
    this.spilledBytes += merging.target.bytes;
    if (merging.fromRuns) {
      for (const run of this.runs) run.close();
      this.runs = [];
    } else {
      this.forgetRows();
    }
    this.runs.push(merging.target);
    this.merging = undefined;
    if (this.runs.length < mergeFanIn) return;
    const source = RunMerge.ofFiles(this.runs, this.options.keys);
    this.merging = { source, target: new SpillFile(this.options.directory), fromRuns: true };
  }

  private forgetRows(): void {
    this.store.clear();
    this.chunks = [];
    this.chunkedRows = 0;
  }
}
