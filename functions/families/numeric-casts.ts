// Conversions among the number types. Floats round half to even, numerics half away from zero; what
// does not fit is 22003.

import { canonicalInteger, databaseError, Numeric } from '#common';
import type { Family } from '../family.ts';
import { checkedInt2, checkedInt4, outOfRange } from './numeric-integer.ts';

type Integer = number | bigint;

/** C's rint(): ties go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction < 0.5) return floor === 0 && value < 0 ? -0 : floor;
  if (fraction > 0.5) return value < 0 && floor === -1 ? -0 : floor + 1;
  return floor % 2 === 0 ? floor : value < 0 && floor === -1 ? -0 : floor + 1;
}

function narrowInt2(value: Integer): number {
  if (value < -32768 || value > 32767) throw outOfRange('smallint');
  return Number(value);
}

function narrowInt4(value: Integer): number {
  if (value < -2147483648 || value > 2147483647) throw outOfRange('integer');
  return Number(value);
}

function floatToInt2(value: number): number {
  if (value !== value) throw outOfRange('smallint');
  return checkedInt2(roundHalfEven(value));
}

function floatToInt4(value: number): number {
  if (value !== value) throw outOfRange('integer');
  return checkedInt4(roundHalfEven(value));
}

function floatToInt8(value: number): Integer {
  const rounded = roundHalfEven(value);
  if (!(rounded >= -9223372036854775808 && rounded < 9223372036854775808)) {
    throw outOfRange('bigint');
  }
  return canonicalInteger(BigInt(rounded));
}

export function toFloat4(value: number): number {
  const narrow = Math.fround(value);
  if (!Number.isFinite(narrow) && Number.isFinite(value)) {
    throw databaseError('numericValueOutOfRange', 'value out of range: overflow');
  }
  if (narrow === 0 && value !== 0) {
    throw databaseError('numericValueOutOfRange', 'value out of range: underflow');
  }
  return narrow;
}

function numericToFloat8(value: Numeric): number {
  const float = value.toNumber();
  if (value.isFinite && (!Number.isFinite(float) || (float === 0 && !value.isZero))) {
    throw databaseError(
      'numericValueOutOfRange',
      `"${value.toString()}" is out of range for type double precision`,
    );
  }
  return float;
}

function numericToFloat4(value: Numeric): number {
  const float = Math.fround(value.toNumber());
  if (value.isFinite && (!Number.isFinite(float) || (float === 0 && !value.isZero))) {
    throw databaseError(
      'numericValueOutOfRange',
      `"${value.toString()}" is out of range for type real`,
    );
  }
  return float;
}

export const numberCastsFamily: Family = {
  scalars: {
    i2toi4: (_context, value: number) => value,
    i4toi2: (_context, value: number) => narrowInt2(value),
    int28: (_context, value: number) => value,
    int48: (_context, value: number) => value,
    int82: (_context, value: Integer) => narrowInt2(value),
    int84: (_context, value: Integer) => narrowInt4(value),
    i8tooid: (_context, value: Integer) => {
      if (value < 0 || value > 4294967295) throw outOfRange('OID');
      return Number(value);
    },
    oidtoi8: (_context, value: number) => value,
    i2tod: (_context, value: number) => value,
    i2tof: (_context, value: number) => value,
    i4tod: (_context, value: number) => value,
    i4tof: (_context, value: number) => Math.fround(value),
    i8tod: (_context, value: Integer) => Number(value),
    i8tof: (_context, value: Integer) => Math.fround(Number(value)),
    dtoi2: (_context, value: number) => floatToInt2(value),
    dtoi4: (_context, value: number) => floatToInt4(value),
    dtoi8: (_context, value: number) => floatToInt8(value),
    ftoi2: (_context, value: number) => floatToInt2(value),
    ftoi4: (_context, value: number) => floatToInt4(value),
    ftoi8: (_context, value: number) => floatToInt8(value),
    dtof: (_context, value: number) => toFloat4(value),
    ftod: (_context, value: number) => value,
    int2_numeric: (_context, value: number) => Numeric.fromInteger(value),
    int4_numeric: (_context, value: number) => Numeric.fromInteger(value),
    int8_numeric: (_context, value: Integer) => Numeric.fromInteger(value),
    float4_numeric: (_context, value: number) => Numeric.fromFloat(value, 6),
    float8_numeric: (_context, value: number) => Numeric.fromFloat(value, 15),
    numeric_int2: (_context, value: Numeric) => value.toInt2(),
    numeric_int4: (_context, value: Numeric) => value.toInt4(),
    numeric_int8: (_context, value: Numeric) => value.toInt8(),
    numeric_float4: (_context, value: Numeric) => numericToFloat4(value),
    numeric_float8: (_context, value: Numeric) => numericToFloat8(value),
    numeric: (_context, value: Numeric, typmod: number) => value.coerce(typmod),
    bool_int4: (_context, value: boolean) => (value ? 1 : 0),
    int4_bool: (_context, value: number) => value !== 0,
    chartoi4: (_context, value: string) => (value === '' ? 0 : (value.charCodeAt(0) << 24) >> 24),
    i4tochar: (_context, value: number) => {
      if (value < -128 || value > 127) {
        throw databaseError('numericValueOutOfRange', '"char" out of range');
      }
      return value === 0 ? '' : String.fromCharCode(value & 0xff);
    },
  },
};
