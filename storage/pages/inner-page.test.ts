// The search over numbers finds the same child as comparing strings one after another, whatever the
// separators have in common, however long they are, and wherever zero bytes stand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InnerPage } from './inner-page.ts';

/** Few different bytes, so that keys share prefixes and heads. */
const tail = fc
  .array(fc.constantFrom(0, 1, 127, 128, 255), { maxLength: 10 })
  .map((bytes) => String.fromCharCode(...bytes));
const separatorLists = fc
  .tuple(tail, fc.uniqueArray(tail, { minLength: 1, maxLength: 40 }))
  .map(([prefix, tails]) => tails.map((end) => prefix + end).toSorted(byBytes));

function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The last separator <= key; the first counts as below every key. */
function expectedChild(separators: readonly string[], key: string): number {
  let child = 0;
  while (child + 1 < separators.length && separators[child + 1] <= key) child++;
  return child;
}

test('childFor() finds what a linear search finds', () => {
  const anyKey = fc.tuple(fc.boolean(), fc.nat(), tail);
  fc.assert(
    fc.property(separatorLists, fc.array(anyKey, { maxLength: 20 }), (separators, choices) => {
      const page = new InnerPage(separators, new Uint32Array(separators.length), 1);
      for (const [near, at, end] of choices) {
        const base = separators[at % separators.length];
        const key = near ? base.slice(0, at % (base.length + 1)) + end : end;
        assert.equal(page.childFor(key), expectedChild(separators, key));
      }
      for (const key of separators)
        assert.equal(page.childFor(key), expectedChild(separators, key));
    }),
    { numRuns: 2000 },
  );
});

test('a page of one child sends every key there', () => {
  const page = new InnerPage(['m'], Uint32Array.of(7), 1);
  for (const key of ['', 'a', 'm', 'z']) assert.equal(page.childFor(key), 0);
});
