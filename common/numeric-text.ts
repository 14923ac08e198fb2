// The text forms of the numeric type: what its input reads, and the decimals of a float.

import { canonicalInteger } from './datum.ts';
import type { Decimal } from './decimal-integer.ts';
import {
  checkDigits,
  integerDigitsMax,
  minusInfinity,
  notANumber,
  numericOverflow,
  numericScaleMax,
  plusInfinity,
} from './numeric-format.ts';

const numericPattern =
  /^[ \t\n\v\f\r]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*$/;
const specialPattern = /^[ \t\n\v\f\r]*(?:(nan)|([+-]?)(?:inf|infinity))[ \t\n\v\f\r]*$/i;

/** undefined when the syntax is wrong, 22003 when it is too large. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = numericPattern.exec(text);
  if (match !== null) return parseFinite(match[1]);
  const special = specialPattern.exec(text);
  if (special === null) return undefined;
  if (special[1] !== undefined) return { coefficient: 0, scale: notANumber };
  return { coefficient: 0, scale: special[2] === '-' ? minusInfinity : plusInfinity };
}

function parseFinite(text: string): Decimal {
  let mantissa = text;
  let exponent = 0;
  const marker = text.search(/[eE]/);
  if (marker >= 0) {
    exponent = Number(text.slice(marker + 1));
    mantissa = text.slice(0, marker);
    if (Math.abs(exponent) >= 1073741823) throw numericOverflow();
  }
  const point = mantissa.indexOf('.');
  let digits = mantissa;
  let scale = 0;
  if (point >= 0) {
    digits = mantissa.slice(0, point) + mantissa.slice(point + 1);
    scale = mantissa.length - point - 1;
  }
  if (exponent !== 0) scale -= exponent;
  if (scale < 0) {
    if (/^[+-]?0*$/.test(digits)) return { coefficient: 0, scale: 0 };
    if (digits.length - scale > integerDigitsMax + 4) throw numericOverflow();
    digits += '0'.repeat(-scale);
    scale = 0;
  }
  if (scale > numericScaleMax) throw numericOverflow();
  // Before the digits are converted, which takes a second for a million of them.
  if (digits.length - scale > integerDigitsMax) {
    digits = digits.replace(/^(\+|(-))?0+(?=\d)/, '$2');
    if (digits.length - scale > integerDigitsMax + 1) throw numericOverflow();
  }
  if (digits.length <= 15) return { coefficient: Number(digits) + 0, scale };
  const coefficient = canonicalInteger(BigInt(digits.startsWith('+') ? digits.slice(1) : digits));
  if (typeof coefficient === 'bigint') checkDigits(coefficient, scale);
  return { coefficient, scale };
}

/** A finite float at so many significant digits. */
export function decimalOfFloat(value: number, significantDigits: number): Decimal {
  return parseFinite(stripFloatZeros(toPrecisionHalfEven(value, significantDigits)));
}

/** printf's %.{n}g digits: exact ties go to even, where toPrecision() takes the larger. */
function toPrecisionHalfEven(value: number, digits: number): string {
  const rounded = value.toPrecision(digits);
  const longer = value.toPrecision(digits + 2).replace('.', '');
  if (!/50(?:e|$)/.test(longer)) return rounded;
  const exact = value.toPrecision(60);
  const significant = /^-?[0.]*([\d.]+)/.exec(exact)![1].replace('.', '');
  if (!/^50*$/.test(significant.slice(digits)) || Number(significant[digits - 1]) % 2 !== 0) {
    return rounded;
  }
  const [mantissa, exponent] = value.toExponential(digits).split('e');
  return `${mantissa.slice(0, -1)}e${exponent}`;
}

/** %g drops trailing zeros of the fraction, so they do not become display scale. */
function stripFloatZeros(text: string): string {
  const marker = text.indexOf('e');
  const mantissa = marker < 0 ? text : text.slice(0, marker);
  const exponent = marker < 0 ? '' : text.slice(marker);
  if (!mantissa.includes('.')) return text;
  return mantissa.replace(/\.?0+$/, '') + exponent;
}
