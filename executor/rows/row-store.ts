// Rows kept in memory by columns: what sorts, hash tables and materialized inputs hold. Grows at the
// end only; `bytes` estimates its heap for accounting against work_mem.

import { type Batch, type Column, type Datum, columnValue, genericColumn } from '#common';
import type { PositionedRows } from './positioned-rows.ts';
import { columnBytes, valueBytes } from './value-size.ts';

export class RowStore implements PositionedRows {
  readonly columns: Datum[][];
  length = 0;
  bytes = 0;

  constructor(width: number) {
    this.columns = [];
    for (let i = 0; i < width; i++) this.columns.push([]);
  }

  appendBatch(batch: Batch): void {
    const length = batch.length;
    for (let i = 0; i < this.columns.length; i++) {
      const column = batch.columns[i];
      appendColumn(this.columns[i], column, length);
      this.bytes += columnBytes(column, length);
    }
    this.length += length;
  }

  appendRow(columns: readonly Column[], row: number): void {
    for (let i = 0; i < this.columns.length; i++) {
      const value = columnValue(columns[i], row);
      this.columns[i].push(value);
      this.bytes += valueBytes(value) + 8;
    }
    this.length++;
  }

  appendValues(values: readonly Datum[]): void {
    for (let i = 0; i < this.columns.length; i++) {
      this.columns[i].push(values[i]);
      this.bytes += valueBytes(values[i]) + 8;
    }
    this.length++;
  }

  value(column: number, position: number): Datum {
    return this.columns[column][position];
  }

  /** Rows start .. end-1 as a batch. */
  slice(start: number, end: number): Batch {
    return {
      length: end - start,
      columns: this.columns.map((values) => genericColumn(values.slice(start, end))),
    };
  }

  /** The rows at `positions[start .. end-1]` as a batch. */
  gather(positions: Int32Array, start: number, end: number): Batch {
    const columns = this.columns.map((values) => {
      const gathered: Datum[] = [];
      for (let i = start; i < end; i++) gathered.push(values[positions[i]]);
      return genericColumn(gathered);
    });
    return { length: end - start, columns };
  }

  /** All rows as columns, without copying. */
  view(): readonly Column[] {
    return this.columns.map(genericColumn);
  }

  clear(): void {
    for (let i = 0; i < this.columns.length; i++) this.columns[i] = [];
    this.length = 0;
    this.bytes = 0;
  }
}

function appendColumn(target: Datum[], column: Column, length: number): void {
  const { values, nulls } = column;
  if (Array.isArray(values)) {
    for (let row = 0; row < length; row++) target.push(values[row]);
    return;
  }
  if (column.boolean || nulls !== undefined) {
    for (let row = 0; row < length; row++) target.push(columnValue(column, row));
    return;
  }
  for (let row = 0; row < length; row++) target.push(values[row]);
}
