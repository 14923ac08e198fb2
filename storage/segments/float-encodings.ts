// Encodings of doubles. What people store are mostly decimals, so a double is kept as the whole number
// d with value = d * 10^f * 10^-e where that gives back the very same bits (ALP: Afroozeh, Kuffó and
// Boncz, "ALP: Adaptive Lossless floating-Point Compression", 2023); what does not fit is an exception.
//
//   0  u8   encoding: 0 constant, 1 decimal, 2 plain, 3 plain under Zstd
//   1  u8   e                 4  u32  number of exceptions, or bytes of the Zstd frame
//   2  u8   f                 8  …    constant: the value; plain: the values
//                                     decimal: exceptions' values (f64), their places (u16, padded to
//                                     a multiple of 8), the whole numbers (integer-encodings.ts)

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { blockRows } from '#common';
import { decodeIntegers } from './integer-decoders.ts';
import { encodeIntegers } from './integer-encodings.ts';

const FloatEncoding = { constant: 0, decimal: 1, plain: 2, zstd: 3 } as const;
const names = ['constant', 'decimal', 'plain', 'zstd'];
const headerBytes = 8;
const exponentMax = 18;
const sampleSize = 32;
/** Exceptions cost 10 bytes each; past this share another encoding is better. */
const exceptionShareMax = 0.3;
const zstdWorthwhile = 0.85;
/** The least that Node takes for the size of its output buffer; the right size is the fastest. */
const chunkBytesMin = 64;

const powers = Float64Array.from({ length: exponentMax + 1 }, (_, i) => Number(`1e${i}`));
const inverses = Float64Array.from({ length: exponentMax + 1 }, (_, i) => Number(`1e-${i}`));
const wholes = new Float64Array(blockRows);

export function encodeFloats(values: Float64Array, count: number): Uint8Array {
  if (isConstant(values, count)) {
    const bytes = new Uint8Array(headerBytes + 8);
    bytes[0] = FloatEncoding.constant;
    if (count > 0) new DataView(bytes.buffer).setFloat64(headerBytes, values[0], true);
    return bytes;
  }
  return encodeDecimals(values, count) ?? encodePlain(values, count);
}

/** The chunk begins at byte `at`, a multiple of 8 in the view's buffer. */
export function decodeFloats(view: DataView, at: number, count: number, out: Float64Array): void {
  const payload = at + headerBytes;
  switch (view.getUint8(at)) {
    case FloatEncoding.constant:
      out.fill(view.getFloat64(payload, true), 0, count);
      return;
    case FloatEncoding.decimal:
      decodeDecimals(view, at, count, out);
      return;
    case FloatEncoding.zstd: {
      const length = view.getUint32(at + 4, true);
      const stored = new Uint8Array(view.buffer, view.byteOffset + payload, length);
      const raw = zstdDecompressSync(stored, { chunkSize: Math.max(8 * count, chunkBytesMin) });
      new Uint8Array(out.buffer, out.byteOffset, 8 * count).set(raw.subarray(0, 8 * count));
      return;
    }
    default:
      out.set(new Float64Array(view.buffer, view.byteOffset + payload, count));
  }
}

export function floatEncodingName(bytes: Uint8Array): string {
  return names[bytes[0]];
}

function isConstant(values: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (!Object.is(values[i], values[0])) return false;
  return true;
}

function encodePlain(values: Float64Array, count: number): Uint8Array {
  const raw = new Uint8Array(values.buffer, values.byteOffset, 8 * count);
  const compressed = zstdCompressSync(raw);
  const isSmaller = compressed.length < raw.length * zstdWorthwhile;
  const payload = isSmaller ? compressed : raw;
  const bytes = new Uint8Array((headerBytes + payload.length + 7) & ~7);
  bytes[0] = isSmaller ? FloatEncoding.zstd : FloatEncoding.plain;
  new DataView(bytes.buffer).setUint32(4, payload.length, true);
  bytes.set(payload, headerBytes);
  return bytes;
}

/** The whole number for a value, NaN when it does not give the value back. */
function wholeOf(value: number, e: number, f: number): number {
  const whole = Math.round(value * powers[e] * inverses[f]);
  const isExact = Number.isSafeInteger(whole) && Object.is(whole * powers[f] * inverses[e], value);
  return isExact && !Object.is(whole, -0) ? whole : NaN;
}

function encodeDecimals(values: Float64Array, count: number): Uint8Array | undefined {
  const { e, f } = bestExponents(values, count);
  const exceptions: number[] = [];
  let last = 0;
  for (let i = 0; i < count; i++) {
    const whole = wholeOf(values[i], e, f);
    if (Number.isNaN(whole)) exceptions.push(i);
    else last = whole;
    wholes[i] = last;
  }
  if (exceptions.length > count * exceptionShareMax) return undefined;
  const integers = encodeIntegers(wholes, count);
  const placesAt = headerBytes + 8 * exceptions.length;
  const integersAt = (placesAt + 2 * exceptions.length + 7) & ~7;
  if (integersAt + integers.length >= headerBytes + 8 * count) return undefined;
  const bytes = new Uint8Array(integersAt + integers.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = FloatEncoding.decimal;
  bytes[1] = e;
  bytes[2] = f;
  view.setUint32(4, exceptions.length, true);
  exceptions.forEach((place, n) => {
    view.setFloat64(headerBytes + 8 * n, values[place], true);
    view.setUint16(placesAt + 2 * n, place, true);
  });
  bytes.set(integers, integersAt);
  return bytes;
}

function decodeDecimals(view: DataView, at: number, count: number, out: Float64Array): void {
  const exceptions = view.getUint32(at + 4, true);
  const exceptionsAt = at + headerBytes;
  const placesAt = exceptionsAt + 8 * exceptions;
  decodeIntegers(view, (placesAt + 2 * exceptions + 7) & ~7, count, out);
  const inverse = inverses[view.getUint8(at + 1)];
  const power = powers[view.getUint8(at + 2)];
  for (let i = 0; i < count; i++) out[i] = out[i] * power * inverse;
  for (let n = 0; n < exceptions; n++) {
    out[view.getUint16(placesAt + 2 * n, true)] = view.getFloat64(exceptionsAt + 8 * n, true);
  }
}

/** The pair under which most of a sample comes back exactly, then the one with the smallest numbers. */
function bestExponents(values: Float64Array, count: number): { e: number; f: number } {
  const step = Math.max(1, Math.floor(count / sampleSize));
  let best = { e: 0, f: 0 };
  let bestScore = Infinity;
  for (let e = 0; e <= exponentMax; e++) {
    for (let f = 0; f <= e; f++) {
      let score = 0;
      for (let i = 0; i < count && score < bestScore; i += step) {
        const whole = wholeOf(values[i], e, f);
        score += Number.isNaN(whole) ? 80 : Math.log2(Math.abs(whole) + 1);
      }
      if (score >= bestScore) continue;
      best = { e, f };
      bestScore = score;
    }
  }
  return best;
}
