// Vectors: columns as column segments and compiled pipelines exchange them (a vector here is a column
// of a block; an embedding is called an embedding). Unlike a batch's Column, whose consumer may look at
// any value at once, a vector says how its values are represented, so that a generated loop over it is
// monomorphic, and carries bounds from which a pipeline proves that sums and products stay exact.

import type { Datum } from './datum.ts';
import { TypeOid } from './types.ts';
import type { WideIntegers } from './wide-integers.ts';

/** Types whose values lie in typed arrays, but for those that no number holds exactly; others are texts and objects. */
export const numberVectorTypes: ReadonlySet<number> = new Set([
  TypeOid.bool,
  TypeOid.int2,
  TypeOid.int4,
  TypeOid.int8,
  TypeOid.oid,
  TypeOid.float4,
  TypeOid.float8,
  TypeOid.numeric,
  TypeOid.date,
  TypeOid.time,
  TypeOid.timestamp,
  TypeOid.timestamptz,
]);

/**
 * Whole numbers scaled by 10^scale. SQL types: int2, int4, int8, oid, date (without infinities), time,
 * timestamp and timestamptz (without infinities), all with scale 0; numeric with the digits after the
 * point that every value of the vector displays. Values are never -0 and stay within ±(2^53 - 1);
 * blocks that hold others come as a DatumVector.
 */
export interface IntegerVector {
  readonly kind: 'integer';
  readonly values: Int32Array | Float64Array;
  readonly scale: number;
  /** Bounds of the non-null values, not necessarily tight. Null places hold 0, which may lie outside. */
  readonly min: number;
  readonly max: number;
  /** 1 marks a null; undefined: there is none. */
  readonly nulls: Uint8Array | undefined;
}

/** float4 and float8, with NaN and infinities. */
export interface FloatVector {
  readonly kind: 'float';
  readonly values: Float64Array;
  readonly nulls: Uint8Array | undefined;
}

/** 0 or 1. */
export interface BooleanVector {
  readonly kind: 'boolean';
  readonly values: Uint8Array;
  readonly nulls: Uint8Array | undefined;
}

/** Distinct values (by the type's equality), in no particular order. One object serves all blocks that share it. */
export interface Dictionary {
  readonly values: readonly Datum[];
}

/** values[i] is dictionary.values[codes[i]]; null places hold code 0. */
export interface DictionaryVector {
  readonly kind: 'dictionary';
  readonly codes: Uint8Array | Uint16Array | Int32Array;
  readonly dictionary: Dictionary;
  readonly nulls: Uint8Array | undefined;
}

/** ASCII texts as one piece of memory: value i is what lies between ends[i - 1] and ends[i]. */
export interface JoinedTexts {
  readonly bytes: Buffer;
  readonly ends: Int32Array;
  readonly nulls: Uint8Array | undefined;
}

/** Any values, nulls inline. */
export interface DatumVector {
  readonly kind: 'datum';
  /** Texts from a column segment become strings when this is first read. */
  readonly values: readonly Datum[];
  /** The same values, where they are held like this. */
  readonly texts?: JoinedTexts | undefined;
  /** The same values, where they are int8 and held in halves. */
  readonly wide?: WideIntegers | undefined;
}

export type Vector = IntegerVector | FloatVector | BooleanVector | DictionaryVector | DatumVector;

/** Rows a block aims to hold; never more. */
export const blockRows = 8192;

/**
 * Rows of a scan. `selection` lists the places that exist for the reader, ascending (the first
 * `selected` entries); undefined: all `length` places do. Vectors are shared and must not be written.
 */
export interface Block {
  readonly length: number;
  readonly selection: Int32Array | undefined;
  readonly selected: number;
  /** The column whose values are the ones that the reader wants, nearly always; undefined: it must look itself. */
  readonly wantedColumn?: number | undefined;
  /** Decodes the output column (by ordinal) when first asked for. */
  vector(column: number): Vector;
  /**
   * The reader is done with the block and drops all of its vectors (texts and plain values of theirs it may keep):
   * arrays that nobody else has are used again. Who may hold on to a vector does not say this.
   */
  release?(): void;
}
