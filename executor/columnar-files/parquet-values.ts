// What the physical values of a Parquet column mean as SQL values. Decimals and times are read exactly,
// which is why the library is asked for bytes and integers only.

import type { SchemaElement } from 'hyparquet';
import {
  canonicalInteger,
  databaseError,
  dateMax,
  dateMin,
  Interval,
  microsPerDay,
  Numeric,
  numericTypmod,
  readUuid,
  sqlType,
  typeInput,
  typeOutput,
  TypeOid,
  type Datum,
  type FormatSettings,
  type SqlType,
} from '#common';
import {
  expectBoolean,
  expectBytes,
  expectInteger,
  expectLong,
  expectNumber,
  expectText,
  expectTimestamp,
  malformed,
} from './parquet-checks.ts';
import { epochDays, epochMicros } from './stored-forms.ts';

type ReadValue = (value: unknown) => Datum;

export interface ParquetColumn {
  readonly name: string;
  /** The SQL type whose values read() makes. */
  readonly type: SqlType;
  readonly read: ReadValue;
}

const int4Min = -(2 ** 31);
const int4Max = 2 ** 31 - 1;
/** Of numeric. */
const precisionMax = 1000;

const bytes: ReadValue = (value) => Uint8Array.from(expectBytes(value));
/** Is it kept as UTF-8? The reader hands such values out as strings. */
export function isText({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): boolean {
  return (
    ['UTF8', 'JSON', 'ENUM'].includes(converted ?? '') ||
    ['STRING', 'JSON', 'ENUM'].includes(logical?.type ?? '')
  );
}

/** Of the elements of a schema (without its root, parents before their parts) those that are columns. */
export function topLevel(elements: readonly SchemaElement[]): SchemaElement[] {
  const columns: SchemaElement[] = [];
  /** Elements to come that are parts of the last column. */
  let parts = 0;
  for (const element of elements) {
    if (parts === 0) columns.push(element);
    else parts--;
    parts += element.num_children ?? 0;
  }
  return columns;
}

/** 0A000 for nested columns and for the kinds that SQL has no type for. */
export function parquetColumn(element: SchemaElement): ParquetColumn {
  const { name } = element;
  if (element.num_children !== undefined || element.repetition_type === 'REPEATED')
    throw notReadable(name, 'nested');
  const column = (oid: number, read: ReadValue): ParquetColumn => ({
    name,
    type: sqlType(oid),
    read,
  });
  if (isDecimal(element)) return decimalColumn(element);
  const { logical_type: logical, converted_type: converted } = element;
  switch (element.type) {
    case 'BOOLEAN':
      return column(TypeOid.bool, expectBoolean);
    case 'FLOAT':
      return column(TypeOid.float4, expectNumber);
    case 'DOUBLE':
      return column(TypeOid.float8, expectNumber);
    case 'INT96':
      return column(TypeOid.timestamp, (nanos) => microsOf(floorDivided(wide(nanos), 1000n)));
    case 'INT32':
      if (converted === 'DATE' || logical?.type === 'DATE')
        return column(
          TypeOid.date,
          (days) =>
            expectInteger(days, dateMin + epochDays, Math.min(dateMax, int4Max)) - epochDays,
        );
      if (converted === 'TIME_MILLIS' || logical?.type === 'TIME')
        return column(TypeOid.time, (millis) =>
          expectInteger(expectNumber(millis) * 1000, 0, microsPerDay),
        );
      if (isUnsigned(element))
        return column(TypeOid.int8, (value) => expectInteger(value, int4Min, 2 ** 32 - 1) >>> 0);
      return converted === 'INT_16' || converted === 'INT_8'
        ? column(TypeOid.int2, (value) => expectInteger(value, -32_768, 32_767))
        : column(TypeOid.int4, (value) => expectInteger(value, int4Min, int4Max));
    case 'INT64':
      return { name, ...longColumn(element) };
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical?.type === 'UUID') return column(TypeOid.uuid, uuidOf);
      if (converted === 'INTERVAL') return column(TypeOid.interval, intervalOf);
      return column(TypeOid.bytea, bytes);
    case 'BYTE_ARRAY':
      if (isText(element)) return column(TypeOid.text, expectText);
      return column(TypeOid.bytea, bytes);
    default:
      throw notReadable(name, element.type ?? 'unknown');
  }
}

function longColumn({ logical_type: logical, converted_type: converted }: SchemaElement): {
  readonly type: SqlType;
  readonly read: ReadValue;
} {
  const unit = logical !== undefined && 'unit' in logical ? logical.unit : undefined;
  const micros = (value: bigint): bigint =>
    unit === 'NANOS' ? floorDivided(value, 1000n) : unit === 'MILLIS' ? value * 1000n : value;
  if (logical?.type === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP_') === true) {
    const isMillis = logical === undefined && converted === 'TIMESTAMP_MILLIS';
    const zoned = logical?.type !== 'TIMESTAMP' || logical.isAdjustedToUTC;
    return {
      type: sqlType(zoned ? TypeOid.timestamptz : TypeOid.timestamp),
      read: (value) => microsOf(isMillis ? expectLong(value) * 1000n : micros(expectLong(value))),
    };
  }
  if (logical?.type === 'TIME' || converted === 'TIME_MICROS')
    return {
      type: sqlType(TypeOid.time),
      read: (value) => expectInteger(micros(expectLong(value)), 0, microsPerDay),
    };
  if (converted === 'UINT_64' || (logical?.type === 'INTEGER' && !logical.isSigned)) {
    return {
      type: sqlType(TypeOid.numeric),
      read: (value) => Numeric.fromInteger(canonicalInteger(BigInt.asUintN(64, expectLong(value)))),
    };
  }
  return { type: sqlType(TypeOid.int8), read: (value) => canonicalInteger(expectLong(value)) };
}

/** INT96 may be any number of nanoseconds. */
function wide(value: unknown): bigint {
  if (typeof value !== 'bigint') throw malformed('A value is not the time that its column has.');
  return value;
}

function uuidOf(value: unknown): Datum {
  const stored = expectBytes(value);
  if (stored.length !== 16) throw malformed('A UUID does not have 16 bytes.');
  return readUuid(stored, 0);
}

/** Months, days and milliseconds, of 32 bits each. */
function intervalOf(value: unknown): Datum {
  const stored = expectBytes(value);
  if (stored.length !== 12) throw malformed('An interval does not have 12 bytes.');
  const parts = new DataView(stored.buffer, stored.byteOffset, stored.length);
  const [months, days] = [0, 4].map((place) =>
    expectInteger(parts.getUint32(place, true), 0, int4Max),
  );
  return new Interval(months, days, parts.getUint32(8, true) * 1000);
}

/** The last whole unit before a time, also before 1970. */
function floorDivided(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return quotient * divisor > value ? quotient - 1n : quotient;
}

/** Of microseconds since 1970. */
function microsOf(micros: bigint): Datum {
  return expectTimestamp(micros - epochMicros);
}

function isUnsigned({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'UINT_32' || (logical?.type === 'INTEGER' && !logical.isSigned);
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

function decimalColumn(element: SchemaElement): ParquetColumn {
  const { logical_type: logical } = element;
  const stated = logical?.type === 'DECIMAL' ? logical : undefined;
  const scale = element.scale ?? stated?.scale ?? 0;
  const precision = element.precision ?? stated?.precision ?? 38;
  if (precision < 1 || precision > precisionMax || scale < 0 || scale > precision)
    throw malformed(
      `Column "${element.name}" has a precision of ${precision}, a scale of ${scale}.`,
    );
  const typmod = numericTypmod(precision, scale);
  return {
    name: element.name,
    type: { ...sqlType(TypeOid.numeric), typmod },
    read: (value) => Numeric.of(wholeOf(value), scale),
  };
}

/** An integer, or two's complement bytes, first the highest. */
function wholeOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(expectInteger(value, int4Min, int4Max));
  const stored = expectBytes(value);
  if (stored.length === 0) return 0n;
  const { buffer, byteOffset, length } = stored;
  const digits = Buffer.from(buffer, byteOffset, length).toString('hex');
  return BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
}

/** Values of a column as values of another type, by way of their text where the types differ. */
export function convertedTo(
  column: ParquetColumn,
  target: SqlType,
  settings: FormatSettings,
): ReadValue {
  const { type, read } = column;
  const isSame = type.oid === target.oid && (target.typmod < 0 || type.typmod === target.typmod);
  if (isSame) return read;
  const output = typeOutput(type.oid);
  const input = typeInput(target.oid);
  return (value) => input(output(read(value), settings), target.typmod, settings);
}

function notReadable(name: string, kind: string): Error {
  return databaseError(
    'featureNotSupported',
    `column "${name}" of the file is ${kind}, which cannot be read`,
  );
}
