// What the numeric format holds: its limits and their errors, numeric(p, s), and how a value without a finite
// coefficient is marked.

import { decimalDigits } from './decimal-integer.ts';
import { databaseError, type DatabaseError } from './errors.ts';

/** In the place of a display scale. */
export const notANumber = -1;
export const plusInfinity = -2;
export const minusInfinity = -3;

export const numericScaleMax = 16383;
/** Largest result scale that division and the transcendental functions choose by themselves. */
export const numericDisplayScaleMax = 1000;
export const numericSignificantDigitsMin = 16;
/** Decimal digits before the point that the format holds. */
export const integerDigitsMax = 131072;

export function specialName(scale: number): string {
  return scale === notANumber ? 'NaN' : scale === plusInfinity ? 'Infinity' : '-Infinity';
}

/** 22003 when the format cannot hold it. */
export function checkDigits(coefficient: bigint, scale: number): void {
  // A cheap bound first: 131072 digits are more than 435,000 bits.
  if (coefficient < 1n << 1000n && coefficient > -(1n << 1000n)) return;
  if (decimalDigits(coefficient) - scale > integerDigitsMax) throw numericOverflow();
}

export function numericOverflow(): DatabaseError {
  return databaseError('numericValueOutOfRange', 'value overflows numeric format');
}

export function divisionByZero(): DatabaseError {
  return databaseError('divisionByZero', 'division by zero');
}

/** The typmod of numeric(p, s). */
export function numericTypmod(precision: number, scale: number): number {
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

export function numericTypmodParts(typmod: number): { precision: number; scale: number } {
  const packed = typmod - 4;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}
