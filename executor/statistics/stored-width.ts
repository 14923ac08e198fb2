// Bytes that PostgreSQL would store for a value, for the average widths in pg_stats.

import { ArrayValue, type Datum, Numeric, RecordValue, TypeOid } from '#common';

const fixedWidths = new Map<number, number>([
  [TypeOid.bool, 1],
  [TypeOid.char, 1],
  [TypeOid.int2, 2],
  [TypeOid.int4, 4],
  [TypeOid.int8, 8],
  [TypeOid.float4, 4],
  [TypeOid.float8, 8],
  [TypeOid.oid, 4],
  [TypeOid.date, 4],
  [TypeOid.time, 8],
  [TypeOid.timetz, 12],
  [TypeOid.timestamp, 8],
  [TypeOid.timestamptz, 8],
  [TypeOid.interval, 16],
  [TypeOid.uuid, 16],
  [TypeOid.name, 64],
  [TypeOid.money, 8],
]);

/** Values of these types are as wide as this, whatever they are; undefined: as wide as their text. */
export function fixedWidth(typeOid: number): number | undefined {
  return fixedWidths.get(typeOid);
}

/** Short values have a header of one byte, longer ones of four. */
function withHeader(bytes: number): number {
  return bytes < 126 ? bytes + 1 : bytes + 4;
}

export function storedWidth(value: Datum): number {
  if (typeof value === 'string') return withHeader(Buffer.byteLength(value));
  if (value instanceof Uint8Array) return withHeader(value.length);
  if (value instanceof Numeric) {
    const [whole, fraction = ''] = value.toString().replace('-', '').split('.');
    const wholeDigits = whole.replace(/^0+/, '').length;
    const fractionDigits = fraction.replace(/0+$/, '').length;
    return withHeader(2 + 2 * (Math.ceil(wholeDigits / 4) + Math.ceil(fractionDigits / 4)));
  }
  if (value instanceof ArrayValue)
    return value.elements.reduce<number>((sum, element) => sum + storedWidth(element), 24);
  if (value instanceof RecordValue)
    return value.fields.reduce<number>((sum, field) => sum + storedWidth(field), 24);
  return 8;
}
