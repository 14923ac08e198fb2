// The numeric type's operators and functions; the arithmetic itself is Numeric's (common/numeric.ts).

import { databaseError, Numeric, scaleUp } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import {
  numericExponential,
  numericLogarithm,
  numericLogarithmToBase,
  numericPower,
  numericSquareRoot,
} from './numeric-transcendental.ts';

const ten = Numeric.fromInteger(10);

function greatestCommonDivisor(left: Numeric, right: Numeric): Numeric {
  if (!left.isFinite || !right.isFinite) return Numeric.nan;
  const scale = Math.max(left.scale, right.scale);
  let a = scaleUp(left, scale);
  let b = scaleUp(right, scale);
  while (b !== 0n) [a, b] = [b, a % b];
  return Numeric.of(a < 0n ? -a : a, scale);
}

function leastCommonMultiple(left: Numeric, right: Numeric): Numeric {
  if (!left.isFinite || !right.isFinite) return Numeric.nan;
  const scale = Math.max(left.scale, right.scale);
  if (left.isZero || right.isZero) return new Numeric(0, scale);
  const divisor = scaleUp(greatestCommonDivisor(left, right), scale);
  const product = (scaleUp(left, scale) / divisor) * scaleUp(right, scale);
  return Numeric.of(product < 0n ? -product : product, scale);
}

function factorial(value: number | bigint): Numeric {
  if (value < 0) {
    throw databaseError('numericValueOutOfRange', 'factorial of a negative number is undefined');
  }
  if (value > 32177) {
    throw databaseError('numericValueOutOfRange', 'value overflows numeric format');
  }
  let product = 1n;
  for (let factor = 2n; factor <= BigInt(value); factor++) product *= factor;
  return Numeric.of(product, 0);
}

function bucketError(message: string): Error {
  return databaseError('invalidArgumentForWidthBucketFunction', message);
}

function widthBucket(operand: Numeric, low: Numeric, high: Numeric, count: number): number {
  if (count <= 0) throw bucketError('count must be greater than zero');
  if (operand.isNaN || low.isNaN || high.isNaN) {
    throw bucketError('operand, lower bound, and upper bound cannot be NaN');
  }
  if (low.isInfinite || high.isInfinite) {
    throw bucketError('lower and upper bounds must be finite');
  }
  const direction = low.compare(high);
  if (direction === 0) throw bucketError('lower bound cannot equal upper bound');
  const before = direction < 0 ? operand.compare(low) < 0 : operand.compare(low) > 0;
  if (before) return 0;
  const after = direction < 0 ? operand.compare(high) >= 0 : operand.compare(high) <= 0;
  if (after) {
    if (count === 2147483647) {
      throw databaseError('numericValueOutOfRange', 'integer out of range');
    }
    return count + 1;
  }
  const scale = Math.max(operand.scale, low.scale, high.scale);
  const offset = scaleUp(operand, scale) - scaleUp(low, scale);
  const width = scaleUp(high, scale) - scaleUp(low, scale);
  return Number((offset * BigInt(count)) / width) + 1;
}

function unary(compute: (value: Numeric) => Numeric | number | null): ScalarImplementation {
  return (_context, value: Numeric) => compute(value);
}

export const numericFamily: Family = {
  scalars: {
    numeric_add: (_context, left: Numeric, right: Numeric) => left.add(right),
    numeric_sub: (_context, left: Numeric, right: Numeric) => left.subtract(right),
    numeric_mul: (_context, left: Numeric, right: Numeric) => left.multiply(right),
    numeric_div: (_context, left: Numeric, right: Numeric) => left.divide(right),
    numeric_div_trunc: (_context, left: Numeric, right: Numeric) => left.divideTruncated(right),
    numeric_mod: (_context, left: Numeric, right: Numeric) => left.remainder(right),
    numeric_uminus: unary((value) => value.negate()),
    numeric_uplus: unary((value) => value),
    numeric_abs: unary((value) => value.abs()),
    numeric_sign: unary((value) => (value.isNaN ? value : Numeric.fromInteger(value.sign))),
    numeric_ceil: unary((value) => value.ceil()),
    numeric_floor: unary((value) => value.floor()),
    numeric_round: (_context, value: Numeric, scale: number) => value.round(scale),
    numeric_trunc: (_context, value: Numeric, scale: number) => value.truncate(scale),
    'round(numeric)': unary((value) => value.round(0)),
    'trunc(numeric)': unary((value) => value.truncate(0)),
    numeric_scale: unary((value) => (value.isFinite ? value.scale : null)),
    numeric_min_scale: unary((value) => (value.isFinite ? value.minimumScale() : null)),
    numeric_trim_scale: unary((value) => value.trimScale()),
    numeric_inc: unary((value) => value.add(Numeric.one)),
    numeric_sqrt: unary(numericSquareRoot),
    numeric_exp: unary(numericExponential),
    numeric_ln: unary(numericLogarithm),
    numeric_log: (_context, base: Numeric, value: Numeric) => numericLogarithmToBase(base, value),
    'log(numeric)': unary((value) => numericLogarithmToBase(ten, value)),
    'log10(numeric)': unary((value) => numericLogarithmToBase(ten, value)),
    numeric_power: (_context, base: Numeric, exponent: Numeric) => numericPower(base, exponent),
    numeric_gcd: (_context, left: Numeric, right: Numeric) => greatestCommonDivisor(left, right),
    numeric_lcm: (_context, left: Numeric, right: Numeric) => leastCommonMultiple(left, right),
    numeric_fac: (_context, value: number | bigint) => factorial(value),
    width_bucket_numeric: (
      _context,
      operand: Numeric,
      low: Numeric,
      high: Numeric,
      count: number,
    ) => widthBucket(operand, low, high, count),
  },
};
