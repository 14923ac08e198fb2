// Merges sorted runs, on disk or in memory, with a binary heap of their heads. Earlier runs win ties,
// which keeps the sort stable.

import { type Batch, type Column, columnValue } from '#common';
import { type KeyColumn, compareByKey } from './row-order.ts';
import { RowOutput } from './row-output.ts';
import type { RowStore } from './row-store.ts';
import type { SpillFile } from './spill-file.ts';

/** A position in a sorted run; it stands on a row from the start. */
interface RunCursor {
  /** Place of the run among the runs. */
  readonly order: number;
  columns: readonly Column[];
  row: number;
  /** Moves to the next row; false at the end. */
  advance(): boolean;
}

class FileCursor implements RunCursor {
  readonly order: number;
  columns: readonly Column[];
  row = 0;
  private readonly file: SpillFile;
  private block = 0;
  private length = 0;

  constructor(file: SpillFile, order: number) {
    this.file = file;
    this.order = order;
    this.columns = this.readBlock();
  }

  advance(): boolean {
    if (++this.row < this.length) return true;
    if (this.block >= this.file.blockCount) return false;
    this.columns = this.readBlock();
    this.row = 0;
    return true;
  }

  private readBlock(): readonly Column[] {
    const batch = this.file.read(this.block++);
    this.length = batch.length;
    return batch.columns;
  }
}

class ChunkCursor implements RunCursor {
  readonly order: number;
  readonly columns: readonly Column[];
  row: number;
  private readonly positions: Int32Array;
  private place = 0;

  constructor(columns: readonly Column[], positions: Int32Array, order: number) {
    this.columns = columns;
    this.positions = positions;
    this.order = order;
    this.row = positions[0]!;
  }

  advance(): boolean {
    if (++this.place >= this.positions.length) return false;
    this.row = this.positions[this.place]!;
    return true;
  }
}

export class RunMerge {
  private readonly keys: readonly KeyColumn[];
  private readonly heap: RunCursor[] = [];
  private readonly output: RowOutput;

  private constructor(cursors: readonly RunCursor[], keys: readonly KeyColumn[]) {
    this.keys = keys;
    this.output = new RowOutput(cursors[0]?.columns.length ?? 0);
    for (const cursor of cursors) {
      this.heap.push(cursor);
      this.siftUp(this.heap.length - 1);
    }
  }

  /** Of runs on disk; the files stay the caller's. */
  static ofFiles(files: readonly SpillFile[], keys: readonly KeyColumn[]): RunMerge {
    const filled = files.filter((file) => file.blockCount > 0);
    return new RunMerge(
      filled.map((file, order) => new FileCursor(file, order)),
      keys,
    );
  }

  /** Of sorted, non-empty lists of row positions of one store. */
  static ofChunks(
    store: RowStore,
    chunks: readonly Int32Array[],
    keys: readonly KeyColumn[],
  ): RunMerge {
    const columns = store.view();
    return new RunMerge(
      chunks.map((positions, order) => new ChunkCursor(columns, positions, order)),
      keys,
    );
  }

  /** The next rows, up to as many; undefined at the end. */
  next(rows: number): Batch | undefined {
    while (this.output.length < rows && this.heap.length > 0) {
      const top = this.heap[0];
      this.output.pushRow(top.columns, top.row);
      if (!top.advance()) {
        const last = this.heap.pop()!;
        if (this.heap.length === 0) break;
        this.heap[0] = last;
      }
      this.siftDown();
    }
    return this.output.take();
  }

  private before(left: RunCursor, right: RunCursor): boolean {
    for (const key of this.keys) {
      const order = compareByKey(
        key,
        columnValue(left.columns[key.column], left.row),
        columnValue(right.columns[key.column], right.row),
      );
      if (order !== 0) return order < 0;
    }
    return left.order < right.order;
  }

  private siftUp(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.before(this.heap[child], this.heap[parent])) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  private siftDown(): void {
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const child =
        right < this.heap.length && this.before(this.heap[right], this.heap[left]) ? right : left;
      if (!this.before(this.heap[child], this.heap[parent])) return;
      this.swap(child, parent);
      parent = child;
    }
  }

  private swap(left: number, right: number): void {
    const kept = this.heap[left];
    this.heap[left] = this.heap[right]!;
    this.heap[right] = kept;
  }
}
