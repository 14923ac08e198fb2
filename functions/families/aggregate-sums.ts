// count, sum and avg. Integer and numeric sums are exact: they run in a number while that is safe and
// move to BigInt when it is not.

import {
  canonicalInteger,
  databaseError,
  type Datum,
  Interval,
  intervalOutOfRange,
  Numeric,
} from '#common';
import type { AggregateImplementation } from '../contract.ts';
import { aggregate, type Family } from '../family.ts';
import { floatOverflow } from './numeric-float.ts';
import { addIntervals, divideInterval } from './interval-arithmetic.ts';

/** The exact sum of integers: total + wide. */
export interface IntegerSum {
  count: number;
  total: number;
  wide: bigint;
}

function addInteger(state: IntegerSum, value: number | bigint): IntegerSum {
  state.count++;
  if (typeof value === 'number') {
    const next = state.total + value;
    if (next <= Number.MAX_SAFE_INTEGER && next >= Number.MIN_SAFE_INTEGER) {
      state.total = next;
      return state;
    }
  }
  state.wide += BigInt(value) + BigInt(state.total);
  state.total = 0;
  return state;
}

function integerTotal(state: IntegerSum): number | bigint {
  return state.wide === 0n ? state.total : canonicalInteger(state.wide + BigInt(state.total));
}

function integerSum(finish: (state: IntegerSum) => Datum): AggregateImplementation {
  return aggregate<IntegerSum>({
    strict: true,
    create: () => ({ count: 0, total: 0, wide: 0n }),
    step: (state, _context, value) => addInteger(state, value as number | bigint),
    combine: (left, right) => {
      left.wide += right.wide + BigInt(left.total) + BigInt(right.total);
      left.total = 0;
      left.count += right.count;
      return left;
    },
    finish: (state) => (state.count === 0 ? null : finish(state)),
  });
}

const asMoney = (state: IntegerSum): Datum => asInt8(state, 'money');

function asInt8(state: IntegerSum, name = 'bigint'): Datum {
  const total = integerTotal(state);
  if (typeof total === 'bigint' && BigInt.asIntN(64, total) !== total) {
    throw databaseError('numericValueOutOfRange', `${name} out of range`);
  }
  return total;
}

const asNumeric = (state: IntegerSum): Datum => Numeric.fromInteger(integerTotal(state));

const integerAverage = integerSum((state) =>
  Numeric.fromInteger(integerTotal(state)).divide(Numeric.fromInteger(state.count)),
);

/** The exact sum of numerics: rest, and a total of coefficients of the scale that came last. */
interface NumericSum {
  count: number;
  scale: number;
  total: number;
  rest: Numeric;
}

function addNumeric(state: NumericSum, value: Numeric): NumericSum {
  state.count++;
  const { coefficient } = value;
  if (value.scale === state.scale && typeof coefficient === 'number' && value.scale >= 0) {
    const next = state.total + coefficient;
    if (next <= Number.MAX_SAFE_INTEGER && next >= Number.MIN_SAFE_INTEGER) {
      state.total = next;
      return state;
    }
  }
  state.rest = numericTotal(state);
  const small = typeof coefficient === 'number' && value.scale >= 0;
  if (!small) state.rest = state.rest.add(value);
  state.total = small ? coefficient : 0;
  state.scale = small ? value.scale : 0;
  return state;
}

function numericTotal(state: NumericSum): Numeric {
  return state.rest.add(new Numeric(state.total, state.scale));
}

function numericSum(finish: (state: NumericSum) => Datum): AggregateImplementation {
  return aggregate<NumericSum>({
    strict: true,
    create: () => ({ count: 0, scale: 0, total: 0, rest: Numeric.zero }),
    step: (state, _context, value) => addNumeric(state, value as Numeric),
    combine: (left, right) => ({
      count: left.count + right.count,
      scale: 0,
      total: 0,
      rest: numericTotal(left).add(numericTotal(right)),
    }),
    finish: (state) => (state.count === 0 ? null : finish(state)),
  });
}

interface FloatSum {
  count: number;
  total: number;
}

function floatSum(
  add: (total: number, value: number) => number,
  finish: (state: FloatSum) => Datum,
): AggregateImplementation {
  const sum = (state: FloatSum, value: number): void => {
    const next = add(state.total, value);
    if (!Number.isFinite(next) && Number.isFinite(state.total) && Number.isFinite(value)) {
      throw floatOverflow();
    }
    state.total = next;
  };
  return aggregate<FloatSum>({
    strict: true,
    create: () => ({ count: 0, total: 0 }),
    step: (state, _context, value) => {
      // The first value is the state, so that a sum of -0 stays -0.
      if (state.count === 0) state.total = value as number;
      else sum(state, value as number);
      state.count++;
      return state;
    },
    combine: (left, right) => {
      if (right.count > 0) sum(left, right.total);
      left.count += right.count;
      return left;
    },
    finish: (state) => (state.count === 0 ? null : finish(state)),
  });
}

const addDouble = (total: number, value: number): number => total + value;
const addSingle = (total: number, value: number): number => Math.fround(total + value);
const floatAverage = floatSum(addDouble, (state) => state.total / state.count);

interface IntervalSum {
  count: number;
  total: Interval;
}

function intervalSum(finish: (state: IntervalSum) => Datum): AggregateImplementation {
  return aggregate<IntervalSum>({
    strict: true,
    create: () => ({ count: 0, total: new Interval(0, 0, 0) }),
    step: (state, _context, value) => ({
      count: state.count + 1,
      total: addIntervals(state.total, value as Interval),
    }),
    combine: (left, right) => ({
      count: left.count + right.count,
      total: addIntervals(left.total, right.total),
    }),
    finish: (state) => (state.count === 0 ? null : finish(state)),
  });
}

function intervalAverage(state: IntervalSum): Datum {
  const average = divideInterval(state.total, state.count);
  if (average === undefined) throw intervalOutOfRange();
  return average;
}

interface Counter {
  count: number;
}

function counter(strict: boolean): AggregateImplementation {
  return aggregate<Counter>({
    strict,
    create: () => ({ count: 0 }),
    step: (state) => {
      state.count++;
      return state;
    },
    combine: (left, right) => {
      left.count += right.count;
      return left;
    },
    finish: (state) => state.count,
  });
}

export const sumFamily: Family = {
  aggregates: {
    'count()': counter(false),
    'count(any)': counter(true),
    'sum(int2)': integerSum(asInt8),
    'sum(int4)': integerSum(asInt8),
    'sum(int8)': integerSum(asNumeric),
    'sum(money)': integerSum(asMoney),
    'sum(numeric)': numericSum(numericTotal),
    'sum(float4)': floatSum(addSingle, (state) => state.total),
    'sum(float8)': floatSum(addDouble, (state) => state.total),
    'sum(interval)': intervalSum((state) => state.total),
    'avg(int2)': integerAverage,
    'avg(int4)': integerAverage,
    'avg(int8)': integerAverage,
    'avg(numeric)': numericSum((state) =>
      numericTotal(state).divide(Numeric.fromInteger(state.count)),
    ),
    'avg(float4)': floatAverage,
    'avg(float8)': floatAverage,
    'avg(interval)': intervalSum(intervalAverage),
  },
};
