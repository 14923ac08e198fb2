// Keys of several columns: each column's value encoding (key-values.ts) in turn. A column that may be
// null carries a marker byte first:
//
//   nulls first:  00 null | 01 value        nulls last:  01 value | 02 null
//
// A descending column's value bytes are inverted; its marker is not, since NULLS FIRST and LAST say
// where nulls go whatever the direction. Keys are compared as strings of characters 0..255.

import type { Datum } from './datum.ts';
import { databaseError } from './errors.ts';
import { KeyReader, valueKeyDecoder, type ValueKeyDecoder } from './key-decoding.ts';
import { invertBytes, valueKeyEncoder, type ValueKeyEncoder } from './key-values.ts';
import { keyBytesMax } from './limits.ts';
import type { SqlType } from './types.ts';

export interface KeyColumn {
  readonly type: SqlType;
  readonly descending: boolean;
  /** undefined: the column is never null and has no marker byte. */
  readonly nulls: 'first' | 'last' | undefined;
}

/** Keys in [lower, upper); undefined is unbounded. */
export interface KeyInterval {
  readonly lower: string | undefined;
  readonly upper: string | undefined;
}

export interface KeyBound {
  readonly value: Datum;
  readonly inclusive: boolean;
}

/** Ascending, never null: a primary key's column. */
export function plainKeyColumn(type: SqlType): KeyColumn {
  return { type, descending: false, nulls: undefined };
}

/** Encodes and decodes keys over one list of columns. Build it once per index and keep it. */
export class KeyCodec {
  readonly columns: readonly KeyColumn[];
  /** Encoders per column, null marker and direction included. */
  readonly encoders: readonly ValueKeyEncoder[];
  private decoders: readonly ValueKeyDecoder[] | undefined;
  /** Where the last decode() stopped: what follows is not of these columns. */
  decodedEnd: number;

  constructor(columns: readonly KeyColumn[]) {
    this.columns = columns;
    this.encoders = columns.map(columnEncoder);
    this.decoders = undefined;
    this.decodedEnd = 0;
  }

  /** The key of all columns, or of the first values.length ones (a prefix). */
  encode(values: readonly Datum[]): string {
    const { encoders } = this;
    if (values.length === 1) return encoders[0](values[0]);
    let key = '';
    for (let index = 0; index < values.length; index++) key += encoders[index](values[index]);
    return key;
  }

  /** The first column alone; the point read's path. */
  encodeFirst(value: Datum): string {
    return this.encoders[0](value);
  }

  /** Reads all columns from an offset; 0A000 where a key does not hold the value (keyIsLossless). */
  decode(key: string, offset = 0): Datum[] {
    this.decoders ??= this.columns.map((column) => valueKeyDecoder(column.type.oid));
    const reader = new KeyReader(key, offset);
    const values: Datum[] = [];
    for (let index = 0; index < this.columns.length; index++) {
      const column = this.columns[index];
      reader.mask = 0;
      if (column.nulls !== undefined && reader.byte() !== valueMarker) {
        values.push(null);
        continue;
      }
      reader.mask = column.descending ? 0xff : 0;
      values.push(this.decoders[index](reader, column.type.typmod));
    }
    this.decodedEnd = reader.position;
    return values;
  }

  /** All keys whose first columns equal the given values. */
  prefixInterval(values: readonly Datum[]): KeyInterval {
    return values.length === 0
      ? { lower: undefined, upper: undefined }
      : prefixRange(this.encode(values));
  }

  /**
   * Keys whose first columns equal `prefix` and whose next column is non-null and within the bounds
   * by the type's order, whatever the column's direction.
   */
  rangeInterval(
    prefix: readonly Datum[],
    lower: KeyBound | undefined,
    upper: KeyBound | undefined,
  ): KeyInterval {
    const start = prefix.length === 0 ? '' : this.encode(prefix);
    const column = this.columns[prefix.length];
    const encode = this.encoders[prefix.length];
    const first = column.descending ? upper : lower;
    const last = column.descending ? lower : upper;
    const nonNull = prefixRange(start + (column.nulls === undefined ? '' : '\x01'));
    let from = nonNull.lower;
    let to = nonNull.upper;
    if (first !== undefined) {
      const key = start + encode(first.value);
      from = first.inclusive ? key : prefixSuccessor(key);
    }
    if (last !== undefined) {
      const key = start + encode(last.value);
      to = last.inclusive ? prefixSuccessor(key) : key;
    }
    return { lower: from === '' ? undefined : from, upper: to };
  }
}

const valueMarker = 1;

function columnEncoder(column: KeyColumn): ValueKeyEncoder {
  const plain = valueKeyEncoder(column.type.oid);
  const encode: ValueKeyEncoder = column.descending ? (value) => invertBytes(plain(value)) : plain;
  if (column.nulls === undefined) return encode;
  const nullKey = column.nulls === 'first' ? '\x00' : '\x02';
  return (value) => (value === null ? nullKey : '\x01' + encode(value));
}

/** All keys that start with a prefix. */
export function prefixRange(prefix: string): KeyInterval {
  return { lower: prefix === '' ? undefined : prefix, upper: prefixSuccessor(prefix) };
}

/** The smallest key above all that start with the prefix; undefined when there is none. */
export function prefixSuccessor(prefix: string): string | undefined {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end--;
  if (end === 0) return undefined;
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
}

/** 54000 for a key that is too long for its index. */
export function checkKeyLength(key: string, indexName: string): void {
  if (key.length <= keyBytesMax) return;
  throw databaseError(
    'programLimitExceeded',
    `index row size ${key.length} exceeds btree version 4 maximum ${keyBytesMax} for index "${indexName}"`,
    {
      hint:
        'Values larger than 1/3 of a buffer page cannot be indexed.\n' +
        'Consider a function index of an MD5 hash of the value, or use full text indexing.',
    },
  );
}
