// Orders rows of a row store by several keys. Text, numbers and dates are compared by their type's
// ordering; a column of plain numbers is compared directly.

import { type Datum, type OrderKey, notSupported } from '#common';
import { functionRegistry } from '#functions';
import { type ComparePositions, quickSort } from './quick-sort.ts';
import type { RowStore } from './row-store.ts';

export type CompareValues = (left: Datum, right: Datum) => number;

export interface KeyColumn {
  /** Position of the key's values among the store's columns. */
  readonly column: number;
  readonly compare: CompareValues;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export function keyColumn(key: OrderKey, column: number): KeyColumn {
  const ordering = functionRegistry.ordering(key.expression.type.oid);
  if (ordering === undefined) throw notSupported('ordering values of this type');
  return {
    column,
    compare: (left, right) => ordering.compare(left, right),
    descending: key.descending,
    nullsFirst: key.nullsFirst,
  };
}

/** Three-way comparison of two values under one key, nulls included. */
export function compareByKey(key: KeyColumn, left: Datum, right: Datum): number {
  if (left === null || right === null) {
    if (left === right) return 0;
    return (left === null) === key.nullsFirst ? -1 : 1;
  }
  const order = key.compare(left, right);
  return key.descending ? -order : order;
}

/** Positions of rows start .. end-1 in order; rows with equal keys come as PostgreSQL sorts them. */
export function sortedPositions(
  store: RowStore,
  keys: readonly KeyColumn[],
  start: number,
  end: number,
): Int32Array {
  const positions = new Int32Array(end - start);
  for (let i = 0; i < positions.length; i++) positions[i] = i;
  const comparators = keys.map((key) =>
    columnComparator(store.columns[key.column].slice(start, end), key),
  );
  const compare = comparators.length === 1 ? comparators[0] : inTurn(comparators);
  if (!quickSort(positions, compare)) positions.sort(compare);
  for (let i = 0; i < positions.length; i++) positions[i] = positions[i] + start;
  return positions;
}

function inTurn(comparators: readonly ComparePositions[]): ComparePositions {
  return (left, right) => {
    for (const compare of comparators) {
      const order = compare(left, right);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** Compares rows of a column by position. */
function columnComparator(values: readonly Datum[], key: KeyColumn): ComparePositions {
  if (isPlainNumbers(values)) {
    const numbers = Float64Array.from(values);
    return key.descending
      ? (left, right) => orderNumbers(numbers[right], numbers[left])
      : (left, right) => orderNumbers(numbers[left], numbers[right]);
  }
  return (left, right) => compareByKey(key, values[left], values[right]);
}

function orderNumbers(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function isPlainNumbers(values: readonly Datum[]): values is readonly number[] {
  for (const value of values) {
    if (typeof value !== 'number' || Number.isNaN(value)) return false;
  }
  return true;
}
