// Reads the fields of one client message. Every read is bounded by the message: running past its end
// is 08P01, as is text that is not UTF-8 (22021).

import { databaseError } from '#common';
import { protocolViolation } from '../errors.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 to string; 22021 when it is malformed or contains a zero byte. */
export function decodeUtf8(bytes: Uint8Array): string {
  let ascii = true;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === 0) {
      throw databaseError(
        'characterNotInRepertoire',
        'invalid byte sequence for encoding "UTF8": 0x00',
      );
    }
    if (byte > 127) {
      ascii = false;
      break;
    }
  }
  if (ascii) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (bytes.includes(0)) {
    throw databaseError(
      'characterNotInRepertoire',
      'invalid byte sequence for encoding "UTF8": 0x00',
    );
  }
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw databaseError(
      'characterNotInRepertoire',
      `invalid byte sequence for encoding "UTF8": ${describeInvalidBytes(bytes)}`,
    );
  }
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

export class MessageReader {
  private body: Buffer;
  private offset: number;

  constructor(body: Buffer) {
    this.body = body;
    this.offset = 0;
  }

  /** Starts over on another message: one reader serves a connection. */
  reset(body: Buffer): void {
    this.body = body;
    this.offset = 0;
  }

  get remaining(): number {
    return this.body.length - this.offset;
  }

  uint8(): number {
    this.require(1);
    return this.body[this.offset++];
  }

  int16(): number {
    this.require(2);
    const value = this.body.readInt16BE(this.offset);
    this.offset += 2;
    return value;
  }

  uint16(): number {
    this.require(2);
    const value = this.body.readUInt16BE(this.offset);
    this.offset += 2;
    return value;
  }

  int32(): number {
    this.require(4);
    const value = this.body.readInt32BE(this.offset);
    this.offset += 4;
    return value;
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  bytes(length: number): Buffer {
    if (length < 0) throw protocolViolation('insufficient data left in message');
    this.require(length);
    const start = this.offset;
    this.offset = start + length;
    return this.body.subarray(start, this.offset);
  }

  /** The text up to a zero byte. */
  cString(): string {
    const end = this.body.indexOf(0, this.offset);
    if (end < 0) throw protocolViolation('invalid string in message');
    const start = this.offset;
    this.offset = end + 1;
    return end === start ? '' : decodeUtf8(this.body.subarray(start, end));
  }

  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  /** Every message must be used up. */
  end(): void {
    if (this.offset !== this.body.length) throw protocolViolation('invalid message format');
  }

  private require(length: number): void {
    if (this.offset + length > this.body.length) {
      throw protocolViolation('insufficient data left in message');
    }
  }
}
