// Functions, operators and aggregates of bit strings, which are texts of the characters 0 and 1.

import {
  canonicalInteger,
  coerceBit,
  coerceVarbit,
  databaseError,
  type Datum,
  TypeOid,
} from '#common';
import type { AggregateImplementation } from '../contract.ts';
import { aggregate, type Family } from '../family.ts';
import { of } from './comparison-operators.ts';
import { negativeSubstring } from './text.ts';

type Combine = (left: boolean, right: boolean) => boolean;

function bitwise(name: string, combine: Combine): (left: string, right: string) => string {
  return (left, right) => {
    if (left.length !== right.length) {
      throw databaseError(
        'stringDataLengthMismatch',
        `cannot ${name} bit strings of different sizes`,
      );
    }
    let result = '';
    for (let i = 0; i < left.length; i++) {
      result += combine(left[i] === '1', right[i] === '1') ? '1' : '0';
    }
    return result;
  };
}

const and = bitwise('AND', (left, right) => left && right);
const or = bitwise('OR', (left, right) => left || right);
const xor = bitwise('XOR', (left, right) => left !== right);

/** To the left; negative: to the right. */
function shift(bits: string, distance: number): string {
  const { length } = bits;
  return distance >= 0
    ? bits.slice(distance).padEnd(length, '0')
    : bits.slice(0, Math.max(0, length + distance)).padStart(length, '0');
}

function substring(bits: string, start: number, length?: number): string {
  if (length !== undefined && length < 0) throw negativeSubstring();
  const end = length === undefined ? bits.length : start - 1 + length;
  return bits.slice(Math.max(0, start - 1), Math.max(0, end));
}

function overlay(bits: string, replacement: string, start: number, count: number): string {
  if (start <= 0) throw negativeSubstring();
  const end = start + count;
  if (end > 2147483647) throw databaseError('numericValueOutOfRange', 'integer out of range');
  return substring(bits, 1, start - 1) + replacement + substring(bits, end);
}

function position(bits: string, wanted: string): number {
  if (bits === '' || wanted.length > bits.length) return 0;
  return bits.indexOf(wanted) + 1;
}

/** VARBITMAXLEN, within what a text can hold. */
const bitsMax = 83_886_080 * 4;

/** The last `length` bits of a two's complement number, extended by its sign. */
function fromInteger(value: number | bigint, length: number): string {
  const wanted = Math.max(1, length);
  if (wanted > bitsMax) {
    throw databaseError(
      'programLimitExceeded',
      `bit string length exceeds the maximum allowed (${bitsMax})`,
    );
  }
  const bits = BigInt.asUintN(64, BigInt(value)).toString(2).padStart(64, '0');
  return wanted <= 64 ? bits.slice(64 - wanted) : bits.padStart(wanted, value < 0 ? '1' : '0');
}

function toInteger(bits: string, width: 32 | 64): number | bigint {
  if (bits.length > width) {
    const name = width === 32 ? 'integer' : 'bigint';
    throw databaseError('numericValueOutOfRange', `${name} out of range`);
  }
  return canonicalInteger(BigInt.asIntN(width, BigInt(`0b0${bits}`)));
}

function checkIndex(bits: string, index: number): void {
  if (index >= 0 && index < bits.length) return;
  throw databaseError(
    'arraySubscriptError',
    `bit index ${index} out of valid range (0..${bits.length - 1})`,
  );
}

function setBit(bits: string, index: number, bit: number): string {
  checkIndex(bits, index);
  if (bit !== 0 && bit !== 1)
    throw databaseError('invalidParameterValue', 'new bit must be 0 or 1');
  return bits.slice(0, index) + bit + bits.slice(index + 1);
}

function fold(combine: (left: string, right: string) => string): AggregateImplementation {
  const merge = (left: { bits: Datum }, right: Datum): { bits: Datum } => {
    if (right !== null)
      left.bits = left.bits === null ? right : combine(left.bits as string, right as string);
    return left;
  };
  return aggregate<{ bits: Datum }>({
    strict: true,
    create: () => ({ bits: null }),
    step: (state, _context, value) => merge(state, value),
    combine: (left, right) => merge(left, right.bits),
    finish: (state) => state.bits,
  });
}

const comparisons = of(TypeOid.bit);

export const bitStringFamily: Family = {
  scalars: {
    biteq: comparisons['eq'],
    bitne: comparisons['ne'],
    bitlt: comparisons['lt'],
    bitle: comparisons['le'],
    bitgt: comparisons['gt'],
    bitge: comparisons['ge'],
    bitcmp: comparisons['cmp'],
    bit_and: (_context, left: string, right: string) => and(left, right),
    bit_or: (_context, left: string, right: string) => or(left, right),
    bitxor: (_context, left: string, right: string) => xor(left, right),
    bitnot: (_context, bits: string) => bits.replace(/./g, (bit) => (bit === '0' ? '1' : '0')),
    bitshiftleft: (_context, bits: string, distance: number) => shift(bits, distance),
    bitshiftright: (_context, bits: string, distance: number) => shift(bits, -distance),
    bitcat: (_context, left: string, right: string) => left + right,
    bitsubstr: (_context, bits: string, start: number, length: number) =>
      substring(bits, start, length),
    bitsubstr_no_len: (_context, bits: string, start: number) => substring(bits, start),
    bitoverlay: (_context, bits: string, other: string, start: number, count: number) =>
      overlay(bits, other, start, count),
    bitoverlay_no_len: (_context, bits: string, other: string, start: number) =>
      overlay(bits, other, start, other.length),
    bitlength: (_context, bits: string) => bits.length,
    'bit_length(bit)': (_context, bits: string) => bits.length,
    bitoctetlength: (_context, bits: string) => (bits.length + 7) >> 3,
    bitfromint4: (_context, value: number, length: number) => fromInteger(value, length),
    bitfromint8: (_context, value: number | bigint, length: number) => fromInteger(value, length),
    bittoint4: (_context, bits: string) => toInteger(bits, 32),
    bittoint8: (_context, bits: string) => toInteger(bits, 64),
    bit: (_context, bits: string, length: number, explicit: boolean) =>
      coerceBit(bits, length, explicit),
    varbit: (_context, bits: string, length: number, explicit: boolean) =>
      coerceVarbit(bits, length, explicit),
    bitposition: (_context, bits: string, wanted: string) => position(bits, wanted),
    bitgetbit: (_context, bits: string, index: number) => {
      checkIndex(bits, index);
      return Number(bits[index]);
    },
    bitsetbit: (_context, bits: string, index: number, bit: number) => setBit(bits, index, bit),
    bit_bit_count: (_context, bits: string) => bits.replaceAll('0', '').length,
  },
  aggregates: {
    'bit_and(bit)': fold(and),
    'bit_or(bit)': fold(or),
    'bit_xor(bit)': fold(xor),
  },
};
