// What the physical values of a Parquet column mean as SQL values. Decimals and times are read exactly,
// which is why the library is asked for bytes and integers only.

import type { SchemaElement } from 'hyparquet';
import {
  canonicalInteger,
  databaseError,
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
import { epochDays, epochMicros } from './stored-forms.ts';

type ReadValue = (value: unknown) => Datum;

export interface ParquetColumn {
  readonly name: string;
  /** The SQL type whose values read() makes. */
  readonly type: SqlType;
  readonly read: ReadValue;
}

const integer: ReadValue = (value) =>
  typeof value === 'bigint' ? canonicalInteger(value) : (value as number);
const plain: ReadValue = (value) => value as Datum;
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
      return column(TypeOid.bool, plain);
    case 'FLOAT':
      return column(TypeOid.float4, plain);
    case 'DOUBLE':
      return column(TypeOid.float8, plain);
    case 'INT96':
      return column(TypeOid.timestamp, (nanos) => microsOf((nanos as bigint) / 1000n));
    case 'INT32':
      if (converted === 'DATE' || logical?.type === 'DATE')
        return column(TypeOid.date, (days) => (days as number) - epochDays);
      if (converted === 'TIME_MILLIS' || logical?.type === 'TIME')
        return column(TypeOid.time, (millis) => (millis as number) * 1000);
      return isUnsigned(element)
        ? column(TypeOid.int8, (value) => (value as number) >>> 0)
        : column(
            converted === 'INT_16' || converted === 'INT_8' ? TypeOid.int2 : TypeOid.int4,
            integer,
          );
    case 'INT64':
      return { name, ...longColumn(element) };
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical?.type === 'UUID')
        return column(TypeOid.uuid, (bytes) => readUuid(bytes as Uint8Array, 0));
      return column(TypeOid.bytea, (bytes) => Uint8Array.from(bytes as Uint8Array));
    case 'BYTE_ARRAY':
      if (isText(element)) return column(TypeOid.text, plain);
      return column(TypeOid.bytea, (bytes) => Uint8Array.from(bytes as Uint8Array));
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
    unit === 'NANOS' ? value / 1000n : unit === 'MILLIS' ? value * 1000n : value;
  if (logical?.type === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP_') === true) {
    const isMillis = logical === undefined && converted === 'TIMESTAMP_MILLIS';
    const zoned = logical?.type !== 'TIMESTAMP' || logical.isAdjustedToUTC;
    return {
      type: sqlType(zoned ? TypeOid.timestamptz : TypeOid.timestamp),
      read: (value) => microsOf(isMillis ? (value as bigint) * 1000n : micros(value as bigint)),
    };
  }
  if (logical?.type === 'TIME' || converted === 'TIME_MICROS')
    return { type: sqlType(TypeOid.time), read: (value) => Number(micros(value as bigint)) };
  if (converted === 'UINT_64' || (logical?.type === 'INTEGER' && !logical.isSigned)) {
    return {
      type: sqlType(TypeOid.numeric),
      read: (value) => Numeric.fromInteger(canonicalInteger(BigInt.asUintN(64, value as bigint))),
    };
  }
  return { type: sqlType(TypeOid.int8), read: integer };
}

/** Of microseconds since 1970. */
function microsOf(micros: bigint): Datum {
  return canonicalInteger(micros - epochMicros);
}

function isUnsigned({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'UINT_32' || (logical?.type === 'INTEGER' && !logical.isSigned);
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

function decimalColumn(element: SchemaElement): ParquetColumn {
  const scale = element.scale ?? 0;
  const typmod = numericTypmod(element.precision ?? 38, scale);
  return {
    name: element.name,
    type: { ...sqlType(TypeOid.numeric), typmod },
    read: (value) => Numeric.of(wholeOf(value), scale),
  };
}

/** An integer, or two's complement bytes, first the highest. */
function wholeOf(value: unknown): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value as number | bigint);
  if (value.length === 0) return 0n;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return BigInt.asIntN(8 * value.length, BigInt(`0x${bytes.toString('hex')}`));
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
