// COPY's CSV format (RFC 4180 with PostgreSQL's rules for nulls): an unquoted field equal to the null
// text is null; quoted fields may hold delimiters, quotes and newlines.

import { databaseError } from '#common';
import type { CopyOptions } from './copy-options.ts';
import type { Field, FieldRows } from './field-rows.ts';
import { TextBlocks } from './text-lines.ts';

export class CsvRows implements FieldRows {
  private readonly blocks = new TextBlocks();
  private readonly options: CopyOptions;
  private readonly forceNull: (column: number) => boolean;
  private readonly forceNotNull: (column: number) => boolean;
  /** Text of a record whose quotes are still open. */
  private carried = '';
  ended = false;

  constructor(options: CopyOptions, columnNames: readonly string[]) {
    this.options = options;
    const has = (names: readonly string[]) => (column: number) =>
      names.includes(columnNames[column]);
    this.forceNull = options.forceNull.length === 0 ? () => false : has(options.forceNull);
    this.forceNotNull = options.forceNotNull.length === 0 ? () => false : has(options.forceNotNull);
  }

  get isBetweenRows(): boolean {
    return this.blocks.isEmpty && this.carried === '';
  }

  push(chunk: Uint8Array, rows: Field[][]): void {
    const block = this.blocks.push(chunk);
    if (block !== undefined) this.cut(this.carried + block, rows, false);
  }

  finish(rows: Field[][]): void {
    const rest = this.carried + this.blocks.finish();
    if (rest !== '') this.cut(rest, rows, true);
  }

  private cut(text: string, rows: Field[][], atEnd: boolean): void {
    this.carried = '';
    let position = 0;
    while (position < text.length && !this.ended) {
      const end = this.record(text, position, rows);
      if (end < 0) {
        if (atEnd) throw databaseError('badCopyFileFormat', 'unterminated CSV quoted field');
        this.carried = text.slice(position);
        return;
      }
      position = end;
    }
  }

  /** Reads one record; returns where the next begins, or -1 when its quotes are not closed yet. */
  private record(text: string, start: number, rows: Field[][]): number {
    const { delimiter, quote, escape } = this.options;
    const fields: Field[] = [];
    let position = start;
    for (;;) {
      let value = '';
      let quoted = false;
      for (;;) {
        const character = text[position];
        if (character === undefined || character === delimiter || character === '\n') break;
        if (character === '\r' && (text[position + 1] === '\n' || position + 1 === text.length))
          break;
        if (character === quote) {
          quoted = true;
          const closed = readQuoted(text, position + 1, { quote, escape });
          if (closed === undefined) return -1;
          value += closed.value;
          position = closed.end;
        } else {
          const next = nextSpecial(text, position, { delimiter, quote });
          value += text.slice(position, next);
          position = next;
        }
      }
      fields.push(this.fieldOf(value, quoted, fields.length));
      if (text[position] !== delimiter) break;
      position++;
    }
    if (text[position] === '\r') position++;
    if (text[position] === '\n') position++;
    if (fields.length === 1 && text.slice(start, position).trimEnd() === '\\.') this.ended = true;
    else rows.push(fields);
    return position;
  }

  private fieldOf(value: string, quoted: boolean, column: number): Field {
    if (value !== this.options.nullText) return value;
    if (quoted) return this.forceNull(column) ? null : value;
    return this.forceNotNull(column) ? value : null;
  }
}

function nextSpecial(
  text: string,
  start: number,
  marks: { readonly delimiter: string; readonly quote: string },
): number {
  let position = start + 1;
  while (position < text.length) {
    const character = text[position];
    if (
      character === marks.delimiter ||
      character === marks.quote ||
      character === '\n' ||
      character === '\r'
    )
      break;
    position++;
  }
  return position;
}

/** From behind the opening quote to behind the closing one; undefined when it is not there. */
function readQuoted(
  text: string,
  start: number,
  marks: { readonly quote: string; readonly escape: string },
): { readonly value: string; readonly end: number } | undefined {
  const { quote, escape } = marks;
  let value = '';
  let from = start;
  for (let position = start; position < text.length; position++) {
    const character = text[position];
    const next = text[position + 1];
    if (character === escape && (next === quote || next === escape)) {
      value += text.slice(from, position) + next;
      position++;
      from = position + 1;
    } else if (character === quote) {
      // At the very end of what has come, the next character decides whether the quote was doubled.
      return { value: value + text.slice(from, position), end: position + 1 };
    }
  }
  return undefined;
}
