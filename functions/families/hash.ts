// The hash support functions of types (hashtext, hashint4, uuid_hash …) and their seeded forms.

import { type ArrayValue, canonicalInteger, type Datum } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';
import { hashInt8 } from '../hashing.ts';
import {
  type Hash,
  hashArray,
  hashCharacter,
  hashDigits,
  hashFloat,
  hashInteger,
  hashInterval,
  hashNetwork,
  hashNumeric,
  hashPadded,
  hashPlace,
  hashText,
  hashTimeTz,
  requireHash,
} from '../type-hashes.ts';

function arrayHash(seeded: boolean) {
  return forTypes<ScalarImplementation>(() => (_context, array: ArrayValue, seed: Datum = 0) => {
    const hash = requireHash(array.elementType, seeded);
    const bits = seeded ? 64 : 32;
    const result = hashArray(array, { hash, seed: BigInt(seed as number), bits });
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
    ...pair('interval_hash', 'interval_hash_extended', hashInterval),
    ...pair('pg_lsn_hash', 'pg_lsn_hash_extended', (value: number | bigint, seed) =>
      hashInt8(BigInt.asIntN(64, BigInt(value)), seed),
    ),
    hash_array: arrayHash(false),
    hash_array_extended: arrayHash(true),
  },
};
