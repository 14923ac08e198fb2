// Goal: LIKE over joined texts agrees with LIKE over strings. Method: random texts and patterns over a
// small alphabet, so that literals straddle the ends of values and overlap themselves.

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DatumVector } from '#common';
import { likeMarks } from './like-marks.ts';

function joined(values: readonly (string | null)[]): DatumVector {
  let end = 0;
  return {
    kind: 'datum',
    values,
    texts: {
      bytes: Buffer.from(values.join('')),
      ends: Int32Array.from(values, (value) => (end += value?.length ?? 0)),
      nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
    },
  };
}

const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })));
const patterns = fc
  .string({ unit: fc.constantFrom('a', 'b', '%'), maxLength: 6 })
  .filter((pattern) => pattern.includes('%'));

test('blocks and strings agree', () => {
  fc.assert(
    fc.property(texts, patterns, (values, pattern) => {
      const like = likeMarks(joined(values), pattern)!;
      const expression = new RegExp(`^${pattern.replaceAll('%', '.*')}$`);
      deepEqual(
        values.map((_value, place) => like(place)),
        values.map((value) => (value === null ? 2 : expression.test(value) ? 1 : 0)),
      );
    }),
    { numRuns: 2000 },
  );
});

test('other patterns and plain values are left to the interpreter', () => {
  for (const pattern of ['a_%', 'a\\%', 'abc'])
    equal(likeMarks(joined(['abc']), pattern), undefined);
  equal(likeMarks({ kind: 'datum', values: ['abc'] }, '%b%'), undefined);
});
