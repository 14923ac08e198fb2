// Cuts the received bytes into messages. A frame lies in the bytes received where the whole message came
// at once, else in a copy assembled from several pieces; it is valid until the next call to push() or
// keep().

import { protocolViolation } from '../errors.ts';
import { messageBytesMax, startupBytesMax } from '../limits.ts';

const emptyBuffer: Buffer = Buffer.alloc(0);

/** A message: `type` (0 for a start-up packet), and where everything after its length field lies. */
export class Frame {
  type = 0;
  bytes: Buffer = emptyBuffer;
  start = 0;
  end = 0;

  get body(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }
}

export class FrameReader {
  /** Bytes received and not yet consumed: [offset, end). */
  private pending: Buffer = emptyBuffer;
  private offset = 0;
  private end = 0;
  /** `pending` belongs to whoever called push(). */
  private borrowed = false;
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
    return this.end - this.offset + this.partsBytes;
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

  /** Takes the first `length` bytes of `input`, which stay the caller's: keep() must follow before they change. */
  push(input: Buffer, length: number): void {
    if (this.needed > 0) {
      this.parts.push(Buffer.from(input.subarray(0, length)));
      this.partsBytes += length;
      if (this.bufferedBytes < this.needed) return;
      this.own(Buffer.concat([this.pending.subarray(this.offset, this.end), ...this.parts]));
      this.parts = [];
      this.partsBytes = 0;
      this.needed = 0;
      return;
    }
    if (this.offset < this.end) {
      const rest = this.pending.subarray(this.offset, this.end);
      this.own(Buffer.concat([rest, input.subarray(0, length)]));
      return;
    }
    this.pending = input;
    this.offset = 0;
    this.end = length;
    this.borrowed = true;
  }

  /** Copies what has not been read, if it is the caller's of push(). */
  keep(): void {
    if (!this.borrowed) return;
    this.own(
      this.offset === this.end
        ? emptyBuffer
        : Buffer.from(this.pending.subarray(this.offset, this.end)),
    );
  }

  private own(bytes: Buffer): void {
    this.pending = bytes;
    this.offset = 0;
    this.end = bytes.length;
    this.borrowed = false;
  }

  /** Fills `frame` with the next whole message; false when more bytes are needed. Throws 08P01 on a bad length. */
  next(frame: Frame): boolean {
    if (this.needed > 0) return false;
    const { pending, offset } = this;
    const available = this.end - offset;
    const head = this.startup ? 0 : 1;
    if (available < head + 4) return false;
    const at = offset + head;
    const length =
      (pending[at] << 24) | (pending[at + 1] << 16) | (pending[at + 2] << 8) | pending[at + 3];
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
    frame.type = this.startup ? 0 : pending[offset];
    frame.bytes = pending;
    frame.start = at + 4;
    frame.end = offset + total;
    this.offset = frame.end;
    return true;
  }
}
