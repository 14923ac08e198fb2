// Numbers that stand for key values, so that hash tables compare keys as numbers. Whole numbers within
// ±2^53 stand for themselves; wider ones, infinities, strings and values of all other types get an
// identity from a pool: strings once per entry of a dictionary, not once per row, and texts of a segment's block by
// their bytes (text-keys.ts).

import {
  type Datum,
  type Dictionary,
  halvesOf,
  isSafeInHalves,
  type JoinedTexts,
  Numeric,
  TypeOid,
  WideIntegers,
} from '#common';
import { functionRegistry } from '#functions';
import { valueBytes } from '../rows/value-size.ts';
import { wholeNumberTypes } from './compiled-value.ts';
import { entryAt, entryCount } from './late-texts.ts';
import { NotCompilable } from './not-compilable.ts';
import { TextKeys } from './text-keys.ts';
import { WideKeys } from './wide-keys.ts';

/** Stands for null in keys that may be null: no value has it. */
export const nullKey = 2 ** 53;
/** Identities of whole numbers outside of ±2^53 begin here; four apart, so doubles keep them apart. */
const wideKeyBase = 2 ** 54;

/** Where a value is not in the pool and shall not be added. */
const absent = -1;

/** Texts that are equal exactly when their bytes are. */
const byteTypes: ReadonlySet<number> = new Set([TypeOid.text, TypeOid.varchar, TypeOid.name]);

export class KeyPool {
  readonly typeOid: number;
  /** Values by identity, but for texts. */
  private values: Datum[] = [];
  private texts: TextKeys | undefined;
  private own: Dictionary = { values: this.values };
  private wide = new WideKeys();
  private readonly isInt8: boolean;
  /** Numerics: the scale of those that stand for themselves; undefined until the first is met. */
  scale: number | undefined = undefined;
  /** Numerics: every one has an identity, none stands for itself. */
  byIdentity = false;
  private valuesBytes = 0;
  private readonly hash: (value: Datum) => unknown;
  private identities = new Map<unknown, number>();
  private adding = new WeakMap<Dictionary, Int32Array>();
  private finding = new WeakMap<Dictionary, Int32Array>();

  constructor(typeOid: number) {
    this.typeOid = typeOid;
    const ordering = functionRegistry.ordering(typeOid);
    this.hash = ordering === undefined ? (value) => value : (value) => ordering.hashKey(value);
    this.isInt8 = typeOid === TypeOid.int8;
    this.texts = byteTypes.has(typeOid) ? new TextKeys() : undefined;
  }

  /** Values by identity; another object after each clear(), by which what is computed of them is found. */
  get dictionary(): Dictionary {
    return this.texts ?? this.own;
  }
  get bytes(): number {
    return this.valuesBytes + (this.texts?.size ?? 0) + this.wide.size;
  }
  get isEmpty(): boolean {
    const { length } = this.texts ?? this.wide;
    return this.values.length === 0 && length === 0;
  }
  /** May texts of a block be added as they are there? */
  get takesBytes(): boolean {
    return this.texts !== undefined;
  }

  clear(): void {
    this.values = [];
    this.own = { values: this.values };
    this.wide.finish();
    this.wide = new WideKeys();
    if (this.texts !== undefined) {
      this.texts.finish();
      this.texts = new TextKeys();
    }
    this.identities = new Map();
    this.adding = new WeakMap();
    this.finding = new WeakMap();
    this.valuesBytes = 0;
  }

  add(value: Datum): number {
    if (this.texts !== undefined) return this.texts.ofString(value as string, true);
    const key = this.hash(value);
    let identity = this.identities.get(key);
    if (identity === undefined) {
      identity = this.values.length;
      this.values.push(value);
      this.identities.set(key, identity);
      this.valuesBytes += 64 + valueBytes(value);
    }
    return identity;
  }

  /** As add(), for keys that are shown: of equal numerics all must look the same. */
  addShown(value: Numeric): number {
    const identity = this.add(value);
    if ((this.values[identity] as Numeric).scale !== value.scale) throw new NotCompilable();
    return identity;
  }

  findShown(value: Numeric): number {
    const identity = this.find(value);
    if (identity !== absent && (this.values[identity] as Numeric).scale !== value.scale)
      throw new NotCompilable();
    return identity;
  }

  /** -1 when no such value was added. */
  find(value: Datum): number {
    if (this.texts !== undefined) return this.texts.ofString(value as string, false);
    return this.identities.get(this.hash(value)) ?? absent;
  }

  /** As add() and find(), of a text in a block. */
  addText(block: JoinedTexts, place: number): number {
    return this.texts!.ofBlock(block, place, true);
  }

  findText(block: JoinedTexts, place: number): number {
    return this.texts!.ofBlock(block, place, false);
  }

  /** A whole number, timestamp or date that may not be a safe integer. */
  addWide(value: Datum): number {
    if (Number.isSafeInteger(value)) return value as number;
    if (!this.isInt8) return wideKeyBase + 4 * this.add(value);
    return wideKeyBase + 4 * this.wide.identityOf(...halvesOf(value as bigint), true);
  }

  findWide(value: Datum): number {
    if (Number.isSafeInteger(value)) return value as number;
    const identity = this.isInt8
      ? this.wide.identityOf(...halvesOf(value as bigint), false)
      : this.find(value);
    return identity === absent ? NaN : wideKeyBase + 4 * identity;
  }

  /** As addWide() and findWide(), of a number in a block. */
  addHalves(block: WideIntegers, place: number): number {
    return this.keyOfHalves(block, place, true);
  }

  findHalves(block: WideIntegers, place: number): number {
    return this.keyOfHalves(block, place, false);
  }

  private keyOfHalves(block: WideIntegers, place: number, adds: boolean): number {
    const high = block.high[place];
    const low = block.low[place];
    if (isSafeInHalves(high, low >>> 0)) return high * 2 ** 32 + (low >>> 0);
    const identity = this.wide.identityOf(high, low, adds);
    return identity === absent ? NaN : wideKeyBase + 4 * identity;
  }

  /** Halves by identity, of the numbers that keys stand for (int8). */
  halves(keys: Float64Array, nulls: Uint8Array | undefined): WideIntegers {
    const high = new Int32Array(keys.length);
    const low = new Int32Array(keys.length);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key === nullKey) continue;
      if (key >= wideKeyBase) {
        const identity = (key - wideKeyBase) / 4;
        high[i] = this.wide.high[identity];
        low[i] = this.wide.low[identity];
      } else {
        high[i] = Math.floor(key / 2 ** 32);
        low[i] = key | 0;
      }
    }
    return new WideIntegers(high, low, nulls);
  }

  /** A numeric in the pool's scale when it is a safe integer then, else by identity. */
  addNumeric(value: Numeric): number {
    return this.wholeOf(value) ?? wideKeyBase + 4 * this.add(value);
  }

  findNumeric(value: Numeric): number {
    const whole = this.wholeOf(value);
    if (whole !== undefined) return whole;
    const identity = this.find(value);
    return identity === absent ? NaN : wideKeyBase + 4 * identity;
  }

  /** The value behind a component. */
  datum(key: number): Datum {
    if (key === nullKey) return null;
    if (this.typeOid === TypeOid.bool) return key !== 0;
    if (this.isInt8 && key >= wideKeyBase) return this.wide.at((key - wideKeyBase) / 4);
    if (wholeNumberTypes.has(this.typeOid))
      return key >= wideKeyBase ? this.values[(key - wideKeyBase) / 4] : key;
    if (this.typeOid === TypeOid.numeric && !this.byIdentity)
      return key >= wideKeyBase
        ? this.values[(key - wideKeyBase) / 4]
        : new Numeric(key, this.scale ?? 0);
    return this.texts === undefined ? this.values[key] : this.texts.at(key);
  }

  /** From codes of the dictionary to identities + 1, 0 where it is not known yet, -1 for none. */
  mapOf(dictionary: Dictionary, adds: boolean): Int32Array {
    const maps = adds ? this.adding : this.finding;
    let map = maps.get(dictionary);
    const length = entryCount(dictionary);
    if (map === undefined || map.length < length) {
      const longer = new Int32Array(map === undefined ? length : length * 2);
      if (map !== undefined) longer.set(map);
      map = longer;
      maps.set(dictionary, map);
    }
    return map;
  }

  fillAdding(map: Int32Array, dictionary: Dictionary, code: number): number {
    const value = entryAt(dictionary, code);
    const entry = (this.byIdentity ? this.addShown(value as Numeric) : this.add(value)) + 1;
    if (code < map.length) map[code] = entry;
    return entry;
  }

  fillFinding(map: Int32Array, dictionary: Dictionary, code: number): number {
    const value = entryAt(dictionary, code);
    const identity = this.byIdentity ? this.findShown(value as Numeric) : this.find(value);
    const entry = identity === absent ? -1 : identity + 1;
    if (code < map.length) map[code] = entry;
    return entry;
  }

  private wholeOf(value: Numeric): number | undefined {
    this.scale ??= Math.max(value.scale, 0);
    const { coefficient, scale } = value;
    if (typeof coefficient !== 'number' || scale < 0) return undefined;
    const factor = 10 ** Math.abs(this.scale - scale);
    const whole = scale <= this.scale ? coefficient * factor : coefficient / factor;
    return Number.isSafeInteger(whole) ? whole : undefined;
  }
}
