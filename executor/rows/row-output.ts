// Collects output rows into batches of generic columns.

import { type Batch, type Column, type Datum, columnValue, genericColumn } from '#common';

export class RowOutput {
  private readonly width: number;
  columns: Datum[][] = [];
  length = 0;

  constructor(width: number) {
    this.width = width;
    this.reset();
  }

  /** The row of `left` followed by the row of `right`; a missing side is nulls of the given width. */
  pushPair(left: RowRef, right: RowRef): void {
    let position = 0;
    for (let i = 0; i < left.width; i++) {
      this.columns[position++].push(
        left.columns === undefined ? null : columnValue(left.columns[i], left.row),
      );
    }
    for (let i = 0; i < right.width; i++) {
      this.columns[position++].push(
        right.columns === undefined ? null : columnValue(right.columns[i], right.row),
      );
    }
    this.length++;
  }

  pushRow(columns: readonly Column[], row: number): void {
    for (let i = 0; i < this.width; i++) this.columns[i].push(columnValue(columns[i], row));
    this.length++;
  }

  truncate(length: number): void {
    for (const column of this.columns) column.length = length;
    this.length = length;
  }

  pushValues(values: readonly Datum[]): void {
    for (let i = 0; i < this.width; i++) this.columns[i].push(values[i]);
    this.length++;
  }

  /** The rows so far as a batch; starts anew. undefined when there are none. */
  take(): Batch | undefined {
    if (this.length === 0) return undefined;
    const batch = { length: this.length, columns: this.columns.map(genericColumn) };
    this.reset();
    return batch;
  }

  reset(): void {
    this.columns = [];
    for (let i = 0; i < this.width; i++) this.columns.push([]);
    this.length = 0;
  }
}

/** A row somewhere, or (without columns) a row of nulls. */
export interface RowRef {
  readonly width: number;
  columns: readonly Column[] | undefined;
  row: number;
}
