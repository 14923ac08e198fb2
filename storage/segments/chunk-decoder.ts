// Makes the vector of a chunk (column-chunk.ts draws it): each form straight into the array of its vector.

import { type Dictionary, TypeOid, type Vector } from '#common';
import type { WholesArray } from './bit-unpacking.ts';
import { takeFloat64, takeInt32, takeUint16, takeUint8 } from './block-arrays.ts';
import { ChunkForm, headerBytes, NullMode } from './column-chunk.ts';
import { decodeFloats } from './float-encodings.ts';
import { decodeIntegers } from './integer-decoders.ts';
import { decodeTexts, decodeWide, decodeWithCodec } from './text-encoding.ts';

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
      const values = context.narrow ? takeInt32(length) : takeFloat64(length);
      decodeWholes(view, payload, values, nulls);
      const { min, max } = context;
      const scale = view.getUint16(at + 2, true);
      return { kind: 'integer', values, scale, min, max, nulls };
    }
    case ChunkForm.float: {
      const values = takeFloat64(length);
      decodeFloats(view, payload, length, values);
      zeroNulls(values, nulls);
      return { kind: 'float', values, nulls };
    }
    case ChunkForm.boolean: {
      const values = takeUint8(length);
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
      if (typeOid === TypeOid.int8) return decodeWide({ view, at: payload }, length, nulls);
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
  if (entries <= 256) return takeUint8(length);
  return entries <= 65536 ? takeUint16(length) : takeInt32(length);
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
