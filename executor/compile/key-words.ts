// Sort keys as words for a sort by digits. Whole numbers are counted from their least one; neighbours with small
// ranges share a word, so that the keys of rows in order can be read off the words in order.

import { zeroWholes } from './array-pool.ts';
import type { RadixWord } from './radix-order.ts';
import type { NumberKey } from './sort-keys.ts';

/** A whole word has no more numbers. */
const wordSizeMax = 2 ** 31;
const lowBits = 26;
const lowSize = 2 ** lowBits;
const allBits = 0xffffffff;
const signBit = 0x80000000;
/** Lower and upper half of the bits of NaN. */
const nanHalves: readonly [number, number] = [0, 0x7ff80000];

export interface KeyRange {
  readonly min: number;
  readonly max: number;
  /** Of the values, with one more number for nulls if there may be any. */
  readonly size: number;
}

/** A key among those that share a word, the most significant first. */
export interface WordPart {
  /** Its place among the keys. */
  readonly key: number;
  readonly range: KeyRange;
}

export interface KeyWord extends RadixWord {
  readonly parts: readonly WordPart[];
}

export function wordsOf(keys: readonly NumberKey[], length: number, poll: () => void): KeyWord[] {
  const words: KeyWord[] = [];
  let values = zeroWholes(0);
  let parts: WordPart[] = [];
  let size = 1;
  const end = (): void => {
    if (size > 1) words.push({ values, bits: Math.ceil(Math.log2(size)), parts });
    parts = [];
    size = 1;
  };
  for (const [place, key] of keys.entries()) {
    poll();
    const range = rangeOf(key, length);
    if (range === undefined || range.size > wordSizeMax) {
      end();
      const own = range === undefined ? floatWords(key, length) : wideWords(key, range, length);
      words.push(...own.map((word) => ({ ...word, parts: [] })));
      continue;
    }
    if (size * range.size > wordSizeMax) end();
    if (parts.length === 0) values = zeroWholes(length);
    size *= range.size;
    parts.push({ key: place, range });
    addKey(values, key, range);
  }
  end();
  return words;
}

/** Makes room for the key below what the numbers are so far. */
export function addKey(
  target: Float64Array | Int32Array,
  { numbers, nulls, descending, nullsFirst }: NumberKey,
  { min, max, size }: KeyRange,
): void {
  const { length } = target;
  if (nulls === undefined) {
    if (descending)
      for (let row = 0; row < length; row++) target[row] = target[row] * size + max - numbers[row];
    else
      for (let row = 0; row < length; row++)
        target[row] = target[row] * size + (numbers[row] - min);
    return;
  }
  const first = nullsFirst ? 1 : 0;
  const nullNumber = nullsFirst ? 0 : size - 1;
  for (let row = 0; row < length; row++) {
    const number = descending ? max - numbers[row] : numbers[row] - min;
    target[row] = target[row] * size + (nulls[row] === 0 ? first + number : nullNumber);
  }
}

/** undefined: of floats, and of whole numbers so far apart that their distance is not exact. */
export function rangeOf(
  { numbers, nulls, whole }: NumberKey,
  length: number,
): KeyRange | undefined {
  if (!whole) return undefined;
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < length; row++) {
    if (nulls !== undefined && nulls[row] !== 0) continue;
    const number = numbers[row];
    if (number < min) min = number;
    if (number > max) max = number;
  }
  if (min > max) return { min: 0, max: 0, size: 2 };
  const size = max - min + (nulls === undefined ? 1 : 2);
  return size <= Number.MAX_SAFE_INTEGER ? { min, max, size } : undefined;
}

/** Whole numbers that are too far apart for one word. */
function wideWords(key: NumberKey, range: KeyRange, length: number): RadixWord[] {
  const whole = new Float64Array(length);
  addKey(whole, key, range);
  const high = zeroWholes(length);
  const low = zeroWholes(length);
  for (let row = 0; row < length; row++) {
    const upper = Math.floor(whole[row] / lowSize);
    high[row] = upper;
    low[row] = whole[row] - upper * lowSize;
  }
  return [
    { values: high, bits: Math.ceil(Math.log2(range.size)) - lowBits + 1 },
    { values: low, bits: lowBits },
  ];
}

/** The bits of doubles, changed so that they are in the order of the numbers; NaN is above everything. */
function floatWords(key: NumberKey, length: number): RadixWord[] {
  const { numbers, nulls, descending, nullsFirst } = key;
  const double = new Float64Array(1);
  const halves = new Uint32Array(double.buffer);
  const high = zeroWholes(length);
  const low = zeroWholes(length);
  const marks = zeroWholes(nulls === undefined ? 0 : length);
  for (let row = 0; row < length; row++) {
    if (nulls !== undefined) {
      const isNull = nulls[row] !== 0;
      marks[row] = isNull === nullsFirst ? 0 : 1;
      if (isNull) continue;
    }
    // -0 equals 0, and all NaN are alike.
    const number = numbers[row] + 0;
    double[0] = number;
    const isNumber = !Number.isNaN(number);
    const lower = isNumber ? halves[0] : nanHalves[0];
    const upper = isNumber ? halves[1] : nanHalves[1];
    const flip = descending ? allBits : 0;
    const isNegative = upper >>> 31 !== 0;
    low[row] = (isNegative ? ~lower : lower) ^ flip;
    high[row] = (isNegative ? ~upper : upper ^ signBit) ^ flip;
  }
  const words = [
    { values: high, bits: 32 },
    { values: low, bits: 32 },
  ];
  return nulls === undefined ? words : [{ values: marks, bits: 1 }, ...words];
}
