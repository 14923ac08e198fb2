// Key components (key-code.ts) back as a vector of values.

import { type Vector, TypeOid } from '#common';
import { wholeNumberTypes } from './compiled-value.ts';
import { vectorOf } from './datum-vector.ts';
import { type KeyPool, nullKey } from './key-pool.ts';

/** Of the first `count` components; numbers without nulls are not copied. */
export function keyVector(keys: Float64Array, pool: KeyPool, count: number): Vector {
  const { typeOid } = pool;
  const { nulls, min, max } = facts(keys, count);
  if (wholeNumberTypes.has(typeOid) || (typeOid === TypeOid.numeric && !pool.byIdentity)) {
    if (max > Number.MAX_SAFE_INTEGER && typeOid === TypeOid.int8)
      return pool.halves(keys.subarray(0, count), nulls);
    if (max > Number.MAX_SAFE_INTEGER)
      return vectorOf(
        typeOid,
        Array.from(keys.subarray(0, count), (key) => pool.datum(key)),
      );
    const values = nulls === undefined ? keys.subarray(0, count) : withoutNulls(keys, nulls);
    return { kind: 'integer', values, scale: pool.scale ?? 0, min, max, nulls };
  }
  const values = nulls === undefined ? keys.subarray(0, count) : withoutNulls(keys, nulls);
  if (typeOid === TypeOid.bool) return { kind: 'boolean', values: new Uint8Array(values), nulls };
  return { kind: 'dictionary', codes: new Int32Array(values), dictionary: pool.dictionary, nulls };
}

/** Bounds that include 0, and where the nulls are. */
function facts(
  keys: Float64Array,
  count: number,
): { readonly nulls: Uint8Array | undefined; readonly min: number; readonly max: number } {
  let nulls: Uint8Array | undefined;
  let min = 0;
  let max = 0;
  for (let place = 0; place < count; place++) {
    const key = keys[place];
    if (key === nullKey) {
      nulls ??= new Uint8Array(count);
      nulls[place] = 1;
      continue;
    }
    if (key < min) min = key;
    if (key > max) max = key;
  }
  return { nulls, min, max };
}

/** A copy with 0 in the place of nulls. */
function withoutNulls(keys: Float64Array, nulls: Uint8Array): Float64Array {
  const values = keys.slice(0, nulls.length);
  for (let place = 0; place < nulls.length; place++) if (nulls[place] !== 0) values[place] = 0;
  return values;
}
