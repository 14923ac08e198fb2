// Texts by their first characters. An expression that looks at no more of a text than substring(text
// from 1 for n) is computed once per prefix: each text has the place of the first text met that begins
// alike, in a dictionary that memo tables take like any other.
//
// Prefixes are ASCII and do not end in a blank, so that what a cast of char(n) strips from the end does
// not touch them. Every other text (a shorter one, say) stands for itself.
//
// Texts of a column segment come again in later scans, so their places are kept as long as their vector is, for
// all statements of a thread.

import { type Datum, type DatumVector, type JoinedTexts, latin1Text } from '#common';
import { GrowingDictionary } from './growing-dictionary.ts';

/** Characters of a prefix; its seven-bit characters make a small integer. */
export const prefixLengthMax = 4;
/** Texts that stand for themselves pile up; past this many the dictionary begins anew. */
const placesMax = 1 << 15;
/** The place of null. */
export const noPlace = 0xffff;
const blank = 32;

interface Placed {
  readonly places: Uint16Array;
  readonly dictionary: GrowingDictionary;
}

/** Of a thread. */
const byLength = new Map<number, PrefixPlaces>();

export function prefixPlaces(length: number): PrefixPlaces {
  let places = byLength.get(length);
  if (places === undefined) byLength.set(length, (places = new PrefixPlaces(length)));
  return places;
}

export class PrefixPlaces {
  private readonly length: number;
  private dictionary = new GrowingDictionary();
  private readonly byPrefix = new Map<number, number>();
  private readonly known = new WeakMap<DatumVector, Placed>();

  constructor(length: number) {
    this.length = length;
  }

  /** For each value its place in the dictionary, or noPlace. */
  of(vector: DatumVector): Placed {
    const known = this.known.get(vector);
    if (known !== undefined) return known;
    if (this.dictionary.values.length > placesMax) {
      this.dictionary = new GrowingDictionary();
      this.byPrefix.clear();
    }
    const { texts } = vector;
    const places = texts === undefined ? this.ofValues(vector.values) : this.ofTexts(texts);
    const placed = { places, dictionary: this.dictionary };
    // Other vectors are written to again.
    if (texts !== undefined) this.known.set(vector, placed);
    return placed;
  }

  private ofTexts({ bytes, ends, nulls }: JoinedTexts): Uint16Array {
    const places = new Uint16Array(ends.length);
    const { length } = this;
    let start = 0;
    for (let row = 0; row < places.length; row++) {
      const end = ends[row];
      if (nulls !== undefined && nulls[row] !== 0) places[row] = noPlace;
      else if (end - start < length || bytes[start + length - 1] === blank)
        places[row] = this.dictionary.placeOf(latin1Text(bytes, start, end));
      else {
        let prefix = 0;
        for (let i = 0; i < length; i++) prefix = (prefix << 7) | bytes[start + i];
        places[row] = this.byPrefix.get(prefix) ?? this.add(prefix, latin1Text(bytes, start, end));
      }
      start = end;
    }
    return places;
  }

  private ofValues(values: readonly Datum[]): Uint16Array {
    return Uint16Array.from(values, (value) => {
      if (value === null) return noPlace;
      const prefix = prefixOf(value as string, this.length);
      return prefix === -1
        ? this.dictionary.placeOf(value)
        : (this.byPrefix.get(prefix) ?? this.add(prefix, value as string));
    });
  }

  private add(prefix: number, text: string): number {
    const place = this.dictionary.placeOf(text);
    this.byPrefix.set(prefix, place);
    return place;
  }
}

/** A number for the first characters; -1 where a text stands for itself. */
export function prefixOf(text: string, length: number): number {
  if (text.length < length || text.charCodeAt(length - 1) === blank) return -1;
  let prefix = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return -1;
    prefix = (prefix << 7) | code;
  }
  return prefix;
}
