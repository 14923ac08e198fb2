// The hash support functions of types (hashtext, hashint4, uuid_hash …) and their seeded forms.

import {
  type ArrayValue,
  canonicalInteger,
  type Datum,
  type Interval,
  type NetworkAddress,
  notSupported,
  type Numeric,
  representationOf,
  TypeOid,
  trimTrailingBlanks,
  type TimeTz,
  typeDisplayName,
} from '#common';
import type { ScalarImplementation } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';
import { hashBytes, hashInt8, hashUint32 } from '../hashing.ts';
import { intervalSpan } from '../ordering.ts';

type Hash = (value: never, seed: bigint) => bigint;

const hashInteger = (value: number, seed: bigint): bigint => hashUint32(value | 0, seed);
const hashText = (value: string, seed: bigint): bigint => hashBytes(Buffer.from(value), seed);
const hashCharacter = (value: string, seed: bigint): bigint =>
  hashUint32(((value.charCodeAt(0) || 0) << 24) >> 24, seed);
const hashPadded = (value: string, seed: bigint): bigint =>
  hashText(trimTrailingBlanks(value), seed);
/** A block number's halves, the higher one first, and the offset in it. */
function hashPlace(value: number, seed: bigint): bigint {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16LE(Math.floor(value / 4294967296), 0);
  bytes.writeUInt16LE(Math.floor(value / 65536) % 65536, 2);
  bytes.writeUInt16LE(value % 65536, 4);
  return hashBytes(bytes, seed);
}

const hashDigits = (value: string, seed: bigint): bigint =>
  hashBytes(Buffer.from(value.replaceAll(/[:-]/g, ''), 'hex'), seed);

/** Zeros of both signs hash to the seed, floats of both widths alike. */
function hashFloat(value: number, seed: bigint): bigint {
  if (value === 0) return seed;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return hashBytes(bytes, seed);
}

function hashNetwork(value: NetworkAddress, seed: bigint): bigint {
  const head = [value.family === 4 ? 2 : 3, value.prefixLength];
  return hashBytes(Uint8Array.from([...head, ...value.bytes]), seed);
}

function hashTimeTz(value: TimeTz, seed: bigint): bigint {
  return hashInt8(value.micros, seed) ^ hashUint32(-value.zoneSeconds, seed);
}

/** The digits in base 10000 without zeros at either end, and the weight of the first. */
function hashNumeric(value: Numeric, seed: bigint): bigint {
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
]);

/** Each element's hash added to 31 times what came before. */
function arrayHash(seeded: boolean) {
  return forTypes<ScalarImplementation>(() => (_context, array: ArrayValue, seed: Datum = 0) => {
    const hash = hashes.get(representationOf(array.elementType));
    if (hash === undefined) {
      throw notSupported(`a hash of type ${typeDisplayName(array.elementType) ?? 'record'}`);
    }
    const given = BigInt(seed as number);
    const width = seeded ? 64 : 32;
    let result = 1n;
    for (const element of array.elements) {
      const part = element === null ? 0n : hash(element as never, given);
      result = BigInt.asUintN(width, result * 31n + BigInt.asUintN(width, part));
    }
    return seeded ? canonicalInteger(BigInt.asIntN(64, result)) : Number(BigInt.asIntN(32, result));
  });
}

/** The plain function and the one with a seed. */
function pair(name: string, extended: string, hash: Hash): Record<string, ScalarImplementation> {
  return {
    [name]: (_context, value: Datum) => Number(BigInt.asIntN(32, hash(value as never, 0n))),
    [extended]: (_context, value: Datum, seed: number | bigint) =>
      canonicalInteger(BigInt.asIntN(64, hash(value as never, BigInt(seed)))),
  };
}

export const hashFamily: Family = {
  scalars: {
    ...pair('hashint2', 'hashint2extended', hashInteger),
    ...pair('hashint4', 'hashint4extended', hashInteger),
    ...pair('hashint8', 'hashint8extended', hashInt8),
    ...pair('hashoid', 'hashoidextended', hashInteger),
    ...pair('hashtid', 'hashtidextended', hashPlace),
    ...pair('hashchar', 'hashcharextended', hashCharacter),
    ...pair('hashname', 'hashnameextended', hashText),
    ...pair('hashtext', 'hashtextextended', hashText),
    ...pair('hashbpchar', 'hashbpcharextended', hashPadded),
    ...pair('hashfloat4', 'hashfloat4extended', hashFloat),
    ...pair('hashfloat8', 'hashfloat8extended', hashFloat),
    ...pair('hash_numeric', 'hash_numeric_extended', hashNumeric),
    ...pair('uuid_hash', 'uuid_hash_extended', hashDigits),
    ...pair('hashmacaddr', 'hashmacaddrextended', hashDigits),
    ...pair('hashmacaddr8', 'hashmacaddr8extended', hashDigits),
    ...pair('hashinet', 'hashinetextended', hashNetwork),
    ...pair('timestamp_hash', 'timestamp_hash_extended', hashInt8),
    ...pair('time_hash', 'time_hash_extended', hashInt8),
    ...pair('timetz_hash', 'timetz_hash_extended', hashTimeTz),
    ...pair('interval_hash', 'interval_hash_extended', (value: Interval, seed) =>
      hashInt8(intervalSpan(value), seed),
    ),
    ...pair('pg_lsn_hash', 'pg_lsn_hash_extended', (value: number | bigint, seed) =>
      hashInt8(BigInt.asIntN(64, BigInt(value)), seed),
    ),
    hash_array: arrayHash(false),
    hash_array_extended: arrayHash(true),
  },
};
