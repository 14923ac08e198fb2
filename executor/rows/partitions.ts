// Grace partitioning: rows that do not fit in memory are spread over spill files by the hash of their
// key, and each file is then handled like a smaller input (DeWitt et al., 1984).

import type { Batch, Datum } from '#common';
import { batchRows } from '#common';
import { spillPartitions } from '../limits.ts';
import { type HashKey, partitionOf } from './key-hash.ts';
import { RowOutput } from './row-output.ts';
import { SpillFile } from './spill-file.ts';

export class Partitions {
  private readonly files: SpillFile[] = [];
  private readonly pending: RowOutput[] = [];
  private readonly level: number;
  private readonly counts: number[] = [];

  constructor(width: number, directory: string, level: number) {
    this.level = level;
    for (let i = 0; i < spillPartitions; i++) {
      this.files.push(new SpillFile(directory));
      this.pending.push(new RowOutput(width));
      this.counts.push(0);
    }
  }

  addRow(key: HashKey | undefined, batch: Batch, row: number): void {
    const partition = this.partition(key);
    this.pending[partition].pushRow(batch.columns, row);
    this.added(partition);
  }

  addValues(key: HashKey | undefined, values: readonly Datum[]): void {
    const partition = this.partition(key);
    this.pending[partition].pushValues(values);
    this.added(partition);
  }

  /** Writes out what is pending; the partitions can be read from then on. */
  finish(): void {
    for (let i = 0; i < this.files.length; i++) this.flush(i);
  }

  rowCount(partition: number): number {
    return this.counts[partition];
  }

  blockCount(partition: number): number {
    return this.files[partition].blockCount;
  }

  read(partition: number, block: number): Batch {
    return this.files[partition].read(block);
  }

  get bytes(): number {
    return this.files.reduce((sum, file) => sum + file.bytes, 0);
  }

  release(partition: number): void {
    this.files[partition].close();
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private partition(key: HashKey | undefined): number {
    return key === undefined ? 0 : partitionOf(key, spillPartitions, this.level);
  }

  private added(partition: number): void {
    this.counts[partition]++;
    if (this.pending[partition].length >= batchRows) this.flush(partition);
  }

  private flush(partition: number): void {
    const batch = this.pending[partition].take();
    if (batch !== undefined) this.files[partition].write(batch);
  }
}
