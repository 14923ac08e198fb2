// Variance, standard deviation, covariance, correlation and linear regression. Floats use the
// Youngs-Cramer recurrences that PostgreSQL uses, integers and numerics exact sums of squares.

import { type Datum, Numeric, powerOfTen } from '#common';
import type { AggregateImplementation } from '../contract.ts';
import { aggregate, type Family } from '../family.ts';
import { floatOverflow } from './numeric-float.ts';
import { integerSquareRoot } from './numeric-transcendental.ts';

interface FloatMoments {
  n: number;
  sum: number;
  squares: number;
}

function floatVariance(finish: (state: FloatMoments) => number | null): AggregateImplementation {
  return aggregate<FloatMoments>({
    strict: true,
    create: () => ({ n: 0, sum: 0, squares: 0 }),
    step: (state, _context, datum) => {
      const value = datum as number;
      const before = state.sum;
      state.n++;
      state.sum += value;
      if (state.n === 1) {
        if (!Number.isFinite(value)) state.squares = Number.NaN;
        return state;
      }
      const deviation = value * state.n - state.sum;
      state.squares += (deviation * deviation) / (state.n * (state.n - 1));
      if (isInfinity(state.sum) || isInfinity(state.squares)) {
        if (!isInfinity(before) && !isInfinity(value)) throw floatOverflow();
        state.squares = Number.NaN;
      }
      return state;
    },
    combine: (left, right) => {
      if (left.n === 0) return right;
      if (right.n === 0) return left;
      const n = left.n + right.n;
      const difference = left.sum / left.n - right.sum / right.n;
      return {
        n,
        sum: left.sum + right.sum,
        squares: left.squares + right.squares + (left.n * right.n * difference * difference) / n,
      };
    },
    finish: (state) => (state.n === 0 ? null : finish(state)),
  });
}

function isInfinity(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

interface NumericMoments {
  n: number;
  sum: Numeric;
  squares: Numeric;
}

interface Statistic {
  readonly sample: boolean;
  readonly root: boolean;
}

function numericVariance(statistic: Statistic): AggregateImplementation {
  return aggregate<NumericMoments>({
    strict: true,
    create: () => ({ n: 0, sum: Numeric.zero, squares: Numeric.zero }),
    step: (state, _context, datum) => {
      const value =
        datum instanceof Numeric ? datum : Numeric.fromInteger(datum as number | bigint);
      state.n++;
      state.sum = state.sum.add(value);
      state.squares = state.squares.add(value.multiply(value));
      return state;
    },
    combine: (left, right) => ({
      n: left.n + right.n,
      sum: left.sum.add(right.sum),
      squares: left.squares.add(right.squares),
    }),
    finish: (state) => finishNumeric(state, statistic),
  });
}

function finishNumeric({ n, sum, squares }: NumericMoments, statistic: Statistic): Datum {
  if (n < (statistic.sample ? 2 : 1)) return null;
  if (sum.scale < 0) return Numeric.nan;
  const count = Numeric.fromInteger(n);
  const numerator = count.multiply(squares).subtract(sum.multiply(sum));
  if (numerator.compare(Numeric.zero) <= 0) return Numeric.zero;
  const divisor = count.multiply(Numeric.fromInteger(statistic.sample ? n - 1 : n));
  const variance = numerator.divide(divisor);
  return statistic.root ? squareRootAtScale(variance) : variance;
}

/** The square root, rounded to the scale of its argument. */
function squareRootAtScale(value: Numeric): Numeric {
  const shifted = BigInt(value.coefficient) * powerOfTen(value.scale);
  const root = integerSquareRoot(shifted);
  return Numeric.of(shifted - root * root > root ? root + 1n : root, value.scale);
}

interface Regression {
  n: number;
  sumX: number;
  squaresX: number;
  sumY: number;
  squaresY: number;
  products: number;
}

function regression(
  minimumCount: number,
  finish: (state: Regression) => number | null,
): AggregateImplementation {
  return aggregate<Regression>({
    strict: true,
    create: () => ({ n: 0, sumX: 0, squaresX: 0, sumY: 0, squaresY: 0, products: 0 }),
    step: (state, _context, first, second) => addPair(state, second as number, first as number),
    combine: mergePairs,
    finish: (state) => (state.n < minimumCount ? null : finish(state)),
  });
}

function addPair(state: Regression, x: number, y: number): Regression {
  const finiteBefore = Number.isFinite(state.sumX) && Number.isFinite(state.sumY);
  state.n++;
  state.sumX += x;
  state.sumY += y;
  if (state.n === 1) {
    if (!Number.isFinite(x)) state.squaresX = state.products = Number.NaN;
    if (!Number.isFinite(y)) state.squaresY = state.products = Number.NaN;
    return state;
  }
  const deviationX = x * state.n - state.sumX;
  const deviationY = y * state.n - state.sumY;
  const scale = 1 / (state.n * (state.n - 1));
  state.squaresX += deviationX * deviationX * scale;
  state.squaresY += deviationY * deviationY * scale;
  state.products += deviationX * deviationY * scale;
  const { sumX, sumY, squaresX, squaresY, products } = state;
  // Finite for nearly every row, which then needs no closer look.
  if (Number.isFinite(sumX + sumY + squaresX + squaresY + products)) return state;
  if ([sumX, sumY, squaresX, squaresY, products].some(isInfinity)) {
    if (finiteBefore && Number.isFinite(x) && Number.isFinite(y)) throw floatOverflow();
    if (isInfinity(state.squaresX)) state.squaresX = Number.NaN;
    if (isInfinity(state.squaresY)) state.squaresY = Number.NaN;
    if (isInfinity(state.products)) state.products = Number.NaN;
  }
  return state;
}

function mergePairs(left: Regression, right: Regression): Regression {
  if (left.n === 0) return right;
  if (right.n === 0) return left;
  const n = left.n + right.n;
  const x = left.sumX / left.n - right.sumX / right.n;
  const y = left.sumY / left.n - right.sumY / right.n;
  const weight = (left.n * right.n) / n;
  return {
    n,
    sumX: left.sumX + right.sumX,
    squaresX: left.squaresX + right.squaresX + weight * x * x,
    sumY: left.sumY + right.sumY,
    squaresY: left.squaresY + right.squaresY + weight * y * y,
    products: left.products + right.products + weight * x * y,
  };
}

function variances(): Record<string, AggregateImplementation> {
  const entries: Record<string, AggregateImplementation> = {};
  const names: readonly (readonly [string, Statistic])[] = [
    ['var_pop', { sample: false, root: false }],
    ['var_samp', { sample: true, root: false }],
    ['variance', { sample: true, root: false }],
    ['stddev_pop', { sample: false, root: true }],
    ['stddev_samp', { sample: true, root: true }],
    ['stddev', { sample: true, root: true }],
  ];
  for (const [name, statistic] of names) {
    const exact = numericVariance(statistic);
    for (const type of ['int2', 'int4', 'int8', 'numeric']) entries[`${name}(${type})`] = exact;
    const float = floatVariance(({ n, squares }) => {
      const divisor = statistic.sample ? n - 1 : n;
      if (divisor === 0) return null;
      return statistic.root ? Math.sqrt(squares / divisor) : squares / divisor;
    });
    for (const type of ['float4', 'float8']) entries[`${name}(${type})`] = float;
  }
  return entries;
}

export const statisticsFamily: Family = {
  aggregates: {
    ...variances(),
    'regr_count(float8,float8)': regression(0, ({ n }) => n),
    'regr_sxx(float8,float8)': regression(1, (state) => state.squaresX),
    'regr_syy(float8,float8)': regression(1, (state) => state.squaresY),
    'regr_sxy(float8,float8)': regression(1, (state) => state.products),
    'regr_avgx(float8,float8)': regression(1, (state) => state.sumX / state.n),
    'regr_avgy(float8,float8)': regression(1, (state) => state.sumY / state.n),
    'covar_pop(float8,float8)': regression(1, (state) => state.products / state.n),
    'covar_samp(float8,float8)': regression(2, (state) => state.products / (state.n - 1)),
    'corr(float8,float8)': regression(1, ({ squaresX, squaresY, products }) =>
      squaresX === 0 || squaresY === 0 ? null : products / Math.sqrt(squaresX * squaresY),
    ),
    'regr_r2(float8,float8)': regression(1, ({ squaresX, squaresY, products }) => {
      if (squaresX === 0) return null;
      return squaresY === 0 ? 1 : (products * products) / (squaresX * squaresY);
    }),
    'regr_slope(float8,float8)': regression(1, ({ squaresX, products }) =>
      squaresX === 0 ? null : products / squaresX,
    ),
    'regr_intercept(float8,float8)': regression(1, ({ n, sumX, sumY, squaresX, products }) =>
      squaresX === 0 ? null : (sumY - (sumX * products) / squaresX) / n,
    ),
  },
};
