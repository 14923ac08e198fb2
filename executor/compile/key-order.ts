// The order of rows by keys. Few rows are compared; many are sorted by the digits of their keys (radix-order.ts), when
// somebody asks for their places: who only reads keys that make up one short word gets them counted.

import type { Vector } from '#common';
import type { KeyColumn } from '../rows/row-order.ts';
import { giveBack } from './array-pool.ts';
import { orderOfFew } from './few-rows.ts';
import { type KeyWord, type WordPart, wordsOf } from './key-words.ts';
import { unsortedKeys } from './presorted.ts';
import { type RadixOrder, countedOrder, radixOrder } from './radix-order.ts';
import { type NumberKey, numberKey } from './sort-keys.ts';
import { allPositions } from './vector-file.ts';

/** More rows than this are sorted by digits. */
const comparedRowsMax = 4096;
/** Words of no more bits are counted. */
const countedBitsMax = 16;

/** A key without a vector is null in all rows. */
export class KeyOrder {
  /** The rows are in order as they are. */
  readonly isGiven: boolean;
  private readonly length: number;
  private readonly poll: () => void;
  /** By the places of the keys. */
  private readonly numbers: readonly NumberKey[];
  private readonly places: readonly number[];
  private words: readonly KeyWord[] = [];
  private sorted: Int32Array | undefined = undefined;
  /** The most significant word, in order. */
  private leading: Int32Array | undefined = undefined;
  private readonly leadingParts: readonly WordPart[];

  constructor(
    vectors: readonly (Vector | undefined)[],
    keys: readonly KeyColumn[],
    length: number,
    poll: () => void,
  ) {
    this.length = length;
    this.poll = poll;
    this.places = keys.flatMap((_key, i) => (vectors[i] === undefined ? [] : [i]));
    const numbers = this.places.map((i) => numberKey(vectors[i]!, keys[i], length, poll));
    this.numbers = unsortedKeys(numbers, length);
    if (this.numbers.length > 0 && length > comparedRowsMax)
      this.words = wordsOf(this.numbers, length, poll);
    this.leadingParts = this.words.length > 0 ? this.words[0].parts : [];
    this.isGiven =
      this.numbers.length === 0 || (length > comparedRowsMax && this.words.length === 0);
  }

  get order(): Int32Array {
    this.sorted ??= this.isGiven
      ? allPositions(this.length)
      : this.length > comparedRowsMax
        ? this.byDigits().order
        : orderOfFew(this.numbers, this.length);
    return this.sorted;
  }

  /** Fills in the values of a key in order, if they are known without the rows' places. */
  decode(key: number, target: Int32Array | Float64Array): boolean {
    const place = this.leadingParts.findIndex((part) => this.places[part.key] === key);
    if (place === -1) return false;
    const part = this.leadingParts[place];
    const { nulls, descending } = this.numbers[part.key];
    if (nulls !== undefined) return false;
    const { min, max, size } = part.range;
    const below = this.leadingParts
      .slice(place + 1)
      .reduce((all, each) => all * each.range.size, 1);
    const leading = this.leadingWord();
    const sign = descending ? -1 : 1;
    const first = descending ? max : min;
    const { length } = this;
    if (below === 1 && place === 0) {
      for (let row = 0; row < length; row++) target[row] = first + sign * leading[row];
    } else {
      for (let row = 0; row < length; row++)
        target[row] = first + sign * (((leading[row] / below) | 0) % size);
    }
    return true;
  }

  private leadingWord(): Int32Array {
    if (this.leading === undefined) {
      const [word] = this.words;
      if (this.words.length === 1 && word.bits <= countedBitsMax)
        this.leading = countedOrder(word, this.length);
      else this.sorted = this.byDigits().order;
    }
    return this.leading!;
  }

  private byDigits(): RadixOrder {
    const sorted = radixOrder(this.words, this.length, this.poll);
    this.leading = sorted.leading;
    for (const { values } of this.words) giveBack(values);
    this.words = [];
    return sorted;
  }
}
