// Cuts the received bytes into messages. A frame is a view into the received chunk where the whole
// message is in one chunk, else a copy assembled from several; it is valid until the next call to
// push().

import { protocolViolation } from '../errors.ts';
import { messageBytesMax, startupBytesMax } from '../limits.ts';

const emptyBuffer: Buffer = Buffer.alloc(0);

export interface Frame {
  /** 0 for a start-up packet. */
  type: number;
  /** Everything after the length field. */
  body: Buffer;
}

export class FrameReader {
  /** Bytes received and not yet consumed, contiguous from `offset`. */
  private pending: Buffer = emptyBuffer;
  private offset = 0;
  /** Chunks of an incomplete message that is larger than what was pending, to avoid quadratic copying. */
  private parts: Buffer[] = [];
  private partsBytes = 0;
  /** Bytes needed before pending can hold a whole message again. */
  private needed = 0;
  private startup = true;
  private bytesMax: number;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Bytes that wait to be read. */
  get bufferedBytes(): number {
    return this.pending.length - this.offset + this.partsBytes;
  }

  /** After start-up, messages carry a type byte. */
  startupDone(): void {
    this.startup = false;
  }

  /** After SSLRequest, another start-up packet follows. Bytes that came with the request must not be trusted. */
  get isEmpty(): boolean {
    return this.bufferedBytes === 0;
  }

  allowFullMessages(): void {
    this.bytesMax = messageBytesMax;
  }

  push(chunk: Buffer): void {
    if (this.needed > 0) {
      this.parts.push(chunk);
      this.partsBytes += chunk.length;
      if (this.pending.length - this.offset + this.partsBytes < this.needed) return;
      this.pending = Buffer.concat([this.pending.subarray(this.offset), ...this.parts]);
      this.offset = 0;
      this.parts = [];
      this.partsBytes = 0;
      this.needed = 0;
      return;
    }
    if (this.offset === this.pending.length) {
      this.pending = chunk;
    } else {
      this.pending = Buffer.concat([this.pending.subarray(this.offset), chunk]);
    }
    this.offset = 0;
  }

  /** Fills `frame` with the next whole message; false when more bytes are needed. Throws 08P01 on a bad length. */
  next(frame: Frame): boolean {
    if (this.needed > 0) return false;
    const available = this.pending.length - this.offset;
    const head = this.startup ? 0 : 1;
    if (available < head + 4) return false;
    const length = this.pending.readInt32BE(this.offset + head);
    const limit = this.startup ? startupBytesMax : this.bytesMax;
    if (length < 4 || length > limit) {
      throw protocolViolation(
        this.startup ? 'invalid length of startup packet' : 'invalid message length',
      );
    }
    const total = head + length;
    if (available < total) {
      this.needed = total;
      return false;
    }
    frame.type = this.startup ? 0 : this.pending[this.offset];
    frame.body = this.pending.subarray(this.offset + head + 4, this.offset + total);
    this.offset += total;
    return true;
  }
}
