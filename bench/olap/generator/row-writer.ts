// Writes rows as PostgreSQL's COPY text (columns apart by tabs, rows by line feeds) into a file,
// through one buffer. No value of this benchmark needs escaping.

import { closeSync, openSync, writeSync } from 'node:fs';

const bufferBytes = 1 << 20;
/** No row is longer; a row that starts before this limit fits. */
const rowBytesMax = 1024;

const firstDay = Date.UTC(1992, 0, 1);
const days = 2_600;

const tab = 9;
const lineFeed = 10;
const zero = 48;

export class RowWriter {
  private readonly file: number;
  private readonly buffer: Uint8Array;
  private position: number;

  constructor(path: string) {
    this.file = openSync(path, 'w');
    this.buffer = new Uint8Array(bufferBytes);
    this.position = 0;
  }

  /** Not negative, at most 2^53. */
  integer(value: number): void {
    this.digits(value, digitCount(value));
    this.buffer[this.position++] = tab;
  }

  /** A whole number of hundredths as a decimal with two places. */
  hundredths(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.buffer[this.position++] = 45;
      rest = -rest;
    }
    const whole = Math.floor(rest / 100);
    this.digits(whole, digitCount(whole));
    this.buffer[this.position++] = 46;
    this.digits(rest - whole * 100, 2);
    this.buffer[this.position++] = tab;
  }

  /** A prefix and a number with leading zeros to nine digits. */
  numbered(prefix: Uint8Array, value: number): void {
    this.append(prefix, 0, prefix.length);
    this.digits(value, 9);
    this.buffer[this.position++] = tab;
  }

  /** Days since 1992-01-01. */
  date(day: number): void {
    this.append(dateTexts, day * 10, 10);
    this.buffer[this.position++] = tab;
  }

  text(bytes: Uint8Array): void {
    this.slice(bytes, 0, bytes.length);
  }

  slice(bytes: Uint8Array, start: number, length: number): void {
    this.append(bytes, start, length);
    this.buffer[this.position++] = tab;
  }

  endRow(): void {
    this.buffer[this.position - 1] = lineFeed;
    if (this.position > bufferBytes - rowBytesMax) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }

  private append(bytes: Uint8Array, start: number, length: number): void {
    const { buffer } = this;
    let { position } = this;
    for (let index = start; index < start + length; index++) buffer[position++] = bytes[index];
    this.position = position;
  }

  private digits(value: number, count: number): void {
    let rest = value;
    for (let place = this.position + count - 1; place >= this.position; place--) {
      const next = Math.floor(rest / 10);
      this.buffer[place] = zero + rest - next * 10;
      rest = next;
    }
    this.position += count;
  }

  private flush(): void {
    let written = 0;
    while (written < this.position)
      written += writeSync(this.file, this.buffer, written, this.position - written);
    this.position = 0;
  }
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}

/** ISO texts of all days, ten bytes each. */
const dateTexts: Uint8Array = new TextEncoder().encode(
  Array.from({ length: days }, (_, day) =>
    new Date(firstDay + day * 86_400_000).toISOString().slice(0, 10),
  ).join(''),
);

/** The day number that `date` takes. */
export function dayNumber(date: string): number {
  return (Date.parse(`${date}T00:00:00Z`) - firstDay) / 86_400_000;
}
