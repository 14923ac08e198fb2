// Collects rows by column and hands on a group of them at a time: what Parquet calls a row group and Arrow
// a record batch.

import { columnValue, type Batch, type Datum } from '#common';
import { valueBytes } from '../rows/value-size.ts';
import type { RowsEncoder } from './rows-encoder.ts';

/** A group is encoded at once, while other statements wait. */
const groupRowsMax = 16_384;
/** Of values, which may be long. */
const groupBytesMax = 32 << 20;

const noBytes = new Uint8Array(0);

export abstract class ColumnGroups implements RowsEncoder {
  private waiting: Datum[][];
  private bytes = 0;

  constructor(columnCount: number) {
    this.waiting = Array.from({ length: columnCount }, () => []);
  }

  abstract header(): Uint8Array;
  /** At least one row. */
  protected abstract encodeGroup(columns: readonly (readonly Datum[])[]): Uint8Array;
  protected abstract end(): Uint8Array;

  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): Uint8Array {
    for (let row = range.from; row < range.to; row++) {
      for (let index = 0; index < ordinals.length; index++)
        this.push(index, columnValue(batch.columns[ordinals[index]], row));
    }
    return this.isFull ? this.take() : noBytes;
  }

  values(row: readonly Datum[]): Uint8Array {
    for (let index = 0; index < row.length; index++) this.push(index, row[index]);
    return this.isFull ? this.take() : noBytes;
  }

  trailer(): Uint8Array {
    const last = this.rowCount === 0 ? noBytes : Buffer.from(this.take());
    return Buffer.concat([last, this.end()]);
  }

  private get rowCount(): number {
    return this.waiting[0]?.length ?? 0;
  }
  private get isFull(): boolean {
    return this.rowCount >= groupRowsMax || this.bytes >= groupBytesMax;
  }

  private push(index: number, value: Datum): void {
    this.waiting[index].push(value);
    this.bytes += valueBytes(value);
  }

  private take(): Uint8Array {
    const columns = this.waiting;
    this.waiting = columns.map(() => []);
    this.bytes = 0;
    return this.encodeGroup(columns);
  }
}
