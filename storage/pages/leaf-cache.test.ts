// Whatever is added, a leaf that the cache returns is the one that was added last under its number.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LeafCache } from './leaf-cache.ts';

const budgetBytes = 16 * 4096;

function leafOf(pageId: number, length = 100): Buffer {
  return Buffer.alloc(length, pageId % 251);
}

function cached(cache: LeafCache, pageId: number, length = 100): Buffer | undefined {
  const start = cache.find(pageId);
  return start < 0 ? undefined : cache.bytes.subarray(start, start + length);
}

test('pages with neighbouring numbers fill the whole budget', () => {
  const cache = new LeafCache(budgetBytes);
  for (let pageId = 1000; pageId < 1016; pageId++) cache.add(pageId, leafOf(pageId));
  for (let pageId = 1000; pageId < 1016; pageId++)
    assert.deepEqual(cached(cache, pageId), leafOf(pageId));
  assert.equal(cached(cache, 999), undefined);
});

test('a working set that moves on takes the places over', () => {
  const cache = new LeafCache(budgetBytes);
  for (let pageId = 0; pageId < 16; pageId++) cache.add(pageId, leafOf(pageId));
  for (let round = 0; round < 200; round++) {
    for (let pageId = 100; pageId < 116; pageId++)
      if (cached(cache, pageId) === undefined) cache.add(pageId, leafOf(pageId));
  }
  let kept = 0;
  for (let pageId = 100; pageId < 116; pageId++) if (cached(cache, pageId) !== undefined) kept++;
  assert.ok(kept > 12, `${kept} of 16`);
});

test('a leaf that is returned is the right one; longer pages are not kept', () => {
  const steps = fc.array(
    fc.record({ pageId: fc.integer({ min: 0, max: 80 }), length: fc.constantFrom(1, 4080, 5000) }),
  );
  fc.assert(
    fc.property(steps, (added) => {
      const cache = new LeafCache(budgetBytes);
      const pages = new Map<number, Buffer>();
      for (const { pageId, length } of added) {
        const known = cached(cache, pageId, pages.get(pageId)?.length);
        if (known !== undefined) assert.deepEqual(known, pages.get(pageId));
        else {
          const leaf = leafOf(pageId, length);
          cache.add(pageId, leaf);
          pages.set(pageId, leaf);
          if (length > 4096) assert.equal(cached(cache, pageId), undefined);
        }
      }
    }),
  );
});
