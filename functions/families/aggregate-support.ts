// The transition, combine and final functions of PostgreSQL's own aggregates that SQL can call and
// CREATE AGGREGATE can name: the same steps as the aggregates', over states that are arrays.

import {
  ArrayValue,
  canonicalInteger,
  databaseError,
  type Datum,
  Interval,
  Numeric,
  TypeOid,
} from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { addIntervals, divideInterval, subtractIntervals } from './interval-arithmetic.ts';
import { statisticsFamily } from './aggregate-statistics.ts';

/** The fields of a state in the order of its array. */
const momentFields = ['n', 'sum', 'squares'] as const;
const regressionFields = ['n', 'sumX', 'squaresX', 'sumY', 'squaresY', 'products'] as const;

type Fields = typeof momentFields | typeof regressionFields;
type State = Record<string, number>;

function stateOf(array: ArrayValue, fields: Fields, name: string): State {
  const isWhole =
    array.dimensions.length === 1 &&
    array.elements.length === fields.length &&
    array.elementType === TypeOid.float8 &&
    !array.elements.includes(null);
  if (!isWhole) {
    throw databaseError(
      'invalidParameterValue',
      `${name}: expected ${fields.length}-element float8 array`,
    );
  }
  return Object.fromEntries(fields.map((field, place) => [field, array.elements[place] as number]));
}

function arrayOf(state: State, fields: Fields): ArrayValue {
  return ArrayValue.of(
    TypeOid.float8,
    fields.map((field) => state[field]),
  );
}

/** One of the statistical aggregates, which all share the steps over their kind of state. */
function statistic(name: string): {
  step(state: unknown, context: FunctionContext, ...args: Datum[]): unknown;
  finish(state: unknown, context: FunctionContext): Datum;
  combine?(left: unknown, right: unknown, context: FunctionContext): unknown;
} {
  const entry = statisticsFamily.aggregates![name];
  if ('forTypes' in entry) throw new Error(`${name} depends on types`);
  return entry;
}

const moments = statistic('var_pop(float8)');
const regression = statistic('regr_count(float8,float8)');

function accumulate(name: string, fields: Fields): ScalarImplementation {
  const aggregate = fields === momentFields ? moments : regression;
  return (context: FunctionContext, array: ArrayValue, ...values: Datum[]) =>
    arrayOf(aggregate.step(stateOf(array, fields, name), context, ...values) as State, fields);
}

function combine(name: string, fields: Fields): ScalarImplementation {
  const aggregate = fields === momentFields ? moments : regression;
  return (context: FunctionContext, left: ArrayValue, right: ArrayValue) =>
    arrayOf(
      aggregate.combine!(
        stateOf(left, fields, name),
        stateOf(right, fields, name),
        context,
      ) as State,
      fields,
    );
}

function finish(name: string, aggregate: string, fields: Fields): ScalarImplementation {
  const shared = statistic(aggregate);
  return (context: FunctionContext, array: ArrayValue) =>
    shared.finish(stateOf(array, fields, name), context);
}

const momentResults = ['var_pop', 'var_samp', 'stddev_pop', 'stddev_samp'];
const regressionResults: Readonly<Record<string, string>> = {
  float8_regr_sxx: 'regr_sxx',
  float8_regr_syy: 'regr_syy',
  float8_regr_sxy: 'regr_sxy',
  float8_regr_avgx: 'regr_avgx',
  float8_regr_avgy: 'regr_avgy',
  float8_regr_r2: 'regr_r2',
  float8_regr_slope: 'regr_slope',
  float8_regr_intercept: 'regr_intercept',
  float8_covar_pop: 'covar_pop',
  float8_covar_samp: 'covar_samp',
  float8_corr: 'corr',
};

function finals(): Record<string, ScalarImplementation> {
  const entries: Record<string, ScalarImplementation> = {};
  for (const name of momentResults)
    entries[`float8_${name}`] = finish(`float8_${name}`, `${name}(float8)`, momentFields);
  for (const [name, aggregate] of Object.entries(regressionResults))
    entries[name] = finish(name, `${aggregate}(float8,float8)`, regressionFields);
  return entries;
}

// ---- counts and sums of whole numbers: {count, sum} -----------------------------------------------

function pairOf(array: ArrayValue): readonly [number | bigint, number | bigint] {
  const { elements } = array;
  if (elements.length !== 2 || elements.includes(null))
    throw databaseError('invalidParameterValue', 'expected 2-element int8 array');
  return [elements[0] as number | bigint, elements[1] as number | bigint];
}

function pairWith(array: ArrayValue, count: number | bigint, sum: number | bigint): ArrayValue {
  const [oldCount, oldSum] = pairOf(array);
  return ArrayValue.of(TypeOid.int8, [plus(oldCount, count), plus(oldSum, sum)]);
}

/** As int8 arithmetic does it without a check: modulo 2^64. */
function plus(left: number | bigint, right: number | bigint): number | bigint {
  return canonicalInteger(BigInt.asIntN(64, BigInt(left) + BigInt(right)));
}

const countIn: ScalarImplementation = (_context, array: ArrayValue, value: number) =>
  pairWith(array, 1, value);
const countOut: ScalarImplementation = (_context, array: ArrayValue, value: number) =>
  pairWith(array, -1, -value);
const sumOrFirst: ScalarImplementation = (
  _context,
  sum: number | bigint | null,
  value: number | null,
) => (value === null ? sum : sum === null ? value : plus(sum, value));

// ---- intervals: {sum, {0 days … count}} -----------------------------------------------------------

function intervalPair(array: ArrayValue): readonly [Interval, Interval] {
  const { elements } = array;
  if (elements.length !== 2 || elements.includes(null))
    throw databaseError('invalidParameterValue', 'expected 2-element interval array');
  return [elements[0] as Interval, elements[1] as Interval];
}

/** The count is kept in the microseconds of the second interval. */
function intervalState(sum: Interval, count: number): ArrayValue {
  return ArrayValue.of(TypeOid.interval, [sum, new Interval(0, 0, count)]);
}

function intervalStep(direction: 1 | -1): ScalarImplementation {
  const add = direction === 1 ? addIntervals : subtractIntervals;
  return (_context, array: ArrayValue, value: Interval) => {
    const [sum, count] = intervalPair(array);
    return intervalState(add(sum, value), Number(count.micros) + direction);
  };
}

export const aggregateSupportFamily: Family = {
  scalars: {
    float8_accum: accumulate('float8_accum', momentFields),
    float4_accum: accumulate('float4_accum', momentFields),
    float8_combine: combine('float8_combine', momentFields),
    float8_regr_accum: accumulate('float8_regr_accum', regressionFields),
    float8_regr_combine: combine('float8_regr_combine', regressionFields),
    ...finals(),
    float8_avg: (_context, array: ArrayValue) => {
      const { n, sum } = stateOf(array, momentFields, 'float8_avg');
      return n === 0 ? null : sum / n;
    },
    int2_avg_accum: countIn,
    int4_avg_accum: countIn,
    int2_avg_accum_inv: countOut,
    int4_avg_accum_inv: countOut,
    int4_avg_combine: (_context, left: ArrayValue, right: ArrayValue) =>
      pairWith(left, ...pairOf(right)),
    int8_avg: (_context, array: ArrayValue) => {
      const [count, sum] = pairOf(array);
      if (count === 0) return null;
      return Numeric.fromInteger(sum).divide(Numeric.fromInteger(count));
    },
    int2int4_sum: (_context, array: ArrayValue) => {
      const [count, sum] = pairOf(array);
      return count === 0 ? null : sum;
    },
    int2_sum: sumOrFirst,
    int4_sum: sumOrFirst,
    int8inc_any: (_context, count: number | bigint) => increment(count, 1n),
    int8dec_any: (_context, count: number | bigint) => increment(count, -1n),
    int8inc_float8_float8: (_context, count: number | bigint) => increment(count, 1n),
    interval_accum: intervalStep(1),
    interval_accum_inv: intervalStep(-1),
    interval_combine: (_context, left: ArrayValue, right: ArrayValue) => {
      const [leftSum, leftCount] = intervalPair(left);
      const [rightSum, rightCount] = intervalPair(right);
      return intervalState(
        addIntervals(leftSum, rightSum),
        Number(leftCount.micros) + Number(rightCount.micros),
      );
    },
    interval_avg: (_context, array: ArrayValue) => {
      const [sum, count] = intervalPair(array);
      return Number(count.micros) === 0
        ? null
        : (divideInterval(sum, Number(count.micros)) ?? null);
    },
    booland_statefunc: (_context, left: boolean, right: boolean) => left && right,
    boolor_statefunc: (_context, left: boolean, right: boolean) => left || right,
  },
};

function increment(count: number | bigint, by: bigint): number | bigint {
  const next = BigInt(count) + by;
  if (BigInt.asIntN(64, next) !== next)
    throw databaseError('numericValueOutOfRange', 'bigint out of range');
  return canonicalInteger(next);
}
