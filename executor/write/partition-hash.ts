// The hash of a partition key, the same as PostgreSQL's, so that a dump's rows belong where they lie:
// each value's extended hash function with a fixed seed, combined as hash_combine64() does.

import { type Datum, notSupported, typeDisplayName } from '#common';
import { hashOfType } from '#functions';

/** HASH_PARTITION_SEED */
const seed = 0x7a5b22367996dcfdn;
const mask64 = (1n << 64n) - 1n;

/** Of the values of a key of these types; an unsigned 64-bit number. 0A000 for other types. */
export function partitionHash(types: readonly number[]): (values: readonly Datum[]) => bigint {
  const hashes = types.map(hashOf);
  return (values) => {
    let code = 0n;
    for (let at = 0; at < hashes.length; at++) {
      const value = values[at];
      if (value === null) continue;
      code = combine(code, hashes[at](value as never));
    }
    return code;
  };
}

function combine(code: bigint, hash: bigint): bigint {
  const added = (hash + 0x49a0f4dd15e5a8e3n + (code << 54n) + (code >> 7n)) & mask64;
  return code ^ added;
}

function hashOf(typeOid: number): (value: never) => bigint {
  const hash = hashOfType(typeOid);
  if (hash === undefined)
    throw notSupported(`hash partitioning by type ${typeDisplayName(typeOid) ?? typeOid}`);
  return (value) => hash(value, seed);
}
