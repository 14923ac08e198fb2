// float4, float8 and numeric. Floats print their shortest digits that read back the same, in the
// notation of PostgreSQL's Ryu output: fixed up to 15 (float4: 6) integer digits, else d.ddde+XX.

import type { ByteWriter } from '../byte-writer.ts';
import { absolute } from '../decimal-integer.ts';
import { databaseError } from '../errors.ts';
import { numericOverflow } from '../numeric-format.ts';
import { Numeric } from '../numeric.ts';
import { TypeOid } from '../types.ts';
import {
  expectLength,
  insufficientData,
  invalidBinary,
  invalidInput,
  typeIo,
  type AnyTypeIo,
} from './contract.ts';

const decimalPattern =
  /^[ \t\n\v\f\r]*([+-]?)(?:((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(infinity|inf)|(nan)|0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d+))?)[ \t\n\v\f\r]*$/i;

export function parseFloat8(text: string): number {
  return parseFloatText(text, 'double precision', (value) => value);
}

export function parseFloat4(text: string): number {
  return parseFloatText(text, 'real', Math.fround);
}

function parseFloatText(text: string, typeName: string, narrow: (value: number) => number): number {
  const match = decimalPattern.exec(text);
  if (match === null) throw invalidInput(typeName, text);
  const sign = match[1] === '-' ? -1 : 1;
  if (match[3] !== undefined) return sign * Infinity;
  if (match[4] !== undefined) return NaN;
  const exact = match[2] === undefined ? hexadecimalFloat(match, typeName, text) : Number(match[2]);
  const value =
    narrow === Math.fround && match[2] !== undefined
      ? nearestFloat4(exact, match[2])
      : narrow(exact);
  const isZero = match[2] === undefined ? exact === 0 : !/[1-9]/.test(match[2].split(/[eE]/)[0]);
  if (value === Infinity || (value === 0 && !isZero)) {
    throw databaseError(
      'numericValueOutOfRange',
      `"${text.trim()}" is out of range for type ${typeName}`,
    );
  }
  return sign * value;
}

/**
 * Rounding the nearest double again may go the wrong way when it lies half way between two floats: then
 * the decimal text decides.
 */
function nearestFloat4(double: number, text: string): number {
  const float = Math.fround(double);
  if (float === double || !Number.isFinite(float)) return float;
  const step = 2 ** Math.max(Math.floor(Math.log2(Math.abs(float))) - 23, -149);
  const other = float < double ? Math.fround(float + step) : Math.fround(float - step);
  const half = (float + other) / 2;
  if (half !== double) return float;
  const order = Numeric.parse(text).compare(Numeric.parse(exactText(double)));
  if (order === 0) return float;
  return order > 0 === other > float ? other : float;
}

/** A double of the float4 range as a decimal fraction without rounding. */
function exactText(value: number): string {
  let denominator = 0;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator++;
  }
  const digits = (BigInt(scaled) * 5n ** BigInt(denominator)).toString();
  return `${digits}e-${denominator}`;
}

/** C's hexadecimal floats, which strtod() reads. */
function hexadecimalFloat(match: RegExpExecArray, typeName: string, text: string): number {
  const whole = match[5] ?? '';
  const fraction = match[6] ?? '';
  if (whole === '' && fraction === '') throw invalidInput(typeName, text);
  const digits = parseInt(whole + fraction, 16);
  return digits * 2 ** (Number(match[7] ?? 0) - 4 * fraction.length);
}

/** Shortest digits of a finite value in PostgreSQL's notation. */
export function formatFloat8(value: number, extraFloatDigits = 1): string {
  if (value !== value) return 'NaN';
  if (value === Infinity) return 'Infinity';
  if (value === -Infinity) return '-Infinity';
  if (extraFloatDigits <= 0) return formatGeneral(value, Math.max(1, 15 + extraFloatDigits));
  const magnitude = Math.abs(value);
  if (magnitude < 1e15 && magnitude >= 1e-4) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return scientific(value.toExponential());
}

export function formatFloat4(value: number, extraFloatDigits = 1): string {
  if (value !== value) return 'NaN';
  if (value === Infinity) return 'Infinity';
  if (value === -Infinity) return '-Infinity';
  if (extraFloatDigits <= 0) return formatGeneral(value, Math.max(1, 6 + extraFloatDigits));
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const digits = shortestFloat4(value);
  const exponent = Number(digits.slice(digits.indexOf('e') + 1));
  return exponent < -4 || exponent >= 6 ? scientific(digits) : String(Number(digits));
}

/** The fewest digits that read back as the same float4, in JavaScript's exponent notation. */
function shortestFloat4(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text.replace(/\.?0+e/, 'e');
  }
  return value.toExponential(8);
}

/** 1.5e-7 becomes 1.5e-07: two exponent digits at least, and a sign. */
function scientific(text: string): string {
  const marker = text.indexOf('e');
  const exponent = text.slice(marker + 2);
  return text.slice(0, marker + 2) + (exponent.length < 2 ? `0${exponent}` : exponent);
}

/** printf's %.{digits}g */
function formatGeneral(value: number, digits: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = value.toExponential(digits - 1);
  const marker = text.indexOf('e');
  const exponent = Number(text.slice(marker + 1));
  if (exponent < -4 || exponent >= digits) {
    const mantissa = text.slice(0, marker);
    const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
    return scientific(short + text.slice(marker));
  }
  const fixed = value.toFixed(Math.max(0, digits - 1 - exponent));
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}

const float8 = typeIo<number>({
  input: parseFloat8,
  output: (value, settings) => formatFloat8(value, settings.extraFloatDigits),
  receive: (bytes) => {
    expectLength(bytes, 8);
    return bytes.readDoubleBE(0);
  },
  send: (value, writer) => writer.float64(value),
});

const float4 = typeIo<number>({
  input: parseFloat4,
  output: (value, settings) => formatFloat4(value, settings.extraFloatDigits),
  receive: (bytes) => {
    expectLength(bytes, 4);
    return bytes.readFloatBE(0);
  },
  send: (value, writer) => writer.float32(value),
});

const signs = {
  positive: 0,
  negative: 0x4000,
  nan: 0xc000,
  infinity: 0xd000,
  minusInfinity: 0xf000,
};

/** Digit count, weight, sign, display scale, then digits of base 10000, all int16. */
function sendNumeric(value: Numeric, writer: ByteWriter): void {
  if (!value.isFinite) {
    writer.int16(0);
    writer.int16(0);
    writer.int16(value.isNaN ? signs.nan : value.sign > 0 ? signs.infinity : signs.minusInfinity);
    writer.int16(value.isNaN ? 0 : 32);
    return;
  }
  const { coefficient, scale } = value;
  let digits = String(absolute(coefficient));
  // Pad so that the point falls between groups of four.
  digits += '0'.repeat((4 - (scale % 4)) % 4);
  const integerDigits = digits.length - (scale + ((4 - (scale % 4)) % 4));
  const lead = ((-integerDigits % 4) + 4) % 4;
  digits = '0'.repeat(lead) + digits;
  let weight = (integerDigits + lead) / 4 - 1;
  let first = 0;
  let last = digits.length;
  while (first < last && digits.slice(first, first + 4) === '0000') {
    first += 4;
    weight--;
  }
  while (last > first && digits.slice(last - 4, last) === '0000') last -= 4;
  if (first === last) weight = 0;
  writer.int16((last - first) / 4);
  writer.int16(weight);
  writer.int16(coefficient < 0 ? signs.negative : signs.positive);
  writer.int16(scale);
  for (let at = first; at < last; at += 4) writer.int16(Number(digits.slice(at, at + 4)));
}

function receiveNumeric(bytes: Buffer, typmod: number): Numeric {
  if (bytes.length < 8) throw insufficientData();
  const count = bytes.readUInt16BE(0);
  const weight = bytes.readInt16BE(2);
  const sign = bytes.readUInt16BE(4);
  const scale = bytes.readUInt16BE(6);
  if (bytes.length < 8 + count * 2) throw insufficientData();
  if (bytes.length > 8 + count * 2) throw invalidBinary();
  if (sign === signs.nan) return Numeric.nan;
  if (sign === signs.infinity) return Numeric.infinity.coerce(typmod);
  if (sign === signs.minusInfinity) return Numeric.negativeInfinity.coerce(typmod);
  if (sign !== signs.positive && sign !== signs.negative) {
    throw databaseError('invalidBinaryRepresentation', 'invalid sign in external "numeric" value');
  }
  if (scale > 16383) {
    throw databaseError('invalidBinaryRepresentation', 'invalid scale in external "numeric" value');
  }
  let text = '';
  for (let index = 0; index < count; index++) {
    const digit = bytes.readUInt16BE(8 + index * 2);
    if (digit > 9999) {
      throw databaseError(
        'invalidBinaryRepresentation',
        'invalid digit in external "numeric" value',
      );
    }
    text += String(digit).padStart(4, '0');
  }
  if (text === '') return new Numeric(0, scale).coerce(typmod);
  const ownScale = (count - weight - 1) * 4;
  let coefficient = BigInt(text);
  let exactScale = ownScale;
  if (ownScale < 0) {
    if (-ownScale > 131072) throw numericOverflow();
    coefficient *= 10n ** BigInt(-ownScale);
    exactScale = 0;
  }
  const exact = Numeric.of(sign === signs.negative ? -coefficient : coefficient, exactScale);
  // Digits beyond the display scale are cut, not rounded, as numeric_recv() does.
  const shown = scale < exactScale ? exact.truncate(scale) : exact.round(scale);
  return shown.coerce(typmod);
}

const numeric = typeIo<Numeric>({
  input: (text, typmod) => Numeric.parse(text).coerce(typmod),
  output: (value) => value.toString(),
  receive: receiveNumeric,
  send: sendNumeric,
});

export const floatTypes: readonly (readonly [number, AnyTypeIo])[] = [
  [TypeOid.float4, float4],
  [TypeOid.float8, float8],
  [TypeOid.numeric, numeric],
];
