// A secondary index's entries. Each is a key in the index's own tree:
//
//   unique and no null among the columns (or NULLS NOT DISTINCT):   columns → row key
//   otherwise:                                                      columns, row key → (nothing)
//
// The value starts with the length of the columns' part (u16, big-endian), so that a reader finds the
// row key without decoding columns. Since a unique entry's key is its columns, "is the value taken" is
// a point read and the key itself is what a writer locks.

import {
  asBuffer,
  checkKeyLength,
  type Datum,
  equalityType,
  type IndexDescriptor,
  KeyCodec,
  type KeyColumn,
  keyIsLossless,
  latin1Text,
  notSupported,
  type SqlType,
  sqlType,
  type TableDescriptor,
  TypeOid,
} from '#common';
import type { Key, KeyBounds } from '../contract.ts';
import type { DatumRange, IndexComputation } from './contract.ts';

const lengthBytes = 2;

export interface IndexEntry {
  readonly key: Key;
  readonly value: Uint8Array;
  /** The key is the columns alone: at most one row may have it. */
  readonly exclusive: boolean;
}

export class IndexFormat {
  readonly index: IndexDescriptor;
  readonly #table: TableDescriptor;
  #computation: IndexComputation | undefined;
  #codec: KeyCodec;
  #readable: ReadonlyMap<number, number>;

  constructor(table: TableDescriptor, index: IndexDescriptor) {
    this.index = index;
    this.#table = table;
    this.#codec = this.#makeCodec();
    this.#readable = this.#findReadable();
  }
  get codec(): KeyCodec {
    return this.#codec;
  }
  /** Attributes that a covering scan can read from entries, with their position in the index. */
  get readable(): ReadonlyMap<number, number> {
    return this.#readable;
  }
  setComputation(computation: IndexComputation): void {
    this.#computation = computation;
    this.#codec = this.#makeCodec();
    this.#readable = this.#findReadable();
  }
  /** What entry() reads of a row; undefined: it may read anything. */
  get attributesRead(): readonly number[] | undefined {
    const columns = this.index.columns.map((column) => column.attributeNumber);
    const isPlain = this.index.predicate === undefined && !columns.includes(0);
    if (isPlain) return columns;
    const computed = this.#computation?.attributes;
    return computed && [...columns.filter((attribute) => attribute !== 0), ...computed];
  }
  /** The type of an index column, under its collation; text until the type of an expression is known. */
  #columnType(position: number): SqlType {
    const { attributeNumber, collation } = this.index.columns[position];
    const type =
      attributeNumber === 0
        ? (this.#computation?.types?.[position] ?? sqlType(TypeOid.text))
        : this.#table.columns[attributeNumber - 1].type;
    const oid = equalityType(collation === undefined ? type : { ...type, collation });
    return oid === type.oid ? type : sqlType(oid);
  }
  #makeCodec(): KeyCodec {
    return new KeyCodec(
      this.index.columns.map((column, position): KeyColumn => ({
        type: this.#columnType(position),
        descending: column.descending,
        nulls: column.nullsFirst ? 'first' : 'last',
      })),
    );
  }
  #findReadable(): ReadonlyMap<number, number> {
    const readable = new Map<number, number>();
    if (!this.#codec.columns.every((column) => keyIsLossless(column.type))) return readable;
    this.index.columns.forEach(({ attributeNumber }, position) => {
      if (attributeNumber !== 0) readable.set(attributeNumber, position);
    });
    return readable;
  }

  includes(row: readonly Datum[]): boolean {
    if (this.index.predicate === undefined) return true;
    const includes = this.#computation?.includes;
    if (includes === undefined) throw notSupported(`index "${this.index.name}" with a predicate`);
    return includes(row);
  }
  /** The index columns' values for a row. */
  values(row: readonly Datum[]): Datum[] {
    return this.index.columns.map(({ attributeNumber }, position) => {
      if (attributeNumber !== 0) return row[attributeNumber - 1] ?? null;
      const expression = this.#computation?.expression;
      if (expression === undefined)
        throw notSupported(`index "${this.index.name}" on an expression`);
      return expression(row, position);
    });
  }
  /** undefined: the row is not in this (partial) index. */
  entry(row: readonly Datum[], rowKey: Key): IndexEntry | undefined {
    return this.includes(row) ? this.entryOf(this.values(row), rowKey) : undefined;
  }
  entryOf(values: readonly Datum[], rowKey: Key): IndexEntry {
    const columns = this.codec.encode(values);
    checkKeyLength(columns, this.index.name);
    if (this.isExclusive(values)) {
      const value = Buffer.allocUnsafe(lengthBytes + rowKey.length);
      value.writeUInt16BE(columns.length);
      value.write(rowKey, lengthBytes, 'latin1');
      return { key: columns, value, exclusive: true };
    }
    const value = Buffer.allocUnsafe(lengthBytes);
    value.writeUInt16BE(columns.length);
    return { key: columns + rowKey, value, exclusive: false };
  }
  /** Do these values allow one row only? */
  isExclusive(values: readonly Datum[]): boolean {
    if (!this.index.unique || this.index.deferrable === true) return false;
    return this.index.nullsNotDistinct || !values.includes(null);
  }

  bounds(range: DatumRange): KeyBounds | undefined {
    return rangeBounds(this.codec, range);
  }
}

/** The row key of an entry. */
export function entryRowKey(key: Key, value: Uint8Array): Key {
  const columnsLength = (value[0] << 8) | value[1];
  if (columnsLength < key.length) return key.slice(columnsLength);
  return latin1Text(asBuffer(value), lengthBytes, value.length);
}

/** undefined: a null among the values, so nothing matches. */
export function rangeBounds(codec: KeyCodec, range: DatumRange): KeyBounds | undefined {
  const { equal, lower, upper } = range;
  for (const value of equal) if (value === null) return undefined;
  if (lower === undefined && upper === undefined) return codec.prefixInterval(equal);
  if (lower?.value === null || upper?.value === null) return undefined;
  return codec.rangeInterval(equal, lower, upper);
}
