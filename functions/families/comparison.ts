// Comparison operators and btree support functions of every type, made from the types' native
// comparisons (functions/ordering.ts), and the *_larger and *_smaller functions behind max and min.

import { compareBlankPadded, compareText, type Datum, TypeOid } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { comparisonOf } from '../ordering.ts';

type Compare = (left: never, right: never) => number;

/** The six operators on values that JavaScript compares natively: integers, dates, uuids … */
const nativeOperators: Readonly<Record<string, ScalarImplementation>> = {
  eq: (_context, left: number, right: number) => left === right,
  ne: (_context, left: number, right: number) => left !== right,
  lt: (_context, left: number, right: number) => left < right,
  le: (_context, left: number, right: number) => left <= right,
  gt: (_context, left: number, right: number) => left > right,
  ge: (_context, left: number, right: number) => left >= right,
  cmp: (_context, left: number, right: number) => (left < right ? -1 : left > right ? 1 : 0),
};

function operatorsOf(compare: Compare): Readonly<Record<string, ScalarImplementation>> {
  const order = compare as (left: Datum, right: Datum) => number;
  return {
    eq: (_context, left: Datum, right: Datum) => order(left, right) === 0,
    ne: (_context, left: Datum, right: Datum) => order(left, right) !== 0,
    lt: (_context, left: Datum, right: Datum) => order(left, right) < 0,
    le: (_context, left: Datum, right: Datum) => order(left, right) <= 0,
    gt: (_context, left: Datum, right: Datum) => order(left, right) > 0,
    ge: (_context, left: Datum, right: Datum) => order(left, right) >= 0,
    cmp: (_context, left: Datum, right: Datum) => order(left, right),
  };
}

const textEquality: { eq: ScalarImplementation; ne: ScalarImplementation } = {
  eq: nativeOperators['eq'],
  ne: nativeOperators['ne'],
};
const textOperators: Readonly<Record<string, ScalarImplementation>> = {
  ...operatorsOf(compareText),
  ...textEquality,
};

/** Names of the operators `prefix` + eq, ne …, and of the btree support function. */
function named(
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

function of(type: number): Readonly<Record<string, ScalarImplementation>> {
  return operatorsOf(comparisonOf(type));
}

function numericKinds(): Record<string, ScalarImplementation> {
  const entries: Record<string, ScalarImplementation> = {};
  for (const kind of ['2', '4', '8', '24', '42', '28', '82', '48', '84']) {
    Object.assign(entries, named(`int${kind}`, nativeOperators, `btint${kind}cmp`));
  }
  const floats = of(TypeOid.float8);
  for (const kind of ['4', '8', '48', '84']) {
    Object.assign(entries, named(`float${kind}`, floats, `btfloat${kind}cmp`));
  }
  return entries;
}

/** text against name and the pattern operators, whose names follow no pattern. */
function textKinds(): Record<string, ScalarImplementation> {
  const blankPadded = operatorsOf(compareBlankPadded);
  const entries: Record<string, ScalarImplementation> = {
    texteq: textEquality.eq,
    textne: textEquality.ne,
    bttextcmp: textOperators['cmp'],
    bttext_pattern_cmp: textOperators['cmp'],
    btnametextcmp: textOperators['cmp'],
    bttextnamecmp: textOperators['cmp'],
    btbpchar_pattern_cmp: blankPadded['cmp'],
    ...named('bpchar', blankPadded, 'bpcharcmp'),
    ...named('name', textOperators, 'btnamecmp'),
    ...named('char', textOperators, 'btcharcmp'),
  };
  for (const suffix of ['lt', 'le', 'gt', 'ge']) {
    entries[`text_${suffix}`] = textOperators[suffix]!;
    entries[`text_pattern_${suffix}`] = textOperators[suffix]!;
    entries[`bpchar_pattern_${suffix}`] = blankPadded[suffix]!;
  }
  for (const suffix of ['eq', 'ne', 'lt', 'le', 'gt', 'ge']) {
    entries[`name${suffix}text`] = textOperators[suffix]!;
    entries[`text${suffix}name`] = textOperators[suffix]!;
  }
  return entries;
}

function extremes(): Record<string, ScalarImplementation> {
  const types: readonly (readonly [prefix: string, type: number])[] = [
    ['int2', TypeOid.int2],
    ['int4', TypeOid.int4],
    ['int8', TypeOid.int8],
    ['float4', TypeOid.float4],
    ['float8', TypeOid.float8],
    ['oid', TypeOid.oid],
    ['numeric_', TypeOid.numeric],
    ['text_', TypeOid.text],
    ['bpchar_', TypeOid.bpchar],
    ['date_', TypeOid.date],
    ['time_', TypeOid.time],
    ['timetz_', TypeOid.timetz],
    ['timestamp_', TypeOid.timestamp],
    ['interval_', TypeOid.interval],
    ['array_', TypeOid.anyarray],
  ];
  const entries: Record<string, ScalarImplementation> = {};
  for (const [prefix, type] of types) {
    const compare = comparisonOf(type);
    entries[`${prefix}larger`] = (_context, left: Datum, right: Datum) =>
      compare(left, right) > 0 ? left : right;
    entries[`${prefix}smaller`] = (_context, left: Datum, right: Datum) =>
      compare(left, right) < 0 ? left : right;
  }
  return entries;
}

export const comparisonFamily: Family = {
  scalars: {
    ...numericKinds(),
    ...textKinds(),
    ...extremes(),
    ...named('bool', nativeOperators, 'btboolcmp'),
    ...named('oid', nativeOperators, 'btoidcmp'),
    ...named('xid8', nativeOperators, 'xid8cmp'),
    xideq: nativeOperators['eq'],
    xidneq: nativeOperators['ne'],
    ...named('date_', nativeOperators, 'date_cmp'),
    ...named('time_', nativeOperators, 'time_cmp'),
    ...named('timestamp_', nativeOperators, 'timestamp_cmp'),
    ...named('uuid_', nativeOperators, 'uuid_cmp'),
    ...named('timetz_', of(TypeOid.timetz), 'timetz_cmp'),
    ...named('interval_', of(TypeOid.interval), 'interval_cmp'),
    ...named('numeric_', of(TypeOid.numeric), 'numeric_cmp'),
    ...named('bytea', of(TypeOid.bytea), 'byteacmp'),
    ...named('jsonb_', of(TypeOid.jsonb), 'jsonb_cmp'),
    ...named('array_', of(TypeOid.anyarray), 'btarraycmp'),
    ...named('record_', of(TypeOid.record), 'btrecordcmp'),
    ...named('record_image_', of(TypeOid.record), 'btrecordimagecmp'),
  },
};
