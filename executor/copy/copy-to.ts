// COPY TO: the rows of a plan as text, CSV or binary, one CopyData message a batch; Parquet and Arrow are
// written by columnar-files/.

import type { CopyStmt } from '@pgsql/types';
import {
  ByteWriter,
  columnValue,
  typeOutput,
  writeBinary,
  type Batch,
  type Datum,
  type FormatSettings,
} from '#common';
import type { BindContext, ParsedStatement, PhysicalPlan } from '#planner';
import { ArrowEncoder } from '../columnar-files/arrow-encoder.ts';
import { ParquetEncoder } from '../columnar-files/parquet-encoder.ts';
import type { RowsEncoder } from '../columnar-files/rows-encoder.ts';
import { binarySignature } from './binary-rows.ts';
import { copyOptions, type CopyOptions } from './copy-options.ts';
import { selectPlan } from './copy-plan.ts';

export class CopyTo {
  readonly plan: PhysicalPlan;
  readonly columnCount: number;
  readonly binary: boolean;
  private readonly options: CopyOptions;
  private readonly settings: FormatSettings;
  private readonly outputs: readonly ((value: Datum, settings: FormatSettings) => string)[];
  private readonly binaryWriters: readonly ((
    value: Datum,
    writer: ByteWriter,
    settings: FormatSettings,
  ) => void)[];
  private readonly forced: readonly boolean[];
  private readonly columnar: RowsEncoder | undefined;
  private readonly writer = new ByteWriter();

  constructor(
    statement: CopyStmt,
    outer: ParsedStatement,
    contexts: { readonly bind: BindContext; readonly settings: FormatSettings },
  ) {
    this.options = copyOptions(statement);
    this.plan = selectPlan(statement, outer, contexts.bind);
    this.settings = contexts.settings;
    const { results } = this.plan;
    this.columnCount = results.length;
    const { format } = this.options;
    this.binary = format !== 'text' && format !== 'csv';
    if (format === 'parquet') this.columnar = new ParquetEncoder(results, contexts.settings);
    else if (format === 'arrow') this.columnar = new ArrowEncoder(results, contexts.settings);
    this.outputs = results.map((column) => typeOutput(column.type.oid));
    this.binaryWriters =
      format === 'binary' ? results.map((column) => writeBinary(column.type.oid)) : [];
    const { forceQuote } = this.options;
    this.forced = results.map((column) => forceQuote === 'all' || forceQuote.includes(column.name));
  }

  /** What stands before the rows; empty when nothing does. */
  header(): Uint8Array {
    if (this.columnar !== undefined) return this.columnar.header();
    if (this.binary) return Buffer.concat([binarySignature, Buffer.alloc(8)]);
    if (this.options.header === 'none') return new Uint8Array();
    const names = this.plan.results.map((column) =>
      this.options.format === 'csv' ? this.quoteCsv(column.name, false) : column.name,
    );
    return Buffer.from(`${names.join(this.options.delimiter)}\n`);
  }

  /** What stands after them. */
  trailer(): Uint8Array {
    if (this.columnar !== undefined) return this.columnar.trailer();
    return this.binary ? Buffer.from([255, 255]) : new Uint8Array();
  }

  /** Rows from … to - 1 of a batch; the bytes (none while a columnar format collects) are valid until the next call. */
  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): Uint8Array {
    if (this.columnar !== undefined) return this.columnar.rows(batch, range, ordinals);
    this.writer.reset();
    for (let row = range.from; row < range.to; row++) {
      const values = ordinals.map((ordinal) => columnValue(batch.columns[ordinal], row));
      this.addRow(values);
    }
    return this.writer.view();
  }

  values(row: readonly Datum[]): Uint8Array {
    if (this.columnar !== undefined) return this.columnar.values(row);
    this.writer.reset();
    this.addRow(row);
    return this.writer.view();
  }

  private addRow(values: readonly Datum[]): void {
    const { writer, settings } = this;
    if (this.binary) {
      writer.int16(values.length);
      for (let index = 0; index < values.length; index++) {
        const value = values[index];
        if (value === null) writer.int32(-1);
        else this.binaryWriters[index](value, writer, settings);
      }
      return;
    }
    const csv = this.options.format === 'csv';
    let line = '';
    for (let index = 0; index < values.length; index++) {
      if (index > 0) line += this.options.delimiter;
      const value = values[index];
      if (value === null) line += this.options.nullText;
      else {
        const text = this.outputs[index](value, settings);
        line += csv
          ? this.quoteCsv(text, this.forced[index])
          : escapeText(text, this.options.delimiter);
      }
    }
    writer.text(`${line}\n`);
  }

  private quoteCsv(text: string, forced: boolean): string {
    const { delimiter, quote, escape, nullText } = this.options;
    const needed =
      forced ||
      text === nullText ||
      text === '\\.' ||
      text.includes(delimiter) ||
      text.includes(quote) ||
      /[\r\n]/.test(text);
    if (!needed) return text;
    const escaped = text.replaceAll(escape, () => escape + escape);
    return (
      quote + (quote === escape ? escaped : escaped.replaceAll(quote, () => escape + quote)) + quote
    );
  }
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escapeText(text: string, delimiter: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters that the format escapes
  const escaped = /[\\\b\f\n\r\t\v]/.test(text)
    ? text.replaceAll(/[\\\b\f\n\r\t\v]/g, (character) => escapes[character])
    : text;
  return delimiter !== '\t' && escaped.includes(delimiter)
    ? escaped.replaceAll(delimiter, `\\${delimiter}`)
    : escaped;
}
