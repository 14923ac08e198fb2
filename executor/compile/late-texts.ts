// Texts that are kept without making strings of them (late materialization): a stored column holds places,
// and a place leads to the block of texts that a segment gave, or to a string that was added. Rows that are
// filtered, grouped and sorted away leave no string behind; the others get theirs when somebody looks.
// One object serves all stores of an operator, so that a place goes from one to the next as it is.
//
// Places count from 1; a block of n texts has n places in a row. Blocks stay in memory meanwhile, whole;
// past a limit no more are taken, and strings are kept instead.

import {
  type Datum,
  type DatumVector,
  type Dictionary,
  type JoinedTexts,
  latin1Text,
} from '#common';
import { lateTextBytesMax } from '../limits.ts';
import { valueBytes } from '../rows/value-size.ts';
import { TextKeys } from './text-keys.ts';

/** Strings that are added get places by so many. */
const chunkLength = 4096;

export class LateTexts {
  /** Of blocks of texts, and of strings that were added. */
  bytes = 0;
  private readonly bases: number[] = [];
  private readonly sources: (JoinedTexts | Datum[])[] = [];
  private byTexts = new Map<JoinedTexts, number>();
  private maps = new WeakMap<Dictionary, Int32Array>();
  private next = 1;
  private added: Datum[] = [];
  private addedBase = 0;
  /** The source of the place that was asked for last. */
  private last = 0;

  clear(): void {
    this.bytes = 0;
    this.bases.length = 0;
    this.sources.length = 0;
    this.byTexts = new Map();
    this.maps = new WeakMap();
    this.next = 1;
    this.added = [];
    this.addedBase = 0;
    this.last = 0;
  }

  /** The place of the block's first text; 0: the block is not taken. */
  baseOf(vector: DatumVector): number {
    const texts = vector.texts!;
    const known = this.byTexts.get(texts);
    if (known !== undefined) return known;
    if (this.bytes >= lateTextBytesMax) return 0;
    this.bytes += texts.bytes.length + texts.ends.byteLength;
    const base = this.take(texts, texts.ends.length);
    this.byTexts.set(texts, base);
    return base;
  }

  /** A place for the value itself. */
  add(value: Datum): number {
    if (this.addedBase === 0 || this.added.length === chunkLength) {
      this.added = [];
      this.addedBase = this.take(this.added, chunkLength);
    }
    this.bytes += valueBytes(value) + 8;
    return this.addedBase + this.added.push(value) - 1;
  }

  at(place: number): Datum {
    if (place === 0) return null;
    const { bases, sources } = this;
    if (!(place >= bases[this.last] && place < (bases[this.last + 1] ?? this.next)))
      this.last = this.sourceOf(place);
    const source = sources[this.last];
    const row = place - bases[this.last];
    if (Array.isArray(source)) return source[row];
    const { bytes, ends } = source;
    return latin1Text(bytes, row === 0 ? 0 : ends[row - 1], ends[row]);
  }

  /** From codes of the dictionary to places; 0 where there is none yet. */
  mapOf(dictionary: Dictionary): Int32Array {
    if (dictionary instanceof LateDictionary && dictionary.texts === this) return dictionary.places;
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

  /** Fills the dictionary's map at a code; the place. */
  fill(map: Int32Array, dictionary: Dictionary, code: number): number {
    const place = this.add(entryAt(dictionary, code));
    if (code < map.length) map[code] = place;
    return place;
  }

  private take(source: JoinedTexts | Datum[], places: number): number {
    const base = this.next;
    this.bases.push(base);
    this.sources.push(source);
    this.next += places;
    return base;
  }

  /** The last source that begins at the place or before. */
  private sourceOf(place: number): number {
    let low = 0;
    let high = this.bases.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.bases[middle] <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** The texts of a stored column by row, as a dictionary that has an entry per row. */
export class LateDictionary implements Dictionary {
  readonly texts: LateTexts;
  readonly places: Int32Array;
  readonly length: number;
  private made: readonly Datum[] | undefined = undefined;

  constructor(texts: LateTexts, places: Int32Array, length: number) {
    this.texts = texts;
    this.places = places;
    this.length = length;
  }

  /** All of them become strings. */
  get values(): readonly Datum[] {
    this.made ??= Array.from({ length: this.length }, (_, row) => this.texts.at(this.places[row]));
    return this.made;
  }

  at(row: number): Datum {
    return this.made === undefined ? this.texts.at(this.places[row]) : this.made[row];
  }
}

export function entryCount(dictionary: Dictionary): number {
  return isUnread(dictionary) ? dictionary.length : dictionary.values.length;
}

/** Makes a string of this entry alone. */
export function entryAt(dictionary: Dictionary, code: number): Datum {
  return isUnread(dictionary) ? dictionary.at(code) : dictionary.values[code];
}

/** All entries become strings when somebody asks for them together. */
function isUnread(dictionary: Dictionary): dictionary is LateDictionary | TextKeys {
  return dictionary instanceof LateDictionary || dictionary instanceof TextKeys;
}

let identity = new Int32Array(8192);

/** 0, 1, 2 …, at least so many; not to be written. */
export function rowNumbers(length: number): Int32Array {
  if (identity.length < length) {
    identity = new Int32Array(length * 2);
  }
  if (identity[identity.length - 1] === 0)
    for (let i = 0; i < identity.length; i++) identity[i] = i;
  return identity;
}
