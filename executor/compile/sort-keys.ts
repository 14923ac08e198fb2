// The order of rows whose sort keys are vectors. Whole numbers are compared as they are, strings and all
// other values by their rank among the distinct ones. Keys whose ranges are small enough together, with
// the row's place below them, become one number a row, and the numbers are sorted without a comparison
// function; otherwise places are sorted by comparing key after key. Rows with equal keys stay in order.

import type { Datum, Vector } from '#common';
import { type KeyColumn, compareByKey } from '../rows/row-order.ts';

/** Numbers to compare; nulls apart. */
interface NumberKey {
  readonly numbers: Float64Array | Int32Array | Uint8Array;
  readonly nulls: Uint8Array | undefined;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** Whole numbers only: NaN is none. */
  readonly whole: boolean;
}

/** The places 0 .. length - 1 in order; all nulls where a vector is missing. */
export function orderOf(
  vectors: readonly (Vector | undefined)[],
  keys: readonly KeyColumn[],
  length: number,
): Int32Array {
  const numbers = keys.flatMap((key, i) => {
    const vector = vectors[i];
    return vector === undefined ? [] : [numberKey(vector, key, length)];
  });
  return byComposite(numbers, length) ?? byComparison(numbers, length);
}

function numberKey(vector: Vector, key: KeyColumn, length: number): NumberKey {
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
      const ranks = ranksOf(vector.dictionary.values, key);
      const numbers = new Int32Array(length);
      for (let row = 0; row < length; row++) numbers[row] = ranks[vector.codes[row]];
      return { numbers, nulls: vector.nulls, descending, nullsFirst, whole: true };
    }
    case 'datum': {
      const numbers = ranksOf(vector.values, key);
      const nulls = Uint8Array.from(vector.values, (value) => (value === null ? 1 : 0));
      return { numbers, nulls, descending, nullsFirst, whole: true };
    }
  }
}

/** Equal values have equal ranks; ascending whatever the key says. */
function ranksOf(values: readonly Datum[], key: KeyColumn): Int32Array {
  const ascending = { ...key, descending: false };
  const compare = (left: number, right: number): number =>
    compareByKey(ascending, values[left], values[right]);
  const places = Int32Array.from(values, (_value, place) => place).sort(compare);
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
  let product = 1;
  for (const key of keys) {
    const bounds = key.whole ? boundsOf(key, length) : undefined;
    if (bounds === undefined) return undefined;
    // One number on each side for nulls.
    const range = bounds.max - bounds.min + 3;
    product *= range;
    if (product * length > Number.MAX_SAFE_INTEGER) return undefined;
    addKey(composite, key, { ...bounds, range });
  }
  for (let row = 0; row < length; row++) composite[row] = composite[row] * length + row;
  composite.sort();
  const order = new Int32Array(length);
  for (let i = 0; i < length; i++) order[i] = composite[i] % length;
  return order;
}

function addKey(
  composite: Float64Array,
  { numbers, nulls, descending, nullsFirst }: NumberKey,
  { min, max, range }: { readonly min: number; readonly max: number; readonly range: number },
): void {
  const nullNumber = nullsFirst ? 0 : range - 1;
  for (let row = 0; row < composite.length; row++) {
    const isNull = nulls !== undefined && nulls[row] !== 0;
    const number = descending ? max - numbers[row] : numbers[row] - min;
    composite[row] = composite[row] * range + (isNull ? nullNumber : number + 1);
  }
}

function boundsOf(
  { numbers, nulls }: NumberKey,
  length: number,
): { readonly min: number; readonly max: number } | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < length; row++) {
    if (nulls !== undefined && nulls[row] !== 0) continue;
    const number = numbers[row];
    if (number < min) min = number;
    if (number > max) max = number;
  }
  if (min > max) return { min: 0, max: 0 };
  return Number.isSafeInteger(min) && Number.isSafeInteger(max) ? { min, max } : undefined;
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

/** NaN equals NaN and is above everything. */
function compareNumbers(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}
