// What is to be known of whole numbers before an encoding is chosen for them.

const safeMax = Number.MAX_SAFE_INTEGER;

export interface IntegerFacts {
  readonly values: Float64Array;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly divisor: number;
  readonly runs: number;
  readonly longestRun: number;
  readonly deltaMin: number;
  readonly deltaMax: number;
}

/** One pass over values[0 .. count). */
export function gatherFacts(values: Float64Array, count: number): IntegerFacts {
  let min = count === 0 ? 0 : values[0];
  let max = min;
  let runs = count === 0 ? 0 : 1;
  let runStart = 0;
  let longestRun = 1;
  let deltaMin = Infinity;
  let deltaMax = -Infinity;
  for (let i = 1; i < count; i++) {
    const value = values[i];
    const difference = value - values[i - 1];
    if (value < min) min = value;
    else if (value > max) max = value;
    if (difference < deltaMin) deltaMin = difference;
    if (difference > deltaMax) deltaMax = difference;
    if (difference !== 0) {
      runs++;
      if (i - runStart > longestRun) longestRun = i - runStart;
      runStart = i;
    }
  }
  if (count - runStart > longestRun) longestRun = count - runStart;
  const isSafe = Math.max(Math.abs(deltaMin), Math.abs(deltaMax)) <= safeMax;
  return {
    values,
    count,
    min,
    max,
    divisor: max - min > safeMax ? 1 : commonDivisor(values, count, min),
    runs,
    longestRun,
    deltaMin: isSafe ? deltaMin : -Infinity,
    deltaMax: isSafe ? deltaMax : Infinity,
  };
}

/** The greatest number that divides all differences to the least value; at most 2^31 - 1. */
function commonDivisor(values: Float64Array, count: number, min: number): number {
  let divisor = 0;
  for (let i = 0; i < count && divisor !== 1; i++) {
    let left = values[i] - min;
    let right = divisor;
    while (right !== 0) {
      const rest = left % right;
      left = right;
      right = rest;
    }
    divisor = left;
  }
  return divisor === 0 || divisor > 0x7fffffff ? 1 : divisor;
}
