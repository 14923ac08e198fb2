/**
 * Goal: collations order texts totally, and nondeterministic ones have one key for texts that are equal.
 * Method: properties over short texts of letters that differ in case, marks and width; the attributes of
 * ICU's locales in both of their forms.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collationOrder } from './collation-order.ts';
import { builtinCollation, forgetCollation, registerCollation } from './collations.ts';
import { icuCollator } from './icu-locale.ts';

const letters = fc.constantFrom(
  'a',
  'A',
  'ä',
  'Ä',
  'b',
  'ß',
  's',
  'S',
  'é',
  'e',
  'æ',
  'Æ',
  'ø',
  'ﬁ',
  'f',
  'i',
  'ア',
  'あ',
  'σ',
  'ς',
  '\u0301',
  '1',
  '01',
  '-',
  ' ',
);
const texts = fc.array(letters, { maxLength: 4 }).map((parts) => parts.join(''));

function withCollation(locale: string, deterministic: boolean, run: (oid: number) => void): void {
  const base = builtinCollation('und-x-icu')!;
  const oid = 99_999;
  registerCollation({ ...base, oid, name: 'test', deterministic, icuLocale: locale });
  run(oid);
  forgetCollation(oid);
}

test('a deterministic collation tells apart what is not the same', () => {
  withCollation('de', true, (oid) => {
    const order = collationOrder(oid);
    fc.assert(
      fc.property(texts, texts, (left, right) => {
        assert.equal(order.compare(left, right) === 0, left === right);
        assert.equal(
          Math.sign(order.compare(left, right)) + Math.sign(order.compare(right, left)),
          0,
        );
      }),
    );
  });
});

for (const locale of [
  'und-u-ks-level1',
  '@colStrength=secondary',
  'und-u-ks-level1-kc',
  'und-u-ka-shifted-ks-level2',
  'cs-u-ks-level1',
  'de-u-co-phonebk-ks-level1',
  'und-u-kn-ks-level2',
]) {
  test(`equal texts have equal keys under ${locale}`, () => {
    withCollation(locale, false, (oid) => {
      const order = collationOrder(oid);
      fc.assert(
        fc.property(texts, texts, (left, right) => {
          const isEqual = order.compare(left, right) === 0;
          assert.equal(order.hashKey(left) === order.hashKey(right), isEqual);
        }),
        { numRuns: 1000 },
      );
    });
  });
}

test('attributes in their old form and as a BCP 47 tag', () => {
  assert.deepEqual(
    icuCollator('de@collation=phonebook;colNumeric=yes'),
    icuCollator('de-u-co-phonebk-kn'),
  );
  assert.equal(icuCollator('@colStrength=primary;colCaseLevel=yes').options.sensitivity, 'case');
  assert.equal(icuCollator('und-u-kf-upper').options.caseFirst, 'upper');
  assert.throws(() => icuCollator('@colNumeric=lower'), RangeError);
});
