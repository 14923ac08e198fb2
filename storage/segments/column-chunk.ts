// One column of one block as bytes: the form of its vector, its nulls, and the values encoded by one of
// the encodings of that form. Null places hold the value before them while encoded, so that they cost
// nothing.
//
//   0  u8   form (ChunkForm)
//   1  u8   nulls: 0 none, 1 as bitmap, 2 all
//   2  u16  scale
//   4  u32  bytes of the null bitmap (a multiple of 8)
//   8  …    null bitmap, bit i of byte i / 8 set: null
//   .  …    values: integer-encodings.ts, float-encodings.ts, text-encoding.ts

import type { Datum, Dictionary, Vector } from '#common';
import { compareText } from '#common';
import type { DictionaryBuilder } from './dictionary.ts';
import { textTypes } from './dictionary.ts';
import { decodeFloats, encodeFloats, floatEncodingName } from './float-encodings.ts';
import type { WholesArray } from './bit-unpacking.ts';
import { decodeIntegers } from './integer-decoders.ts';
import { encodeIntegers, integerEncodingName } from './integer-encodings.ts';
import {
  decodeTexts,
  decodeWithCodec,
  encodeTexts,
  encodeWithCodec,
  isCompressed,
} from './text-encoding.ts';

export const ChunkForm = {
  integer: 0,
  float: 1,
  boolean: 2,
  dictionary: 3,
  text: 4,
  codec: 5,
} as const;
type ChunkForm = (typeof ChunkForm)[keyof typeof ChunkForm];
const NullMode = { none: 0, some: 1, all: 2 } as const;
const headerBytes = 8;
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

export interface ChunkContext {
  readonly length: number;
  readonly typeOid: number;
  /** Do all integers of the column's file fit in 32 bits? */
  readonly narrow: boolean;
  readonly min: number;
  readonly max: number;
  readonly dictionary: () => Dictionary;
}

/** The chunk begins at byte `at` of the view, a multiple of 8 in its buffer; nothing of the buffer is kept. */
export function decodeChunk(view: DataView, at: number, context: ChunkContext): Vector {
  const { length } = context;
  const nulls = decodeNulls(view, at, length);
  const payload = at + headerBytes + view.getUint32(at + 4, true);
  switch (view.getUint8(at)) {
    case ChunkForm.integer: {
      const values = context.narrow ? new Int32Array(length) : new Float64Array(length);
      decodeWholes(view, payload, values, nulls);
      const { min, max } = context;
      const scale = view.getUint16(at + 2, true);
      return { kind: 'integer', values, scale, min, max, nulls };
    }
    case ChunkForm.float: {
      const values = new Float64Array(length);
      decodeFloats(view, payload, length, values);
      zeroNulls(values, nulls);
      return { kind: 'float', values, nulls };
    }
    case ChunkForm.boolean: {
      const values = new Uint8Array(length);
      decodeWholes(view, payload, values, nulls);
      return { kind: 'boolean', values, nulls };
    }
    case ChunkForm.dictionary: {
      const dictionary = context.dictionary();
      const codes = codeArray(length, dictionary.values.length);
      decodeWholes(view, payload, codes, nulls);
      return { kind: 'dictionary', codes, dictionary, nulls };
    }
    case ChunkForm.text:
      return decodeTexts({ view, at: payload }, length, nulls);
    default: {
      const { typeOid } = context;
      const shape = { count: length, typeOid };
      return { kind: 'datum', values: decodeWithCodec({ view, at: payload }, shape, nulls) };
    }
  }
}

function decodeWholes(
  view: DataView,
  at: number,
  out: WholesArray,
  nulls: Uint8Array | undefined,
): void {
  decodeIntegers(view, at, out.length, out);
  zeroNulls(out, nulls);
}

function codeArray(length: number, entries: number): Uint8Array | Uint16Array | Int32Array {
  if (entries <= 256) return new Uint8Array(length);
  return entries <= 65536 ? new Uint16Array(length) : new Int32Array(length);
}

function decodeNulls(view: DataView, at: number, length: number): Uint8Array | undefined {
  const mode = view.getUint8(at + 1);
  if (mode === NullMode.none) return undefined;
  const nulls = new Uint8Array(length);
  if (mode === NullMode.all) return nulls.fill(1);
  const bitmap = at + headerBytes;
  for (let row = 0; row < length; row += 32) {
    for (let bits = view.getInt32(bitmap + (row >>> 3), true); bits !== 0; bits &= bits - 1)
      nulls[row + 31 - Math.clz32(bits & -bits)] = 1;
  }
  return nulls;
}

function zeroNulls(values: WholesArray, nulls: Uint8Array | undefined): void {
  if (nulls === undefined) return;
  for (let row = nulls.indexOf(1); row !== -1; row = nulls.indexOf(1, row + 1)) values[row] = 0;
}
