// float4 and float8: arithmetic with PostgreSQL's overflow and underflow errors, roots, powers,
// logarithms, trigonometry. float4 results are rounded to single precision.

import { databaseError, type DatabaseError, divisionByZero } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { roundHalfEven } from './numeric-casts.ts';

export function floatOverflow(): DatabaseError {
  return databaseError('numericValueOutOfRange', 'value out of range: overflow');
}

export function floatUnderflow(): DatabaseError {
  return databaseError('numericValueOutOfRange', 'value out of range: underflow');
}

function outOfDomain(): DatabaseError {
  return databaseError('numericValueOutOfRange', 'input is out of range');
}

/** An infinite result of finite operands is an overflow. */
function checkSum(result: number, left: number, right: number): number {
  if (Number.isFinite(result) || result !== result) return result;
  if (Number.isFinite(left) && Number.isFinite(right)) throw floatOverflow();
  return result;
}

function checkProduct(result: number, left: number, right: number): number {
  if (result === 0 && left !== 0 && right !== 0) throw floatUnderflow();
  return checkSum(result, left, right);
}

function checkQuotient(result: number, left: number, right: number): number {
  if (right === 0 && left === left) throw divisionByZero();
  if (result === 0 && left !== 0 && Number.isFinite(right)) throw floatUnderflow();
  return Number.isFinite(left) && !Number.isFinite(result) && right === right && left === left
    ? checkSum(result, left, right)
    : result;
}

function arithmetic(
  prefix: string,
  narrow: (value: number) => number,
): Record<string, ScalarImplementation> {
  return {
    [`${prefix}pl`]: (_context, left: number, right: number) =>
      checkSum(narrow(left + right), left, right),
    [`${prefix}mi`]: (_context, left: number, right: number) =>
      checkSum(narrow(left - right), left, right),
    [`${prefix}mul`]: (_context, left: number, right: number) =>
      checkProduct(narrow(left * right), left, right),
    [`${prefix}div`]: (_context, left: number, right: number) =>
      checkQuotient(narrow(left / right), left, right),
  };
}

const same = (value: number): number => value;

export function powerFloat(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (base !== base || exponent !== exponent) return NaN;
  if (base === 0 && exponent < 0) {
    throw databaseError(
      'invalidArgumentForPowerFunction',
      'zero raised to a negative power is undefined',
    );
  }
  if (base < 0 && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    throw databaseError(
      'invalidArgumentForPowerFunction',
      'a negative number raised to a non-integer power yields a complex result',
    );
  }
  if (base === -1 && !Number.isFinite(exponent)) return 1;
  const result = base ** exponent;
  if (Number.isFinite(base) && Number.isFinite(exponent)) {
    if (!Number.isFinite(result)) throw floatOverflow();
    if (result === 0 && base !== 0) throw floatUnderflow();
  }
  return result;
}

function logarithm(value: number, compute: (value: number) => number): number {
  if (value === 0) {
    throw databaseError('invalidArgumentForLogarithm', 'cannot take logarithm of zero');
  }
  if (value < 0) {
    throw databaseError(
      'invalidArgumentForLogarithm',
      'cannot take logarithm of a negative number',
    );
  }
  return compute(value);
}

function exponential(value: number): number {
  const result = Math.exp(value);
  if (result === Infinity && value !== Infinity) throw floatOverflow();
  if (result === 0 && value !== -Infinity) throw floatUnderflow();
  return result;
}

function squareRoot(value: number): number {
  if (value < 0) {
    throw databaseError(
      'invalidArgumentForPowerFunction',
      'cannot take square root of a negative number',
    );
  }
  return Math.sqrt(value);
}

function periodic(value: number, compute: (value: number) => number): number {
  if (value === Infinity || value === -Infinity) throw outOfDomain();
  return compute(value);
}

function withinUnit(value: number, compute: (value: number) => number): number {
  if (value < -1 || value > 1) throw outOfDomain();
  return compute(value);
}

const degree = Math.PI / 180;
const sine30 = Math.sin(30 * degree);
const oneMinusCosine60 = 1 - Math.cos(60 * degree);
const arcSineHalf = Math.asin(0.5);
const arcCosineHalf = Math.acos(0.5);
const arcTangentOne = Math.atan(1);

/** Scaled so that the familiar angles come out exact: sine and cosine of 0, 30, 60, 90 degrees. */
function sineUpTo30(angle: number): number {
  return Math.sin(angle * degree) / sine30 / 2;
}
function cosineUpTo60(angle: number): number {
  return 1 - (1 - Math.cos(angle * degree)) / oneMinusCosine60 / 2;
}
function sineFirstQuadrant(angle: number): number {
  return angle <= 30 ? sineUpTo30(angle) : cosineUpTo60(90 - angle);
}
function cosineFirstQuadrant(angle: number): number {
  return angle <= 60 ? cosineUpTo60(angle) : sineUpTo30(90 - angle);
}

function sineDegrees(value: number): number {
  let angle = value % 360;
  let sign = 1;
  if (angle < 0) {
    angle = -angle;
    sign = -1;
  }
  if (angle > 180) {
    angle = 360 - angle;
    sign = -sign;
  }
  if (angle > 90) angle = 180 - angle;
  return sign * sineFirstQuadrant(angle);
}

function cosineDegrees(value: number): number {
  let angle = Math.abs(value % 360);
  let sign = 1;
  if (angle > 180) angle = 360 - angle;
  if (angle > 90) {
    angle = 180 - angle;
    sign = -1;
  }
  return sign * cosineFirstQuadrant(angle);
}

/** The angle in the first quadrant that has the same tangent but for the sign. */
function tangentQuadrant(value: number): { readonly angle: number; readonly sign: number } {
  let angle = value % 360;
  let sign = 1;
  if (angle < 0) {
    angle = -angle;
    sign = -1;
  }
  if (angle > 180) {
    angle = 360 - angle;
    sign = -sign;
  }
  if (angle > 90) {
    angle = 180 - angle;
    sign = -sign;
  }
  return { angle, sign };
}

function tangentDegrees(value: number): number {
  const { angle, sign } = tangentQuadrant(value);
  const tangent45 = sineFirstQuadrant(45) / cosineFirstQuadrant(45);
  const result = sineFirstQuadrant(angle) / cosineFirstQuadrant(angle) / tangent45;
  return sign * result + 0;
}

function cotangentDegrees(value: number): number {
  const { angle, sign } = tangentQuadrant(value);
  const cotangent45 = cosineFirstQuadrant(45) / sineFirstQuadrant(45);
  const result = cosineFirstQuadrant(angle) / sineFirstQuadrant(angle) / cotangent45;
  return sign * result + 0;
}

function arcSineDegrees(value: number): number {
  const magnitude = Math.abs(value);
  const angle =
    magnitude <= 0.5
      ? (Math.asin(magnitude) / arcSineHalf) * 30
      : 90 - (Math.acos(magnitude) / arcCosineHalf) * 60;
  return value < 0 ? -angle : angle;
}

function arcCosineDegrees(value: number): number {
  const magnitude = Math.abs(value);
  const angle =
    magnitude <= 0.5
      ? 90 - (Math.asin(magnitude) / arcSineHalf) * 30
      : (Math.acos(magnitude) / arcCosineHalf) * 60;
  return value < 0 ? 180 - angle : angle;
}

function bucket(operand: number, low: number, high: number, count: number): number {
  if (count <= 0) {
    throw databaseError('invalidArgumentForWidthBucketFunction', 'count must be greater than zero');
  }
  if (operand !== operand || low !== low || high !== high) {
    throw databaseError(
      'invalidArgumentForWidthBucketFunction',
      'operand, lower bound, and upper bound cannot be NaN',
    );
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw databaseError(
      'invalidArgumentForWidthBucketFunction',
      'lower and upper bounds must be finite',
    );
  }
  if (low === high) {
    throw databaseError(
      'invalidArgumentForWidthBucketFunction',
      'lower bound cannot equal upper bound',
    );
  }
  const [from, to, value] = low < high ? [low, high, operand] : [-low, -high, -operand];
  let result: number;
  if (value < from) result = 0;
  else if (value >= to) result = count + 1;
  else result = Math.min(Math.floor((count * (value - from)) / (to - from)) + 1, count);
  if (result > 2147483647) throw databaseError('numericValueOutOfRange', 'integer out of range');
  return result;
}

function unary(compute: (value: number) => number): ScalarImplementation {
  return (_context, value: number) => compute(value);
}

function negate(value: number): number {
  return -value;
}

export const floatFamily: Family = {
  scalars: {
    ...arithmetic('float8', same),
    ...arithmetic('float4', Math.fround),
    ...arithmetic('float48', same),
    ...arithmetic('float84', same),
    float4um: unary(negate),
    float8um: unary(negate),
    float4up: unary(same),
    float8up: unary(same),
    float4abs: unary(Math.abs),
    float8abs: unary(Math.abs),
    dround: unary((value) => (Number.isFinite(value) ? roundHalfEven(value) : value)),
    dtrunc: unary(Math.trunc),
    dceil: unary(Math.ceil),
    dfloor: unary(Math.floor),
    dsign: unary((value) => (value > 0 ? 1 : value < 0 ? -1 : 0)),
    dsqrt: unary(squareRoot),
    dcbrt: unary(Math.cbrt),
    dpow: (_context, base: number, exponent: number) => powerFloat(base, exponent),
    dexp: unary(exponential),
    dlog1: unary((value) => logarithm(value, Math.log)),
    dlog10: unary((value) => logarithm(value, Math.log10)),
    dpi: () => Math.PI,
    radians: unary((value) => value * (Math.PI / 180)),
    degrees: unary((value) => checkSum(value / (Math.PI / 180), value, 1)),
    dsin: unary((value) => periodic(value, Math.sin)),
    dcos: unary((value) => periodic(value, Math.cos)),
    dtan: unary((value) => periodic(value, Math.tan)),
    dcot: unary((value) => periodic(value, (angle) => 1 / Math.tan(angle))),
    dasin: unary((value) => withinUnit(value, Math.asin)),
    dacos: unary((value) => withinUnit(value, Math.acos)),
    datan: unary(Math.atan),
    datan2: (_context, y: number, x: number) => Math.atan2(y, x),
    dsinh: unary(Math.sinh),
    dcosh: unary(Math.cosh),
    dtanh: unary(Math.tanh),
    dasinh: unary(Math.asinh),
    dacosh: unary((value) => {
      if (value < 1) throw outOfDomain();
      return Math.acosh(value);
    }),
    datanh: unary((value) => withinUnit(value, Math.atanh)),
    dsind: unary((value) => periodic(value, sineDegrees)),
    dcosd: unary((value) => periodic(value, cosineDegrees)),
    dtand: unary((value) => periodic(value, tangentDegrees)),
    dcotd: unary((value) => periodic(value, cotangentDegrees)),
    dasind: unary((value) => withinUnit(value, arcSineDegrees)),
    dacosd: unary((value) => withinUnit(value, arcCosineDegrees)),
    datand: unary((value) => (Math.atan(value) / arcTangentOne) * 45),
    datan2d: (_context, y: number, x: number) => (Math.atan2(y, x) / arcTangentOne) * 45,
    width_bucket_float8: (_context, operand: number, low: number, high: number, count: number) =>
      bucket(operand, low, high, count),
    drandom: (context) => context.random(),
    setseed: (context, seed: number) => {
      if (!(seed >= -1 && seed <= 1)) {
        throw databaseError(
          'invalidParameterValue',
          `setseed parameter ${seed} is out of allowed range [-1,1]`,
        );
      }
      context.setSeed(seed);
      return '';
    },
  },
};
