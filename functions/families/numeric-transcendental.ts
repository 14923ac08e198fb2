// sqrt, exp, ln, log and power of numerics. Results have the scales that PostgreSQL's numeric.c chooses
// (at least 16 significant digits); the digits are computed in fixed point over bigints with guard
// digits, so they are the correctly rounded ones.
//
//   exp: x = k ln 2 + r would need ln 2; instead r = x / 2^n, Taylor series, n squarings.
//   ln:  the argument is brought near 1 by powers of 10 and square roots, then 2 artanh((x-1)/(x+1)).

import {
  absolute,
  databaseError,
  decimalDigits,
  divisionByZero,
  leadingGroup,
  Numeric,
  numericDisplayScaleMax,
  numericOverflow,
  numericSignificantDigitsMin,
  powerOfTen,
  roundedQuotient,
} from '#common';

const logarithm10OfE = 0.434294481903252;
const resultScaleMax = 2000;

function clampScale(scale: number): number {
  return Math.min(Math.max(scale, 0), numericDisplayScaleMax);
}

/** value * 10^scale as an integer, cut. */
function fixed(value: Numeric, scale: number): bigint {
  const coefficient = BigInt(value.coefficient);
  return scale >= value.scale
    ? coefficient * powerOfTen(scale - value.scale)
    : coefficient / powerOfTen(value.scale - scale);
}

function roundTo(value: bigint, from: number, to: number): Numeric {
  return Numeric.of(roundedQuotient(value, powerOfTen(from - to)), to);
}

export function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let estimate = 1n << BigInt((value.toString(16).length * 4 + 1) >> 1);
  estimate += 1n;
  for (;;) {
    const next = (estimate + value / estimate) >> 1n;
    if (next >= estimate) return estimate;
    estimate = next;
  }
}

export function numericSquareRoot(value: Numeric): Numeric {
  if (value.isNaN) return value;
  if (value.sign < 0) {
    throw databaseError(
      'invalidArgumentForPowerFunction',
      'cannot take square root of a negative number',
    );
  }
  if (value.isInfinite) return value;
  const weight = leadingGroup(value).weight * 2 + 1;
  const scale = clampScale(Math.max(numericSignificantDigitsMin - weight, value.scale));
  const shifted = fixed(value, 2 * scale + 2);
  return roundTo(integerSquareRoot(shifted), scale + 1, scale);
}

/** e^x for a fixed-point x. */
function exponential(x: bigint, scale: number): bigint {
  const magnitude = x < 0n ? -x : x;
  const integerBits = Math.max(0, (magnitude / powerOfTen(scale)).toString(2).length);
  const halvings = integerBits + 12;
  // Each squaring doubles the relative error: guard digits for all of them.
  const guard = Math.ceil(halvings * 0.302) + 10;
  const resultDigits = Math.ceil(Number(magnitude / powerOfTen(scale)) * logarithm10OfE) + 2;
  const inner = scale + guard + resultDigits;
  const one = powerOfTen(inner);
  const reduced = (magnitude * powerOfTen(guard + resultDigits)) >> BigInt(halvings);
  let sum = one;
  let term = one;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * reduced) / one / n;
    sum += term;
  }
  for (let count = 0; count < halvings; count++) sum = (sum * sum) / one;
  const result = x < 0n ? (one * one) / sum : sum;
  return result / powerOfTen(guard + resultDigits);
}

export function exponentialToScale(value: Numeric, scale: number): Numeric {
  const approximate = value.toNumber();
  if (Math.abs(approximate) >= resultScaleMax * 3) {
    if (approximate > 0) throw numericOverflow();
    return new Numeric(0, scale);
  }
  const inner = Math.max(scale, value.scale) + 8 + Math.max(0, Math.ceil(approximate));
  return roundTo(exponential(fixed(value, inner), inner), inner, scale);
}

export function numericExponential(value: Numeric): Numeric {
  if (value.isNaN) return value;
  if (value.isInfinite) return value.sign > 0 ? value : Numeric.zero;
  const weight = Math.trunc(
    Math.min(Math.max(value.toNumber() * logarithm10OfE, -resultScaleMax), resultScaleMax),
  );
  return exponentialToScale(
    value,
    clampScale(Math.max(numericSignificantDigitsMin - weight, value.scale)),
  );
}

/** ln(x) for fixed-point 0.1 <= x < 10 or so. */
function naturalLogarithm(x: bigint, scale: number): bigint {
  const inner = scale + 10;
  const one = powerOfTen(inner);
  let reduced = x * powerOfTen(10);
  let doublings = 0n;
  const near = one / 64n;
  while (reduced > one + near || reduced < one - near) {
    reduced = integerSquareRoot(reduced * one);
    doublings++;
  }
  const ratio = ((reduced - one) * one) / (reduced + one);
  const square = (ratio * ratio) / one;
  let power = ratio;
  let sum = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = (power * square) / one;
  }
  return ((sum * 2n) << doublings) / powerOfTen(10);
}

const logarithmsOfTen = new Map<number, bigint>();

function logarithmOfTen(scale: number): bigint {
  let value = logarithmsOfTen.get(scale);
  if (value === undefined) {
    value = naturalLogarithm(powerOfTen(scale + 1), scale);
    if (logarithmsOfTen.size > 64) logarithmsOfTen.clear();
    logarithmsOfTen.set(scale, value);
  }
  return value;
}

/** ln of a positive value in fixed point. */
function logarithmFixed(value: Numeric, scale: number): bigint {
  const exponent = decimalDigits(value.coefficient) - value.scale;
  const inner = scale + 10;
  // Near 1 the power of ten stays out, so that nothing cancels.
  const nearOne = exponent === 0 || exponent === 1;
  const shift = nearOne ? 0 : exponent;
  const mantissa = new Numeric(value.coefficient, 0);
  const wide = Math.max(inner, value.scale - shift);
  const x =
    value.scale + shift >= 0
      ? scaledMantissa(BigInt(mantissa.coefficient), value.scale + shift, wide)
      : BigInt(mantissa.coefficient) * powerOfTen(wide - value.scale - shift);
  const logarithm = naturalLogarithm(x, wide) + BigInt(shift) * logarithmOfTen(wide);
  return wide === scale ? logarithm : roundedQuotient(logarithm, powerOfTen(wide - scale));
}

function scaledMantissa(coefficient: bigint, scale: number, wanted: number): bigint {
  return wanted >= scale
    ? coefficient * powerOfTen(wanted - scale)
    : coefficient / powerOfTen(scale - wanted);
}

function logarithmToScale(value: Numeric, scale: number): Numeric {
  return Numeric.of(roundedQuotient(logarithmFixed(value, scale + 6), 1000000n), scale);
}

/** The decimal weight of ln(x), as numeric.c estimates it. */
function logarithmWeight(value: Numeric): number {
  const approximate = value.toNumber();
  if (value.compare(pointNine) >= 0 && value.compare(onePointOne) <= 0) {
    const difference = value.subtract(Numeric.one);
    if (difference.coefficient === 0) return 0;
    const { weight, digit } = leadingGroup(difference);
    return weight * 4 + Math.trunc(Math.log10(digit));
  }
  if (approximate > 1e-300 && approximate < 1e300) {
    return Math.trunc(Math.log10(Math.abs(Math.log(approximate))));
  }
  const exponent = decimalDigits(value.coefficient) - value.scale;
  return Math.trunc(Math.log10(Math.abs(exponent * 2.302585092994046)));
}

const pointNine = Numeric.parse('0.9');
const onePointOne = Numeric.parse('1.1');

function requirePositive(value: Numeric): void {
  if (value.isZero) {
    throw databaseError('invalidArgumentForLogarithm', 'cannot take logarithm of zero');
  }
  if (value.sign < 0) {
    throw databaseError(
      'invalidArgumentForLogarithm',
      'cannot take logarithm of a negative number',
    );
  }
}

export function numericLogarithm(value: Numeric): Numeric {
  if (value.isNaN) return value;
  requirePositive(value);
  if (value.isInfinite) return value;
  const scale = Math.max(numericSignificantDigitsMin - logarithmWeight(value), value.scale);
  return logarithmToScale(value, clampScale(scale));
}

/** log(base, value) */
export function numericLogarithmToBase(base: Numeric, value: Numeric): Numeric {
  if (base.isNaN || value.isNaN) return Numeric.nan;
  requirePositive(base);
  requirePositive(value);
  if (base.isInfinite) return value.isInfinite ? Numeric.nan : Numeric.zero;
  if (value.isInfinite) return value;
  const baseWeight = logarithmWeight(base);
  const valueWeight = logarithmWeight(value);
  const scale = clampScale(
    Math.max(numericSignificantDigitsMin - (valueWeight - baseWeight), base.scale, value.scale),
  );
  const inner = scale + Math.max(0, -baseWeight, -valueWeight) * 2 + 12;
  const divisor = logarithmFixed(base, inner);
  if (divisor === 0n) throw divisionByZero();
  const dividend = logarithmFixed(value, inner) * powerOfTen(scale);
  return Numeric.of(roundedQuotient(dividend, divisor), scale);
}

export function numericPower(base: Numeric, exponent: Numeric): Numeric {
  if (!base.isFinite || !exponent.isFinite) return powerOfSpecial(base, exponent);
  if (base.sign === 0 && exponent.sign < 0) {
    throw databaseError(
      'invalidArgumentForPowerFunction',
      'zero raised to a negative power is undefined',
    );
  }
  const whole = exponent.trimScale();
  if (whole.scale === 0) {
    const integer = Number(whole.coefficient);
    if (integer >= -2147483648 && integer <= 2147483647)
      return integerPower(base, integer, exponent.scale);
  }
  if (base.sign === 0) return new Numeric(0, numericSignificantDigitsMin);
  let negative = false;
  if (base.sign < 0) {
    if (whole.scale > 0) {
      throw databaseError(
        'invalidArgumentForPowerFunction',
        'a negative number raised to a non-integer power yields a complex result',
      );
    }
    negative = BigInt(whole.coefficient) % 2n !== 0n;
  }
  const result = generalPower(base.abs(), exponent);
  return negative ? result.negate() : result;
}

function powerOfSpecial(base: Numeric, exponent: Numeric): Numeric {
  if (base.compare(Numeric.one) === 0 || exponent.isZero) return Numeric.one;
  if (base.isNaN || exponent.isNaN) return Numeric.nan;
  if (exponent.isInfinite) {
    const size = base.abs().compare(Numeric.one);
    if (size === 0) return Numeric.one;
    return size > 0 === exponent.sign > 0 ? Numeric.infinity : Numeric.zero;
  }
  const whole = exponent.trimScale();
  if (base.sign < 0 && whole.scale > 0) {
    throw databaseError(
      'invalidArgumentForPowerFunction',
      'a negative number raised to a non-integer power yields a complex result',
    );
  }
  if (exponent.sign < 0) return Numeric.zero;
  if (base.sign > 0) return base;
  return BigInt(whole.coefficient) % 2n !== 0n ? base : Numeric.infinity;
}

function generalPower(base: Numeric, exponent: Numeric): Numeric {
  const weight = logarithmWeight(base);
  const rough = logarithmToScale(base, Math.max(0, 8 - weight))
    .multiply(exponent)
    .toNumber();
  if (Math.abs(rough) > resultScaleMax * 3.01) {
    if (rough > 0) throw numericOverflow();
    return new Numeric(0, numericDisplayScaleMax);
  }
  const resultWeight = Math.trunc(rough * logarithm10OfE);
  const scale = clampScale(
    Math.max(numericSignificantDigitsMin - resultWeight, base.scale, exponent.scale),
  );
  const digits = Math.max(0, scale + resultWeight);
  const inner = Math.max(0, digits - weight + 8) + decimalDigits(exponent.coefficient);
  const product = logarithmToScale(base, inner).multiply(exponent);
  return exponentialToScale(product, scale);
}

/** Digits that the leading part of an operand gives to the estimate of the result's size. */
function approximateLogarithm10(value: Numeric): number {
  const digits = String(absolute(value.coefficient));
  return Math.log10(Number(`0.${digits.slice(0, 17)}`)) + digits.length - value.scale;
}

function integerPower(base: Numeric, exponent: number, exponentScale: number): Numeric {
  const size = base.isZero ? 0 : exponent * approximateLogarithm10(base);
  if (size > 131072) throw numericOverflow();
  const scale = clampScale(Math.max(numericSignificantDigitsMin, base.scale, exponentScale));
  if (size + 1 < -scale) return new Numeric(0, scale);
  const weight = Math.trunc(size);
  if (exponent === 0) return Numeric.one.round(scale);
  if (base.isZero) return new Numeric(0, scale);
  const digits = Math.max(1, scale + weight + 1) + 16;
  let power: Floating = { mantissa: 1n, scale: 0 };
  let factor: Floating = { mantissa: BigInt(base.coefficient), scale: base.scale };
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = shortened(multiply(power, factor), digits);
    if (rest > 1) factor = shortened(multiply(factor, factor), digits);
  }
  if (exponent > 0) return fromFloating(power.mantissa, power.scale, scale);
  // 1 / (mantissa / 10^s) = 10^s / mantissa
  const shift = scale + power.scale;
  if (shift < 0) return new Numeric(0, scale);
  return Numeric.of(roundedQuotient(powerOfTen(shift), power.mantissa), scale);
}

interface Floating {
  readonly mantissa: bigint;
  readonly scale: number;
}

function multiply(left: Floating, right: Floating): Floating {
  return { mantissa: left.mantissa * right.mantissa, scale: left.scale + right.scale };
}

/** Cuts the digits that the result will not show. */
function shortened(value: Floating, digits: number): Floating {
  const extra = decimalDigits(value.mantissa) - digits;
  if (extra <= 64) return value;
  return { mantissa: value.mantissa / powerOfTen(extra), scale: value.scale - extra };
}

function fromFloating(mantissa: bigint, from: number, to: number): Numeric {
  return from <= to
    ? Numeric.of(mantissa * powerOfTen(to - from), to)
    : Numeric.of(roundedQuotient(mantissa, powerOfTen(from - to)), to);
}
