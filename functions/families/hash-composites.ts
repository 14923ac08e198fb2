// The hash functions of values with parts, by their names in SQL: of enums, ranges, multiranges, rows and
// documents. What they compute is in functions/composite-hashes.ts.

import { canonicalInteger, type Datum } from '#common';
import { hashRecord } from '../composite-hashes.ts';
import type { ScalarImplementation } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';
import { type Hash, requireHash } from '../type-hashes.ts';

const recordHash =
  (_type: number, isSeeded: boolean): Hash =>
  (value, seed) =>
    hashRecord(value, seed, (type) => requireHash(type, isSeeded));

/** The plain function and the one with a seed, over the type of the call. */
function pair(
  name: string,
  extended: string,
  hashOf: (typeOid: number, isSeeded: boolean) => Hash = requireHash,
): Readonly<Record<string, ReturnType<typeof forTypes<ScalarImplementation>>>> {
  return {
    [name]: forTypes<ScalarImplementation>(
      ({ argumentTypes }) =>
        (_context, value: Datum) =>
          Number(BigInt.asIntN(32, hashOf(argumentTypes[0], false)(value as never, 0n))),
    ),
    [extended]: forTypes<ScalarImplementation>(
      ({ argumentTypes }) =>
        (_context, value: Datum, seed: number | bigint) =>
          canonicalInteger(
            BigInt.asIntN(64, hashOf(argumentTypes[0], true)(value as never, BigInt(seed))),
          ),
    ),
  };
}

export const compositeHashFamily: Family = {
  scalars: {
    ...pair('hashenum', 'hashenumextended'),
    ...pair('hash_range', 'hash_range_extended'),
    ...pair('hash_multirange', 'hash_multirange_extended'),
    ...pair('hash_record', 'hash_record_extended', recordHash),
    ...pair('jsonb_hash', 'jsonb_hash_extended'),
  },
};
