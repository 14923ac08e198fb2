// Keys of hash tables: values of one or more columns become one value usable as a Map key, equal
// exactly when the columns are equal by their types' equality. Null equals null here; joins and IN
// leave rows with null keys out before they get here.
//
// Several columns are joined into a string. A part is the text of the column's hash key; parts are
// ended by NUL and "|", null is NUL and "n", and a NUL inside a part is written as NUL and "0".

import { type Datum, notSupported } from '#common';
import { functionRegistry } from '#functions';

export type HashKey = string | number | bigint | boolean | null;
export type KeyHasher = (values: readonly Datum[]) => HashKey;

/** The hash key of one non-null value of a type. */
export function valueHasher(typeOid: number): (value: Datum) => string | number | bigint | boolean {
  const ordering = functionRegistry.ordering(typeOid);
  if (ordering === undefined) throw notSupported('hashing values of this type');
  return (value) => ordering.hashKey(value);
}

export function keyHasher(types: readonly number[]): KeyHasher {
  const hashers = types.map(valueHasher);
  if (hashers.length === 1) {
    const hash = hashers[0];
    return (values) => {
      const value = values[0]!;
      return value === null ? null : hash(value);
    };
  }
  return (values) => {
    let key = '';
    for (let i = 0; i < hashers.length; i++) {
      const value = values[i]!;
      if (value === null) {
        key += '\u0000n';
        continue;
      }
      const part = hashers[i](value);
      if (typeof part === 'string') key += part.includes('\u0000') ? escapeNul(part) : part;
      else key += String(part);
      key += '\u0000|';
    }
    return key;
  };
}

/** As a Map compares keys: NaN equals NaN. */
export function isSameKey(left: HashKey, right: HashKey): boolean {
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}

function escapeNul(part: string): string {
  return part.replaceAll('\u0000', '\u00000');
}

/** Spreads hash keys over partitions; `level` changes the function for repeated partitioning. */
export function partitionOf(key: HashKey, partitions: number, level: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(level + 1, 0x9e3779b1);
  if (typeof key === 'number' && (key | 0) === key) {
    hash = Math.imul(hash ^ key, 0x01000193);
  } else {
    const text = String(key);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash >>> 0) % partitions;
}
