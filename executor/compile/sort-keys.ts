// What stands for the values of a sort key: whole numbers and floats as they are, strings and all other values by
// their rank among the distinct ones.

import type { Datum, Vector } from '#common';
import { type KeyColumn, compareByKey } from '../rows/row-order.ts';
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

/** Comparisons between two polls. */
const polledComparisons = 8192;

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
