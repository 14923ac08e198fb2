// A growable output buffer with big-endian writers, for wire messages and binary values. Fields of a
// DataRow are written straight into it: begin() reserves the four length bytes, end() patches them.
//
// Invariant: `buffer` may be replaced by any call that writes, so keep offsets, never the buffer.

import { databaseError } from './errors.ts';
import { writerBytesMax } from './limits.ts';

const initialBytes = 8192;
/** Texts longer than this are measured, not given three bytes for every character. */
const countedTextLength = 65_536;

export class ByteWriter {
  buffer: Buffer;
  position: number;

  constructor(capacity = initialBytes) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
    this.position = 0;
  }

  /** Makes room for `bytes` more bytes. */
  ensure(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.grow(bytes);
  }

  private grow(bytes: number): void {
    const needed = this.position + bytes;
    if (needed > writerBytesMax) {
      throw databaseError('programLimitExceeded', 'out of memory', {
        detail: `Cannot enlarge string buffer containing ${this.position} bytes by ${bytes} more bytes.`,
      });
    }
    const capacity = Math.min(Math.max(this.buffer.length * 2, needed), writerBytesMax);
    const next = Buffer.allocUnsafeSlow(capacity);
    this.buffer.copy(next, 0, 0, this.position);
    this.buffer = next;
  }

  uint8(value: number): void {
    this.ensure(1);
    this.buffer[this.position++] = value;
  }

  int16(value: number): void {
    this.ensure(2);
    const { buffer, position } = this;
    buffer[position] = value >> 8;
    buffer[position + 1] = value;
    this.position = position + 2;
  }

  int32(value: number): void {
    this.ensure(4);
    const { buffer, position } = this;
    buffer[position] = value >> 24;
    buffer[position + 1] = value >> 16;
    buffer[position + 2] = value >> 8;
    buffer[position + 3] = value;
    this.position = position + 4;
  }

  int64(value: bigint): void {
    this.ensure(8);
    this.position = this.buffer.writeBigInt64BE(value, this.position);
  }

  float32(value: number): void {
    this.ensure(4);
    this.position = this.buffer.writeFloatBE(value, this.position);
  }

  float64(value: number): void {
    this.ensure(8);
    this.position = this.buffer.writeDoubleBE(value, this.position);
  }

  bytes(value: Uint8Array): void {
    this.ensure(value.length);
    this.buffer.set(value, this.position);
    this.position += value.length;
  }

  /** UTF-8 without terminator. Short ASCII, the usual case, is copied character by character. */
  text(value: string): void {
    const { length } = value;
    this.ensure(length > countedTextLength ? Buffer.byteLength(value) : length * 3);
    const { buffer } = this;
    let position = this.position;
    if (length <= 24) {
      let index = 0;
      for (; index < length; index++) {
        const code = value.charCodeAt(index);
        if (code > 127) break;
        buffer[position++] = code;
      }
      if (index === length) {
        this.position = position;
        return;
      }
    }
    this.position += buffer.write(value, this.position, 'utf8');
  }

  /** UTF-8 with a terminating zero byte. */
  cString(value: string): void {
    this.text(value);
    this.uint8(0);
  }

  /** Reserves a length field of four bytes and returns where it is. */
  begin(): number {
    const start = this.position;
    this.ensure(4);
    this.position = start + 4;
    return start;
  }

  /** Patches the length of what was written since begin(); a message's length counts its own four bytes. */
  end(start: number, inclusive = false): void {
    this.patchInt32(start, this.position - start - (inclusive ? 0 : 4));
  }

  patchInt32(offset: number, value: number): void {
    const { buffer } = this;
    buffer[offset] = value >> 24;
    buffer[offset + 1] = value >> 16;
    buffer[offset + 2] = value >> 8;
    buffer[offset + 3] = value;
  }

  /** The bytes written so far; a view, valid until the next write. */
  view(): Buffer {
    return this.buffer.subarray(0, this.position);
  }

  /** Hands the bytes over and starts anew with a fresh buffer. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.position);
    this.buffer = Buffer.allocUnsafeSlow(initialBytes);
    this.position = 0;
    return taken;
  }

  reset(): void {
    this.position = 0;
  }
}
