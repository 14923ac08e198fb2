// The rows of a Parquet file as batches of values for the columns of a table, matched by name.

import {
  batchRows,
  DatabaseError,
  genericColumn,
  type Batch,
  type Datum,
  type FormatSettings,
} from '#common';
import { malformed } from './parquet-checks.ts';
import { ParquetFile } from './parquet-file.ts';
import { convertedTo } from './parquet-values.ts';
import type { FileColumn } from './rows-encoder.ts';

export class ParquetBatches {
  private readonly file: ParquetFile;
  private readonly columns: readonly FileColumn[];
  private readonly read: readonly ((value: unknown) => Datum)[];
  private group: readonly (readonly unknown[])[] = [];
  private nextGroup = 0;
  private position = 0;
  /** Of the whole file. */
  private row = 0;

  private constructor(file: ParquetFile, columns: readonly FileColumn[], settings: FormatSettings) {
    this.file = file;
    this.columns = columns;
    this.read = columns.map(({ name, type }) => convertedTo(file.column(name), type, settings));
  }

  /** For the errors see ParquetFile.open() and column(). */
  static async open(
    path: string,
    columns: readonly FileColumn[],
    settings: FormatSettings,
  ): Promise<ParquetBatches> {
    const file = await ParquetFile.open(path);
    try {
      return new ParquetBatches(file, columns, settings);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  close(): void {
    this.file.close();
  }

  /** Undefined at the end. */
  async next(): Promise<Batch | undefined> {
    while (this.position >= (this.group[0]?.length ?? 0)) {
      if (this.nextGroup === this.file.rowGroups) return undefined;
      const names = this.columns.map((column) => column.name);
      this.group = await this.file.readGroup(this.nextGroup++, names);
      this.position = 0;
    }
    const length = Math.min(batchRows, this.group[0].length - this.position);
    const columns = this.group.map((values, index) =>
      genericColumn(this.values(values, index, length)),
    );
    this.position += length;
    this.row += length;
    return { length, columns };
  }

  private values(stored: readonly unknown[], index: number, length: number): Datum[] {
    const read = this.read[index];
    const values: Datum[] = [];
    try {
      for (let row = this.position; row < this.position + length; row++) {
        const value = stored[row];
        values.push(value === null || value === undefined ? null : read(value));
      }
    } catch (error) {
      const failure = error instanceof DatabaseError ? error : malformed((error as Error).message);
      failure.where ??= `row ${this.row + values.length + 1} of the file, column ${this.columns[index].name}`;
      throw failure;
    }
    return values;
  }
}
