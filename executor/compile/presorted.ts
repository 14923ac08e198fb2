// Rows that come in the order of some keys already: of a table in the order of its primary key, say. A stable sort
// need not look at keys that the rows are in order of, when these are the last ones; without others there is
// nothing to sort.

import type { NumberKey } from './sort-keys.ts';

/** The keys to sort by: without the last ones, if the rows are in their order. */
export function unsortedKeys(keys: readonly NumberKey[], length: number): readonly NumberKey[] {
  for (let first = 0; first < keys.length; first++)
    if (isSortedBy(keys.slice(first), length)) return keys.slice(0, first);
  return keys;
}

/** Ends at the first row that is out of order, which in most cases is among the first ones. */
function isSortedBy([first, ...others]: readonly NumberKey[], length: number): boolean {
  const { numbers, nulls, descending } = first;
  const sign = descending ? -1 : 1;
  for (let row = 1; row < length; row++) {
    const difference = sign * (numbers[row] - numbers[row - 1]);
    if (difference > 0 && nulls === undefined) continue;
    const order = nulls === undefined && difference < 0 ? 1 : compared(first, row - 1, row);
    if (order > 0 || (order === 0 && areUnordered(others, row - 1, row))) return false;
  }
  return true;
}

function areUnordered(keys: readonly NumberKey[], left: number, right: number): boolean {
  for (const key of keys) {
    const order = compared(key, left, right);
    if (order !== 0) return order > 0;
  }
  return false;
}

function compared(key: NumberKey, left: number, right: number): number {
  const { numbers, nulls, descending, nullsFirst } = key;
  if (nulls !== undefined && (nulls[left] !== 0 || nulls[right] !== 0)) {
    if (nulls[left] !== 0 && nulls[right] !== 0) return 0;
    return (nulls[left] !== 0) === nullsFirst ? -1 : 1;
  }
  const order = compareNumbers(numbers[left], numbers[right]);
  return descending ? -order : order;
}

/** NaN equals NaN and is above everything. */
export function compareNumbers(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}
