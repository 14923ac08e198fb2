// Rows of vectors as bytes, for spill files, by columns and in the vectors' own representation, so that
// rows that come back run in the same generated code.
//
//   block:  rows u32 | columns u32 | column …
//   column: kind u32 | has nulls u32 | [a byte per row, 1 for null] | content
//   content of whole numbers: scale, min, max | i32 or f64 per row; of floats: f64 per row; of booleans:
//   a byte per row; of dictionary entries: entries u32, each entry | i32 per row; of other values: each

import type { Datum, Vector } from '#common';
import { entryAt } from './late-texts.ts';
import { ValueReader, ValueWriter } from '../rows/value-codec.ts';

const Kind = {
  missing: 0,
  narrowInteger: 1,
  integer: 2,
  float: 3,
  boolean: 4,
  dictionary: 5,
  datum: 6,
} as const;

export interface VectorRows {
  readonly length: number;
  /** undefined: every value is null. */
  readonly vectors: readonly (Vector | undefined)[];
}

/** The rows at `positions`. */
export function encodeRows(
  vectors: readonly (Vector | undefined)[],
  positions: Int32Array,
): Uint8Array {
  const writer = new ValueWriter();
  writer.uint32(positions.length);
  writer.uint32(vectors.length);
  for (const vector of vectors) encodeVector(writer, vector, positions);
  return writer.finish();
}

export function decodeRows(bytes: Buffer): VectorRows {
  const reader = new ValueReader(bytes);
  const length = reader.uint32();
  const width = reader.uint32();
  const vectors: (Vector | undefined)[] = [];
  for (let i = 0; i < width; i++) vectors.push(decodeVector(reader, length));
  return { length, vectors };
}

function encodeVector(
  writer: ValueWriter,
  vector: Vector | undefined,
  positions: Int32Array,
): void {
  if (vector === undefined) {
    writer.uint32(Kind.missing);
    return;
  }
  writer.uint32(kindOf(vector));
  if (vector.kind === 'datum') {
    for (const position of positions) writer.value(vector.values[position]);
    return;
  }
  const { nulls } = vector;
  writer.uint32(nulls === undefined ? 0 : 1);
  if (nulls !== undefined) writer.raw(picked(nulls, positions, new Uint8Array(positions.length)));
  switch (vector.kind) {
    case 'integer':
      writer.value(vector.scale);
      writer.value(vector.min);
      writer.value(vector.max);
      writer.raw(bytesOf(picked(vector.values, positions, sameArray(vector.values, positions))));
      return;
    case 'float':
      writer.raw(bytesOf(picked(vector.values, positions, new Float64Array(positions.length))));
      return;
    case 'boolean':
      writer.raw(picked(vector.values, positions, new Uint8Array(positions.length)));
      return;
    case 'dictionary': {
      const codes = picked(vector.codes, positions, new Int32Array(positions.length));
      const entries = renumber(codes, nulls, positions);
      writer.uint32(entries.length);
      for (const code of entries) writer.value(entryAt(vector.dictionary, code));
      writer.raw(bytesOf(codes));
    }
  }
}

function decodeVector(reader: ValueReader, length: number): Vector | undefined {
  const kind = reader.uint32();
  if (kind === Kind.missing) return undefined;
  if (kind === Kind.datum) return { kind: 'datum', values: datums(reader, length) };
  const nulls = reader.uint32() === 0 ? undefined : new Uint8Array(reader.raw(length));
  switch (kind) {
    case Kind.float:
      return { kind: 'float', values: new Float64Array(reader.raw(length * 8)), nulls };
    case Kind.boolean:
      return { kind: 'boolean', values: new Uint8Array(reader.raw(length)), nulls };
    case Kind.dictionary: {
      const dictionary = { values: datums(reader, reader.uint32()) };
      const codes = new Int32Array(reader.raw(length * 4));
      return { kind: 'dictionary', codes, dictionary, nulls };
    }
    default: {
      const [scale, min, max] = datums(reader, 3) as number[];
      const values =
        kind === Kind.narrowInteger
          ? new Int32Array(reader.raw(length * 4))
          : new Float64Array(reader.raw(length * 8));
      return { kind: 'integer', values, scale, min, max, nulls };
    }
  }
}

function kindOf(vector: Vector): number {
  if (vector.kind !== 'integer') return Kind[vector.kind];
  return vector.values instanceof Int32Array ? Kind.narrowInteger : Kind.integer;
}

function datums(reader: ValueReader, count: number): Datum[] {
  const values: Datum[] = [];
  for (let i = 0; i < count; i++) values.push(reader.value());
  return values;
}

function sameArray(
  values: Int32Array | Float64Array,
  { length }: Int32Array,
): Int32Array | Float64Array {
  return values instanceof Int32Array ? new Int32Array(length) : new Float64Array(length);
}

type Numbers = Uint8Array | Uint16Array | Int32Array | Float64Array;

function picked<T extends Numbers>(values: Numbers, positions: Int32Array, target: T): T {
  for (let i = 0; i < positions.length; i++) target[i] = values[positions[i]];
  return target;
}

function bytesOf(array: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Gives the codes numbers from 0 on, in place; the codes that they had, by new number. */
function renumber(
  codes: Int32Array,
  nulls: Uint8Array | undefined,
  positions: Int32Array,
): readonly number[] {
  const numbers = new Map<number, number>();
  const entries: number[] = [];
  for (let i = 0; i < codes.length; i++) {
    if (nulls !== undefined && nulls[positions[i]] !== 0) {
      codes[i] = 0;
      continue;
    }
    let number = numbers.get(codes[i]);
    if (number === undefined) {
      number = entries.push(codes[i]) - 1;
      numbers.set(codes[i], number);
    }
    codes[i] = number;
  }
  return entries;
}
