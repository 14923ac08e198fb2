// Arithmetic of money (cents in an int8) and of log positions (pg_lsn).

import {
  canonicalInteger,
  checkedLsn,
  databaseError,
  type DatabaseError,
  Numeric,
  TypeOid,
} from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { extremes, named, of } from './comparison-operators.ts';

type Int8 = number | bigint;

const divisionByZero = (): DatabaseError => databaseError('divisionByZero', 'division by zero');
const bigintOutOfRange = (): DatabaseError =>
  databaseError('numericValueOutOfRange', 'bigint out of range');

function checked(value: bigint): Int8 {
  if (BigInt.asIntN(64, value) === value) return canonicalInteger(value);
  throw databaseError('numericValueOutOfRange', 'money out of range');
}

/** rint(): half to even. */
function rounded(value: number): Int8 {
  const floor = Math.floor(value);
  const rest = value - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const result = up ? floor + 1 : floor;
  if (!Number.isFinite(result)) throw databaseError('numericValueOutOfRange', 'money out of range');
  return checked(BigInt(result));
}

const timesInteger: ScalarImplementation = (_context, left: Int8, right: Int8) =>
  checked(BigInt(left) * BigInt(right));
const timesFloat: ScalarImplementation = (_context, left: Int8, right: Int8) => {
  const product = Number(left) * Number(right);
  if (Math.abs(product) === Infinity && Number.isFinite(Number(left) + Number(right))) {
    throw databaseError('numericValueOutOfRange', 'value out of range: overflow');
  }
  return rounded(product);
};

const byInteger: ScalarImplementation = (_context, value: Int8, divisor: Int8) => {
  if (BigInt(divisor) === 0n) throw divisionByZero();
  return checked(BigInt(value) / BigInt(divisor));
};

const byFloat: ScalarImplementation = (_context, value: Int8, divisor: number) => {
  if (divisor === 0) throw divisionByZero();
  return rounded(Number(value) / divisor);
};

function ratio(left: Int8, right: Int8): number {
  if (BigInt(right) === 0n) throw divisionByZero();
  return Number(left) / Number(right);
}

function fromUnits(value: Int8): Int8 {
  const cents = BigInt(value) * 100n;
  if (BigInt.asIntN(64, cents) !== cents) throw bigintOutOfRange();
  return canonicalInteger(cents);
}

function fromNumeric(value: Numeric): Int8 {
  if (!value.isFinite) {
    const name = value.isNaN ? 'NaN' : 'infinity';
    throw databaseError('featureNotSupported', `cannot convert ${name} to bigint`);
  }
  const cents = integerOf(value.multiply(Numeric.parse('100')).round(0));
  if (BigInt.asIntN(64, cents) !== cents) throw bigintOutOfRange();
  return canonicalInteger(cents);
}

function integerOf(value: Numeric): bigint {
  return BigInt(value.toString());
}

const small =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
  'sixteen seventeen eighteen nineteen';
const smallWords = small.split(' ');
const tensWords = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** 1 .. 999 in words. */
function hundredsInWords(value: number): string {
  const rest = value % 100;
  const hundreds = value < 100 ? '' : `${smallWords[Math.floor(value / 100)]} hundred`;
  if (rest === 0 && value >= 100) return hundreds;
  const tens = tensWords[Math.floor(rest / 10)];
  let text: string;
  if (value > 99 && rest < 10) text = `${hundreds} ${smallWords[rest]}`;
  else if (rest < 20) text = `${hundreds} ${smallWords[rest]}`;
  else text = `${hundreds} ${tens}${rest % 10 === 0 ? '' : ` ${smallWords[rest % 10]}`}`;
  return text.trim();
}

const powers = ['quadrillion', 'trillion', 'billion', 'million', 'thousand', ''];

function inWords(value: Int8): string {
  const cents = BigInt(value) < 0n ? -BigInt(value) : BigInt(value);
  let dollars = cents / 100n;
  const words: string[] = [];
  for (const [index, power] of powers.entries()) {
    const unit = 1000n ** BigInt(powers.length - 1 - index);
    const group = Number(dollars / unit);
    dollars %= unit;
    if (group > 0) words.push(`${hundredsInWords(group)}${power === '' ? '' : ` ${power}`}`);
  }
  if (words.length === 0) words.push('zero');
  const sign = value < 0 ? 'minus ' : '';
  const dollarText = cents / 100n === 1n ? ' dollar and ' : ' dollars and ';
  const rest = Number(cents % 100n);
  const text = `${sign}${words.join(' ')}${dollarText}${hundredsInWords(rest)} cent${rest === 1 ? '' : 's'}`;
  return text[0].toUpperCase() + text.slice(1);
}

function shiftLsn(position: Int8, distance: Numeric, action: string, sign: bigint): Int8 {
  if (distance.isNaN) {
    throw databaseError('featureNotSupported', `cannot ${action} pg_lsn`);
  }
  if (!distance.isFinite) throw databaseError('invalidParameterValue', 'pg_lsn out of range');
  const exact = Numeric.parse(String(position));
  const moved = sign > 0n ? exact.add(distance) : exact.subtract(distance);
  return checkedLsn(integerOf(moved.round(0)));
}

function lsnFromNumeric(value: Numeric): Int8 {
  if (value.isNaN) throw databaseError('featureNotSupported', 'cannot convert NaN to pg_lsn');
  if (!value.isFinite)
    throw databaseError('featureNotSupported', 'cannot convert infinity to pg_lsn');
  return checkedLsn(integerOf(value.round(0)));
}

const lsnDifference: ScalarImplementation = (_context, left: Int8, right: Int8) =>
  Numeric.parse(String(BigInt(left) - BigInt(right)));

export const moneyFamily: Family = {
  scalars: {
    ...named('cash_', of(TypeOid.money), 'cash_cmp'),
    ...extremes('cash', TypeOid.money),
    cash_pl: (_context, left: Int8, right: Int8) => checked(BigInt(left) + BigInt(right)),
    cash_mi: (_context, left: Int8, right: Int8) => checked(BigInt(left) - BigInt(right)),
    cash_div_cash: (_context, left: Int8, right: Int8) => ratio(left, right),
    cash_mul_int2: timesInteger,
    cash_mul_int4: timesInteger,
    cash_mul_int8: timesInteger,
    int2_mul_cash: timesInteger,
    int4_mul_cash: timesInteger,
    int8_mul_cash: timesInteger,
    cash_mul_flt4: timesFloat,
    cash_mul_flt8: timesFloat,
    flt4_mul_cash: timesFloat,
    flt8_mul_cash: timesFloat,
    cash_div_int2: byInteger,
    cash_div_int4: byInteger,
    cash_div_int8: byInteger,
    cash_div_flt4: byFloat,
    cash_div_flt8: byFloat,
    cash_words: (_context, value: Int8) => inWords(value),
    cash_numeric: (_context, value: Int8) => new Numeric(value, 2),
    numeric_cash: (_context, value: Numeric) => fromNumeric(value),
    int4_cash: (_context, value: Int8) => fromUnits(value),
    int8_cash: (_context, value: Int8) => fromUnits(value),
    ...named('pg_lsn_', of(TypeOid.pg_lsn), 'pg_lsn_cmp'),
    ...extremes('pg_lsn_', TypeOid.pg_lsn),
    pg_lsn_mi: lsnDifference,
    pg_wal_lsn_diff: lsnDifference,
    pg_lsn_pli: (_context, position: Int8, distance: Numeric) =>
      shiftLsn(position, distance, 'add NaN to', 1n),
    'numeric_pl_pg_lsn(numeric,pg_lsn)': (_context, distance: Numeric, position: Int8) =>
      shiftLsn(position, distance, 'add NaN to', 1n),
    pg_lsn_mii: (_context, position: Int8, distance: Numeric) =>
      shiftLsn(position, distance, 'subtract NaN from', -1n),
    numeric_pg_lsn: (_context, value: Numeric) => lsnFromNumeric(value),
  },
};
