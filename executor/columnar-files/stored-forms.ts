// The forms in which columnar files keep values. A type without a form of its own is kept as its text, and
// read back by its input function.

import {
  databaseError,
  type Numeric,
  numericTypmodParts,
  typeOutput,
  TypeOid,
  type Datum,
  type FormatSettings,
  type SqlType,
} from '#common';

export type StoredForm =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'float4' }
  | { readonly kind: 'float8' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'text' }
  | { readonly kind: 'integer'; readonly bits: 16 | 32 | 64 }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** Days since 1970. */
  | { readonly kind: 'date' }
  /** Microseconds of the day, or since 1970 (UTC when `zoned`). */
  | { readonly kind: 'time' }
  | { readonly kind: 'timestamp'; readonly zoned: boolean };

const decimalPrecisionMax = 38;
/** 2000-01-01, from which dates and timestamps count here. */
export const epochDays = 10_957;
export const epochMicros = 946_684_800_000_000n;

const forms: ReadonlyMap<number, StoredForm> = new Map<number, StoredForm>([
  [TypeOid.bool, { kind: 'boolean' }],
  [TypeOid.int2, { kind: 'integer', bits: 16 }],
  [TypeOid.int4, { kind: 'integer', bits: 32 }],
  [TypeOid.int8, { kind: 'integer', bits: 64 }],
  [TypeOid.float4, { kind: 'float4' }],
  [TypeOid.float8, { kind: 'float8' }],
  [TypeOid.bytea, { kind: 'bytes' }],
  [TypeOid.uuid, { kind: 'uuid' }],
  [TypeOid.date, { kind: 'date' }],
  [TypeOid.time, { kind: 'time' }],
  [TypeOid.timestamp, { kind: 'timestamp', zoned: false }],
  [TypeOid.timestamptz, { kind: 'timestamp', zoned: true }],
]);

export function storedForm({ oid, typmod }: SqlType): StoredForm {
  if (oid !== TypeOid.numeric) return forms.get(oid) ?? { kind: 'text' };
  if (typmod < 4) return { kind: 'text' };
  const { precision, scale } = numericTypmodParts(typmod);
  const fits = precision <= decimalPrecisionMax && scale >= 0 && scale <= precision;
  return fits ? { kind: 'decimal', precision, scale } : { kind: 'text' };
}

/** A value of the type as text. */
export function textOf({ oid }: SqlType, settings: FormatSettings): (value: Datum) => string {
  const output = typeOutput(oid);
  return (value) => output(value, settings);
}

/** The decimal times ten to the scale. 22003 for NaN and the infinities. */
export function scaledDecimal(value: Datum, scale: number): bigint {
  const numeric = value as Numeric;
  if (!numeric.isFinite) throw notStorable(numeric.toString(), 'a decimal');
  return BigInt(numeric.coefficient) * 10n ** BigInt(scale - numeric.scale);
}

/** 22008 for the infinities. */
export function storedDays(value: Datum): number {
  const days = value as number;
  if (!Number.isFinite(days)) throw notStorable(days > 0 ? 'infinity' : '-infinity', 'a date');
  return days + epochDays;
}

/** 22008 for the infinities. */
export function storedMicros(value: Datum): bigint {
  if (value === Infinity || value === -Infinity)
    throw notStorable(value > 0 ? 'infinity' : '-infinity', 'a timestamp');
  return BigInt(value as number | bigint) + epochMicros;
}

function notStorable(value: string, form: string): Error {
  return databaseError(
    'numericValueOutOfRange',
    `"${value}" cannot be stored as ${form} in this file format`,
  );
}
