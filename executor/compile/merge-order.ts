// The order of rows that are ranges, each sorted already: two neighbours are merged at a time, until one is left
// (D. Knuth, The Art of Computer Programming 3, 5.2.4). A number for each row's first key decides most comparisons; the
// values are looked at where it does not. Of rows with equal keys those of an earlier range come first.

import type { Vector } from '#common';
import { type KeyColumn, compareByKey } from '../rows/row-order.ts';
import { type NumberKey, numberKey } from './sort-keys.ts';
import { allPositions } from './vector-file.ts';
import { datumReader } from './vector-values.ts';

/** Rows for each entry of a dictionary from which the entries are put in order first. */
const entryRowsMin = 4;

type Compare = (left: number, right: number) => number;

export interface SortedRanges {
  /** Of the keys; values of all ranges one after another. */
  readonly vectors: readonly Vector[];
  readonly keys: readonly KeyColumn[];
  /** By key. */
  readonly types: readonly number[];
  /** One past the last row of each range. */
  readonly ends: readonly number[];
}

/** The places of all rows in order. */
export function mergedOrder(ranges: SortedRanges, poll: () => void): Int32Array {
  const length = ranges.ends.at(-1) ?? 0;
  const numberKeys = ranges.keys.map((key, i) => numbersOf(ranges.vectors[i], key, length, poll));
  const compare = comparison(ranges, numberKeys);
  const numbers = firstNumbers(ranges.keys[0], numberKeys[0], length);
  let order = allPositions(length);
  let other: Int32Array = new Int32Array(length);
  let ends = ranges.ends;
  while (ends.length > 1) {
    const merged: number[] = [];
    for (let i = 0; i < ends.length; i += 2) {
      const bounds = {
        start: i === 0 ? 0 : ends[i - 1],
        middle: ends[i],
        end: ends[Math.min(i + 1, ends.length - 1)],
      };
      mergeTwo({ order, target: other, numbers, compare }, bounds);
      merged.push(bounds.end);
      poll();
    }
    [order, other] = [other, order];
    ends = merged;
  }
  return order;
}

interface Merge {
  readonly order: Int32Array;
  readonly target: Int32Array;
  readonly numbers: Float64Array | undefined;
  readonly compare: Compare;
}

function mergeTwo(
  { order, target, numbers, compare }: Merge,
  { start, middle, end }: { readonly start: number; readonly middle: number; readonly end: number },
): void {
  let left = start;
  let right = middle;
  let place = start;
  while (left < middle && right < end) {
    const ofLeft = order[left];
    const ofRight = order[right];
    const difference = numbers === undefined ? 0 : numbers[ofLeft] - numbers[ofRight];
    // The difference of two infinities is not a number.
    const isRight = difference > 0 || (!(difference < 0) && compare(ofLeft, ofRight) > 0);
    target[place++] = isRight ? ofRight : ofLeft;
    if (isRight) right++;
    else left++;
  }
  while (left < middle) target[place++] = order[left++];
  while (right < end) target[place++] = order[right++];
}

/** undefined: values are compared one by one. */
function numbersOf(
  vector: Vector,
  key: KeyColumn,
  length: number,
  poll: () => void,
): NumberKey | undefined {
  if (vector.kind === 'datum') return undefined;
  if (vector.kind === 'dictionary' && vector.dictionary.values.length * entryRowsMin > length)
    return undefined;
  return numberKey(vector, key, length, poll);
}

function comparison(
  { vectors, keys, types }: SortedRanges,
  numberKeys: readonly (NumberKey | undefined)[],
): Compare {
  const comparators = keys.map((key, i): Compare => {
    const numbers = numberKeys[i];
    if (numbers !== undefined) return comparator(numbers);
    const read = datumReader(vectors[i], types[i]);
    return (left, right) => compareByKey(key, read(left), read(right));
  });
  if (comparators.length === 1) return comparators[0];
  return (left, right) => {
    for (const compare of comparators) {
      const outcome = compare(left, right);
      if (outcome !== 0) return outcome;
    }
    return 0;
  };
}

/** Numbers that are in the order of the first key wherever they differ; undefined: it has none. */
function firstNumbers(
  key: KeyColumn | undefined,
  numberKey: NumberKey | undefined,
  length: number,
): Float64Array | undefined {
  if (key === undefined || numberKey === undefined) return undefined;
  const { numbers, nulls } = numberKey;
  const made = new Float64Array(length);
  const ofNull = key.nullsFirst ? -Infinity : Infinity;
  const sign = key.descending ? -1 : 1;
  for (let row = 0; row < length; row++) {
    const value = numbers[row];
    if (nulls !== undefined && nulls[row] !== 0) made[row] = ofNull;
    // NaN is above everything.
    else made[row] = sign * (Number.isNaN(value) ? Infinity : value);
  }
  return made;
}

/** Three-way, by rows' places. */
function comparator({ numbers, nulls, nullsFirst, descending }: NumberKey): Compare {
  const sign = descending ? -1 : 1;
  const compare: Compare = (left, right) => sign * compareNumbers(numbers[left], numbers[right]);
  if (nulls === undefined) return compare;
  return (left, right) => {
    if (nulls[left] === 0 && nulls[right] === 0) return compare(left, right);
    if (nulls[left] !== 0 && nulls[right] !== 0) return 0;
    return (nulls[left] !== 0) === nullsFirst ? -1 : 1;
  };
}

/** NaN equals NaN and is above everything. */
function compareNumbers(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}
