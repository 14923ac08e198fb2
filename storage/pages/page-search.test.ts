// searchPage() and entryIs() agree with a linear search whatever hint they are given and wherever in a
// buffer the page lies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodePage } from './page-encoder.ts';
import { EntryKind, EntryList, entryIs, searchPage } from './page-format.ts';

const key = fc
  .tuple(fc.constantFrom('', 'ab'), fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 4 }))
  .map(([prefix, bytes]) => prefix + String.fromCharCode(...bytes));

function pageOf(keys: readonly string[]): Buffer {
  const entries = new EntryList();
  const value = Buffer.from('value');
  for (const [i, each] of keys.entries())
    entries.push(each, i * 1000, value, 0, value.length, EntryKind.inline);
  return encodePage(entries, 0, keys.length, {
    pageId: 7,
    treeSlot: 2,
    level: 0,
  });
}

test('a hint changes how a key is searched, not what is found', () => {
  const keyLists = fc.uniqueArray(key, { minLength: 1, maxLength: 60 });
  const hint = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(Number.NaN, Infinity, -1, 1 - 1e-9, 1 - Number.EPSILON),
  );
  fc.assert(
    fc.property(
      keyLists,
      fc.array(fc.tuple(key, hint)),
      fc.nat({ max: 9 }),
      (list, wanted, start) => {
        const keys = list.toSorted((left, right) => (left < right ? -1 : 1));
        const page = pageOf(keys);
        const bytes = Buffer.concat([
          Buffer.alloc(start, 0xee),
          page,
          Buffer.alloc(64, start * 28),
        ]);
        const all = [...wanted, ...keys.map((each, i) => [each, i / keys.length] as const)];
        for (const [each, nearness] of all) {
          const expected = keys.findIndex((other) => other >= each);
          const position = expected < 0 ? keys.length : expected;
          assert.equal(searchPage(bytes, each, start, nearness), position);
          assert.equal(entryIs(bytes, position, each, start), keys[position] === each);
        }
      },
    ),
  );
});
