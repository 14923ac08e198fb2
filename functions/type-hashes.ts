// PostgreSQL's hash of a value, by its type: what the hash functions of SQL give, and what rows are routed to hash
// partitions by.

import {
  type ArrayValue,
  baseTypeOf,
  collationOfType,
  databaseError,
  type Datum,
  elementTypeOf,
  type Interval,
  intervalSpan,
  type NetworkAddress,
  type Numeric,
  representationOf,
  type TimeTz,
  trimTrailingBlanks,
  typeDisplayName,
  TypeOid,
} from '#common';
import { compositeHash } from './composite-hashes.ts';
import { hashBytes, hashInt8, hashUint32 } from './hashing.ts';
import { hashKeyOf } from './ordering.ts';

/** An unsigned 64-bit number; of the unseeded function (seed 0) the lower 32 bits. */
export type Hash = (value: never, seed: bigint) => bigint;

export const hashInteger = (value: number, seed: bigint): bigint => hashUint32(value | 0, seed);
export const hashText = (value: string, seed: bigint): bigint =>
  hashBytes(Buffer.from(value), seed);
export const hashCharacter = (value: string, seed: bigint): bigint =>
  hashUint32(((value.charCodeAt(0) || 0) << 24) >> 24, seed);
export const hashPadded = (value: string, seed: bigint): bigint =>
  hashText(trimTrailingBlanks(value), seed);
/** A block number's halves, the higher one first, and the offset in it. */
export function hashPlace(value: number, seed: bigint): bigint {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16LE(Math.floor(value / 4294967296), 0);
  bytes.writeUInt16LE(Math.floor(value / 65536) % 65536, 2);
  bytes.writeUInt16LE(value % 65536, 4);
  return hashBytes(bytes, seed);
}

export const hashDigits = (value: string, seed: bigint): bigint =>
  hashBytes(Buffer.from(value.replaceAll(/[:-]/g, ''), 'hex'), seed);

/** Zeros of both signs hash to the seed, every NaN alike, floats of both widths alike. */
export function hashFloat(value: number, seed: bigint): bigint {
  if (value === 0) return seed;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number.isNaN(value) ? Number.NaN : value);
  return hashBytes(bytes, seed);
}

export function hashNetwork(value: NetworkAddress, seed: bigint): bigint {
  const head = [value.family === 4 ? 2 : 3, value.prefixLength];
  return hashBytes(Uint8Array.from([...head, ...value.bytes]), seed);
}

export function hashTimeTz(value: TimeTz, seed: bigint): bigint {
  return hashInt8(value.micros, seed) ^ hashUint32(-value.zoneSeconds, seed);
}

/** The digits in base 10000 without zeros at either end, and the weight of the first. */
export function hashNumeric(value: Numeric, seed: bigint): bigint {
  if (!value.isFinite) return seed;
  const [whole, fraction = ''] = value.abs().toString().split('.');
  const padded = whole.padStart(Math.ceil(whole.length / 4) * 4, '0');
  const digits = `${padded}${fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')}`;
  const groups = (digits.match(/.{4}/g) ?? []).map(Number);
  const first = groups.findIndex((group) => group !== 0);
  if (first < 0) return seed === 0n ? 0xffffffffn : BigInt.asUintN(64, seed - 1n);
  let end = groups.length;
  while (groups[end - 1] === 0) end--;
  const bytes = Buffer.alloc((end - first) * 2);
  for (let i = first; i < end; i++) bytes.writeInt16LE(groups[i], (i - first) * 2);
  const weight = BigInt.asUintN(64, BigInt(padded.length / 4 - 1 - first));
  return hashBytes(bytes, seed) ^ weight;
}

export function hashInterval(value: Interval, seed: bigint): bigint {
  return hashInt8(intervalSpan(value), seed);
}

/** Of an oidvector's elements. */
export function hashOids(elements: readonly Datum[], seed: bigint): bigint {
  return hashBytes(new Uint8Array(Uint32Array.from(elements as number[]).buffer), seed);
}

const hashes = new Map<number, Hash>([
  [TypeOid.int2, hashInteger],
  [TypeOid.int4, hashInteger],
  [TypeOid.oid, hashInteger],
  [TypeOid.date, hashInteger],
  [TypeOid.int8, hashInt8],
  [TypeOid.timestamp, hashInt8],
  [TypeOid.timestamptz, hashInt8],
  [TypeOid.time, hashInt8],
  [TypeOid.bool, (value: boolean, seed: bigint) => hashUint32(value ? 1 : 0, seed)],
  [TypeOid.float4, hashFloat],
  [TypeOid.float8, hashFloat],
  [TypeOid.numeric, hashNumeric],
  [TypeOid.char, hashCharacter],
  [TypeOid.text, hashText],
  [TypeOid.varchar, hashText],
  [TypeOid.name, hashText],
  [TypeOid.bpchar, hashPadded],
  [TypeOid.bytea, hashBytes],
  [TypeOid.uuid, hashDigits],
  [TypeOid.macaddr, hashDigits],
  [TypeOid.macaddr8, hashDigits],
  [TypeOid.inet, hashNetwork],
  [TypeOid.cidr, hashNetwork],
  [TypeOid.timetz, hashTimeTz],
  [TypeOid.interval, hashInterval],
]);

/** undefined: the type has no hash here. */
export function hashOfType(typeOid: number): Hash | undefined {
  const element = elementTypeOf(baseTypeOf(typeOid));
  if (element !== 0) {
    const hash = hashOfType(element);
    return hash && ((array: ArrayValue, seed) => hashArray(array, { hash, seed, bits: 64 }));
  }
  // Equal texts have one hash (PostgreSQL's is that of ICU's sort key).
  const hashKey = collationOfType(typeOid) === 0 ? undefined : hashKeyOf(typeOid);
  if (hashKey !== undefined)
    return (value: Datum, seed) => hashText(hashKey(value) as string, seed);
  return compositeHash(baseTypeOf(typeOid), hashOfType) ?? hashes.get(representationOf(typeOid));
}

/** 42883 for a type without one. */
export function requireHash(typeOid: number, isSeeded: boolean): Hash {
  const hash = hashOfType(typeOid);
  if (hash !== undefined) return hash;
  const kind = isSeeded ? 'an extended hash' : 'a hash';
  throw databaseError(
    'undefinedFunction',
    `could not identify ${kind} function for type ${typeDisplayName(typeOid) ?? 'record'}`,
  );
}

/** Each element's hash added to 31 times what came before. */
export function hashArray(
  array: ArrayValue,
  options: { readonly hash: Hash; readonly seed: bigint; readonly bits: 32 | 64 },
): bigint {
  const { hash, seed, bits } = options;
  let result = 1n;
  for (const element of array.elements) {
    const part = element === null ? 0n : hash(element as never, seed);
    result = BigInt.asUintN(bits, result * 31n + BigInt.asUintN(bits, part));
  }
  return result;
}
