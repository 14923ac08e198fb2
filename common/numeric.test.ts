// Goal: numeric arithmetic is exact and keeps PostgreSQL's scales. Method: a model of rationals over
// bigints (coefficient / 10^scale) for + - * and comparison, the defining inequality for division and
// rounding, and values recorded from PostgreSQL 15 for scales.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { numericTypmod } from './numeric-format.ts';
import { Numeric } from './numeric.ts';

const coefficient = fc.oneof(
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(9007199254740991n, 9007199254740992n, -9007199254740991n, -9007199254740992n),
);
const numeric = fc.tuple(coefficient, fc.nat(25)).map(([c, scale]) => Numeric.of(c, scale));

function at(value: Numeric, scale: number): bigint {
  return BigInt(value.coefficient) * 10n ** BigInt(scale - value.scale);
}

function canonical(value: Numeric): Numeric {
  const { coefficient: c } = value;
  assert.equal(
    typeof c === 'number',
    BigInt(c) >= -9007199254740991n && BigInt(c) <= 9007199254740991n,
  );
  assert.ok(!Object.is(c, -0));
  return value;
}

test('sums, differences, products and comparisons are exact', () => {
  fc.assert(
    fc.property(numeric, numeric, (a, b) => {
      const scale = Math.max(a.scale, b.scale);
      const sum = canonical(a.add(b));
      assert.deepEqual([at(sum, scale), sum.scale], [at(a, scale) + at(b, scale), scale]);
      const difference = canonical(a.subtract(b));
      assert.deepEqual(
        [at(difference, scale), difference.scale],
        [at(a, scale) - at(b, scale), scale],
      );
      const product = canonical(a.multiply(b));
      assert.equal(product.scale, a.scale + b.scale);
      assert.equal(BigInt(product.coefficient), BigInt(a.coefficient) * BigInt(b.coefficient));
      const order = at(a, scale) - at(b, scale);
      assert.equal(Math.sign(a.compare(b)), order > 0n ? 1 : order < 0n ? -1 : 0);
      assert.equal(a.hashKey() === b.hashKey(), order === 0n);
    }),
  );
});

test('a quotient is within half a unit of its last place; a remainder completes it', () => {
  fc.assert(
    fc.property(numeric, numeric, (a, b) => {
      fc.pre(!b.isZero);
      const quotient = canonical(a.divide(b));
      const error = quotient.multiply(b).subtract(a).abs();
      const half = b.abs().multiply(Numeric.of(5n, quotient.scale + 1));
      assert.ok(error.compare(half) <= 0);
      const rest = a.remainder(b);
      assert.ok(rest.abs().compare(b.abs()) < 0);
      assert.equal(a.divideTruncated(b).multiply(b).add(rest).compare(a), 0);
    }),
  );
});

test('text round trip, rounding', () => {
  fc.assert(
    fc.property(numeric, fc.integer({ min: -5, max: 30 }), (value, scale) => {
      const back = Numeric.parse(value.toString());
      assert.deepEqual([back.coefficient, back.scale], [value.coefficient, value.scale]);
      const rounded = canonical(value.round(scale));
      const unit =
        scale >= 0 ? Numeric.of(5n, scale + 1) : Numeric.of(5n * 10n ** BigInt(-scale - 1), 0);
      assert.ok(rounded.subtract(value).abs().compare(unit) <= 0);
      assert.equal(rounded.scale, Math.max(0, scale));
      const trimmed = canonical(value.trimScale());
      assert.equal(trimmed.compare(value), 0);
    }),
  );
});

test('scales of quotients, as PostgreSQL chooses them', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['1', '3', '0.33333333333333333333'],
    ['10', '3', '3.3333333333333333'],
    ['1', '7000', '0.00014285714285714286'],
    ['1e20', '3', '33333333333333333333'],
    ['1.00', '3.0000', '0.33333333333333333333'],
  ];
  for (const [a, b, expected] of cases) {
    assert.equal(Numeric.parse(a).divide(Numeric.parse(b)).toString(), expected);
  }
});

test('numeric(p, s) rounds and checks', () => {
  const coerce = (text: string, precision: number, scale: number): string =>
    Numeric.parse(text).coerce(numericTypmod(precision, scale)).toString();
  assert.equal(coerce('99.994', 4, 2), '99.99');
  assert.equal(coerce('12345', 3, -2), '12300');
  assert.equal(coerce('0.00123', 3, 5), '0.00123');
  assert.throws(() => coerce('99.995', 4, 2), {
    sqlState: '22003',
    message: 'numeric field overflow',
    detail: 'A field with precision 4, scale 2 must round to an absolute value less than 10^2.',
  });
  assert.throws(() => coerce('inf', 4, 2), { sqlState: '22003' });
  assert.equal(coerce('NaN', 4, 2), 'NaN');
});
