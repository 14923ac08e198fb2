// The functions that information_schema's views are made of: what a type modifier says of a column. Modifiers
// of numeric hold precision and scale and are 4 too large, as those of character types are.

import { type Datum, type RecordValue, TypeOid } from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { formatType } from '../format-type.ts';

const headerBytes = 4;
const octetsMax = 2 ** 30;
const bytesPerCharacter = 4;
const lowHalf = 0xffff;

const isCharacters = (type: number): boolean => type === TypeOid.bpchar || type === TypeOid.varchar;

function characterLength(type: number, modifier: number): number | null {
  if (modifier === -1) return null;
  if (isCharacters(type)) return modifier - headerBytes;
  return type === TypeOid.bit || type === TypeOid.varbit ? modifier : null;
}

function octetLength(type: number, modifier: number): number | null {
  if (type !== TypeOid.text && !isCharacters(type)) return null;
  if (modifier === -1) return octetsMax;
  const length = characterLength(type, modifier);
  return length === null ? null : length * bytesPerCharacter;
}

const binaryPrecisions: ReadonlyMap<number, number> = new Map<number, number>([
  [TypeOid.int2, 16],
  [TypeOid.int4, 32],
  [TypeOid.int8, 64],
  [TypeOid.float4, 24],
  [TypeOid.float8, 53],
]);

function precision(type: number, modifier: number): number | null {
  if (type !== TypeOid.numeric) return binaryPrecisions.get(type) ?? null;
  return modifier === -1 ? null : ((modifier - headerBytes) >> 16) & lowHalf;
}

function radix(type: number): number | null {
  if (type === TypeOid.numeric) return 10;
  return binaryPrecisions.has(type) ? 2 : null;
}

function scale(type: number, modifier: number): number | null {
  if (type === TypeOid.int2 || type === TypeOid.int4 || type === TypeOid.int8) return 0;
  if (type !== TypeOid.numeric || modifier === -1) return null;
  return (modifier - headerBytes) & lowHalf;
}

const momentTypes: readonly number[] = [
  TypeOid.time,
  TypeOid.timetz,
  TypeOid.timestamp,
  TypeOid.timestamptz,
];
const fractionDigits = 6;

function datetimePrecision(type: number, modifier: number): number | null {
  if (type === TypeOid.date) return 0;
  if (momentTypes.includes(type)) return modifier < 0 ? fractionDigits : modifier;
  if (type !== TypeOid.interval) return null;
  const digits = modifier & lowHalf;
  return modifier < 0 || digits === lowHalf ? fractionDigits : digits;
}

function intervalFields(type: number, modifier: number): string | null {
  if (type !== TypeOid.interval) return null;
  const text = formatType(type, modifier) ?? '';
  return /^interval[()0-9]* (.*)$/.exec(text)?.[1].toUpperCase() ?? null;
}

const ofModifier =
  (answer: (type: number, modifier: number) => Datum): ScalarImplementation =>
  (_context: FunctionContext, type: number, modifier: number) =>
    answer(type, modifier);

/** Places of columns in the rows of pg_attribute and pg_type. */
const places = { atttypid: 2, atttypmod: 8, typtype: 6, typbasetype: 25, typtypmod: 26 };

/** A column of a domain is of the type below it. */
function unlessDomain(ofColumn: number, ofDomain: number): ScalarImplementation {
  return (_context: FunctionContext, column: RecordValue, type: RecordValue) =>
    type.fields[places.typtype] === 'd' ? type.fields[ofDomain] : column.fields[ofColumn];
}

export const informationSchemaFamily: Family = {
  scalars: {
    '_pg_char_max_length(oid,int4)': ofModifier(characterLength),
    '_pg_char_octet_length(oid,int4)': ofModifier(octetLength),
    '_pg_numeric_precision(oid,int4)': ofModifier(precision),
    '_pg_numeric_precision_radix(oid,int4)': ofModifier(radix),
    '_pg_numeric_scale(oid,int4)': ofModifier(scale),
    '_pg_datetime_precision(oid,int4)': ofModifier(datetimePrecision),
    '_pg_interval_type(oid,int4)': ofModifier(intervalFields),
    '_pg_truetypid(pg_attribute,pg_type)': unlessDomain(places.atttypid, places.typbasetype),
    '_pg_truetypmod(pg_attribute,pg_type)': unlessDomain(places.atttypmod, places.typtypmod),
  },
};
