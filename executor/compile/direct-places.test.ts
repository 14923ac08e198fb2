// Ranges of keys for direct places: they cover every key that came, keep their places within the limit,
// and are made anew rarely. Method: random keys in ascending, descending and random order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type KeyRange,
  coveringRanges,
  knownRanges,
  noRange,
  placeIn,
  placesOf,
} from './direct-places.ts';
import { nullKey } from './key-pool.ts';

const covers = (range: KeyRange, key: number): boolean =>
  key === nullKey ? range.span > 0 : placeIn(range, key) > 0 && placeIn(range, key) < range.span;

test('ranges cover all keys that have come, each in a place of its own', () => {
  const key = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.constant(nullKey));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, key), { minLength: 1 }), (rows) => {
      let ranges: readonly KeyRange[] = [noRange, noRange];
      for (const row of rows) {
        if (row.some((part, i) => !covers(ranges[i], part)))
          ranges = coveringRanges(ranges, row, 1000)!;
      }
      const places = new Map<number, string>();
      for (const row of rows) {
        assert.ok(row.every((part, i) => covers(ranges[i], part)));
        const place = placeIn(ranges[0], row[0]) * ranges[1].span + placeIn(ranges[1], row[1]);
        assert.ok(place >= 0 && place < placesOf(ranges));
        assert.equal(places.get(place) ?? row.join(), row.join());
        places.set(place, row.join());
      }
    }),
  );
});

test('keys far apart, wide ones and fractions have no places', () => {
  assert.equal(coveringRanges([{ base: 0, span: 10 }], [2 ** 40], 5), undefined);
  assert.equal(coveringRanges([noRange], [2 ** 54], 5), undefined);
  assert.equal(coveringRanges([noRange], [2 ** 53 - 1], 5), undefined);
});

test('ascending keys move the groups a few times only', () => {
  let ranges: readonly KeyRange[] = [noRange];
  let moves = 0;
  for (let key = 1; key < 1_000_000; key += 4) {
    if (covers(ranges[0], key)) continue;
    ranges = coveringRanges(ranges, [key], key / 4)!;
    moves++;
  }
  assert.ok(moves < 40, `${moves}`);
});

test('known bounds make the ranges at once, where they are not too far apart', () => {
  const [range] = knownRanges([() => ({ min: -3, max: 1_000_000 })], 200_000)!;
  assert.ok([nullKey, -3, 1_000_000].every((key) => covers(range, key)));
  assert.deepEqual(coveringRanges([range], [500], 200_000), [range]);
  assert.equal(knownRanges([() => ({ min: -3, max: 1_000_000 })], 100), undefined);
  assert.deepEqual(knownRanges([() => undefined, undefined], 100), [noRange, noRange]);
  assert.deepEqual(knownRanges([() => ({ min: Infinity, max: -Infinity })], 100), [noRange]);
});
