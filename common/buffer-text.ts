// Text out of bytes without copying or dispatch on an encoding's name: Node's Buffer has these
// methods, its type declarations leave them out.

interface SlicingBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

/** Bytes as characters 0..255. */
export function latin1Text(buffer: Buffer, start: number, end: number): string {
  return (buffer as SlicingBuffer).latin1Slice(start, end);
}

export function utf8Text(buffer: Buffer, start: number, end: number): string {
  return (buffer as SlicingBuffer).utf8Slice(start, end);
}

/** A Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
