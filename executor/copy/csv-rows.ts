// COPY's CSV format (RFC 4180 with PostgreSQL's rules for nulls): an unquoted field equal to the null
// text is null; quoted fields may hold delimiters, quotes and newlines.

import { databaseError, stringLengthMax } from '#common';
import { tooLongRow } from './copy-errors.ts';
import type { CopyOptions } from './copy-options.ts';
import type { Field, FieldRows } from './field-rows.ts';
import { TextBlocks } from './text-lines.ts';

export class CsvRows implements FieldRows {
  private readonly blocks = new TextBlocks();
  private readonly options: CopyOptions;
  private readonly forceNull: (column: number) => boolean;
  private readonly forceNotNull: (column: number) => boolean;
  /** Blocks of a record whose quotes are still open. */
  private carried: string[] = [];
  private carriedLength = 0;
  ended = false;

  constructor(options: CopyOptions, columnNames: readonly string[]) {
    this.options = options;
    const has = (names: readonly string[]) => (column: number) =>
      names.includes(columnNames[column]);
    this.forceNull = options.forceNull.length === 0 ? () => false : has(options.forceNull);
    this.forceNotNull = options.forceNotNull.length === 0 ? () => false : has(options.forceNotNull);
  }

  get isBetweenRows(): boolean {
    return this.blocks.isEmpty && this.carried.length === 0;
  }

  push(chunk: Uint8Array, rows: Field[][]): void {
    const block = this.blocks.push(chunk);
    if (block === undefined) return;
    // Blocks end with a newline, so that marks of two characters are never split.
    const isOpen = this.carried.length > 0 && readQuoted(block, 0, this.options) === undefined;
    if (isOpen) this.carry(block);
    else this.cut(this.withCarried(block), rows, false);
  }

  finish(rows: Field[][]): void {
    const rest = this.withCarried(this.blocks.finish());
    if (rest !== '') this.cut(rest, rows, true);
  }

  private carry(text: string): void {
    this.carriedLength += text.length;
    if (this.carriedLength > stringLengthMax) throw tooLongRow();
    this.carried.push(text);
  }

  private withCarried(text: string): string {
    if (this.carried.length === 0) return text;
    this.carry(text);
    const whole = this.carried.join('');
    this.carried = [];
    this.carriedLength = 0;
    return whole;
  }

  private cut(text: string, rows: Field[][], atEnd: boolean): void {
    let position = 0;
    while (position < text.length && !this.ended) {
      const end = this.record(text, position, rows);
      if (end < 0) {
        if (atEnd) throw databaseError('badCopyFileFormat', 'unterminated CSV quoted field');
        this.carry(text.slice(position));
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
  const parts: string[] = [];
  let from = start;
  let nextQuote = text.indexOf(quote, start);
  let nextEscape = quote === escape ? nextQuote : text.indexOf(escape, start);
  while (nextQuote >= 0) {
    const position = nextEscape >= 0 && nextEscape < nextQuote ? nextEscape : nextQuote;
    const next = text[position + 1];
    const isEscape = position === nextEscape && (next === quote || next === escape);
    if (isEscape) {
      parts.push(text.slice(from, position));
      from = position + 1;
    } else if (position === nextQuote) {
      // At the very end of what has come, the next character decides whether the quote was doubled.
      parts.push(text.slice(from, position));
      return { value: parts.join(''), end: position + 1 };
    }
    const behind = position + (isEscape ? 2 : 1);
    if (nextQuote < behind) nextQuote = text.indexOf(quote, behind);
    if (quote === escape) nextEscape = nextQuote;
    else if (nextEscape >= 0 && nextEscape < behind) nextEscape = text.indexOf(escape, behind);
  }
  return undefined;
}
