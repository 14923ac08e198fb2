// Where groups are found by their keys themselves instead of by a hash: a place for every combination of
// keys within ranges, as long as there are not many more of those than groups. Keys that are near each
// other (dictionary codes, identities of strings, dense numbers) need no comparison then, and rows that
// come in key order find their groups side by side.
//
// Where bounds of a component are known before its keys come (those of the column in its segments), its range begins
// with them. A component's range grows when a key comes that lies outside of it; then all groups move. Each time
// the places grow by a part of themselves at least, so moving costs little in all.

import { nullKey } from './key-pool.ts';

/** So many places are always allowed. */
const placesMin = 1 << 16;
const placesPerGroup = 8;
const placesMax = 1 << 25;
/** Room beyond the keys that have come, as a part of their range: wanted, and least. */
const slackWanted = 1;
const slackMin = 0.25;
/** No range reaches the number that stands for null. */
const keyMax = 2 ** 52;
/** The first range of a component has at least so many places. */
const spanMin = 6;

/** One component of the keys: place 0 is for null, key - base for others, up to span - 1. */
export interface KeyRange {
  readonly base: number;
  readonly span: number;
}

export const noRange: KeyRange = { base: 0, span: 0 };

/** Of one component; undefined, or giving undefined: not known. */
export type KnownBounds =
  | (() => { readonly min: number; readonly max: number } | undefined)
  | undefined;

/** Ranges of what is known of the components' keys; others are empty. undefined: they would be too many places. */
export function knownRanges(
  bounds: readonly KnownBounds[],
  groups: number,
): KeyRange[] | undefined {
  const ranges = bounds.map((known): KeyRange => {
    const { min, max } = known?.() ?? { min: 1, max: 0 };
    return min <= max && Math.abs(min) <= keyMax && Math.abs(max) <= keyMax
      ? { base: min - 1, span: max - min + 2 }
      : noRange;
  });
  const places = placesOf(ranges.filter(({ span }) => span > 0));
  return places <= placesLimit(groups) ? ranges : undefined;
}

function placesLimit(groups: number): number {
  return Math.min(placesMax, Math.max(placesMin, groups * placesPerGroup));
}

/** Ranges that also cover the keys; undefined: those are too many places for so many groups (known or expected). */
export function coveringRanges(
  ranges: readonly KeyRange[],
  keys: readonly number[],
  groups: number,
): KeyRange[] | undefined {
  const limit = placesLimit(groups);
  const spanFirst = ranges.length === 1 ? Math.max(spanMin, groups) : spanMin;
  for (const slack of [slackWanted, slackMin]) {
    const covered = ranges.map((range, i) => covering(range, keys[i], { slack, spanFirst }));
    const known = covered.filter((range) => range !== undefined);
    if (known.length === ranges.length && placesOf(known) <= limit) return known;
  }
  return undefined;
}

export function placesOf(ranges: readonly KeyRange[]): number {
  return ranges.reduce((product, { span }) => product * span, 1);
}

/** The place of a key within its range, which is known to cover it. */
export function placeIn({ base }: KeyRange, key: number): number {
  return key === nullKey ? 0 : key - base;
}

/** Grows towards the side on which the key lies. */
function covering(
  range: KeyRange,
  key: number,
  { slack, spanFirst }: { readonly slack: number; readonly spanFirst: number },
): KeyRange | undefined {
  const { base, span } = range;
  if (key === nullKey) return span === 0 ? { base: 0, span: 1 } : range;
  if (!Number.isSafeInteger(key) || Math.abs(key) > keyMax) return undefined;
  if (span <= 1) return { base: key - 1, span: 2 + Math.ceil(slack * spanFirst) };
  const last = base + span - 1;
  if (key > last) {
    const length = key - base;
    return { base, span: 1 + length + Math.ceil(length * slack) };
  }
  if (key > base) return range;
  const length = last - key + 1;
  const room = Math.ceil(length * slack);
  return { base: key - 1 - room, span: 1 + length + room };
}
