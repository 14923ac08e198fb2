// Makes the six comparison operators, the btree support function and the *_larger and *_smaller
// functions of a type from its native comparison (functions/ordering.ts).

import type { Datum } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import { comparisonOf } from '../ordering.ts';

type Compare = (left: never, right: never) => number;

/** The six operators on values that JavaScript compares natively: integers, dates, uuids … */
export const nativeOperators: Readonly<Record<string, ScalarImplementation>> = {
  eq: (_context, left: number, right: number) => left === right,
  ne: (_context, left: number, right: number) => left !== right,
  lt: (_context, left: number, right: number) => left < right,
  le: (_context, left: number, right: number) => left <= right,
  gt: (_context, left: number, right: number) => left > right,
  ge: (_context, left: number, right: number) => left >= right,
  cmp: (_context, left: number, right: number) => (left < right ? -1 : left > right ? 1 : 0),
};

export function operatorsOf(compare: Compare): Readonly<Record<string, ScalarImplementation>> {
  const order = compare as (left: Datum, right: Datum) => number;
  return {
    eq: (_context, left: Datum, right: Datum) => order(left, right) === 0,
    ne: (_context, left: Datum, right: Datum) => order(left, right) !== 0,
    lt: (_context, left: Datum, right: Datum) => order(left, right) < 0,
    le: (_context, left: Datum, right: Datum) => order(left, right) <= 0,
    gt: (_context, left: Datum, right: Datum) => order(left, right) > 0,
    ge: (_context, left: Datum, right: Datum) => order(left, right) >= 0,
    cmp: (_context, left: Datum, right: Datum) => Math.sign(order(left, right)),
  };
}

/** Names of the operators `prefix` + eq, ne …, and of the btree support function. */
export function named(
  prefix: string,
  operators: Readonly<Record<string, ScalarImplementation>>,
  support?: string,
): Record<string, ScalarImplementation> {
  const entries: Record<string, ScalarImplementation> = {};
  for (const suffix of ['eq', 'ne', 'lt', 'le', 'gt', 'ge']) {
    entries[prefix + suffix] = operators[suffix]!;
  }
  if (support !== undefined) entries[support] = operators['cmp']!;
  return entries;
}

export function of(type: number): Readonly<Record<string, ScalarImplementation>> {
  return operatorsOf(comparisonOf(type));
}

/** `prefix`larger and `prefix`smaller, which max() and min() are made of. */
export function extremes(prefix: string, type: number): Record<string, ScalarImplementation> {
  const compare = comparisonOf(type);
  return {
    [`${prefix}larger`]: (_context, left: Datum, right: Datum) =>
      compare(left, right) > 0 ? left : right,
    [`${prefix}smaller`]: (_context, left: Datum, right: Datum) =>
      compare(left, right) < 0 ? left : right,
  };
}
