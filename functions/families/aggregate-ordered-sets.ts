// Ordered-set aggregates (percentile_*, mode) and hypothetical-set ones (rank … WITHIN GROUP). They are
// fed rows sorted by WITHIN GROUP: direct arguments first, then the sorted ones.

import {
  ArrayValue,
  databaseError,
  type Datum,
  type Interval,
  TypeOid,
  elementTypeOf,
} from '#common';
import type { AggregateImplementation, CallTypes, SortedValues } from '../contract.ts';
import { aggregate, type Family, forTypes } from '../family.ts';
import { comparisonOf } from '../ordering.ts';
import { interpolateIntervals } from './interval-arithmetic.ts';

interface Sorted {
  direct: Datum;
  values: Datum[];
}

/** Collects the values that are not null; `finish` sees at least one. */
function overSorted(
  finish: (direct: Datum, values: SortedValues) => Datum,
): AggregateImplementation {
  const collected = aggregate<Sorted>({
    strict: false,
    create: () => ({ direct: null, values: [] }),
    step: (state, _context, direct, value) => {
      state.direct = direct!;
      if (value !== null) state.values.push(value);
      return state;
    },
    finish: ({ direct, values }) =>
      direct === null || values.length === 0 ? null : finish(direct, values),
  });
  return {
    ...collected,
    ofSorted: (direct, values) => (direct === null ? null : finish(direct, values)),
  };
}

function checkFraction(fraction: number): number {
  if (fraction >= 0 && fraction <= 1) return fraction;
  throw databaseError(
    'numericValueOutOfRange',
    `percentile value ${fraction} is not between 0 and 1`,
  );
}

function discrete(fraction: number, values: SortedValues): Datum {
  const position = Math.ceil(checkFraction(fraction) * values.length);
  return values.at(Math.max(position, 1) - 1)!;
}

type Interpolate = (low: Datum, high: Datum, share: number) => Datum;

const interpolateFloats: Interpolate = (low, high, share) =>
  (low as number) + share * ((high as number) - (low as number));

const interpolateSpans: Interpolate = (low, high, share) =>
  interpolateIntervals(low as Interval, high as Interval, share);

function continuous(interpolate: Interpolate): (fraction: number, values: SortedValues) => Datum {
  return (fraction, values) => {
    const position = checkFraction(fraction) * (values.length - 1);
    const first = Math.floor(position);
    const low = values.at(first)!;
    if (first === Math.ceil(position)) return low;
    return interpolate(low, values.at(first + 1)!, position - first);
  };
}

/** The same for an array of fractions: an array of the same shape. */
function each(
  elementType: number,
  pick: (fraction: number, values: SortedValues) => Datum,
): AggregateImplementation {
  return overSorted((direct, values) => {
    const { dimensions, elements } = direct as ArrayValue;
    const picked = elements.map((fraction) =>
      fraction === null ? null : pick(fraction as number, values),
    );
    return new ArrayValue(elementType, dimensions, picked);
  });
}

function single(pick: (fraction: number, values: SortedValues) => Datum): AggregateImplementation {
  return overSorted((direct, values) => pick(direct as number, values));
}

interface Mode {
  best: Datum;
  bestCount: number;
  current: Datum;
  count: number;
}

/** The most frequent value; the first in order among equally frequent ones. */
function mode({ argumentTypes }: CallTypes): AggregateImplementation {
  const compare = comparisonOf(argumentTypes[0]);
  const counted = aggregate<Mode>({
    strict: true,
    create: () => ({ best: null, bestCount: 0, current: null, count: 0 }),
    step: (state, _context, value) => {
      const same = state.current !== null && compare(state.current, value) === 0;
      state.count = same ? state.count + 1 : 1;
      if (!same) state.current = value!;
      if (state.count > state.bestCount) {
        state.best = state.current;
        state.bestCount = state.count;
      }
      return state;
    },
    finish: (state) => state.best,
  });
  return { ...counted, ofSorted: (_direct, values) => mostFrequent(values, compare) };
}

function mostFrequent(values: SortedValues, compare: (left: Datum, right: Datum) => number): Datum {
  let best: Datum = null;
  let bestCount = 0;
  for (let first = 0, next = 0; first < values.length; first = next) {
    const value = values.at(first)!;
    for (next = first + 1; next < values.length; next++)
      if (compare(value, values.at(next)!) !== 0) break;
    if (next - first <= bestCount) continue;
    best = value;
    bestCount = next - first;
  }
  return best;
}

interface Hypothetical {
  before: number;
  peers: number;
  rows: number;
  /** Distinct values in front of the hypothetical row. */
  groups: number;
  last: readonly Datum[] | undefined;
}

/** The direct arguments are a row; it is ranked among the rows that are fed. */
function hypothetical(finish: (state: Hypothetical) => Datum) {
  return forTypes((types: CallTypes): AggregateImplementation => {
    const width = types.argumentTypes.length / 2;
    const compare = rowComparison(types, width);
    return aggregate<Hypothetical>({
      strict: false,
      create: () => ({ before: 0, peers: 0, rows: 0, groups: 0, last: undefined }),
      step: (state, _context, ...args) => {
        const row = args.slice(width);
        const order = compare(row, args.slice(0, width));
        state.rows++;
        if (order === 0) state.peers++;
        if (order < 0) {
          state.before++;
          if (state.last === undefined || compare(state.last, row) !== 0) state.groups++;
          state.last = row;
        }
        return state;
      },
      finish,
    });
  });
}

function rowComparison(
  types: CallTypes,
  width: number,
): (left: readonly Datum[], right: readonly Datum[]) => number {
  const compares = types.argumentTypes.slice(width).map(comparisonOf);
  return (left, right) => {
    for (let i = 0; i < width; i++) {
      const descending = types.orderBy?.[i]?.descending ?? false;
      const nullsFirst = types.orderBy?.[i]?.nullsFirst ?? false;
      const [a, b] = [left[i]!, right[i]!];
      if (a === null || b === null) {
        if (a === b) continue;
        return (a === null) === nullsFirst ? -1 : 1;
      }
      const order = compares[i](a, b);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

export const orderedSetFamily: Family = {
  aggregates: {
    'percentile_disc(float8,anyelement)': single(discrete),
    'percentile_disc(_float8,anyelement)': forTypes(({ resultType }) =>
      each(elementTypeOf(resultType), discrete),
    ),
    'percentile_cont(float8,float8)': single(continuous(interpolateFloats)),
    'percentile_cont(_float8,float8)': each(TypeOid.float8, continuous(interpolateFloats)),
    'percentile_cont(float8,interval)': single(continuous(interpolateSpans)),
    'percentile_cont(_float8,interval)': each(TypeOid.interval, continuous(interpolateSpans)),
    'mode(anyelement)': forTypes(mode),
    'rank(any)': hypothetical(({ before }) => before + 1),
    'dense_rank(any)': hypothetical(({ groups }) => groups + 1),
    'percent_rank(any)': hypothetical(({ before, rows }) => (rows === 0 ? 0 : before / rows)),
    'cume_dist(any)': hypothetical(({ before, peers, rows }) => (before + peers + 1) / (rows + 1)),
  },
};
