// The order of rows whose sort keys are vectors. Whole numbers are compared as they are, strings and all
// other values by their rank among the distinct ones. Keys whose ranges are small enough together become one
// number a row. Few rows are sorted as such numbers with their places below them, or by comparing key after
// key; many by the digits of their keys (radix-order.ts). Rows with equal keys stay in order, so that keys by which
// the rows are in order already need not be looked at (presorted.ts).

import type { Datum, Vector } from '#common';
import { type KeyColumn, compareByKey } from '../rows/row-order.ts';
import { compareNumbers, unsortedKeys } from './presorted.ts';
import { type RadixWord, radixOrder } from './radix-order.ts';
import { allPositions } from './vector-file.ts';

/** Numbers to compare; nulls apart. */
export interface NumberKey {
  readonly numbers: Float64Array | Int32Array | Uint8Array;
  readonly nulls: Uint8Array | undefined;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** Whole numbers only: NaN is none. */
  readonly whole: boolean;
}

/** More rows than this are sorted by digits. */
const comparedRowsMax = 4096;
/** Comparisons between two polls. */
const polledComparisons = 8192;
const wordBits = 26;
const wordSize = 2 ** wordBits;
const allBits = 0xffffffff;
const signBit = 0x80000000;
/** Lower and upper half of the bits of NaN. */
const nanHalves: readonly [number, number] = [0, 0x7ff80000];

const never = (): void => {};

/** The places 0 .. length - 1 in order; a key without a vector is null in all rows. */
export function orderOf(
  vectors: readonly (Vector | undefined)[],
  keys: readonly KeyColumn[],
  length: number,
  poll: () => void = never,
): Int32Array {
  const numbers = keys.flatMap((key, i) => {
    const vector = vectors[i];
    return vector === undefined ? [] : [numberKey(vector, key, length, poll)];
  });
  return orderOfNumbers(numbers, length, poll);
}

export function orderOfNumbers(
  wanted: readonly NumberKey[],
  length: number,
  poll: () => void,
): Int32Array {
  const keys = unsortedKeys(wanted, length);
  if (keys.length === 0) return allPositions(length);
  if (length > comparedRowsMax) return radixOrder(wordsOf(keys, length, poll), length, poll);
  return byComposite(keys, length) ?? byComparison(keys, length);
}

/** What stands for the first `length` values of a key. */
export function numberKey(
  vector: Vector,
  key: KeyColumn,
  length: number,
  poll: () => void,
): NumberKey {
  const { descending, nullsFirst } = key;
  switch (vector.kind) {
    case 'integer':
    case 'boolean':
      return { numbers: vector.values, nulls: vector.nulls, descending, nullsFirst, whole: true };
    case 'float': {
      const { values, nulls } = vector;
      return { numbers: values, nulls, descending, nullsFirst, whole: false };
    }
    case 'dictionary': {
      const ranks = ranksOf(vector.dictionary.values, key, poll);
      const numbers = new Int32Array(length);
      for (let row = 0; row < length; row++) numbers[row] = ranks[vector.codes[row]];
      return { numbers, nulls: vector.nulls, descending, nullsFirst, whole: true };
    }
    case 'datum': {
      const numbers = ranksOf(vector.values, key, poll);
      const nulls = Uint8Array.from(vector.values, (value) => (value === null ? 1 : 0));
      return { numbers, nulls, descending, nullsFirst, whole: true };
    }
  }
}

/** Equal values have equal ranks; ascending whatever the key says. */
function ranksOf(values: readonly Datum[], key: KeyColumn, poll: () => void): Int32Array {
  const ascending = { ...key, descending: false };
  let comparisons = 0;
  const compare = (left: number, right: number): number => {
    if (++comparisons % polledComparisons === 0) poll();
    return compareByKey(ascending, values[left], values[right]);
  };
  const places = allPositions(values.length);
  poll();
  places.sort(compare);
  const ranks = new Int32Array(values.length);
  let rank = 0;
  for (let i = 0; i < places.length; i++) {
    if (i > 0 && compare(places[i - 1], places[i]) !== 0) rank++;
    ranks[places[i]] = rank;
  }
  return ranks;
}

function byComposite(keys: readonly NumberKey[], length: number): Int32Array | undefined {
  const composite = new Float64Array(length);
  let product = length;
  for (const key of keys) {
    const range = rangeOf(key, length);
    if (range === undefined || product * range.size > Number.MAX_SAFE_INTEGER) return undefined;
    product *= range.size;
    addKey(composite, key, range);
  }
  for (let row = 0; row < length; row++) composite[row] = composite[row] * length + row;
  composite.sort();
  const order = new Int32Array(length);
  for (let i = 0; i < length; i++) order[i] = composite[i] % length;
  return order;
}

interface KeyRange {
  readonly min: number;
  readonly max: number;
  /** Of the values, with one number on each side for nulls. */
  readonly size: number;
}

function addKey(
  composite: Float64Array,
  { numbers, nulls, descending, nullsFirst }: NumberKey,
  { min, max, size }: KeyRange,
): void {
  const nullNumber = nullsFirst ? 0 : size - 1;
  for (let row = 0; row < composite.length; row++) {
    const isNull = nulls !== undefined && nulls[row] !== 0;
    const number = descending ? max - numbers[row] : numbers[row] - min;
    composite[row] = composite[row] * size + (isNull ? nullNumber : number + 1);
  }
}

/** undefined: of floats, and of whole numbers so far apart that their distance is not exact. */
function rangeOf({ numbers, nulls, whole }: NumberKey, length: number): KeyRange | undefined {
  if (!whole) return undefined;
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < length; row++) {
    if (nulls !== undefined && nulls[row] !== 0) continue;
    const number = numbers[row];
    if (number < min) min = number;
    if (number > max) max = number;
  }
  if (min > max) return { min: 0, max: 0, size: 3 };
  const size = max - min + 3;
  return size <= Number.MAX_SAFE_INTEGER ? { min, max, size } : undefined;
}

/** The keys as words to sort by; neighbours with small ranges share one. */
function wordsOf(keys: readonly NumberKey[], length: number, poll: () => void): RadixWord[] {
  const words: RadixWord[] = [];
  let composite = new Float64Array(length);
  let product = 1;
  const endComposite = (): void => {
    if (product > 1) words.push(...wholeWords(composite, product));
    composite = new Float64Array(length);
    product = 1;
  };
  for (const key of keys) {
    poll();
    const range = rangeOf(key, length);
    if (range === undefined || product * range.size > Number.MAX_SAFE_INTEGER) endComposite();
    if (range === undefined) {
      words.push(...floatWords(key, length));
      continue;
    }
    product *= range.size;
    addKey(composite, key, range);
  }
  if (product > 1) words.push(...wholeWords(composite, product));
  return words;
}

function wholeWords(composite: Float64Array, product: number): RadixWord[] {
  const bits = Math.ceil(Math.log2(product));
  if (bits <= 32) return [{ values: new Uint32Array(composite), bits }];
  const high = new Uint32Array(composite.length);
  const low = new Uint32Array(composite.length);
  for (let row = 0; row < composite.length; row++) {
    const upper = Math.floor(composite[row] / wordSize);
    high[row] = upper;
    low[row] = composite[row] - upper * wordSize;
  }
  return [
    { values: high, bits: bits - wordBits + 1 },
    { values: low, bits: wordBits },
  ];
}

/** The bits of doubles, changed so that they are in the order of the numbers; NaN is above everything. */
function floatWords(key: NumberKey, length: number): RadixWord[] {
  const { numbers, nulls, descending, nullsFirst } = key;
  const double = new Float64Array(1);
  const halves = new Uint32Array(double.buffer);
  const high = new Uint32Array(length);
  const low = new Uint32Array(length);
  const marks = new Uint32Array(nulls === undefined ? 0 : length);
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

function byComparison(keys: readonly NumberKey[], length: number): Int32Array {
  const comparators = keys.map(comparator);
  const order = new Int32Array(length);
  for (let row = 0; row < length; row++) order[row] = row;
  return order.sort((left, right) => {
    for (const compare of comparators) {
      const outcome = compare(left, right);
      if (outcome !== 0) return outcome;
    }
    return left - right;
  });
}

function comparator(key: NumberKey): (left: number, right: number) => number {
  const { numbers, nulls, nullsFirst } = key;
  const sign = key.descending ? -1 : 1;
  const compare = (left: number, right: number): number =>
    sign * compareNumbers(numbers[left], numbers[right]);
  if (nulls === undefined) return compare;
  return (left, right) => {
    if (nulls[left] === 0 && nulls[right] === 0) return compare(left, right);
    if (nulls[left] !== 0 && nulls[right] !== 0) return 0;
    return (nulls[left] !== 0) === nullsFirst ? -1 : 1;
  };
}
