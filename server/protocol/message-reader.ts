// Reads the fields of one client message. Every read is bounded by the message: running past its end
// is 08P01, as is text that is not UTF-8 (22021).

import { databaseError, latin1Text } from '#common';
import { protocolViolation } from '../errors.ts';
import { shortText, shortTextMax } from './short-texts.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 in [start, end) to string; 22021 when it is malformed or contains a zero byte. */
function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  let isAscii = true;
  for (let index = start; index < end; index++) {
    const byte = bytes[index];
    if (byte === 0) throw invalidBytes('0x00');
    if (byte > 127) {
      isAscii = false;
      break;
    }
  }
  if (isAscii) return latin1Text(bytes, start, end);
  const text = bytes.subarray(start, end);
  if (text.includes(0)) throw invalidBytes('0x00');
  try {
    return strictUtf8.decode(text);
  } catch {
    throw invalidBytes(describeInvalidBytes(text));
  }
}

function invalidBytes(shown: string): Error {
  return databaseError(
    'characterNotInRepertoire',
    `invalid byte sequence for encoding "UTF8": ${shown}`,
  );
}

/** The first malformed sequence as PostgreSQL prints it: 0xc3 0x28. */
function describeInvalidBytes(bytes: Uint8Array): string {
  let index = 0;
  while (index < bytes.length) {
    const lead = bytes[index];
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    try {
      strictUtf8.decode(bytes.subarray(index, index + length));
    } catch {
      const shown = bytes.subarray(index, Math.min(index + length, bytes.length));
      return [...shown].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
    }
    index += length;
  }
  return '0x00';
}

/** Digits that surely fit into a number of four bytes. */
const plainDigitsMax = 9;

export class MessageReader {
  private bytes: Buffer;
  private offset: number;
  private limit: number;

  constructor(body: Buffer) {
    this.bytes = body;
    this.offset = 0;
    this.limit = body.length;
  }

  /** Starts over on another message, in [start, end): one reader serves a connection. */
  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.offset = start;
    this.limit = end;
  }

  get remaining(): number {
    return this.limit - this.offset;
  }

  uint8(): number {
    this.require(1);
    return this.bytes[this.offset++];
  }

  int16(): number {
    return (this.uint16() << 16) >> 16;
  }

  uint16(): number {
    this.require(2);
    const { bytes, offset } = this;
    this.offset = offset + 2;
    return (bytes[offset] << 8) | bytes[offset + 1];
  }

  int32(): number {
    this.require(4);
    const { bytes, offset } = this;
    this.offset = offset + 4;
    return (
      (bytes[offset] << 24) |
      (bytes[offset + 1] << 16) |
      (bytes[offset + 2] << 8) |
      bytes[offset + 3]
    );
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  /** A copy, which is the caller's. */
  take(length: number): Buffer {
    const start = this.pass(length);
    return Buffer.from(this.bytes.subarray(start, start + length));
  }

  /** UTF-8 text of `length` bytes. */
  text(length: number): string {
    const start = this.pass(length);
    return decodeUtf8(this.bytes, start, start + length);
  }

  /** A whole number written with few decimal digits; undefined, and nothing is read: it is written otherwise. */
  plainInteger(length: number): number | undefined {
    const { bytes, offset } = this;
    const end = offset + length;
    if (length < 1 || end > this.limit) return undefined;
    const isNegative = bytes[offset] === minus;
    const first = isNegative ? offset + 1 : offset;
    if (end === first || end - first > plainDigitsMax) return undefined;
    let value = 0;
    for (let at = first; at < end; at++) {
      const digit = bytes[at] - zero;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    this.offset = end;
    return isNegative ? 0 - value : value;
  }

  /** The text up to a zero byte. */
  cString(): string {
    const { bytes, offset, limit } = this;
    let end = offset;
    const shortEnd = Math.min(limit, offset + shortTextMax + 1);
    let isAscii = true;
    while (end < shortEnd && bytes[end] !== 0) {
      if (bytes[end] > 127) isAscii = false;
      end++;
    }
    if (end < shortEnd) {
      this.offset = end + 1;
      if (end === offset) return '';
      return isAscii ? shortText(bytes, offset, end) : decodeUtf8(bytes, offset, end);
    }
    end = bytes.indexOf(0, end);
    if (end < 0 || end >= limit) throw protocolViolation('invalid string in message');
    this.offset = end + 1;
    return decodeUtf8(bytes, offset, end);
  }

  /** Every message must be used up. */
  end(): void {
    if (this.offset !== this.limit) throw protocolViolation('invalid message format');
  }

  /** Goes past `length` bytes and returns where they begin. */
  private pass(length: number): number {
    if (length < 0) throw protocolViolation('insufficient data left in message');
    this.require(length);
    const start = this.offset;
    this.offset = start + length;
    return start;
  }

  private require(length: number): void {
    if (this.offset + length > this.limit) {
      throw protocolViolation('insufficient data left in message');
    }
  }
}

const minus = 0x2d;
const zero = 0x30;
