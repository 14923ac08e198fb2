// A decimal constant with more digits than a column of scaled integers has, as what the column's integers
// are compared with: x < 0.125 holds of hundredths exactly where they are below 13.

import { type Numeric, powerOfTen, scaleUp } from '#common';
import type { Comparison } from '../expression/native-comparison.ts';

/**
 * The number b such that an integer i within ±2^53 has `i comparison b` exactly where i / 10^scale has
 * `comparison value`. Infinite where every such integer lies on one side of the value; NaN, which equals
 * nothing, where the value lies between two integers and equality is asked for.
 */
export function decimalBound(value: Numeric, scale: number, comparison: Comparison): number {
  // NaN is above everything.
  if (!value.isFinite) return value.sign < 0 ? -Infinity : Infinity;
  if (value.scale <= scale) return asNumber(scaleUp(value, scale));
  const coefficient = BigInt(value.coefficient);
  const unit = powerOfTen(value.scale - scale);
  const truncated = coefficient / unit;
  if (truncated * unit === coefficient) return asNumber(truncated);
  if (comparison === '=' || comparison === '<>') return NaN;
  const floor = coefficient < 0n ? truncated - 1n : truncated;
  return asNumber(comparison === '<' || comparison === '>=' ? floor + 1n : floor);
}

function asNumber(integer: bigint): number {
  if (integer > Number.MAX_SAFE_INTEGER) return Infinity;
  return integer < -Number.MAX_SAFE_INTEGER ? -Infinity : Number(integer);
}
