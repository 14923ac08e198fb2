// The JavaScript value of one SQL value. Which representation a type has is fixed here, once:
// codecs, functions, storage and operators all rely on it. SQL NULL is null, for every type.
//
// | SQL type                          | Datum                                                           |
// | --------------------------------- | --------------------------------------------------------------- |
// | bool                              | boolean                                                         |
// | int2 int4 oid xid cid reg*        | number (integer)                                                |
// | int8                              | number while |x| <= 2^53 - 1, otherwise bigint (canonical: a    |
// |                                   | bigint is never inside the safe range); never -0                |
// | float4 float8                     | number (float4 values are rounded with Math.fround)             |
// | numeric                           | Numeric (numeric.ts): immutable, display scale kept             |
// | text varchar bpchar name "char"   | string (bpchar is kept blank-padded to its length)              |
// | unknown (untyped literal), cstring| string                                                          |
// | bytea                             | Uint8Array, never mutated                                       |
// | date                              | number: days since 2000-01-01; +-Infinity                       |
// | time                              | number: microseconds since midnight, 0 .. 86400000000           |
// | timetz                            | TimeTz                                                          |
// | timestamp timestamptz             | like int8: microseconds since 2000-01-01 00:00 (UTC for tz);    |
// |                                   | +-Infinity (number)                                             |
// | interval                          | Interval                                                        |
// | uuid                              | string, canonical lower-case 8-4-4-4-12                         |
// | json xml                          | string (the text as entered)                                    |
// | jsonpath                          | string (canonical text)                                         |
// | macaddr macaddr8                  | string, canonical: pairs of lower-case digits, ":" between      |
// | bit, bit varying                  | string of the characters 0 and 1                                |
// | money pg_lsn                      | like int8: cents; an unsigned position                          |
// | ranges, multiranges               | RangeValue, MultirangeValue (value-types/range.ts)              |
// | tsvector, tsquery                 | TsVector, TsQuery (text-search/)                                |
// | point, box, path, circle …        | GeometricValue (value-types/geometric.ts)                       |
// | inet cidr                         | NetworkAddress (value-types/network.ts)                         |
// | jsonb                             | Jsonb (jsonb.ts): parsed, canonical                             |
// | arrays                            | ArrayValue                                                      |
// | record, composite                 | RecordValue                                                     |
// | enums                             | number: the label's place in its type (EnumLabel.order)         |
// | domains                           | as the type that they are over                                  |
// | void                              | "" (empty string)                                               |
//
// Values are immutable once they leave the function that made them.

import type { Numeric } from './numeric.ts';
import type { Jsonb } from './jsonb.ts';

/** time with time zone: local microseconds since midnight and the zone's offset in seconds EAST of UTC. */
export class TimeTz {
  readonly micros: number;
  readonly zoneSeconds: number;
  constructor(micros: number, zoneSeconds: number) {
    this.micros = micros;
    this.zoneSeconds = zoneSeconds;
  }
}

/** interval: three independent parts, as PostgreSQL stores them. micros is canonical like int8. */
export class Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: number | bigint;
  constructor(months: number, days: number, micros: number | bigint) {
    this.months = months;
    this.days = days;
    this.micros = micros;
  }
}

/** One dimension of an array: how many elements, and the subscript of the first. */
export interface ArrayDimension {
  readonly length: number;
  readonly lowerBound: number;
}

/** A SQL array. Elements are in row-major order; an empty array has no dimensions. */
export class ArrayValue {
  readonly elementType: number;
  readonly dimensions: readonly ArrayDimension[];
  readonly elements: readonly Datum[];
  constructor(
    elementType: number,
    dimensions: readonly ArrayDimension[],
    elements: readonly Datum[],
  ) {
    this.elementType = elementType;
    this.dimensions = dimensions;
    this.elements = elements;
  }
  /** A one-dimensional array with lower bound 1. */
  static of(elementType: number, elements: readonly Datum[]): ArrayValue {
    const dimensions = elements.length === 0 ? [] : [{ length: elements.length, lowerBound: 1 }];
    return new ArrayValue(elementType, dimensions, elements);
  }
}

/** A row value; types are oids, names are absent for anonymous records. */
export class RecordValue {
  readonly types: readonly number[];
  readonly fields: readonly Datum[];
  readonly names: readonly string[] | undefined;
  constructor(types: readonly number[], fields: readonly Datum[], names?: readonly string[]) {
    this.types = types;
    this.fields = fields;
    this.names = names;
  }
}

/**
 * A value of a type with a class of its own (value-types/). It knows its type, so whoever carries
 * values of any type finds their stored form by `codecOid`.
 */
export abstract class TypedValue {
  /** The type under which valueCodec() finds the stored form. */
  abstract readonly codecOid: number;
}

export type Datum =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Numeric
  | Jsonb
  | TimeTz
  | Interval
  | ArrayValue
  | RecordValue
  | TypedValue;

/** Brings a bigint or number result into int8's canonical form. Does not check int8's range. */
export function canonicalInteger(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
