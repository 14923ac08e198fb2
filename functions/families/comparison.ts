// Comparison operators, btree support functions and the functions behind max and min of the types that
// have no family of their own.

import { compareBlankPadded, compareText, TypeOid } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { extremes, named, nativeOperators, of, operatorsOf } from './comparison-operators.ts';

const textEquality: { eq: ScalarImplementation; ne: ScalarImplementation } = {
  eq: nativeOperators['eq'],
  ne: nativeOperators['ne'],
};
const textOperators: Readonly<Record<string, ScalarImplementation>> = {
  ...operatorsOf(compareText),
  ...textEquality,
};

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

function allExtremes(): Record<string, ScalarImplementation> {
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
  return Object.assign({}, ...types.map(([prefix, type]) => extremes(prefix, type))) as Record<
    string,
    ScalarImplementation
  >;
}

export const comparisonFamily: Family = {
  scalars: {
    ...numericKinds(),
    ...textKinds(),
    ...allExtremes(),
    ...named('bool', nativeOperators, 'btboolcmp'),
    ...named('oid', nativeOperators, 'btoidcmp'),
    ...named('tid', nativeOperators, 'bttidcmp'),
    ...extremes('tid', TypeOid.tid),
    ...named('xid8', nativeOperators, 'xid8cmp'),
    ...extremes('xid8_', TypeOid.xid8),
    cideq: nativeOperators['eq'],
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
  },
};
