// Comparison functions of PostgreSQL (by pg_proc oid) that JavaScript's own operators compute on our
// representation of the values. Integers and timestamps are canonical (a bigint is never inside the
// safe range), so `===` and `<` are exact on any mixture of number and bigint.

import type { Datum } from '#common';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export interface NativeComparison {
  readonly comparison: Comparison;
  /** float: NaN equals NaN and sorts above everything. */
  readonly float: boolean;
}

const order: readonly Comparison[] = ['=', '<>', '<', '>', '<=', '>='];

/** Oids in the order of `order`; a 0 leaves one out. */
const plainFamilies: readonly (readonly number[])[] = [
  [65, 144, 66, 147, 149, 150], // int4
  [63, 145, 64, 146, 148, 151], // int2
  [467, 468, 469, 470, 471, 472], // int8
  [158, 164, 160, 162, 166, 168], // int2, int4
  [159, 165, 161, 163, 167, 169], // int4, int2
  [474, 475, 476, 477, 478, 479], // int8, int4
  [852, 853, 854, 855, 856, 857], // int4, int8
  [1850, 1851, 1852, 1853, 1854, 1855], // int2, int8
  [1856, 1857, 1858, 1859, 1860, 1861], // int8, int2
  [184, 185, 716, 1638, 717, 1639], // oid
  [1086, 1091, 1087, 1089, 1088, 1090], // date
  [1145, 1106, 1102, 1104, 1103, 1105], // time
  [1152, 1153, 1154, 1157, 1155, 1156], // timestamptz
  [2052, 2053, 2054, 2057, 2055, 2056], // timestamp
  [60, 84, 56, 57, 1691, 1692], // bool
  [2956, 2959, 2954, 2958, 2955, 2957], // uuid
  [67, 157, 0, 0, 0, 0], // text
  [62, 659, 0, 0, 0, 0], // name
  [61, 70, 0, 0, 0, 0], // "char"
];

const floatFamilies: readonly (readonly number[])[] = [
  [293, 294, 295, 297, 296, 298], // float8
  [287, 288, 289, 291, 290, 292], // float4
];

const comparisons = new Map<number, NativeComparison>();
for (const [families, float] of [
  [plainFamilies, false],
  [floatFamilies, true],
] as const) {
  for (const family of families) {
    family.forEach((oid, position) => {
      if (oid !== 0) comparisons.set(oid, { comparison: order[position], float });
    });
  }
}

export function nativeComparison(functionOid: number): NativeComparison | undefined {
  return comparisons.get(functionOid);
}

/** The comparison with its sides exchanged. */
export function mirrored(comparison: Comparison): Comparison {
  switch (comparison) {
    case '<':
      return '>';
    case '<=':
      return '>=';
    case '>':
      return '<';
    case '>=':
      return '<=';
    default:
      return comparison;
  }
}

type Ordered = number;

/** The comparison as a function of two non-null values. */
export function comparisonFunction(
  native: NativeComparison,
): (left: Datum, right: Datum) => boolean {
  return native.float ? floatComparison(native.comparison) : plainComparison(native.comparison);
}

function plainComparison(comparison: Comparison): (left: Datum, right: Datum) => boolean {
  switch (comparison) {
    case '=':
      return (left, right) => left === right;
    case '<>':
      return (left, right) => left !== right;
    case '<':
      return (left, right) => (left as Ordered) < (right as Ordered);
    case '<=':
      return (left, right) => (left as Ordered) <= (right as Ordered);
    case '>':
      return (left, right) => (left as Ordered) > (right as Ordered);
    case '>=':
      return (left, right) => (left as Ordered) >= (right as Ordered);
  }
}

function floatComparison(comparison: Comparison): (left: Datum, right: Datum) => boolean {
  const test = plainComparison(comparison);
  return (left, right) => test(compareFloats(left as number, right as number), 0);
}

/** Three-way comparison of floats as PostgreSQL orders them. */
export function compareFloats(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  const leftNan = left !== left;
  const rightNan = right !== right;
  if (leftNan) return rightNan ? 0 : 1;
  return -1;
}
