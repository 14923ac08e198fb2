// Reads fixed-width codes (bit-packing.ts) as the values that they stand for, base + multiplier * code, straight
// into the array that a vector keeps: no pass in between, no array on the way.
//
// Codes of up to 25 bits lie within four bytes from the byte in which they begin, so each is one unaligned
// read. Eight codes take as many bytes as a code has bits: where in these bytes each begins is the same for every
// eight, and is kept in variables. The loops are written out once for each kind of array, because a loop
// that has met several kinds asks at each value which one it has.

import { blockRows } from '#common';
import { packedBytes } from './bit-packing.ts';

/** What whole numbers are decoded to; Int32Array and the smaller ones hold all values of the chunk. */
export type WholesArray = Int32Array | Float64Array | Uint8Array | Uint16Array;

/** Codes at a byte (a multiple of 4 in the buffer), and what they stand for. */
export interface PackedCodes {
  readonly view: DataView;
  readonly at: number;
  readonly width: number;
  readonly count: number;
  readonly base: number;
  readonly multiplier: number;
}

const wordBits = 32;
const twoTo32 = 4294967296;
/** Seven bits may lie before a code in its first byte. */
const unalignedBitsMax = 25;

/** Fills out[0 .. count). Codes have up to 53 bits, and wider ones than 32 are for Float64Array alone. */
export function unpackCodes(codes: PackedCodes, out: WholesArray): void {
  const whole = wholeBytes(codes);
  if (codes.width === 0) out.fill(codes.base, 0, codes.count);
  else if (whole !== undefined) out.set(whole);
  else if (out instanceof Int32Array) {
    if (codes.width <= unalignedBitsMax) unpackInt32(codes, out);
    else unpackWideInt32(codes, out);
  } else if (out instanceof Float64Array) {
    if (codes.width <= unalignedBitsMax) unpackFloat64(codes, out);
    else unpackWideFloat64(codes, out);
  } else if (out instanceof Uint8Array) unpackUint8(codes, out);
  else unpackUint16(codes, out);
}

/** Codes that are arrays as they are stored, and their own values. */
function wholeBytes(codes: PackedCodes): Uint8Array | Uint16Array | undefined {
  const { view, at, width, count, base, multiplier } = codes;
  if (base !== 0 || multiplier !== 1) return undefined;
  if (width === 8) return new Uint8Array(view.buffer, view.byteOffset + at, count);
  if (width === 16) return new Uint16Array(view.buffer, view.byteOffset + at, count);
  return undefined;
}

// Arithmetic modulo 2^32 gives results that fit in 32 bits, whatever the base.

function unpackInt32(codes: PackedCodes, out: Int32Array): void {
  const { view, width, count, multiplier } = codes;
  const base = codes.base | 0;
  const mask = (1 << width) - 1;
  const b1 = width >>> 3;
  const b2 = (2 * width) >>> 3;
  const b3 = (3 * width) >>> 3;
  const b4 = (4 * width) >>> 3;
  const b5 = (5 * width) >>> 3;
  const b6 = (6 * width) >>> 3;
  const b7 = (7 * width) >>> 3;
  const s1 = width & 7;
  const s2 = (2 * width) & 7;
  const s3 = (3 * width) & 7;
  const s4 = (4 * width) & 7;
  const s5 = (5 * width) & 7;
  const s6 = (6 * width) & 7;
  const s7 = (7 * width) & 7;
  const eights = count - 7;
  let { at } = codes;
  let i = 0;
  for (; i < eights; i += 8, at += width) {
    out[i] = base + Math.imul(multiplier, view.getInt32(at, true) & mask);
    out[i + 1] = base + Math.imul(multiplier, (view.getInt32(at + b1, true) >>> s1) & mask);
    out[i + 2] = base + Math.imul(multiplier, (view.getInt32(at + b2, true) >>> s2) & mask);
    out[i + 3] = base + Math.imul(multiplier, (view.getInt32(at + b3, true) >>> s3) & mask);
    out[i + 4] = base + Math.imul(multiplier, (view.getInt32(at + b4, true) >>> s4) & mask);
    out[i + 5] = base + Math.imul(multiplier, (view.getInt32(at + b5, true) >>> s5) & mask);
    out[i + 6] = base + Math.imul(multiplier, (view.getInt32(at + b6, true) >>> s6) & mask);
    out[i + 7] = base + Math.imul(multiplier, (view.getInt32(at + b7, true) >>> s7) & mask);
  }
  for (let bit = 0; i < count; i++, bit += width) {
    const code = (view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask;
    out[i] = base + Math.imul(multiplier, code);
  }
}

function unpackFloat64(codes: PackedCodes, out: Float64Array): void {
  const { view, width, count, base, multiplier } = codes;
  const mask = (1 << width) - 1;
  const b1 = width >>> 3;
  const b2 = (2 * width) >>> 3;
  const b3 = (3 * width) >>> 3;
  const b4 = (4 * width) >>> 3;
  const b5 = (5 * width) >>> 3;
  const b6 = (6 * width) >>> 3;
  const b7 = (7 * width) >>> 3;
  const s1 = width & 7;
  const s2 = (2 * width) & 7;
  const s3 = (3 * width) & 7;
  const s4 = (4 * width) & 7;
  const s5 = (5 * width) & 7;
  const s6 = (6 * width) & 7;
  const s7 = (7 * width) & 7;
  const eights = count - 7;
  let { at } = codes;
  let i = 0;
  for (; i < eights; i += 8, at += width) {
    out[i] = base + multiplier * (view.getInt32(at, true) & mask);
    out[i + 1] = base + multiplier * ((view.getInt32(at + b1, true) >>> s1) & mask);
    out[i + 2] = base + multiplier * ((view.getInt32(at + b2, true) >>> s2) & mask);
    out[i + 3] = base + multiplier * ((view.getInt32(at + b3, true) >>> s3) & mask);
    out[i + 4] = base + multiplier * ((view.getInt32(at + b4, true) >>> s4) & mask);
    out[i + 5] = base + multiplier * ((view.getInt32(at + b5, true) >>> s5) & mask);
    out[i + 6] = base + multiplier * ((view.getInt32(at + b6, true) >>> s6) & mask);
    out[i + 7] = base + multiplier * ((view.getInt32(at + b7, true) >>> s7) & mask);
  }
  for (let bit = 0; i < count; i++, bit += width) {
    out[i] = base + multiplier * ((view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask);
  }
}

/** Of up to 16 bits, as the ones that codes of dictionaries have. */
function unpackUint16(codes: PackedCodes, out: Uint16Array): void {
  const { view, at, width, count, base, multiplier } = codes;
  const mask = (1 << width) - 1;
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const code = (view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask;
    out[i] = base + Math.imul(multiplier, code);
  }
}

/** Of up to 8 bits. */
function unpackUint8(codes: PackedCodes, out: Uint8Array): void {
  const { view, at, width, count, base, multiplier } = codes;
  const mask = (1 << width) - 1;
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const code = (view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask;
    out[i] = base + Math.imul(multiplier, code);
  }
}

/** Of 26 to 32 bits: a code lies in two words. */
function unpackWideInt32(codes: PackedCodes, out: Int32Array): void {
  const { count, multiplier, width } = codes;
  const base = codes.base | 0;
  const words = wordsOf(codes);
  const mask = maskOf(width);
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const word = bit >>> 5;
    const shift = bit & 31;
    const code = ((words[word] >>> shift) | ((words[word + 1] << 1) << (31 - shift))) & mask;
    out[i] = base + Math.imul(multiplier, code);
  }
}

function unpackWideFloat64(codes: PackedCodes, out: Float64Array): void {
  const { count, width, base, multiplier } = codes;
  if (width > wordBits) {
    unpackSplitFloat64(codes, out);
    return;
  }
  const words = wordsOf(codes);
  if (width === wordBits) {
    out.set(words.subarray(0, count));
    for (let i = 0; i < count; i++) out[i] = base + multiplier * out[i];
    return;
  }
  const mask = maskOf(width);
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const word = bit >>> 5;
    const shift = bit & 31;
    const code = ((words[word] >>> shift) | ((words[word + 1] << 1) << (31 - shift))) & mask;
    out[i] = base + multiplier * code;
  }
}

const highCodes = new Int32Array(blockRows);

/** Of 33 to 53 bits: the low words of all, then their high bits. */
function unpackSplitFloat64(codes: PackedCodes, out: Float64Array): void {
  const { view, count, base, multiplier } = codes;
  const at = codes.at + packedBytes(count, wordBits);
  const high = { view, at, width: codes.width - wordBits, count };
  unpackCodes({ ...high, base: 0, multiplier: 1 }, highCodes);
  const low = wordsOf({ ...codes, width: wordBits });
  for (let i = 0; i < count; i++) out[i] = base + multiplier * (highCodes[i] * twoTo32 + low[i]);
}

function wordsOf({ view, at, width, count }: PackedCodes): Uint32Array {
  return new Uint32Array(view.buffer, view.byteOffset + at, packedBytes(count, width) >>> 2);
}
function maskOf(width: number): number {
  return width === wordBits ? -1 : (1 << width) - 1;
}
