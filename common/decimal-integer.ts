// Integer arithmetic in powers of ten under the numeric type: cached powers, digit counts, division
// that rounds half away from zero.

/** coefficient / 10^scale. */
export interface Decimal {
  readonly coefficient: number | bigint;
  readonly scale: number;
}

const powers: bigint[] = [1n];
const cachedPowersMax = 2048;

export function powerOfTen(exponent: number): bigint {
  if (exponent > cachedPowersMax) return 10n ** BigInt(exponent);
  while (powers.length <= exponent) powers.push(powers[powers.length - 1] * 10n);
  return powers[exponent];
}

export function isSafe(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER;
}

export function absolute(value: number | bigint): number | bigint {
  return value < 0 ? -value : value;
}

/** How many decimal digits an integer has, sign aside; 1 for 0. */
export function decimalDigits(value: number | bigint): number {
  if (typeof value === 'number') {
    const magnitude = Math.abs(value);
    let digits = 1;
    for (let bound = 10; magnitude >= bound && digits < 16; bound *= 10) digits++;
    return digits;
  }
  const magnitude = value < 0n ? -value : value;
  const hexDigits = magnitude.toString(16).length;
  // log10(16) bounds the count from both sides; at most one comparison decides.
  let digits = Math.max(1, Math.floor((hexDigits - 1) * 1.2041199826559248) + 1);
  while (magnitude >= powerOfTen(digits)) digits++;
  return digits;
}

/** dividend / divisor to the nearest integer, ties away from zero. */
export function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend - quotient * divisor;
  if (remainder === 0n) return quotient;
  const doubled = remainder < 0n ? -remainder * 2n : remainder * 2n;
  const size = divisor < 0n ? -divisor : divisor;
  if (doubled < size) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

/** The coefficient of a decimal at a scale that is not smaller than its own. */
export function scaleUp(value: Decimal, scale: number): bigint {
  const coefficient = BigInt(value.coefficient);
  return scale === value.scale ? coefficient : coefficient * powerOfTen(scale - value.scale);
}
