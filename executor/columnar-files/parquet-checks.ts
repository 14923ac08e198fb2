// What a Parquet file says is believed only as far as it fits the type that it is read as: a damaged file
// ends in 22P04, never in a value that its type does not have.

import { canonicalInteger, databaseError, type DatabaseError, timestampInRange } from '#common';

export function malformed(detail: string): DatabaseError {
  return databaseError('badCopyFileFormat', 'the file is not a readable Parquet file', { detail });
}

export function expectBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw unexpected('boolean');
  return value;
}

export function expectNumber(value: unknown): number {
  if (typeof value !== 'number') throw unexpected('number');
  return value;
}

export function expectText(value: unknown): string {
  if (typeof value !== 'string') throw unexpected('text');
  return value;
}

export function expectBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw unexpected('string of bytes');
  return value;
}

export function expectLong(value: unknown): bigint {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw unexpected('integer');
  return value;
}

/** A whole number within the bounds. */
export function expectInteger(value: unknown, min: number, max: number): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max)
    throw unexpected('integer');
  return number;
}

/** Microseconds since 2000. */
export function expectTimestamp(micros: bigint): number | bigint {
  const value = canonicalInteger(micros);
  if (!timestampInRange(value)) throw unexpected('timestamp');
  return value;
}

function unexpected(kind: string): Error {
  return malformed(`A value is not the ${kind} that its column has.`);
}
