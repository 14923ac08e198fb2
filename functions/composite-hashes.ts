// PostgreSQL's hashes of values with parts: enums, ranges, multiranges, rows and documents, from the hashes
// of what they consist of. All are computed in 64 bits: the halves never mix, so the lower one is the
// unseeded function's value.

import {
  type Datum,
  enumLabels,
  isJsonArray,
  type JsonValue,
  type Jsonb,
  multirangeInfoOf,
  type MultirangeValue,
  Numeric,
  rangeInfoOf,
  type RangeValue,
  type RecordValue,
  TypeOid,
} from '#common';
import { hashBytes, hashUint32 } from './hashing.ts';
import type { Hash } from './type-hashes.ts';

type HashOfType = (typeOid: number) => Hash | undefined;

const low = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Both halves one bit to the left. */
const rotateHalves = (value: bigint): bigint =>
  ((value << 1n) & 0xfffffffefffffffen) | ((value >> 31n) & 0x100000001n);

/** undefined: the type is none of these, or a part has no hash. */
export function compositeHash(typeOid: number, hashOfType: HashOfType): Hash | undefined {
  if (typeOid === TypeOid.jsonb)
    return (value: Jsonb, seed) => hashJson(value.value, seed, hashOfType);
  if (enumLabels(typeOid) !== undefined) return enumHash(typeOid);
  const range = rangeInfoOf(typeOid);
  if (range !== undefined) return rangeHash(hashOfType(range.subtype));
  const multirange = multirangeInfoOf(typeOid);
  if (multirange !== undefined) return multirangeHash(hashOfType(multirange.subtype));
  return undefined;
}

/** Of the label's oid. */
function enumHash(typeOid: number): Hash {
  return (place: number, seed) =>
    hashUint32((enumLabels(typeOid)?.byOrder.get(place)?.oid ?? 0) | 0, seed);
}

const rangeFlags = { empty: 1, lowerInclusive: 2, upperInclusive: 4, noLower: 8, noUpper: 16 };

function rangeHash(ofBound: Hash | undefined): Hash | undefined {
  if (ofBound === undefined) return undefined;
  return (range: RangeValue, seed) => {
    const bound = (value: Datum): bigint => (value === null ? 0n : ofBound(value as never, seed));
    const mixed = rotateHalves(hashUint32(flagsOf(range), seed) ^ bound(range.lower));
    return mixed ^ bound(range.upper);
  };
}

function flagsOf(range: RangeValue): number {
  if (range.isEmpty) return rangeFlags.empty;
  return (
    (range.lowerInclusive ? rangeFlags.lowerInclusive : 0) |
    (range.upperInclusive ? rangeFlags.upperInclusive : 0) |
    (range.lower === null ? rangeFlags.noLower : 0) |
    (range.upper === null ? rangeFlags.noUpper : 0)
  );
}

function multirangeHash(ofBound: Hash | undefined): Hash | undefined {
  const ofRange = rangeHash(ofBound);
  if (ofRange === undefined) return undefined;
  return ({ ranges }: MultirangeValue, seed) =>
    ranges.reduce((hash, range) => low(hash * 31n + ofRange(range as never, seed)), 1n);
}

/** undefined: the hash of the first type that has none. */
export function hashRecord(
  record: RecordValue,
  seed: bigint,
  hashOf: (typeOid: number) => Hash,
): bigint {
  return record.fields.reduce<bigint>((hash, field, at) => {
    const part = field === null ? 0n : hashOf(record.types[at])(field as never, seed);
    return low(hash * 31n + part);
  }, 0n);
}

const arrayMark = 0x4000000040000000n;
const objectMark = 0x2000000020000000n;

/** An empty container hashes to 0; a scalar is an array of itself. */
function hashJson(value: JsonValue, seed: bigint, hashOfType: HashOfType): bigint {
  const scalar = (hash: bigint, item: JsonValue): bigint =>
    rotateHalves(hash) ^ hashJsonScalar(item, seed, hashOfType);
  const walk = (hash: bigint, item: JsonValue): bigint => {
    if (isJsonArray(item)) return item.reduce(walk, hash ^ arrayMark);
    if (typeof item !== 'object' || item === null || item instanceof Numeric)
      return scalar(hash, item);
    let result = hash ^ objectMark;
    for (const [key, member] of item.members) result = walk(scalar(result, key), member);
    return result;
  };
  if (isJsonArray(value)) return value.length === 0 ? 0n : walk(0n, value);
  if (typeof value !== 'object' || value === null || value instanceof Numeric)
    return walk(0n, [value]);
  return value.members.size === 0 ? 0n : walk(0n, value);
}

function hashJsonScalar(value: JsonValue, seed: bigint, hashOfType: HashOfType): bigint {
  if (value === null) return low(seed + 1n);
  if (typeof value === 'string') return hashBytes(Buffer.from(value), seed);
  if (typeof value === 'boolean') {
    if (seed !== 0n) return hashUint32(value ? 1 : 0, seed);
    return value ? 2n : 4n;
  }
  return hashOfType(TypeOid.numeric)!(value as never, seed);
}
