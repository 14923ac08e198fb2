// One column of rows that a pipeline keeps: the payload of a hash table, or a result. Whole numbers,
// floats and booleans are kept in typed arrays; strings and everything else as places in a pool of
// values, or as places of texts that are not strings yet (late-texts.ts). A column takes the representation of the first values that it meets, and changes over to the
// pool when values come that do not fit; code that was generated for the old one is then out of date.

import { type Datum, type Dictionary, Numeric, type Vector, TypeOid } from '#common';
import { giveBack, zeroBytes, zeroFloats, zeroWholes } from './array-pool.ts';
import type { CompiledValue } from './compiled-value.ts';
import { LateDictionary, type LateTexts, entryAt, entryCount, rowNumbers } from './late-texts.ts';
import { valueBytes } from '../rows/value-size.ts';

export type Representation = 'integer' | 'float' | 'boolean' | 'dictionary' | 'texts';
export type StoredValues = Float64Array | Int32Array | Uint8Array;

/** A pool of values that is used again and again is emptied past this. */
const poolBytesKept = 1 << 22;

const narrowTypes: ReadonlySet<number> = new Set([TypeOid.int2, TypeOid.int4, TypeOid.date]);

/** The values of a column, apart from what code works on. */
export interface StoredRows {
  readonly representation: Representation;
  readonly scale: number;
  readonly min: number;
  readonly max: number;
  readonly values: StoredValues;
  readonly nulls: Uint8Array | undefined;
  /** Of a dictionary. */
  readonly pool: readonly Datum[] | undefined;
}

/**
 * Values by place. Entries of one dictionary have one place each; equal values may have several. Who starts
 * anew takes another pool, because what was computed for a dictionary's entries is found by the object.
 */
export class ValuePool implements Dictionary {
  readonly values: Datum[] = [];
  bytes = 0;
  private readonly maps = new WeakMap<Dictionary, Int32Array>();
  private readonly filled = new Set<Int32Array>();

  /** Another pool takes its place: code that is in the middle of a block goes on with one of its maps. */
  retire(): void {
    for (const map of this.filled) map.fill(0);
  }

  add(value: Datum): number {
    this.bytes += valueBytes(value) + 8;
    return this.values.push(value) - 1;
  }

  /** From codes of the dictionary to places + 1; 0 where there is none yet. */
  mapOf(dictionary: Dictionary): Int32Array {
    let map = this.maps.get(dictionary);
    const length = entryCount(dictionary);
    if (map === undefined || map.length < length) {
      const longer = new Int32Array(map === undefined ? length : length * 2);
      if (map !== undefined) longer.set(map);
      map = longer;
      this.maps.set(dictionary, map);
    }
    return map;
  }

  /** Fills the dictionary's map at a code; the place + 1. */
  fill(map: Int32Array, dictionary: Dictionary, code: number): number {
    const place = this.add(entryAt(dictionary, code)) + 1;
    if (code < map.length) map[code] = place;
    this.filled.add(map);
    return place;
  }
}

export class StoredColumn {
  readonly typeOid: number;
  representation: Representation | undefined = undefined;
  scale = 0;
  min = Infinity;
  max = -Infinity;
  values: StoredValues = new Float64Array(0);
  nulls: Uint8Array | undefined = undefined;
  pool = new ValuePool();
  private capacity = 0;
  /** Where texts are kept that are not strings yet; undefined: strings are kept. */
  readonly texts: LateTexts | undefined;
  private readonly isPooled: boolean;
  private rows: LateDictionary | undefined = undefined;

  /** Pooled arrays are given back when they are outgrown, and by clear(): nobody may read vectors then. */
  constructor(typeOid: number, isPooled = false, texts?: LateTexts) {
    this.typeOid = typeOid;
    this.isPooled = isPooled;
    this.texts = texts;
  }

  get bytes(): number {
    return this.values.byteLength + (this.nulls?.byteLength ?? 0) + this.pool.bytes;
  }

  /** Forgets the rows. The representation stays, because code stays in use that was made for it. */
  clear(): void {
    this.capacity = 0;
    this.drop(this.values);
    this.drop(this.nulls);
    this.values = this.allocate(0);
    this.rows = undefined;
    if (this.nulls !== undefined) this.nulls = new Uint8Array(0);
    this.pool = new ValuePool();
  }

  /** Makes the column ready for such values; true when its representation changed under older code. */
  adapt(value: CompiledValue, length: number): boolean {
    const wanted = this.representationOf(value);
    let changed = false;
    if (this.representation === undefined) {
      this.representation = wanted;
      if (value.kind === 'integer') this.scale = value.scale;
      this.drop(this.values);
      this.values = this.allocate(this.capacity);
    } else if (this.isTyped && !this.fits(value)) {
      this.toPool(length);
      changed = true;
    }
    if (this.representation === 'integer' && value.kind === 'integer') {
      this.min = Math.min(this.min, value.min);
      this.max = Math.max(this.max, value.max);
    }
    if (value.isNull !== undefined && this.nulls === undefined) {
      this.nulls = this.marks(this.capacity);
      changed = true;
    }
    if (value.kind === 'integer' && value.display !== undefined && this.demote(length))
      changed = true;
    return changed;
  }

  private get isTyped(): boolean {
    return this.representation !== 'dictionary' && this.representation !== 'texts';
  }

  private representationOf(value: CompiledValue): Representation {
    if (value.kind !== 'datum' && value.kind !== 'dictionary') return value.kind;
    const isLate = value.kind === 'datum' ? value.text !== undefined : value.isLate === true;
    return isLate && this.texts !== undefined ? 'texts' : 'dictionary';
  }

  /** The rows are out; the representation stays, the pool of values begins anew when it has grown. */
  reuse(): void {
    this.nulls?.fill(0);
    if (this.pool.bytes <= poolBytesKept) return;
    this.pool.retire();
    this.pool = new ValuePool();
  }

  grow(capacity: number): void {
    const { values, nulls } = this;
    this.capacity = capacity;
    this.values = this.allocate(capacity);
    this.values.set(values.length > capacity ? values.subarray(0, capacity) : values);
    this.drop(values);
    if (nulls === undefined) return;
    this.nulls = this.marks(capacity);
    this.nulls.set(nulls);
    this.drop(nulls);
  }

  private drop(array: StoredValues | undefined): void {
    if (this.isPooled) giveBack(array);
  }

  private wholes(capacity: number): Int32Array {
    return this.isPooled ? zeroWholes(capacity) : new Int32Array(capacity);
  }

  private marks(capacity: number): Uint8Array {
    return this.isPooled ? zeroBytes(capacity) : new Uint8Array(capacity);
  }

  /** Keeps the rows at the places only, in that order; values of others leave the pool. */
  keep(places: Int32Array): void {
    const { nulls, pool } = this;
    const isNull = places.map((place) => (nulls === undefined ? 0 : nulls[place]));
    const kept = Array.from(places, (place) => this.values[place]);
    if (this.representation === 'dictionary') {
      this.pool = new ValuePool();
      for (let row = 0; row < kept.length; row++)
        if (isNull[row] === 0) kept[row] = this.pool.add(pool.values[kept[row]]);
    }
    this.values.set(kept);
    this.rows = undefined;
    nulls?.fill(0);
    nulls?.set(isNull);
  }

  /** The first rows, for other threads: copied, unless they are in shared memory. */
  storedRows(length: number): StoredRows {
    const { scale, min, max, nulls, pool, representation = 'dictionary' } = this;
    const isShared = this.values.buffer instanceof SharedArrayBuffer;
    return {
      representation,
      scale,
      min,
      max,
      values: isShared ? this.values : this.values.slice(0, length),
      nulls: isShared ? nulls : nulls?.slice(0, length),
      pool: representation === 'dictionary' ? pool.values : undefined,
    };
  }

  /** These are its rows from now on; true when its representation changed under older code. */
  take(rows: StoredRows): boolean {
    const changed =
      this.representation !== rows.representation ||
      this.scale !== rows.scale ||
      (this.nulls === undefined && rows.nulls !== undefined);
    this.representation = rows.representation;
    this.scale = rows.scale;
    this.min = Math.min(this.min, rows.min);
    this.max = Math.max(this.max, rows.max);
    this.drop(this.values);
    this.drop(this.nulls);
    const { length } = rows.values;
    this.values = rows.values;
    this.nulls = rows.nulls ?? (this.nulls === undefined ? undefined : this.marks(length));
    this.pool = new ValuePool();
    for (const value of rows.pool ?? []) this.pool.add(value);
    this.capacity = length;
    return changed;
  }

  /** Of the first `length` rows. */
  vector(length: number): Vector {
    const { values, nulls } = this;
    switch (this.representation) {
      case 'integer': {
        const min = this.min <= this.max ? this.min : 0;
        const max = this.min <= this.max ? this.max : 0;
        const whole = values as Int32Array | Float64Array;
        return { kind: 'integer', values: whole, scale: this.scale, min, max, nulls };
      }
      case 'float':
        return { kind: 'float', values: values as Float64Array, nulls };
      case 'boolean':
        return { kind: 'boolean', values: values as Uint8Array, nulls };
      case 'texts': {
        const places = values as Int32Array;
        if (this.rows?.length !== length || this.rows.places !== places)
          this.rows = new LateDictionary(this.texts!, places, length);
        return { kind: 'dictionary', codes: rowNumbers(length), dictionary: this.rows, nulls };
      }
      default:
        return { kind: 'dictionary', codes: values as Int32Array, dictionary: this.pool, nulls };
    }
  }

  private fits(value: CompiledValue): boolean {
    if (value.kind === 'datum' && value.code === 'null') return true;
    if (value.kind !== this.representation) return false;
    return value.kind !== 'integer' || value.scale === this.scale;
  }

  /** A display scale that differs by row has no place in an array of whole numbers. */
  private demote(length: number): boolean {
    if (this.representation !== 'integer') return false;
    this.toPool(length);
    return true;
  }

  private allocate(capacity: number): StoredValues {
    const { representation, isPooled } = this;
    if (representation === 'boolean') return this.marks(capacity);
    const isWhole =
      representation === 'dictionary' ||
      representation === 'texts' ||
      (representation === 'integer' && narrowTypes.has(this.typeOid));
    if (isWhole) return this.wholes(capacity);
    return isPooled ? zeroFloats(capacity) : new Float64Array(capacity);
  }

  private toPool(length: number): void {
    const old = this.values;
    const codes = this.wholes(this.capacity);
    for (let row = 0; row < length; row++) {
      if (this.nulls === undefined || this.nulls[row] === 0)
        codes[row] = this.pool.add(datumOf(this, this.typeOid, old[row]));
    }
    this.representation = 'dictionary';
    this.values = codes;
    this.drop(old);
  }
}

/** An array for so many values in memory that other threads may see. */
export function sharedValues(
  representation: Representation,
  typeOid: number,
  length: number,
): StoredValues {
  const bytes = (perValue: number): SharedArrayBuffer => new SharedArrayBuffer(length * perValue);
  if (representation === 'boolean') return new Uint8Array(bytes(1));
  const isNarrow = representation === 'integer' && narrowTypes.has(typeOid);
  return isNarrow || representation === 'dictionary'
    ? new Int32Array(bytes(4))
    : new Float64Array(bytes(8));
}

/** The value that a number of such a column stands for. */
export function datumOf(
  column: { readonly representation?: Representation | undefined; readonly scale: number },
  typeOid: number,
  value: number,
): Datum {
  if (column.representation === 'boolean') return value !== 0;
  const isDecimal = column.representation === 'integer' && typeOid === TypeOid.numeric;
  return isDecimal ? new Numeric(value, column.scale) : value;
}
