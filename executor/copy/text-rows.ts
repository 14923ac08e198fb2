// COPY's text format: fields separated by the delimiter, backslash escapes, \N for null, \. at the end.
// A block without backslashes, the usual case, is cut by two native splits.

import { databaseError, stringLengthMax } from '#common';
import { tooLongRow } from './copy-errors.ts';
import type { Field, FieldRows } from './field-rows.ts';
import type { CopyOptions } from './copy-options.ts';
import { TextBlocks } from './text-lines.ts';

export class TextRows implements FieldRows {
  private readonly blocks = new TextBlocks();
  private readonly delimiter: string;
  private readonly nullText: string;
  private readonly nullHasEscape: boolean;
  /** A line that ended in an escaped newline goes on. */
  private carried: string[] = [];
  private carriedLength = 0;
  ended = false;

  constructor(options: Pick<CopyOptions, 'delimiter' | 'nullText'>) {
    this.delimiter = options.delimiter;
    this.nullText = options.nullText;
    this.nullHasEscape = options.nullText.includes('\\');
  }

  get isBetweenRows(): boolean {
    return this.blocks.isEmpty && this.carried.length === 0;
  }

  push(chunk: Uint8Array, rows: Field[][]): void {
    const block = this.blocks.push(chunk);
    if (block !== undefined) this.cut(block, rows);
  }

  finish(rows: Field[][]): void {
    const block = this.blocks.finish();
    if (block !== '' || this.carried.length > 0) this.cut(`${block}\n`, rows);
    if (this.carried.length > 0) this.addLine(this.withCarried('').slice(0, -1), rows);
  }

  private cut(block: string, rows: Field[][]): void {
    if (this.ended) return;
    const lines = (block.endsWith('\n') ? block.slice(0, -1) : block).split('\n');
    const plain = !block.includes('\\') && !block.includes('\r') && this.carried.length === 0;
    if (!plain) {
      for (const line of lines) {
        if (this.ended) return;
        this.addEscapedLine(line, rows);
      }
      return;
    }
    const { delimiter, nullText } = this;
    for (const line of lines) {
      const fields: Field[] = line.split(delimiter);
      if (!this.nullHasEscape) {
        for (let index = 0; index < fields.length; index++)
          if (fields[index] === nullText) fields[index] = null;
      }
      rows.push(fields);
    }
  }

  private addEscapedLine(line: string, rows: Field[][]): void {
    if (endsInEscape(line)) {
      this.carriedLength += line.length + 1;
      if (this.carriedLength > stringLengthMax) throw tooLongRow();
      this.carried.push(line);
      return;
    }
    const whole = this.withCarried(line);
    this.addLine(whole.endsWith('\r') ? whole.slice(0, -1) : whole, rows);
  }

  /** A line with those before it that it goes on. */
  private withCarried(line: string): string {
    if (this.carried.length === 0) return line;
    const whole = [...this.carried, line].join('\n');
    this.carried = [];
    this.carriedLength = 0;
    if (whole.length > stringLengthMax) throw tooLongRow();
    return whole;
  }

  private addLine(line: string, rows: Field[][]): void {
    if (line === '\\.') {
      this.ended = true;
      return;
    }
    if (line.includes('\r')) {
      throw databaseError('badCopyFileFormat', 'literal carriage return found in data', {
        hint: 'Use "\\r" to represent carriage return.',
      });
    }
    rows.push(this.fieldsOf(line));
  }

  private fieldsOf(line: string): Field[] {
    if (!line.includes('\\')) {
      const fields: Field[] = line.split(this.delimiter);
      return this.nullHasEscape
        ? fields
        : fields.map((field) => (field === this.nullText ? null : field));
    }
    const fields: Field[] = [];
    let start = 0;
    for (let index = 0; index <= line.length; index++) {
      if (index === line.length || line[index] === this.delimiter) {
        const raw = line.slice(start, index);
        fields.push(raw === this.nullText ? null : unescape(raw));
        start = index + 1;
      } else if (line[index] === '\\') index++;
    }
    return fields;
  }
}

function endsInEscape(line: string): boolean {
  let count = 0;
  for (let index = line.length - 1; index >= 0 && line[index] === '\\'; index--) count++;
  return count % 2 === 1;
}

const letterEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Backslash escapes; octal and hexadecimal ones name bytes, so runs of them may make one character. */
function unescape(raw: string): string {
  if (!raw.includes('\\')) return raw;
  let bytes: number[] = [];
  let result = '';
  const flush = (): void => {
    if (bytes.length > 0) result += decodeBytes(bytes);
    bytes = [];
  };
  for (let index = 0; index < raw.length; index++) {
    if (raw[index] !== '\\' || index + 1 === raw.length) {
      flush();
      result += raw[index];
      continue;
    }
    const rest = raw.slice(index + 1, index + 4);
    const octal = /^[0-7]{1,3}/.exec(rest);
    const hex = octal === null ? /^x([0-9a-fA-F]{1,2})/.exec(rest) : null;
    if (octal !== null) bytes.push(Number.parseInt(octal[0], 8) & 255);
    else if (hex !== null) bytes.push(Number.parseInt(hex[1], 16));
    else {
      flush();
      result += letterEscapes[raw[index + 1]] ?? raw[index + 1];
    }
    index += octal !== null ? octal[0].length : hex !== null ? hex[0].length : 1;
  }
  flush();
  return result;
}

function decodeBytes(bytes: readonly number[]): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    if (!text.includes('\0')) return text;
  } catch {
    // Falls through to the error below.
  }
  throw databaseError('characterNotInRepertoire', 'invalid byte sequence for encoding "UTF8"');
}
