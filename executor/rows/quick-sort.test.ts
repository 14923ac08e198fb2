/**
 * Goal: quickSort() sorts, and gives rows with equal keys the order that PostgreSQL gives them.
 * Method: properties over random keys; one order taken from PostgreSQL 15; keys that make bad pivots.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quickSort } from './quick-sort.ts';

function sorted(keys: readonly number[]): { positions: number[]; done: boolean } {
  const positions = Int32Array.from(keys, (_key, position) => position);
  const done = quickSort(positions, (left, right) => keys[left] - keys[right]);
  return { positions: [...positions], done };
}

test('any keys come in order, each position once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 300 }), (keys) => {
      const { positions, done } = sorted(keys);
      assert.deepEqual(
        positions.toSorted((a, b) => a - b),
        [...keys.keys()],
      );
      if (!done) return;
      const inOrder = positions.map((position) => keys[position]);
      assert.deepEqual(
        inOrder,
        keys.toSorted((a, b) => a - b),
      );
    }),
  );
});

test('equal keys come as PostgreSQL sorts them', () => {
  // select row_number() over () - 1, k from (values …) t(k) order by k
  const keys = [3, 1, 2, 1, 3, 2, 1, 2, 3, 1];
  const { positions } = sorted(keys);
  assert.deepEqual(positions, [9, 6, 1, 3, 5, 2, 7, 4, 8, 0]);
});

test('input in order is left as it is', () => {
  assert.deepEqual(sorted([1, 1, 2, 2, 2, 3, 3, 9]).positions, [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a killer sequence ends', () => {
  // McIlroy, "A killer adversary for quicksort" (1999): keys are decided while it compares.
  const n = 4000;
  const solid = n + 1;
  const keys = new Array<number>(n).fill(solid);
  let next = 0;
  let candidate = 0;
  const positions = Int32Array.from(keys, (_key, position) => position);
  const done = quickSort(positions, (left, right) => {
    if (keys[left] === solid && keys[right] === solid) {
      keys[left === candidate ? left : right] = next++;
    }
    if (keys[left] === solid) candidate = left;
    else if (keys[right] === solid) candidate = right;
    return keys[left] - keys[right];
  });
  assert.equal(typeof done, 'boolean');
  assert.deepEqual(
    [...positions].toSorted((a, b) => a - b),
    [...positions.keys()],
  );
});
