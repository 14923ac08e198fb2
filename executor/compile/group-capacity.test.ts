// Goal: room for groups grows in few steps, and not far beyond what is needed, be the estimate right or wrong.
// Method: grow from the first capacity until so many groups fit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstCapacity, nextCapacity } from './group-capacity.ts';

function grown(
  groups: number,
  expected: number,
): { readonly capacity: number; readonly steps: number } {
  let capacity = firstCapacity(expected, 512);
  let steps = 0;
  for (; capacity < groups; steps++) {
    const next = nextCapacity(capacity, expected);
    assert.ok(Number.isInteger(next) && next > capacity);
    capacity = next;
  }
  return { capacity, steps };
}

test('a right estimate: few steps, little too much', () => {
  for (const groups of [600, 40_000, 1_500_000, 18_000_000]) {
    const { capacity, steps } = grown(groups, groups * 0.9);
    assert.ok(steps <= 4, `${groups}: ${steps} steps`);
    assert.ok(groups < 1 << 18 || capacity < groups * 1.3, `${groups}: ${capacity}`);
  }
});

test('an estimate that is far too high costs little', () => {
  assert.ok(grown(100, 50_000_000).capacity <= 1 << 15);
  assert.ok(grown(100_000, 50_000_000).capacity <= 1 << 18);
});

test('an estimate that is far too low takes some more steps', () => {
  const { capacity, steps } = grown(10_000_000, 100);
  assert.ok(steps < 25 && capacity < 15_000_001, `${steps} steps, ${capacity}`);
});
