// The order of few rows: as numbers with their places below them, or by comparing key after key.

import { addKey, rangeOf } from './key-words.ts';
import { compareNumbers } from './presorted.ts';
import type { NumberKey } from './sort-keys.ts';

export function orderOfFew(keys: readonly NumberKey[], length: number): Int32Array {
  return byComposite(keys, length) ?? byComparison(keys, length);
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
