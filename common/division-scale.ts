// How many decimals a quotient has, as PostgreSQL chooses it (numeric.c, select_div_scale).

import { absolute, type Decimal, decimalDigits, powerOfTen } from './decimal-integer.ts';
import { numericDisplayScaleMax, numericSignificantDigitsMin } from './numeric-format.ts';

/** PostgreSQL's digits are groups of four decimals: the first group's value and its power of 10^4. */
export function leadingGroup(value: Decimal): { weight: number; digit: number } {
  if (value.coefficient === 0) return { weight: 0, digit: 0 };
  const digits = decimalDigits(value.coefficient);
  const exponent = digits - 1 - value.scale;
  const weight = Math.floor(exponent / 4);
  const groupDigits = exponent - 4 * weight + 1;
  const leading = absolute(value.coefficient);
  if (digits <= groupDigits)
    return { weight, digit: Number(leading) * 10 ** (groupDigits - digits) };
  if (typeof leading === 'number') {
    return { weight, digit: Math.floor(leading / 10 ** (digits - groupDigits)) };
  }
  return { weight, digit: Number(leading / powerOfTen(digits - groupDigits)) };
}

/** At least 16 significant digits, and no fewer decimals than either operand shows. */
export function divisionScale(left: Decimal, right: Decimal): number {
  const dividend = leadingGroup(left);
  const divisor = leadingGroup(right);
  let weight = dividend.weight - divisor.weight;
  if (dividend.digit <= divisor.digit) weight--;
  const scale = numericSignificantDigitsMin - weight * 4;
  return Math.min(Math.max(scale, left.scale, right.scale, 0), numericDisplayScaleMax);
}
