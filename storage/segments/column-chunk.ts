// One column of one block as bytes: the form of its vector, its nulls, and the values encoded by one of
// the encodings of that form. Null places hold the value before them while encoded, so that they cost
// nothing. chunk-decoder.ts reads them.
//
//   0  u8   form (ChunkForm)
//   1  u8   nulls: 0 none, 1 as bitmap, 2 all
//   2  u16  scale
//   4  u32  bytes of the null bitmap (a multiple of 8)
//   8  …    null bitmap, bit i of byte i / 8 set: null
//   .  …    values: integer-encodings.ts, float-encodings.ts, text-encoding.ts

import type { Datum, Vector } from '#common';
import { compareText } from '#common';
import type { DictionaryBuilder } from './dictionary.ts';
import { textTypes } from './dictionary.ts';
import { encodeFloats, floatEncodingName } from './float-encodings.ts';
import { encodeIntegers, integerEncodingName } from './integer-encodings.ts';
import { encodeTexts, encodeWithCodec, isCompressed } from './text-encoding.ts';

export const ChunkForm = {
  integer: 0,
  float: 1,
  boolean: 2,
  dictionary: 3,
  text: 4,
  codec: 5,
} as const;
type ChunkForm = (typeof ChunkForm)[keyof typeof ChunkForm];
export const NullMode = { none: 0, some: 1, all: 2 } as const;
export const headerBytes = 8;
/** Longer text is not kept as a bound. */
const textBoundLengthMax = 64;

/** A bound of a chunk's values as JSON: floats that JSON lacks as text. */
export type StoredBound = number | string;

export interface EncodedChunk {
  readonly bytes: Uint8Array;
  readonly encoding: string;
  readonly nulls: number;
  /** Of whole numbers. */
  readonly scale?: number;
  /** Of the values that are not null, in the form that is stored; undefined: not known. */
  readonly min?: StoredBound;
  readonly max?: StoredBound;
}

export function encodeChunk(
  vector: Vector,
  length: number,
  column: { readonly typeOid: number; readonly dictionary: DictionaryBuilder | undefined },
): EncodedChunk {
  switch (vector.kind) {
    case 'integer': {
      const { nulls, count } = countNulls(vector.nulls, length);
      const values = new Float64Array(vector.values.subarray(0, length));
      fillNulls(values, nulls);
      const payload = encodeIntegers(values, length);
      const bytes = assemble(
        ChunkForm.integer,
        nulls,
        { length, count, scale: vector.scale },
        payload,
      );
      const known = nulls === undefined ? vector : numberBounds(values);
      const bounds = count === length ? {} : { min: known.min, max: known.max };
      const encoding = integerEncodingName(payload);
      return { bytes, encoding, nulls: count, scale: vector.scale, ...bounds };
    }
    case 'float': {
      const { nulls, count } = countNulls(vector.nulls, length);
      const values = vector.values.slice(0, length);
      fillNulls(values, nulls);
      const payload = encodeFloats(values, length);
      const bytes = assemble(ChunkForm.float, nulls, { length, count }, payload);
      const bounds = count === length ? {} : floatBounds(values);
      return { bytes, encoding: floatEncodingName(payload), nulls: count, ...bounds };
    }
    case 'boolean': {
      const { nulls, count } = countNulls(vector.nulls, length);
      const values = new Float64Array(vector.values.subarray(0, length));
      fillNulls(values, nulls);
      const payload = encodeIntegers(values, length);
      const bytes = assemble(ChunkForm.boolean, nulls, { length, count }, payload);
      const bounds = count === length ? {} : numberBounds(values);
      return { bytes, encoding: integerEncodingName(payload), nulls: count, ...bounds };
    }
    case 'datum':
      return encodeDatums(vector.values, length, column);
    case 'dictionary': {
      const { codes, dictionary, nulls } = vector;
      const values = Array.from({ length }, (_, i) =>
        nulls !== undefined && nulls[i] !== 0 ? null : dictionary.values[codes[i]],
      );
      return encodeDatums(values, length, column);
    }
  }
}

function encodeDatums(
  all: readonly Datum[],
  length: number,
  column: { readonly typeOid: number; readonly dictionary: DictionaryBuilder | undefined },
): EncodedChunk {
  const values = all.length === length ? all : all.slice(0, length);
  const { nulls, count } = findNulls(values);
  if (!textTypes.has(column.typeOid)) {
    const payload = encodeWithCodec(values, column.typeOid);
    const bytes = assemble(ChunkForm.codec, nulls, { length, count }, payload);
    return { bytes, encoding: isCompressed(payload) ? 'zstd' : 'plain', nulls: count };
  }
  const codes = count === length ? undefined : column.dictionary?.encode(values);
  if (codes !== undefined) {
    fillNulls(codes, nulls);
    const bounds = textBounds(column.dictionary!.usedValues(codes));
    const payload = encodeIntegers(codes, length);
    const bytes = assemble(ChunkForm.dictionary, nulls, { length, count }, payload);
    const encoding = `dictionary, ${integerEncodingName(payload)}`;
    return { bytes, encoding, nulls: count, ...bounds };
  }
  const bounds = textBounds(values as readonly (string | null)[]);
  const payload = encodeTexts(values);
  const bytes = assemble(ChunkForm.text, nulls, { length, count }, payload);
  return { bytes, encoding: isCompressed(payload) ? 'zstd' : 'plain', nulls: count, ...bounds };
}

function findNulls(values: readonly Datum[]): {
  readonly nulls: Uint8Array | undefined;
  readonly count: number;
} {
  let nulls: Uint8Array | undefined;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null) continue;
    nulls ??= new Uint8Array(values.length);
    nulls[i] = 1;
    count++;
  }
  return { nulls, count };
}
function countNulls(
  nulls: Uint8Array | undefined,
  length: number,
): { readonly nulls: Uint8Array | undefined; readonly count: number } {
  let count = 0;
  if (nulls !== undefined) for (let i = 0; i < length; i++) count += nulls[i];
  return { nulls: count === 0 ? undefined : nulls, count };
}

function fillNulls(values: Float64Array, nulls: Uint8Array | undefined): void {
  if (nulls === undefined) return;
  let before = values[Math.max(nulls.indexOf(0), 0)];
  for (let i = 0; i < values.length; i++) {
    if (nulls[i] === 0) before = values[i];
    else values[i] = before;
  }
}

function assemble(
  form: ChunkForm,
  nulls: Uint8Array | undefined,
  shape: { readonly length: number; readonly count: number; readonly scale?: number },
  payload: Uint8Array,
): Uint8Array {
  const isSome = nulls !== undefined && shape.count < shape.length;
  const bitmapBytes = isSome ? (((shape.length + 7) >>> 3) + 7) & ~7 : 0;
  const bytes = new Uint8Array(headerBytes + bitmapBytes + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = form;
  bytes[1] = nulls === undefined ? NullMode.none : isSome ? NullMode.some : NullMode.all;
  view.setUint16(2, shape.scale ?? 0, true);
  view.setUint32(4, bitmapBytes, true);
  if (isSome) {
    for (let i = 0; i < shape.length; i++) {
      bytes[headerBytes + (i >>> 3)] |= nulls[i] << (i & 7);
    }
  }
  bytes.set(payload, headerBytes + bitmapBytes);
  return bytes;
}

function numberBounds(values: Float64Array): { min: number; max: number } {
  let min = values[0];
  let max = min;
  for (const value of values) {
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { min, max };
}
/** NaN is the greatest float there is. */
function floatBounds(values: Float64Array): { min: StoredBound; max: StoredBound } {
  let min = NaN;
  let max = -Infinity;
  let hasNaN = false;
  for (const value of values) {
    if (Number.isNaN(value)) hasNaN = true;
    else if (!(value >= min)) min = value;
    if (value > max) max = value;
  }
  return { min: storedFloat(min), max: storedFloat(hasNaN ? NaN : max) };
}
function storedFloat(value: number): StoredBound {
  return Number.isFinite(value) ? value : String(value);
}
function textBounds(values: readonly (string | null)[]): { min?: string; max?: string } {
  let min: string | undefined;
  let max: string | undefined;
  for (const value of values) {
    if (value === null || value === min || value === max) continue;
    if (min === undefined || compareText(value, min) < 0) min = value;
    if (max === undefined || compareText(value, max) > 0) max = value;
  }
  return {
    // A prefix is no greater than the text; nothing as short is known to be no less.
    ...(min !== undefined && { min: wholeCharacters(min.slice(0, textBoundLengthMax)) }),
    ...(max !== undefined && max.length <= textBoundLengthMax && { max }),
  };
}
function wholeCharacters(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
