// Goal: an integer is on the same side of the bound as its decimal is of the value. Method: decimals near
// small integers, compared exactly by the numeric type.

import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Numeric } from '#common';
import { decimalBound } from './decimal-bound.ts';

const holds = {
  '=': (left: number, right: number) => left === right,
  '<>': (left: number, right: number) => left !== right,
  '<': (left: number, right: number) => left < right,
  '<=': (left: number, right: number) => left <= right,
  '>': (left: number, right: number) => left > right,
  '>=': (left: number, right: number) => left >= right,
};
const comparisons = Object.keys(holds) as (keyof typeof holds)[];

const values = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 22 }))
    .map(([coefficient, scale]) => Numeric.of(coefficient, scale)),
  fc
    .tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 0, max: 3 }))
    .map(([coefficient, scale]) => Numeric.of(BigInt(coefficient), scale)),
  fc.constantFrom(Numeric.nan, Numeric.infinity, Numeric.negativeInfinity),
);

test('integers compare with the bound as decimals with the value', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -400, max: 400 }),
      fc.integer({ min: 0, max: 4 }),
      values,
      (integer, scale, value) => {
        const order = new Numeric(integer, scale).compare(value);
        for (const comparison of comparisons)
          equal(
            holds[comparison](integer, decimalBound(value, scale, comparison)),
            holds[comparison](order, 0),
            `${integer} / 10^${scale} ${comparison} ${value.toString()}`,
          );
      },
    ),
    { numRuns: 5000 },
  );
});
