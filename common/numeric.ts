// The numeric type: an exact decimal of any precision with PostgreSQL's display scale, NaN and both
// infinities. Value = coefficient / 10^scale. The coefficient is a number while it is a safe integer
// (the fast paths below) and a bigint otherwise, never both for one value; so equal coefficients are
// comparable with ===. Scale rules follow PostgreSQL 15's numeric.c (select_div_scale and friends).
//
// Invariants: immutable; a finite value has 0 <= scale <= 16383; a special value has coefficient 0
// and one of the negative scales below; -0 never occurs.

import { databaseError, type DatabaseError } from './errors.ts';
import { canonicalInteger } from './datum.ts';
import {
  absolute,
  decimalDigits,
  isSafe,
  powerOfTen,
  roundedQuotient,
  scaleUp,
} from './decimal-integer.ts';

const notANumber = -1;
const plusInfinity = -2;
const minusInfinity = -3;

export const numericScaleMax = 16383;
/** Largest result scale that division and the transcendental functions choose by themselves. */
export const numericDisplayScaleMax = 1000;
export const numericSignificantDigitsMin = 16;
/** Decimal digits before the point that the format holds. */
const integerDigitsMax = 131072;

export class Numeric {
  readonly coefficient: number | bigint;
  /** Display scale; negative for NaN and the infinities. */
  readonly scale: number;

  /** Use the static makers unless the coefficient is known to be canonical. */
  constructor(coefficient: number | bigint, scale: number) {
    this.coefficient = coefficient;
    this.scale = scale;
  }

  static readonly nan = new Numeric(0, notANumber);
  static readonly infinity = new Numeric(0, plusInfinity);
  static readonly negativeInfinity = new Numeric(0, minusInfinity);
  static readonly zero = new Numeric(0, 0);
  static readonly one = new Numeric(1, 0);

  /** From an exact coefficient; 22003 when the format cannot hold it. */
  static of(coefficient: bigint, scale: number): Numeric {
    const canonical = canonicalInteger(coefficient);
    if (typeof canonical === 'bigint' && canonical !== 0n) checkDigits(canonical, scale);
    if (scale > numericScaleMax) throw numericOverflow();
    return new Numeric(canonical, scale);
  }

  static fromInteger(value: number | bigint): Numeric {
    return new Numeric(value, 0);
  }

  /** float8 to numeric keeps 15 significant digits, float4 to numeric 6. */
  static fromFloat(value: number, significantDigits: 15 | 6 = 15): Numeric {
    if (value !== value) return Numeric.nan;
    if (value === Infinity) return Numeric.infinity;
    if (value === -Infinity) return Numeric.negativeInfinity;
    return parseFinite(stripFloatZeros(toPrecisionHalfEven(value, significantDigits)));
  }

  /** Text input; undefined when the syntax is wrong, 22003 when it is too large. */
  static tryParse(text: string): Numeric | undefined {
    return parseNumeric(text);
  }

  static parse(text: string): Numeric {
    const value = parseNumeric(text);
    if (value === undefined) {
      throw databaseError(
        'invalidTextRepresentation',
        `invalid input syntax for type numeric: "${text}"`,
      );
    }
    return value;
  }

  get isNaN(): boolean {
    return this.scale === notANumber;
  }
  get isFinite(): boolean {
    return this.scale >= 0;
  }
  get isInfinite(): boolean {
    return this.scale < notANumber;
  }
  /** -1, 0 or 1; NaN counts as 0. */
  get sign(): number {
    if (this.scale >= 0) return this.coefficient > 0 ? 1 : this.coefficient < 0 ? -1 : 0;
    return this.scale === plusInfinity ? 1 : this.scale === minusInfinity ? -1 : 0;
  }
  get isZero(): boolean {
    return this.scale >= 0 && this.coefficient === 0;
  }

  add(other: Numeric): Numeric {
    const left = this.coefficient;
    const right = other.coefficient;
    if (this.scale === other.scale && this.scale >= 0) {
      if (typeof left === 'number' && typeof right === 'number') {
        const sum = left + right;
        if (isSafe(sum)) return new Numeric(sum, this.scale);
      }
      return Numeric.of(BigInt(left) + BigInt(right), this.scale);
    }
    if (this.scale < 0 || other.scale < 0) return addSpecial(this, other);
    return addUnaligned(this, other, 1);
  }

  subtract(other: Numeric): Numeric {
    const left = this.coefficient;
    const right = other.coefficient;
    if (this.scale === other.scale && this.scale >= 0) {
      if (typeof left === 'number' && typeof right === 'number') {
        const difference = left - right;
        if (isSafe(difference)) return new Numeric(difference, this.scale);
      }
      return Numeric.of(BigInt(left) - BigInt(right), this.scale);
    }
    if (this.scale < 0 || other.scale < 0) return addSpecial(this, other.negate());
    return addUnaligned(this, other, -1);
  }

  multiply(other: Numeric): Numeric {
    if (this.scale < 0 || other.scale < 0) return multiplySpecial(this, other);
    const scale = this.scale + other.scale;
    const left = this.coefficient;
    const right = other.coefficient;
    if (scale <= numericScaleMax) {
      if (typeof left === 'number' && typeof right === 'number') {
        const product = left * right;
        if (isSafe(product)) return new Numeric(product === 0 ? 0 : product, scale);
      }
      return Numeric.of(BigInt(left) * BigInt(right), scale);
    }
    const exact = BigInt(left) * BigInt(right);
    return Numeric.of(roundedQuotient(exact, powerOfTen(scale - numericScaleMax)), numericScaleMax);
  }

  /** `/`: 22012 on zero. */
  divide(other: Numeric): Numeric {
    if (this.scale < 0 || other.scale < 0) return divideSpecial(this, other);
    if (other.coefficient === 0) throw divisionByZero();
    return divideToScale(this, other, divisionScale(this, other));
  }

  /** div(): the quotient truncated to an integer. */
  divideTruncated(other: Numeric): Numeric {
    if (this.scale < 0 || other.scale < 0) return divideSpecial(this, other);
    if (other.coefficient === 0) throw divisionByZero();
    const scale = Math.max(this.scale, other.scale);
    return Numeric.of(scaleUp(this, scale) / scaleUp(other, scale), 0);
  }

  /** `%`: takes the sign of the dividend. */
  remainder(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.nan;
    if (this.isInfinite) {
      if (other.isZero) throw divisionByZero();
      return Numeric.nan;
    }
    if (other.isInfinite) return this;
    if (other.coefficient === 0) throw divisionByZero();
    const scale = Math.max(this.scale, other.scale);
    if (
      this.scale === other.scale &&
      typeof this.coefficient === 'number' &&
      typeof other.coefficient === 'number'
    ) {
      return new Numeric((this.coefficient % other.coefficient) + 0, scale);
    }
    return Numeric.of(scaleUp(this, scale) % scaleUp(other, scale), scale);
  }

  negate(): Numeric {
    if (this.scale === plusInfinity) return Numeric.negativeInfinity;
    if (this.scale === minusInfinity) return Numeric.infinity;
    return this.coefficient === 0 ? this : new Numeric(-this.coefficient, this.scale);
  }

  abs(): Numeric {
    return this.sign < 0 ? this.negate() : this;
  }

  /** Half away from zero; a negative scale rounds left of the point. */
  round(scale: number): Numeric {
    return rescale(this, scale, 'round');
  }
  truncate(scale: number): Numeric {
    return rescale(this, scale, 'truncate');
  }
  floor(): Numeric {
    return rescale(this, 0, 'floor');
  }
  ceil(): Numeric {
    return rescale(this, 0, 'ceil');
  }

  /** Fewest fractional digits that keep the value. */
  minimumScale(): number {
    return this.scale <= 0 ? 0 : this.trimScale().scale;
  }

  trimScale(): Numeric {
    let { coefficient, scale } = this;
    if (scale <= 0) return this;
    if (coefficient === 0) return Numeric.zero;
    if (typeof coefficient === 'number') {
      while (scale > 0 && coefficient % 10 === 0) {
        coefficient /= 10;
        scale--;
      }
      return scale === this.scale ? this : new Numeric(coefficient, scale);
    }
    while (scale > 0 && coefficient % 10n === 0n) {
      coefficient /= 10n;
      scale--;
    }
    return scale === this.scale ? this : new Numeric(canonicalInteger(coefficient), scale);
  }

  /** Three-way; NaN equals NaN and sorts after everything, 1.0 equals 1.00. */
  compare(other: Numeric): number {
    if (this.scale < 0 || other.scale < 0) return specialRank(this) - specialRank(other);
    const left = this.coefficient;
    const right = other.coefficient;
    if (this.scale === other.scale) return left < right ? -1 : left > right ? 1 : 0;
    return compareUnaligned(this, other);
  }

  equals(other: Numeric): boolean {
    return this.compare(other) === 0;
  }

  /** Equal for equal values whatever their scale. */
  hashKey(): string | number {
    if (this.scale < 0) return specialName(this.scale);
    const trimmed = this.trimScale();
    if (trimmed.scale === 0 && typeof trimmed.coefficient === 'number') return trimmed.coefficient;
    return `${trimmed.coefficient}e-${trimmed.scale}`;
  }

  toNumber(): number {
    const { coefficient, scale } = this;
    if (scale === 0) return Number(coefficient);
    if (scale < 0) return Number(specialName(scale));
    if (typeof coefficient === 'number' && scale <= 22) return coefficient / 10 ** scale;
    return Number(`${coefficient}e-${scale}`);
  }

  /** Rounded to an integer, any size; 0A000 for NaN and infinities. */
  toInteger(typeName: string): bigint {
    if (this.scale < 0) {
      throw databaseError(
        'featureNotSupported',
        `cannot convert ${this.isNaN ? 'NaN' : 'infinity'} to ${typeName}`,
      );
    }
    return BigInt(this.round(0).coefficient);
  }

  toInt8(): number | bigint {
    if (this.scale === 0 && typeof this.coefficient === 'number') return this.coefficient;
    const value = this.toInteger('bigint');
    if (BigInt.asIntN(64, value) !== value) {
      throw databaseError('numericValueOutOfRange', 'bigint out of range');
    }
    return canonicalInteger(value);
  }

  toInt4(): number {
    const value = this.toInteger('integer');
    if (value < -2147483648n || value > 2147483647n) {
      throw databaseError('numericValueOutOfRange', 'integer out of range');
    }
    return Number(value);
  }

  toInt2(): number {
    const value = this.toInteger('smallint');
    if (value < -32768n || value > 32767n) {
      throw databaseError('numericValueOutOfRange', 'smallint out of range');
    }
    return Number(value);
  }

  toString(): string {
    const { coefficient, scale } = this;
    if (scale === 0) return String(coefficient);
    if (scale < 0) return specialName(scale);
    const negative = coefficient < 0;
    const digits = String(absolute(coefficient)).padStart(scale + 1, '0');
    const point = digits.length - scale;
    return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
  }

  /** numeric(p, s): rounds to s and checks p (22003). */
  coerce(typmod: number): Numeric {
    return typmod < 4 ? this : coerceToTypmod(this, typmod);
  }
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

/** Quotient rounded half away from zero at the given scale; the divisor is not zero. */
export function divideToScale(left: Numeric, right: Numeric, scale: number): Numeric {
  const shift = scale + right.scale - left.scale;
  let dividend = BigInt(left.coefficient);
  let divisor = BigInt(right.coefficient);
  if (shift >= 0) dividend *= powerOfTen(shift);
  else divisor *= powerOfTen(-shift);
  return Numeric.of(roundedQuotient(dividend, divisor), scale);
}

/** PostgreSQL's digits are groups of four decimals: the first group's value and its power of 10^4. */
export function leadingGroup(value: Numeric): { weight: number; digit: number } {
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
function divisionScale(left: Numeric, right: Numeric): number {
  const dividend = leadingGroup(left);
  const divisor = leadingGroup(right);
  let weight = dividend.weight - divisor.weight;
  if (dividend.digit <= divisor.digit) weight--;
  const scale = numericSignificantDigitsMin - weight * 4;
  return Math.min(Math.max(scale, left.scale, right.scale, 0), numericDisplayScaleMax);
}

function checkDigits(coefficient: bigint, scale: number): void {
  // A cheap bound first: 131072 digits are more than 435,000 bits.
  if (coefficient < 1n << 1000n && coefficient > -(1n << 1000n)) return;
  if (decimalDigits(coefficient) - scale > integerDigitsMax) throw numericOverflow();
}

function addUnaligned(left: Numeric, right: Numeric, rightSign: 1 | -1): Numeric {
  const scale = Math.max(left.scale, right.scale);
  const a = left.coefficient;
  const b = right.coefficient;
  if (typeof a === 'number' && typeof b === 'number' && scale <= 15) {
    const alignedLeft = a * 10 ** (scale - left.scale);
    const alignedRight = b * 10 ** (scale - right.scale);
    const sum = alignedLeft + rightSign * alignedRight;
    if (isSafe(alignedLeft) && isSafe(alignedRight) && isSafe(sum)) {
      return new Numeric(sum === 0 ? 0 : sum, scale);
    }
  }
  const addend = scaleUp(right, scale);
  return Numeric.of(scaleUp(left, scale) + (rightSign === 1 ? addend : -addend), scale);
}

function addSpecial(left: Numeric, right: Numeric): Numeric {
  if (left.isNaN || right.isNaN) return Numeric.nan;
  if (left.isInfinite && right.isInfinite) return left.scale === right.scale ? left : Numeric.nan;
  return left.isInfinite ? left : right;
}

function multiplySpecial(left: Numeric, right: Numeric): Numeric {
  if (left.isNaN || right.isNaN) return Numeric.nan;
  const sign = left.sign * right.sign;
  if (sign === 0) return Numeric.nan;
  return sign > 0 ? Numeric.infinity : Numeric.negativeInfinity;
}

function divideSpecial(left: Numeric, right: Numeric): Numeric {
  if (left.isNaN || right.isNaN) return Numeric.nan;
  if (left.isInfinite) {
    if (right.isInfinite) return Numeric.nan;
    if (right.sign === 0) throw divisionByZero();
    return right.sign === left.sign ? Numeric.infinity : Numeric.negativeInfinity;
  }
  return Numeric.zero;
}

function specialRank(value: Numeric): number {
  if (value.scale >= 0) return 0;
  return value.scale === notANumber ? 2 : value.scale === plusInfinity ? 1 : -1;
}

function specialName(scale: number): string {
  return scale === notANumber ? 'NaN' : scale === plusInfinity ? 'Infinity' : '-Infinity';
}

function compareUnaligned(left: Numeric, right: Numeric): number {
  const leftSign = left.sign;
  const rightSign = right.sign;
  if (leftSign !== rightSign || leftSign === 0) return leftSign - rightSign;
  const scale = Math.max(left.scale, right.scale);
  if (
    scale <= 15 &&
    typeof left.coefficient === 'number' &&
    typeof right.coefficient === 'number'
  ) {
    const a = left.coefficient * 10 ** (scale - left.scale);
    const b = right.coefficient * 10 ** (scale - right.scale);
    if (isSafe(a) && isSafe(b)) return a < b ? -1 : a > b ? 1 : 0;
  }
  const a = scaleUp(left, scale);
  const b = scaleUp(right, scale);
  return a < b ? -1 : a > b ? 1 : 0;
}

type RoundingMode = 'round' | 'truncate' | 'floor' | 'ceil';

function rescale(value: Numeric, requested: number, mode: RoundingMode): Numeric {
  if (value.scale < 0) return value;
  const scale = Math.min(Math.max(requested, -integerDigitsMax), numericScaleMax);
  if (scale >= value.scale) {
    if (scale === value.scale || mode === 'floor' || mode === 'ceil') return value;
    return Numeric.of(scaleUp(value, scale), scale);
  }
  const divisor = powerOfTen(value.scale - scale);
  const exact = BigInt(value.coefficient);
  let quotient = mode === 'round' ? roundedQuotient(exact, divisor) : exact / divisor;
  if (mode === 'floor' && exact < 0n && exact % divisor !== 0n) quotient--;
  if (mode === 'ceil' && exact > 0n && exact % divisor !== 0n) quotient++;
  if (scale < 0) return Numeric.of(quotient * powerOfTen(-scale), 0);
  return Numeric.of(quotient, scale);
}

function coerceToTypmod(value: Numeric, typmod: number): Numeric {
  const { precision, scale } = numericTypmodParts(typmod);
  if (value.isNaN) return value;
  if (value.isInfinite) {
    throw databaseError('numericValueOutOfRange', 'numeric field overflow', {
      detail: `A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`,
    });
  }
  const rounded = value.scale === scale ? value : rescale(value, scale, 'round');
  const digitsMax = precision - scale;
  const { coefficient } = rounded;
  if (coefficient !== 0) {
    if (typeof coefficient === 'number' && scale >= 0 && precision <= 15) {
      if (Math.abs(coefficient) < 10 ** precision) return rounded;
    } else if (decimalDigits(coefficient) - rounded.scale <= digitsMax) return rounded;
    throw databaseError('numericValueOutOfRange', 'numeric field overflow', {
      detail:
        `A field with precision ${precision}, scale ${scale} must round to an absolute value ` +
        `less than ${digitsMax === 0 ? '1' : `10^${digitsMax}`}.`,
    });
  }
  return rounded;
}

const numericPattern =
  /^[ \t\n\v\f\r]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*$/;
const specialPattern = /^[ \t\n\v\f\r]*(?:(nan)|([+-]?)(?:inf|infinity))[ \t\n\v\f\r]*$/i;

function parseNumeric(text: string): Numeric | undefined {
  const match = numericPattern.exec(text);
  if (match !== null) return parseFinite(match[1]);
  const special = specialPattern.exec(text);
  if (special === null) return undefined;
  if (special[1] !== undefined) return Numeric.nan;
  return special[2] === '-' ? Numeric.negativeInfinity : Numeric.infinity;
}

function parseFinite(text: string): Numeric {
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
    if (/^[+-]?0*$/.test(digits)) return Numeric.zero;
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
  if (digits.length <= 15) return new Numeric(Number(digits) + 0, scale);
  return Numeric.of(BigInt(digits.startsWith('+') ? digits.slice(1) : digits), scale);
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
