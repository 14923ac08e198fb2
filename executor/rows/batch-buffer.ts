// A sequence of batches that is filled once and read any number of times: in memory up to a budget,
// further batches in a spill file.

import type { Batch } from '#common';
import { SpillFile } from './spill-file.ts';
import { columnBytes } from './value-size.ts';

export class BatchBuffer {
  private readonly budgetBytes: number;
  private readonly directory: string;
  private readonly kept: Batch[] = [];
  private keptBytes = 0;
  private file: SpillFile | undefined = undefined;
  rows = 0;

  constructor(budgetBytes: number, directory: string) {
    this.budgetBytes = budgetBytes;
    this.directory = directory;
  }

  append(batch: Batch): void {
    this.rows += batch.length;
    if (this.file === undefined) {
      let bytes = 64;
      for (const column of batch.columns) bytes += columnBytes(column, batch.length);
      if (this.keptBytes + bytes <= this.budgetBytes) {
        this.kept.push(batch);
        this.keptBytes += bytes;
        return;
      }
      this.file = new SpillFile(this.directory);
    }
    this.file.write(batch);
  }

  get batchCount(): number {
    return this.kept.length + (this.file?.blockCount ?? 0);
  }

  get spilledBytes(): number {
    return this.file?.bytes ?? 0;
  }

  batch(position: number): Batch {
    return position < this.kept.length
      ? this.kept[position]
      : this.file!.read(position - this.kept.length);
  }

  clear(): void {
    this.kept.length = 0;
    this.keptBytes = 0;
    this.rows = 0;
    this.file?.close();
    this.file = undefined;
  }
}
