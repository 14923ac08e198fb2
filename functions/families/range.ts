// Functions, operators and aggregates of ranges and multiranges. The algebra is in range-sets.ts.

import type { Numeric } from '#common';
import {
  ArrayValue,
  databaseError,
  type Datum,
  makeRange,
  multirangeInfoOf,
  MultirangeValue,
  rangeInfoOf,
  RangeValue,
  spanOf,
  TypeOid,
} from '#common';
import type { AggregateImplementation, ScalarImplementation } from '../contract.ts';
import { aggregate, type Family, forTypes } from '../family.ts';
import { named, of } from './comparison-operators.ts';
import {
  contains,
  containsElement,
  intersect,
  isAdjacent,
  isBefore,
  isOverLeft,
  isOverRight,
  minus,
  multiIntersect,
  multiMinus,
  multiUnion,
  overlaps,
  partsOf,
  type RangeSet,
  union,
} from './range-sets.ts';

const flagTexts = new Set(['[]', '[)', '(]', '()']);

const rangeConstructor = forTypes<ScalarImplementation>(({ resultType }) => {
  const subtype = rangeInfoOf(resultType)?.subtype ?? 0;
  return (_context, lower: Datum, upper: Datum, flags: string | null = '[)') => {
    if (flags === null) {
      throw databaseError('dataException', 'range constructor flags argument must not be null');
    }
    if (!flagTexts.has(flags)) {
      throw databaseError('syntaxError', 'invalid range bound flags', {
        hint: 'Valid values are "[]", "[)", "(]", and "()".',
      });
    }
    const lowerInclusive = flags.startsWith('[');
    const upperInclusive = flags.endsWith(']');
    return makeRange(resultType, subtype, { lower, upper, lowerInclusive, upperInclusive });
  };
});

/** multirange(range), int4multirange(…): none, one or any number of ranges. */
const multirangeConstructor = forTypes<ScalarImplementation>(({ resultType }) => {
  const info = multirangeInfoOf(resultType)!;
  return (_context, ...given: (RangeValue | ArrayValue | null)[]) => {
    // Variadic: the ranges themselves, or one array of them.
    const ranges = given.flatMap((part) => (part instanceof ArrayValue ? part.elements : [part]));
    if (ranges.includes(null)) {
      throw databaseError('nullValueNotAllowed', 'multirange values cannot contain null members');
    }
    return new MultirangeValue(info, ranges as RangeValue[]);
  };
});

type Relation = (left: RangeSet, right: RangeSet) => boolean;

function relation(test: Relation): ScalarImplementation {
  return (_context, left: RangeSet, right: RangeSet) => test(left, right);
}

/** One relation under the names of its four combinations of range and multirange. */
function relations(name: string, test: Relation): Record<string, ScalarImplementation> {
  const implementation = relation(test);
  return {
    [`range_${name}`]: implementation,
    [`range_${name}_multirange`]: implementation,
    [`multirange_${name}_range`]: implementation,
    [`multirange_${name}_multirange`]: implementation,
  };
}

const holds: ScalarImplementation = (_context, set: RangeSet, element: Datum) =>
  containsElement(set, element);
const heldBy: ScalarImplementation = (_context, element: Datum, set: RangeSet) =>
  containsElement(set, element);

const first = (set: RangeSet): RangeValue | undefined => partsOf(set)[0];
const last = (set: RangeSet): RangeValue | undefined => partsOf(set).at(-1);

const endQuestions: Readonly<Record<string, (set: RangeSet) => Datum>> = {
  lower: (set) => first(set)?.lower ?? null,
  upper: (set) => last(set)?.upper ?? null,
  empty: (set) => partsOf(set).length === 0,
  lower_inc: (set) => first(set)?.lowerInclusive ?? false,
  upper_inc: (set) => last(set)?.upperInclusive ?? false,
  lower_inf: (set) => first(set)?.lower === null,
  upper_inf: (set) => last(set)?.upper === null,
};

function endFunctions(): Record<string, ScalarImplementation> {
  const entries: Record<string, ScalarImplementation> = {};
  for (const [name, question] of Object.entries(endQuestions)) {
    entries[`range_${name}`] = (_context, set: RangeSet) => question(set);
    entries[`multirange_${name}`] = (_context, set: RangeSet) => question(set);
  }
  return entries;
}

function mergeAll(set: MultirangeValue): RangeValue {
  const { ranges } = set;
  return ranges.length === 0
    ? new RangeValue(set.rangeType, set.subtype, undefined)
    : spanOf(ranges[0], ranges[ranges.length - 1]);
}

/** range_agg: the union of all sets that are not null; null over none. */
const rangeUnion = forTypes<AggregateImplementation>(({ argumentTypes }) => {
  const [type] = argumentTypes;
  const info = rangeInfoOf(type) ?? multirangeInfoOf(type)!;
  return aggregate<{ ranges: RangeValue[] | undefined }>({
    strict: false,
    create: () => ({ ranges: undefined }),
    step: (state, _context, value) => {
      if (value === null) return state;
      state.ranges ??= [];
      if (value instanceof RangeValue) state.ranges.push(value);
      else for (const range of (value as MultirangeValue).ranges) state.ranges.push(range);
      return state;
    },
    combine: (left, right) => {
      if (right.ranges !== undefined) left.ranges = [...(left.ranges ?? []), ...right.ranges];
      return left;
    },
    finish: (state) =>
      state.ranges === undefined ? null : new MultirangeValue(info, state.ranges),
  });
});

function intersection<Value extends Datum>(
  combine: (left: Value, right: Value) => Value,
): AggregateImplementation {
  const merge = (state: { value: Datum }, value: Datum): { value: Datum } => {
    if (value !== null)
      state.value = state.value === null ? value : combine(state.value as Value, value as Value);
    return state;
  };
  return aggregate<{ value: Datum }>({
    strict: true,
    create: () => ({ value: null }),
    step: (state, _context, value) => merge(state, value),
    combine: (left, right) => merge(left, right.value),
    finish: (state) => state.value,
  });
}

const difference: ScalarImplementation = (_context, left: number, right: number) =>
  Number(left) - Number(right);
/** Infinite dates and timestamps lie at the ends of their integers. */
const finite = (value: number, end: number): number =>
  Math.abs(Number(value)) === Infinity ? Math.sign(value) * end : Number(value);
const days: ScalarImplementation = (_context, left: number, right: number) =>
  finite(left, 2147483647) - finite(right, 2147483647);
const seconds: ScalarImplementation = (_context, left: number, right: number) =>
  (finite(left, 2 ** 63) - finite(right, 2 ** 63)) / 1_000_000;
const same: ScalarImplementation = (_context, value: RangeValue) => value;

export const rangeFamily: Family = {
  scalars: {
    ...named('range_', of(TypeOid.anyrange), 'range_cmp'),
    ...named('multirange_', of(TypeOid.anymultirange), 'multirange_cmp'),
    range_constructor2: rangeConstructor,
    range_constructor3: rangeConstructor,
    multirange_constructor0: multirangeConstructor,
    multirange_constructor1: multirangeConstructor,
    multirange_constructor2: multirangeConstructor,
    ...endFunctions(),
    ...relations('overlaps', overlaps),
    ...relations('adjacent', isAdjacent),
    ...relations('before', isBefore),
    ...relations('after', (left, right) => isBefore(right, left)),
    ...relations('overleft', isOverLeft),
    ...relations('overright', isOverRight),
    range_contains: relation(contains),
    range_contains_multirange: relation(contains),
    multirange_contains_range: relation(contains),
    multirange_contains_multirange: relation(contains),
    range_contained_by: relation((left, right) => contains(right, left)),
    range_contained_by_multirange: relation((left, right) => contains(right, left)),
    multirange_contained_by_range: relation((left, right) => contains(right, left)),
    multirange_contained_by_multirange: relation((left, right) => contains(right, left)),
    range_contains_elem: holds,
    multirange_contains_elem: holds,
    elem_contained_by_range: heldBy,
    elem_contained_by_multirange: heldBy,
    range_union: (_context, left: RangeValue, right: RangeValue) => union(left, right, true),
    range_merge: (_context, left: RangeValue, right: RangeValue) => union(left, right, false),
    range_merge_from_multirange: (_context, set: MultirangeValue) => mergeAll(set),
    range_intersect: (_context, left: RangeValue, right: RangeValue) => intersect(left, right),
    range_minus: (_context, left: RangeValue, right: RangeValue) => minus(left, right),
    multirange_union: (_context, left: MultirangeValue, right: MultirangeValue) =>
      multiUnion(left, right),
    multirange_minus: (_context, left: MultirangeValue, right: MultirangeValue) =>
      multiMinus(left, right),
    multirange_intersect: (_context, left: MultirangeValue, right: MultirangeValue) =>
      multiIntersect(left, right),
    int4range_canonical: same,
    int8range_canonical: same,
    daterange_canonical: same,
    int4range_subdiff: difference,
    int8range_subdiff: difference,
    daterange_subdiff: days,
    numrange_subdiff: (_context, left: Numeric, right: Numeric) => left.subtract(right).toNumber(),
    tsrange_subdiff: seconds,
    tstzrange_subdiff: seconds,
  },
  sets: {
    multirange_unnest: (_context, set: MultirangeValue) => set.ranges,
  },
  aggregates: {
    'range_agg(anyrange)': rangeUnion,
    'range_agg(anymultirange)': rangeUnion,
    'range_intersect_agg(anyrange)': intersection<RangeValue>(intersect),
    'range_intersect_agg(anymultirange)': intersection<MultirangeValue>(multiIntersect),
  },
};
