// Merges sorted runs with a binary heap of their heads. Earlier runs win ties, which keeps the sort
// stable.

import { type Batch, columnValue } from '#common';
import { type KeyColumn, compareByKey } from './row-order.ts';
import { RowOutput } from './row-output.ts';
import type { SpillFile } from './spill-file.ts';

class RunCursor {
  readonly order: number;
  private readonly file: SpillFile;
  private block = 0;
  batch: Batch;
  row = 0;

  constructor(file: SpillFile, order: number) {
    this.file = file;
    this.order = order;
    this.batch = file.read(this.block++);
  }

  /** Moves to the next row; false at the end. */
  advance(): boolean {
    if (++this.row < this.batch.length) return true;
    if (this.block >= this.file.blockCount) return false;
    this.batch = this.file.read(this.block++);
    this.row = 0;
    return true;
  }
}

export class RunMerge {
  private readonly files: readonly SpillFile[];
  private readonly keys: readonly KeyColumn[];
  private readonly heap: RunCursor[] = [];
  private readonly output: RowOutput;

  constructor(files: readonly SpillFile[], keys: readonly KeyColumn[]) {
    this.files = files;
    this.keys = keys;
    const cursors = files
      .filter((file) => file.blockCount > 0)
      .map((file, i) => new RunCursor(file, i));
    this.output = new RowOutput(cursors[0]?.batch.columns.length ?? 0);
    for (const cursor of cursors) {
      this.heap.push(cursor);
      this.siftUp(this.heap.length - 1);
    }
  }

  next(rows: number): Batch | undefined {
    while (this.output.length < rows && this.heap.length > 0) {
      const top = this.heap[0]!;
      this.output.pushRow(top.batch.columns, top.row);
      if (!top.advance()) {
        const last = this.heap.pop()!;
        if (this.heap.length === 0) break;
        this.heap[0] = last;
      }
      this.siftDown();
    }
    return this.output.take();
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private before(left: RunCursor, right: RunCursor): boolean {
    for (const key of this.keys) {
      const order = compareByKey(
        key,
        columnValue(left.batch.columns[key.column]!, left.row),
        columnValue(right.batch.columns[key.column]!, right.row),
      );
      if (order !== 0) return order < 0;
    }
    return left.order < right.order;
  }

  private siftUp(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.before(this.heap[child]!, this.heap[parent]!)) return;
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
        right < this.heap.length && this.before(this.heap[right]!, this.heap[left]!) ? right : left;
      if (!this.before(this.heap[child]!, this.heap[parent]!)) return;
      this.swap(child, parent);
      parent = child;
    }
  }

  private swap(left: number, right: number): void {
    const kept = this.heap[left]!;
    this.heap[left] = this.heap[right]!;
    this.heap[right] = kept;
  }
}
