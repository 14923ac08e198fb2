// The numbers that occur as one component of a join table's keys: their bounds, and a bit for each number
// between them. Most look-ups without a partner end at such a bitmap, and so do rows of scans that only
// go on where they find one (key-filter.ts).

import { nullKey } from './key-pool.ts';

export interface KeyBitmap {
  /** Of the numbers; without any, min > max. */
  readonly min: number;
  readonly max: number;
  /** Bit i stands for min + i; undefined: the bounds are too far apart. */
  readonly bits: Int32Array | undefined;
  /** Share of the numbers between the bounds that occur. */
  readonly density: number;
}

/** Widest range of keys that gets bits. */
const placesMax = 1 << 26;

export function keyBounds(
  keys: Float64Array,
  length: number,
): { readonly min: number; readonly max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < length; row++) {
    const key = keys[row];
    if (key === nullKey) continue;
    if (key < min) min = key;
    if (key > max) max = key;
  }
  return { min, max };
}

export function keyBitmap(keys: Float64Array, length: number): KeyBitmap {
  const { min, max } = keyBounds(keys, length);
  const places = max - min + 1;
  if (!(places > 0 && places <= placesMax)) return { min, max, bits: undefined, density: 0 };
  const bits = new Int32Array(Math.ceil(places / 32));
  let count = 0;
  for (let row = 0; row < length; row++) {
    const place = keys[row] - min;
    if (place >= places) continue;
    const word = bits[place >>> 5];
    const marked = word | (1 << (place & 31));
    if (marked !== word) count++;
    bits[place >>> 5] = marked;
  }
  return { min, max, bits, density: count / places };
}
