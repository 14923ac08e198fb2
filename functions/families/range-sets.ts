// Set operations and relations of ranges and multiranges. Relations take lists of ranges in order, so
// that a range counts as a multirange of one (or, empty, of none).

import {
  compareElements,
  compareEnds,
  databaseError,
  type Datum,
  endsTouch,
  lowerEnd,
  makeRange,
  MultirangeValue,
  type RangeEnd,
  RangeValue,
  spanOf,
  upperEnd,
} from '#common';

export type RangeSet = RangeValue | MultirangeValue;

export function partsOf(set: RangeSet): readonly RangeValue[] {
  if (set instanceof MultirangeValue) return set.ranges;
  return set.isEmpty ? [] : [set];
}

/** The ends of a set that is not empty, around its gaps. */
function spanEnds(parts: readonly RangeValue[]): { lower: RangeEnd; upper: RangeEnd } | undefined {
  if (parts.length === 0) return undefined;
  return { lower: lowerEnd(parts[0]), upper: upperEnd(parts[parts.length - 1]) };
}

/** A relation between the ends of two sets that are not empty; false when one is. */
function endRelation(
  test: (
    compare: (left: RangeEnd, right: RangeEnd) => number,
    left: { lower: RangeEnd; upper: RangeEnd },
    right: { lower: RangeEnd; upper: RangeEnd },
  ) => boolean,
): (left: RangeSet, right: RangeSet) => boolean {
  return (left, right) => {
    const first = spanEnds(partsOf(left));
    const second = spanEnds(partsOf(right));
    if (first === undefined || second === undefined) return false;
    return test((a, b) => compareEnds(left.rangeType, a, b), first, second);
  };
}

export const isBefore = endRelation((compare, left, right) => compare(left.upper, right.lower) < 0);
export const isOverLeft = endRelation(
  (compare, left, right) => compare(left.upper, right.upper) <= 0,
);
export const isOverRight = endRelation(
  (compare, left, right) => compare(left.lower, right.lower) >= 0,
);

export function isAdjacent(left: RangeSet, right: RangeSet): boolean {
  const first = partsOf(left);
  const second = partsOf(right);
  if (first.length === 0 || second.length === 0) return false;
  const touch = (a: readonly RangeValue[], b: readonly RangeValue[]): boolean =>
    endsTouch(a[0], upperEnd(a[a.length - 1]), lowerEnd(b[0]));
  return touch(first, second) || touch(second, first);
}

export function containsRange(outer: RangeValue, inner: RangeValue): boolean {
  if (inner.isEmpty) return true;
  if (outer.isEmpty) return false;
  return (
    compareEnds(outer.rangeType, lowerEnd(outer), lowerEnd(inner)) <= 0 &&
    compareEnds(outer.rangeType, upperEnd(outer), upperEnd(inner)) >= 0
  );
}

function overlapsRange(left: RangeValue, right: RangeValue): boolean {
  return (
    compareEnds(left.rangeType, lowerEnd(left), upperEnd(right)) <= 0 &&
    compareEnds(left.rangeType, lowerEnd(right), upperEnd(left)) <= 0
  );
}

/** Both lists are in order: walks them side by side. */
export function overlaps(left: RangeSet, right: RangeSet): boolean {
  const first = partsOf(left);
  const second = partsOf(right);
  let i = 0;
  let j = 0;
  while (i < first.length && j < second.length) {
    if (overlapsRange(first[i], second[j])) return true;
    if (compareEnds(left.rangeType, upperEnd(first[i]), upperEnd(second[j])) < 0) i++;
    else j++;
  }
  return false;
}

export function contains(outer: RangeSet, inner: RangeSet): boolean {
  const parts = partsOf(outer);
  let at = 0;
  return partsOf(inner).every((range) => {
    while (
      at < parts.length &&
      compareEnds(outer.rangeType, upperEnd(parts[at]), lowerEnd(range)) < 0
    )
      at++;
    return at < parts.length && containsRange(parts[at], range);
  });
}

export function containsElement(set: RangeSet, element: Datum): boolean {
  return partsOf(set).some((range) => rangeHolds(range, element));
}

function rangeHolds(range: RangeValue, element: Datum): boolean {
  if (range.lower !== null) {
    const order = compareElements(range.rangeType, range.lower, element);
    if (order > 0 || (order === 0 && !range.lowerInclusive)) return false;
  }
  if (range.upper === null) return true;
  const order = compareElements(range.rangeType, range.upper, element);
  return order > 0 || (order === 0 && range.upperInclusive);
}

function emptyOf(range: RangeValue): RangeValue {
  return new RangeValue(range.rangeType, range.subtype, undefined);
}

/** The smallest range that holds both; 22000 when `strict` and something lies between them. */
export function union(left: RangeValue, right: RangeValue, strict: boolean): RangeValue {
  if (left.isEmpty) return right;
  if (right.isEmpty) return left;
  if (strict && !overlapsRange(left, right) && !isAdjacent(left, right)) {
    throw databaseError('dataException', 'result of range union would not be contiguous');
  }
  const lower = compareEnds(left.rangeType, lowerEnd(left), lowerEnd(right)) <= 0 ? left : right;
  const upper = compareEnds(left.rangeType, upperEnd(left), upperEnd(right)) >= 0 ? left : right;
  return spanOf(lower, upper);
}

export function intersect(left: RangeValue, right: RangeValue): RangeValue {
  if (left.isEmpty || right.isEmpty || !overlapsRange(left, right)) return emptyOf(left);
  const lower = compareEnds(left.rangeType, lowerEnd(left), lowerEnd(right)) >= 0 ? left : right;
  const upper = compareEnds(left.rangeType, upperEnd(left), upperEnd(right)) <= 0 ? left : right;
  return spanOf(lower, upper);
}

/** What is left of the right range on either side: none, one or two ranges. */
function remainders(left: RangeValue, right: RangeValue): RangeValue[] {
  if (left.isEmpty) return [];
  if (right.isEmpty || !overlapsRange(left, right)) return [left];
  const rest: RangeValue[] = [];
  if (compareEnds(left.rangeType, lowerEnd(left), lowerEnd(right)) < 0) {
    rest.push(
      makeRange(left.rangeType, left.subtype, {
        lower: left.lower,
        lowerInclusive: left.lowerInclusive,
        upper: right.lower,
        upperInclusive: !right.lowerInclusive,
      }),
    );
  }
  if (compareEnds(left.rangeType, upperEnd(left), upperEnd(right)) > 0) {
    rest.push(
      makeRange(left.rangeType, left.subtype, {
        lower: right.upper,
        lowerInclusive: !right.upperInclusive,
        upper: left.upper,
        upperInclusive: left.upperInclusive,
      }),
    );
  }
  return rest;
}

export function minus(left: RangeValue, right: RangeValue): RangeValue {
  const rest = remainders(left, right);
  if (rest.length > 1) {
    throw databaseError('dataException', 'result of range difference would not be contiguous');
  }
  return rest[0] ?? emptyOf(left);
}

export function multiUnion(left: MultirangeValue, right: MultirangeValue): MultirangeValue {
  return new MultirangeValue(left, [...left.ranges, ...right.ranges]);
}

export function multiMinus(left: MultirangeValue, right: MultirangeValue): MultirangeValue {
  const result: RangeValue[] = [];
  let first = 0;
  for (const range of left.ranges) {
    while (
      first < right.ranges.length &&
      compareEnds(left.rangeType, upperEnd(right.ranges[first]), lowerEnd(range)) < 0
    ) {
      first++;
    }
    let rest: RangeValue | undefined = range;
    for (let at = first; at < right.ranges.length && rest !== undefined; at++) {
      if (compareEnds(left.rangeType, lowerEnd(right.ranges[at]), upperEnd(rest)) > 0) break;
      const parts = remainders(rest, right.ranges[at]);
      if (parts.length === 2) result.push(parts[0]);
      rest = parts.at(-1);
    }
    if (rest !== undefined) result.push(rest);
  }
  return new MultirangeValue(left, result);
}

export function multiIntersect(left: MultirangeValue, right: MultirangeValue): MultirangeValue {
  const result: RangeValue[] = [];
  let i = 0;
  let j = 0;
  while (i < left.ranges.length && j < right.ranges.length) {
    const first = left.ranges[i];
    const second = right.ranges[j];
    const common = intersect(first, second);
    if (!common.isEmpty) result.push(common);
    if (compareEnds(left.rangeType, upperEnd(first), upperEnd(second)) < 0) i++;
    else j++;
  }
  return new MultirangeValue(left, result);
}
