// The rows of partitions, for calls that run row by row: in memory they are read out of vectors, on disk out of
// pages.

import { type Datum, type Expression, batchRows } from '#common';
import type { PositionedRows } from '../rows/positioned-rows.ts';
import { RowStore } from '../rows/row-store.ts';
import type { VectorPages } from './vector-pages.ts';
import type { WindowRows } from './window-rows.ts';

export interface WindowPartitions {
  /** One past the last position of each. */
  readonly ends: ArrayLike<number>;
  /** The rows first .. end - 1, with such columns. */
  rows(columns: readonly Expression[], first: number, end: number): PositionedRows;
}

/** Of partitions of no more rows each value is made once; frames may read it many times. */
const loadedRowsMax = 64 * batchRows;

export class PartitionsInMemory implements WindowPartitions {
  private readonly source: WindowRows;
  private readonly readers = new Map<Expression, (position: number) => Datum>();

  constructor(source: WindowRows) {
    this.source = source;
  }
  get ends(): Int32Array {
    return this.source.partitionEnds;
  }
  rows(columns: readonly Expression[], first: number, end: number): PositionedRows {
    const readers = columns.map((column) => this.reader(column));
    if (end - first > loadedRowsMax) return new RowsOfReaders(readers, first, end - first);
    const store = new RowStore(columns.length);
    const values: Datum[] = columns.map(() => null);
    for (let position = first; position < end; position++) {
      for (let i = 0; i < readers.length; i++) values[i] = readers[i](position);
      store.appendValues(values);
    }
    return store;
  }

  private reader(column: Expression): (position: number) => Datum {
    let reader = this.readers.get(column);
    if (reader === undefined) this.readers.set(column, (reader = this.source.reader(column)));
    return reader;
  }
}

export class PartitionOnDisk implements WindowPartitions {
  readonly ends: readonly number[];
  private readonly pages: PositionedRows;
  private readonly placeOf: (expression: Expression) => number;

  /** `placeOf`: the place of an expression that is no constant. */
  constructor(pages: VectorPages, placeOf: (expression: Expression) => number) {
    this.ends = [pages.length];
    this.pages = pages.positioned();
    this.placeOf = placeOf;
  }
  rows(columns: readonly Expression[]): PositionedRows {
    const { pages, placeOf } = this;
    const readers = columns.map((column): ((position: number) => Datum) => {
      if (column.kind === 'constant') return () => column.value;
      const place = placeOf(column);
      return (position) => pages.value(place, position);
    });
    return new RowsOfReaders(readers, 0, pages.length);
  }
}

class RowsOfReaders implements PositionedRows {
  readonly length: number;
  private readonly readers: readonly ((position: number) => Datum)[];
  private readonly first: number;

  constructor(readers: readonly ((position: number) => Datum)[], first: number, length: number) {
    this.readers = readers;
    this.first = first;
    this.length = length;
  }
  value(column: number, position: number): Datum {
    return this.readers[column](this.first + position);
  }
}
