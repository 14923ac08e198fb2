// Texts by their first characters. An expression that looks at no more of a text than substring(text
// from 1 for n) is computed once per prefix: each text has the place of the first text met that begins
// alike, in a dictionary that memo tables take like any other.
//
// Prefixes are ASCII and do not end in a blank, so that what a cast of char(n) strips from the end does
// not touch them. Every other text (a shorter one, say) stands for itself.

import { type Datum, type DatumVector, type JoinedTexts, latin1Text } from '#common';
import { GrowingDictionary } from './memo-table.ts';

/** Characters of a prefix; its seven-bit characters make a small integer. */
export const prefixLengthMax = 4;
/** Texts that stand for themselves pile up; past this many the dictionary begins anew. */
const placesMax = 1 << 16;
const blank = 32;

export class PrefixPlaces {
  /** Belongs to the places given last. */
  dictionary = new GrowingDictionary();
  private readonly length: number;
  private readonly byPrefix = new Map<number, number>();
  private vector: DatumVector | undefined = undefined;
  private places: Int32Array = new Int32Array(0);

  constructor(length: number) {
    this.length = length;
  }

  /** A place in the dictionary for each value; -1 for null. */
  placesOf(vector: DatumVector): Int32Array {
    if (this.vector === vector && vector.texts !== undefined) return this.places;
    if (this.dictionary.values.length > placesMax) {
      this.dictionary = new GrowingDictionary();
      this.byPrefix.clear();
    }
    this.vector = vector;
    this.places =
      vector.texts === undefined ? this.ofValues(vector.values) : this.ofTexts(vector.texts);
    return this.places;
  }

  private ofTexts({ bytes, ends, nulls }: JoinedTexts): Int32Array {
    const places = new Int32Array(ends.length);
    const { length } = this;
    let start = 0;
    for (let row = 0; row < places.length; row++) {
      const end = ends[row];
      if (nulls !== undefined && nulls[row] !== 0) places[row] = -1;
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

  private ofValues(values: readonly Datum[]): Int32Array {
    return Int32Array.from(values, (value) => {
      if (value === null) return -1;
      const prefix = this.prefixOf(value as string);
      return prefix === -1
        ? this.dictionary.placeOf(value)
        : (this.byPrefix.get(prefix) ?? this.add(prefix, value as string));
    });
  }

  private prefixOf(text: string): number {
    const { length } = this;
    if (text.length < length || text.charCodeAt(length - 1) === blank) return -1;
    let prefix = 0;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return -1;
      prefix = (prefix << 7) | code;
    }
    return prefix;
  }

  private add(prefix: number, text: string): number {
    const place = this.dictionary.placeOf(text);
    this.byPrefix.set(prefix, place);
    return place;
  }
}
