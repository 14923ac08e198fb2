// Integer arithmetic: int2, int4, int8 and their mixtures, with PostgreSQL's overflow errors. An int8
// is a number while that is exact and a bigint beyond (common/datum.ts), and so are its results.

import { canonicalInteger, databaseError, type DatabaseError, divisionByZero } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';

type Integer = number | bigint;

export function outOfRange(typeName: string): DatabaseError {
  return databaseError('numericValueOutOfRange', `${typeName} out of range`);
}

export function checkedInt2(value: number): number {
  if (value < -32768 || value > 32767) throw outOfRange('smallint');
  return value + 0;
}

export function checkedInt4(value: number): number {
  if (value < -2147483648 || value > 2147483647) throw outOfRange('integer');
  return value + 0;
}

export function checkedInt8(value: bigint): Integer {
  if (BigInt.asIntN(64, value) !== value) throw outOfRange('bigint');
  return canonicalInteger(value);
}

export function addInt8(left: Integer, right: Integer): Integer {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checkedInt8(BigInt(left) + BigInt(right));
}

export function subtractInt8(left: Integer, right: Integer): Integer {
  if (typeof left === 'number' && typeof right === 'number') {
    const difference = left - right;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checkedInt8(BigInt(left) - BigInt(right));
}

export function multiplyInt8(left: Integer, right: Integer): Integer {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return checkedInt8(BigInt(left) * BigInt(right));
}

export function divideInt8(left: Integer, right: Integer): Integer {
  if (right === 0) throw divisionByZero();
  if (typeof left === 'number' && typeof right === 'number') {
    return (left - (left % right)) / right + 0;
  }
  return checkedInt8(BigInt(left) / BigInt(right));
}

function remainderInt8(left: Integer, right: Integer): Integer {
  if (right === 0) throw divisionByZero();
  if (typeof left === 'number' && typeof right === 'number') return (left % right) + 0;
  return canonicalInteger(BigInt(left) % BigInt(right));
}

function divide(left: number, right: number): number {
  if (right === 0) throw divisionByZero();
  return Math.trunc(left / right);
}

function remainder(left: number, right: number): number {
  if (right === 0) throw divisionByZero();
  return (left % right) + 0;
}

/** + - * / of operands that fit in 32 bits: doubles hold every intermediate result's range. */
function smallOperators(
  prefix: string,
  check: (value: number) => number,
): Record<string, ScalarImplementation> {
  return {
    [`${prefix}pl`]: (_context, left: number, right: number) => check(left + right),
    [`${prefix}mi`]: (_context, left: number, right: number) => check(left - right),
    [`${prefix}mul`]: (_context, left: number, right: number) => check(left * right),
    [`${prefix}div`]: (_context, left: number, right: number) => check(divide(left, right)),
  };
}

function wideOperators(prefix: string): Record<string, ScalarImplementation> {
  return {
    [`${prefix}pl`]: (_context, left: Integer, right: Integer) => addInt8(left, right),
    [`${prefix}mi`]: (_context, left: Integer, right: Integer) => subtractInt8(left, right),
    [`${prefix}mul`]: (_context, left: Integer, right: Integer) => multiplyInt8(left, right),
    [`${prefix}div`]: (_context, left: Integer, right: Integer) => divideInt8(left, right),
  };
}

function unary(
  type: string,
  check: (value: number) => number,
): Record<string, ScalarImplementation> {
  return {
    [`${type}um`]: (_context, value: number) => check(-value),
    [`${type}up`]: (_context, value: number) => value,
    [`${type}abs`]: (_context, value: number) => check(Math.abs(value)),
    [`${type}mod`]: (_context, left: number, right: number) => remainder(left, right),
    [`${type}and`]: (_context, left: number, right: number) => left & right,
    [`${type}or`]: (_context, left: number, right: number) => left | right,
    [`${type}xor`]: (_context, left: number, right: number) => left ^ right,
    [`${type}not`]: (_context, value: number) => ~value,
  };
}

function bits8(
  operate: (left: bigint, right: bigint) => bigint,
): (context: unknown, left: Integer, right: Integer) => Integer {
  return (_context, left, right) =>
    canonicalInteger(BigInt.asIntN(64, operate(BigInt(left), BigInt(right))));
}

function gcd8(left: Integer, right: Integer): bigint {
  let a = BigInt(left);
  let b = BigInt(right);
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

function gcd4(left: number, right: number): number {
  let a = Math.abs(left);
  let b = Math.abs(right);
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function lcm8(left: Integer, right: Integer): bigint {
  if (left === 0 || right === 0) return 0n;
  const product = (BigInt(left) / gcd8(left, right)) * BigInt(right);
  return product < 0n ? -product : product;
}

function hexadecimal(value: Integer, width: 32 | 64): string {
  return BigInt.asUintN(width, BigInt(value)).toString(16);
}

export const integerFamily: Family = {
  scalars: {
    ...smallOperators('int2', checkedInt2),
    ...smallOperators('int4', checkedInt4),
    ...smallOperators('int24', checkedInt4),
    ...smallOperators('int42', checkedInt4),
    ...wideOperators('int8'),
    ...wideOperators('int28'),
    ...wideOperators('int82'),
    ...wideOperators('int48'),
    ...wideOperators('int84'),
    ...unary('int2', checkedInt2),
    ...unary('int4', checkedInt4),
    int8um: (_context, value: Integer) => subtractInt8(0, value),
    int8up: (_context, value: Integer) => value,
    int8abs: (_context, value: Integer) => (value < 0 ? subtractInt8(0, value) : value),
    int8mod: (_context, left: Integer, right: Integer) => remainderInt8(left, right),
    int8and: bits8((left, right) => left & right),
    int8or: bits8((left, right) => left | right),
    int8xor: bits8((left, right) => left ^ right),
    int8not: (_context, value: Integer) => subtractInt8(-1, value),
    int8shl: bits8((left, right) => left << (right & 63n)),
    int8shr: bits8((left, right) => left >> (right & 63n)),
    int4shl: (_context, left: number, right: number) => left << right,
    int4shr: (_context, left: number, right: number) => left >> right,
    int2shl: (_context, left: number, right: number) => ((left << right) << 16) >> 16,
    int2shr: (_context, left: number, right: number) => left >> right,
    int8inc: (_context, value: Integer) => addInt8(value, 1),
    int8dec: (_context, value: Integer) => subtractInt8(value, 1),
    int4inc: (_context, value: number) => checkedInt4(value + 1),
    int4gcd: (_context, left: number, right: number) => checkedInt4(gcd4(left, right)),
    int8gcd: (_context, left: Integer, right: Integer) => checkedInt8(gcd8(left, right)),
    int4lcm: (_context, left: number, right: number) => {
      const multiple = lcm8(left, right);
      if (multiple > 2147483647n) throw outOfRange('integer');
      return Number(multiple);
    },
    int8lcm: (_context, left: Integer, right: Integer) => checkedInt8(lcm8(left, right)),
    to_hex32: (_context, value: number) => hexadecimal(value, 32),
    to_hex64: (_context, value: Integer) => hexadecimal(value, 64),
  },
};
