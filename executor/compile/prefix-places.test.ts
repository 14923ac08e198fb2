// Goal: texts that share a place give substring(cast(text) from 1 for n) the same value, from strings and
// from joined bytes. Method: random texts with blanks, nulls and characters outside of ASCII.

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DatumVector } from '#common';
import { noPlace, PrefixPlaces } from './prefix-places.ts';

const ascii = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 5 });
const any = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '😀'), maxLength: 5 });

const prefixOf = (text: string | null, length: number): string | undefined =>
  text === null ? undefined : [...text.trimEnd()].slice(0, length).join('');

function check(vector: DatumVector, length: number): void {
  const prefixes = new PrefixPlaces(length);
  const { places, dictionary } = prefixes.of(vector);
  vector.values.forEach((value, row) => {
    if (value === null) return equal(places[row], noPlace);
    const shown = dictionary.values[places[row]] as string;
    deepEqual(prefixOf(shown, length), prefixOf(value as string, length));
  });
}

const length = fc.integer({ min: 1, max: 4 });

test('strings', () => {
  fc.assert(
    fc.property(fc.array(fc.option(any)), length, (values, n) =>
      check({ kind: 'datum', values }, n),
    ),
    { numRuns: 1000 },
  );
});

test('joined bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.option(ascii)), length, (values, n) => {
      let end = 0;
      const ends = Int32Array.from(values, (value) => (end += value?.length ?? 0));
      const nulls = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
      const texts = { bytes: Buffer.from(values.join('')), ends, nulls };
      check({ kind: 'datum', values, texts }, n);
    }),
    { numRuns: 1000 },
  );
});
