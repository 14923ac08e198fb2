// Goal: LIKE over joined texts agrees with LIKE over strings. Method: random texts and patterns over a
// small alphabet, so that literals straddle the ends of values and overlap themselves.

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JoinedTexts } from '#common';
import { LikePattern, isLiteralPattern } from './like-marks.ts';
import { LiteralSearch } from './like-search.ts';

function joined(values: readonly (string | null)[]): JoinedTexts {
  let end = 0;
  return {
    bytes: Buffer.from(values.join('')),
    ends: Int32Array.from(values, (value) => (end += value?.length ?? 0)),
    nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
  };
}

const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })));
const patterns = fc
  .string({ unit: fc.constantFrom('a', 'b', 'b', '%'), maxLength: 12 })
  .filter((pattern) => pattern.includes('%'));

test('blocks and strings agree', () => {
  fc.assert(
    fc.property(fc.array(texts), patterns, (blocks, pattern) => {
      const like = new LikePattern(pattern);
      const expression = new RegExp(`^${pattern.replaceAll('%', '.*')}$`);
      for (const values of blocks) {
        const marks = like.marksOf(joined(values));
        deepEqual(
          [...marks.subarray(0, values.length)],
          values.map((value) => (value === null ? 2 : expression.test(value) ? 1 : 0)),
        );
      }
    }),
    { numRuns: 3000 },
  );
});

test('every occurrence of a literal is found', () => {
  const text = (max: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: max });
  fc.assert(
    fc.property(text(400), text(5), fc.constantFrom(1, 1, 100), (bytes, part, times) => {
      const literal = part.repeat(times);
      const search = new LiteralSearch(Buffer.from(literal));
      const within = bytes + literal + bytes;
      const expected: number[] = [];
      for (let at = within.indexOf(literal); at !== -1; at = within.indexOf(literal, at + 1))
        expected.push(at);
      search.run(Buffer.from(within));
      deepEqual([...search.found.subarray(0, search.count)], expected);
    }),
    { numRuns: 2000 },
  );
});

test('other patterns are left to the interpreter', () => {
  for (const pattern of ['a_%', 'a\\%', 'abc']) equal(isLiteralPattern(pattern), false);
});
