// Values of range and multirange types. A bound of null is infinite; ranges over whole numbers and
// dates are kept as [lower, upper), so that equal sets are equal values. A multirange's ranges are
// sorted, not empty, and neither overlap nor touch.

import { type ValueOrder, valueOrder } from '../compare.ts';
import { orderType } from '../collations.ts';
import { canonicalInteger, TypedValue, type Datum } from '../datum.ts';
import { databaseError, notSupported } from '../errors.ts';
import { TypeOid } from '../types.ts';
import { type RangeInfo, rangeInfoOf } from './range-info.ts';

export interface RangeBounds {
  readonly lower: Datum;
  readonly upper: Datum;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
}

/** Use makeRange: the constructor takes bounds that are in order and canonical already. */
export class RangeValue extends TypedValue {
  readonly rangeType: number;
  readonly subtype: number;
  readonly isEmpty: boolean;
  readonly lower: Datum;
  readonly upper: Datum;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;

  constructor(rangeType: number, subtype: number, bounds: RangeBounds | undefined) {
    super();
    this.rangeType = rangeType;
    this.subtype = subtype;
    this.isEmpty = bounds === undefined;
    this.lower = bounds?.lower ?? null;
    this.upper = bounds?.upper ?? null;
    this.lowerInclusive = bounds?.lowerInclusive ?? false;
    this.upperInclusive = bounds?.upperInclusive ?? false;
  }

  override get codecOid(): number {
    return TypeOid.anyrange;
  }
}

export class MultirangeValue extends TypedValue {
  readonly multirangeType: number;
  readonly rangeType: number;
  readonly subtype: number;
  readonly ranges: readonly RangeValue[];

  /** The ranges in any order, overlapping or empty. */
  constructor(
    types: { multirangeType: number; rangeType: number; subtype: number },
    ranges: readonly RangeValue[],
  ) {
    super();
    this.multirangeType = types.multirangeType;
    this.rangeType = types.rangeType;
    this.subtype = types.subtype;
    this.ranges = normalized(ranges);
  }

  override get codecOid(): number {
    return TypeOid.anymultirange;
  }
}

/** One end of a range, for comparisons between ends of both kinds. */
export interface RangeEnd {
  readonly value: Datum;
  readonly inclusive: boolean;
  readonly isLower: boolean;
}

export function lowerEnd(range: RangeValue): RangeEnd {
  return { value: range.lower, inclusive: range.lowerInclusive, isLower: true };
}

export function upperEnd(range: RangeValue): RangeEnd {
  return { value: range.upper, inclusive: range.upperInclusive, isLower: false };
}

export function compareElements(rangeType: number, left: Datum, right: Datum): number {
  return boundOrder(rangeType).compare(left, right);
}

/** The type by which bounds are in order. */
export function boundType({ subtype, collation }: RangeInfo): number {
  return collation === undefined ? subtype : orderType({ oid: subtype, typmod: -1, collation });
}

/** How the bounds of a range type compare. */
export function boundOrder(rangeType: number): ValueOrder {
  const info = rangeInfoOf(rangeType);
  const order = info === undefined ? undefined : valueOrder(boundType(info));
  if (order === undefined) throw notSupported('a range over a type without an order');
  return order;
}

/** Where two ends lie: an exclusive lower end is behind its value, an exclusive upper one before it. */
export function compareEnds(rangeType: number, left: RangeEnd, right: RangeEnd): number {
  if (left.value === null || right.value === null) {
    const place = (end: RangeEnd): number => (end.value !== null ? 0 : end.isLower ? -1 : 1);
    return place(left) - place(right);
  }
  return compareElements(rangeType, left.value, right.value) || offset(left) - offset(right);
}

function offset(end: RangeEnd): number {
  return end.inclusive ? 0 : end.isLower ? 1 : -1;
}

/** range_cmp: empty first, then by lower and upper end. */
export function compareRanges(left: RangeValue, right: RangeValue): number {
  if (left.isEmpty || right.isEmpty) return Number(right.isEmpty) - Number(left.isEmpty);
  return (
    compareEnds(left.rangeType, lowerEnd(left), lowerEnd(right)) ||
    compareEnds(left.rangeType, upperEnd(left), upperEnd(right))
  );
}

export function compareMultiranges(left: MultirangeValue, right: MultirangeValue): number {
  const shared = Math.min(left.ranges.length, right.ranges.length);
  for (let i = 0; i < shared; i++) {
    const order = compareRanges(left.ranges[i], right.ranges[i]);
    if (order !== 0) return order;
  }
  return left.ranges.length - right.ranges.length;
}

/** Checks the order of the bounds (22000) and brings them into canonical form. */
export function makeRange(rangeType: number, subtype: number, bounds: RangeBounds): RangeValue {
  const lowerInclusive = bounds.lower !== null && bounds.lowerInclusive;
  const upperInclusive = bounds.upper !== null && bounds.upperInclusive;
  const checked = { ...bounds, lowerInclusive, upperInclusive };
  if (isEmptyBetween(rangeType, checked)) return new RangeValue(rangeType, subtype, undefined);
  const canonical = canonicalBounds(subtype, checked);
  if (canonical !== checked && isEmptyBetween(rangeType, canonical))
    return new RangeValue(rangeType, subtype, undefined);
  return new RangeValue(rangeType, subtype, canonical);
}

function isEmptyBetween(rangeType: number, bounds: RangeBounds): boolean {
  if (bounds.lower === null || bounds.upper === null) return false;
  const order = compareElements(rangeType, bounds.lower, bounds.upper);
  if (order > 0) {
    throw databaseError(
      'dataException',
      'range lower bound must be less than or equal to range upper bound',
    );
  }
  return order === 0 && !(bounds.lowerInclusive && bounds.upperInclusive);
}

const discrete = new Map<number, { max: bigint; error: () => Error }>([
  [
    TypeOid.int4,
    {
      max: 2147483647n,
      error: () => databaseError('numericValueOutOfRange', 'integer out of range'),
    },
  ],
  [
    TypeOid.int8,
    {
      max: 9223372036854775807n,
      error: () => databaseError('numericValueOutOfRange', 'bigint out of range'),
    },
  ],
  // The last date is 5874897-12-31.
  [
    TypeOid.date,
    {
      max: 2145031948n,
      error: () => databaseError('datetimeFieldOverflow', 'date out of range'),
    },
  ],
]);

function canonicalBounds(subtype: number, bounds: RangeBounds): RangeBounds {
  const step = discrete.get(subtype);
  if (step === undefined) return bounds;
  const next = (value: Datum): Datum => {
    const successor = BigInt(value as number) + 1n;
    if (successor > step.max) throw step.error();
    return canonicalInteger(successor);
  };
  const isFinite = (value: Datum): boolean =>
    value !== null && Math.abs(Number(value)) !== Infinity;
  const up = isFinite(bounds.lower) && !bounds.lowerInclusive;
  const down = isFinite(bounds.upper) && bounds.upperInclusive;
  return {
    lower: up ? next(bounds.lower) : bounds.lower,
    upper: down ? next(bounds.upper) : bounds.upper,
    lowerInclusive: bounds.lowerInclusive || up,
    upperInclusive: bounds.upperInclusive && !down,
  };
}

/** Whether nothing lies between the upper end of one range and the lower end of another. */
export function endsTouch(range: RangeValue, upper: RangeEnd, lower: RangeEnd): boolean {
  if (upper.value === null || lower.value === null) return false;
  const order = compareElements(range.rangeType, upper.value, lower.value);
  if (order === 0) return upper.inclusive !== lower.inclusive;
  if (order > 0 || !discrete.has(range.subtype)) return false;
  const between = makeRange(range.rangeType, range.subtype, {
    lower: upper.value,
    upper: lower.value,
    lowerInclusive: !upper.inclusive,
    upperInclusive: !lower.inclusive,
  });
  return between.isEmpty;
}

function normalized(ranges: readonly RangeValue[]): RangeValue[] {
  const sorted = ranges.filter((range) => !range.isEmpty).toSorted(compareRanges);
  const result: RangeValue[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last === undefined || !overlapsOrTouches(last, range)) result.push(range);
    else if (compareEnds(range.rangeType, upperEnd(last), upperEnd(range)) < 0)
      result[result.length - 1] = spanOf(last, range);
  }
  return result;
}

/** For ranges in order. */
function overlapsOrTouches(first: RangeValue, second: RangeValue): boolean {
  return (
    compareEnds(first.rangeType, upperEnd(first), lowerEnd(second)) >= 0 ||
    endsTouch(first, upperEnd(first), lowerEnd(second))
  );
}

/** From the lower end of one range to the upper end of another. */
export function spanOf(lower: RangeValue, upper: RangeValue): RangeValue {
  return new RangeValue(lower.rangeType, lower.subtype, {
    lower: lower.lower,
    upper: upper.upper,
    lowerInclusive: lower.lowerInclusive,
    upperInclusive: upper.upperInclusive,
  });
}
