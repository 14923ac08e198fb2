// The numeric type: an exact decimal of any precision with PostgreSQL's display scale, NaN and both
// infinities. Value = coefficient / 10^scale. The coefficient is a number while it is a safe integer
// (the fast paths below) and a bigint otherwise, never both for one value; so equal coefficients are
// comparable with ===. Scale rules follow PostgreSQL 15's numeric.c (select_div_scale and friends).
//
// Invariants: immutable; a finite value has 0 <= scale <= 16383; a special value has coefficient 0
// and one of the negative scales of numeric-format.ts; -0 never occurs.

import { databaseError } from './errors.ts';
import { canonicalInteger } from './datum.ts';
import {
  absolute,
  decimalDigits,
  isSafe,
  powerOfTen,
  roundedQuotient,
  scaleUp,
} from './decimal-integer.ts';
import { divisionScale } from './division-scale.ts';
import {
  checkDigits,
  divisionByZero,
  integerDigitsMax,
  minusInfinity,
  notANumber,
  numericOverflow,
  numericScaleMax,
  numericTypmodParts,
  plusInfinity,
  specialName,
} from './numeric-format.ts';
import { decimalOfFloat, parseDecimal } from './numeric-text.ts';

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
    const { coefficient, scale } = decimalOfFloat(value, significantDigits);
    return new Numeric(coefficient, scale);
  }

  /** Text input; undefined when the syntax is wrong, 22003 when it is too large. */
  static tryParse(text: string): Numeric | undefined {
    const parts = parseDecimal(text);
    return parts === undefined ? undefined : new Numeric(parts.coefficient, parts.scale);
  }

  static parse(text: string): Numeric {
    const value = Numeric.tryParse(text);
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

/** Quotient rounded half away from zero at the given scale; the divisor is not zero. */
export function divideToScale(left: Numeric, right: Numeric, scale: number): Numeric {
  const shift = scale + right.scale - left.scale;
  let dividend = BigInt(left.coefficient);
  let divisor = BigInt(right.coefficient);
  if (shift >= 0) dividend *= powerOfTen(shift);
  else divisor *= powerOfTen(-shift);
  return Numeric.of(roundedQuotient(dividend, divisor), scale);
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
