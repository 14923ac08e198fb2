// Key components (key-code.ts) back as a vector of values.

import { type Vector, TypeOid } from '#common';
import { wholeNumberTypes } from './compiled-value.ts';
import { vectorOf } from './datum-vector.ts';
import { type KeyPool, nullKey } from './key-pool.ts';

/** Of the first `count` components. */
export function keyVector(keys: Float64Array, pool: KeyPool, count: number): Vector {
  const { typeOid } = pool;
  let nulls: Uint8Array | undefined;
  let min = 0;
  let max = 0;
  const values = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    const key = keys[place];
    if (key === nullKey) {
      nulls ??= new Uint8Array(count);
      nulls[place] = 1;
      continue;
    }
    values[place] = key;
    if (key < min) min = key;
    if (key > max) max = key;
  }
  if (wholeNumberTypes.has(typeOid) || (typeOid === TypeOid.numeric && !pool.byIdentity)) {
    if (max <= Number.MAX_SAFE_INTEGER)
      return { kind: 'integer', values, scale: pool.scale ?? 0, min, max, nulls };
    return vectorOf(
      typeOid,
      Array.from(keys.subarray(0, count), (key) => pool.datum(key)),
    );
  }
  if (typeOid === TypeOid.bool) return { kind: 'boolean', values: Uint8Array.from(values), nulls };
  return { kind: 'dictionary', codes: Int32Array.from(values), dictionary: pool.dictionary, nulls };
}
