// Large typed arrays that are used again, within a statement and from one statement to the next: tables of
// groups and joins grow and go with every execution, and fresh memory costs more than the work on it (each
// page is cleared by the system when it is first touched, and what lies outside of the heap makes the
// collector run). Arrays lie at the start of buffers of a few sizes, four between powers of two, which are
// kept when their owner gives them back, up to a budget per thread; buffers of the size that was wanted last
// stay longest. What is kept counts against the server's memory, and goes before a statement fails for lack of it.
//
// Invariants: who gives an array back has no other reader of it, and drops it; a buffer has one owner or is
// kept here, so an array that is given back twice, or comes from elsewhere, is left alone.

import { keptArrayBytesMax } from '../limits.ts';
import { countKept, keptBytesMax, whenScarce } from '../memory/server-memory.ts';

type Floats = Float64Array<ArrayBuffer>;
type Pooled = Float64Array | Int32Array | Uint8Array;

/** Smaller arrays are made anew. */
let bufferBytesMin = 1 << 16;
/** Tests: what is given back is overwritten, so that late readers see nonsense. */
let spoils = false;
/** Sizes between two powers of two. */
const steps = 4;

const lent = new WeakSet<ArrayBufferLike>();
/** By size; the size that was used last comes last. */
const kept = new Map<number, ArrayBuffer[]>();
let keptBytes = 0;

whenScarce(() => {
  kept.clear();
  changeKept(-keptBytes);
});

/** For tests: small arrays are pooled, too, and overwritten once they are given back. */
export function poolEverything(): void {
  bufferBytesMin = 64;
  spoils = true;
}

/** Zeros. */
export function zeroFloats(length: number): Floats {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  if (bytes < bufferBytesMin) return new Float64Array(length);
  const { buffer, used } = lend(bytes);
  const array = new Float64Array(buffer, 0, length);
  return used ? array.fill(0) : array;
}

/** Zeros. */
export function zeroWholes(length: number): Int32Array<ArrayBuffer> {
  const bytes = length * Int32Array.BYTES_PER_ELEMENT;
  if (bytes < bufferBytesMin) return new Int32Array(length);
  const { buffer, used } = lend(bytes);
  const array = new Int32Array(buffer, 0, length);
  return used ? array.fill(0) : array;
}

/** Zeros. */
export function zeroBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length < bufferBytesMin) return new Uint8Array(length);
  const { buffer, used } = lend(length);
  const array = new Uint8Array(buffer, 0, length);
  return used ? array.fill(0) : array;
}

/** A longer array in the place of the array, which is given back; what is new is `fill`. */
export function longerFloats(array: Float64Array, length: number, fill = 0): Floats {
  const { grown, isUsed } = grow(array, length);
  if (!Object.is(fill, 0) || isUsed) grown.fill(fill, Math.min(array.length, length));
  giveBack(array);
  return grown;
}

/** The same where what is new is written before it is read. */
export function roomierFloats(array: Float64Array, length: number): Floats {
  const { grown } = grow(array, length);
  giveBack(array);
  return grown;
}

function grow(
  array: Float64Array,
  length: number,
): { readonly grown: Floats; readonly isUsed: boolean } {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  const lending = bytes < bufferBytesMin ? undefined : lend(bytes);
  const grown =
    lending === undefined ? new Float64Array(length) : new Float64Array(lending.buffer, 0, length);
  grown.set(array.length <= length ? array : array.subarray(0, length));
  return { grown, isUsed: lending?.used === true };
}

/** The owner needs the array no more. */
export function giveBack(array: Pooled | undefined): void {
  if (array === undefined || array.byteLength < bufferBytesMin || !lent.delete(array.buffer))
    return;
  const buffer = array.buffer as ArrayBuffer;
  const size = buffer.byteLength;
  if (spoils) new Uint8Array(buffer).fill(255);
  const bytesMax = Math.min(keptArrayBytesMax, keptBytesMax());
  if (size > bytesMax) return;
  const buffers = kept.get(size);
  if (buffers === undefined) kept.set(size, [buffer]);
  else buffers.push(buffer);
  changeKept(size);
  makeRoom(bytesMax);
}

function lend(bytes: number): { readonly buffer: ArrayBuffer; readonly used: boolean } {
  const size = sizeOf(bytes);
  const buffers = kept.get(size);
  const buffer = buffers?.pop();
  if (buffer === undefined) {
    const made = new ArrayBuffer(size);
    lent.add(made);
    return { buffer: made, used: false };
  }
  changeKept(-size);
  kept.delete(size);
  if (buffers!.length > 0) kept.set(size, buffers!);
  lent.add(buffer);
  return { buffer, used: true };
}

/** The least size of buffers that holds so many bytes. */
function sizeOf(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes)) / steps;
  return Math.ceil(bytes / step) * step;
}

function changeKept(bytes: number): void {
  keptBytes += bytes;
  countKept(bytes);
}

function makeRoom(bytesMax: number): void {
  for (const [size, buffers] of kept) {
    while (keptBytes > bytesMax && buffers.length > 0) {
      buffers.pop();
      changeKept(-size);
    }
    if (buffers.length > 0) return;
    kept.delete(size);
  }
}
