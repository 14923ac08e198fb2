// The numbers that occur as one component of a join table's keys: their bounds, and a bit for each number
// from the least one on. Most look-ups without a partner end at such a bitmap, and so do rows of scans that
// only go on where they find one (key-filter.ts). The bitmap's size is a power of two and numbers wrap
// around in it, so a test needs no look at the bounds: a number outside of them, or of a range wider than
// the bitmap, may find another one's bit. Whoever finds a bit set must look the key up.

import type { CodeWriter } from './code-writer.ts';
import { nullKey } from './key-pool.ts';

export interface KeyBitmap {
  /** Of the numbers; without any, min > max. */
  readonly min: number;
  readonly max: number;
  /** The number's place is (number - min) modulo the count of bits. */
  readonly bits: Int32Array;
  /** Of the places that are set. */
  readonly count: number;
  /** Share of the places that are set, of those that numbers between the bounds have. */
  readonly density: number;
}

const wordsMax = 1 << 21;

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

export function keyBitmap(
  keys: Float64Array,
  length: number,
  allocate: (length: number) => Int32Array,
): KeyBitmap {
  const { min, max } = keyBounds(keys, length);
  const places = max - min + 1;
  let words = 1;
  while (words < wordsMax && words * 32 < places) words *= 2;
  const bits = allocate(words);
  const mask = words - 1;
  let count = 0;
  for (let row = 0; row < length; row++) {
    const key = keys[row];
    if (key === nullKey) continue;
    const place = (key - min) | 0;
    const at = (place >>> 5) & mask;
    const word = bits[at];
    const marked = word | (1 << (place & 31));
    if (marked !== word) count++;
    bits[at] = marked;
  }
  const density = count / Math.max(1, Math.min(places, words * 32));
  return { min, max, bits, count, density };
}

/** The keys that are whole numbers of 32 bits, ascending, each once; undefined: these are not all of them. */
export function distinctKeys(
  { min, max, bits }: KeyBitmap,
  keys: Float64Array,
  length: number,
): Int32Array | undefined {
  if (min < -(2 ** 31) || max >= 2 ** 31) return undefined;
  const found: number[] = [];
  if (max - min >= bits.length * 32) {
    for (let row = 0; row < length; row++) if (keys[row] !== nullKey) found.push(keys[row]);
    return Int32Array.from(new Set(found)).sort();
  }
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word]; rest !== 0; rest &= rest - 1)
      found.push(min + word * 32 + 31 - Math.clz32(rest & -rest));
  }
  return Int32Array.from(found);
}

/** Code that is 1 where the bit of the number is set, else 0. */
export function emitBit(writer: CodeWriter, bitmap: () => KeyBitmap, number: string): string {
  const bits = writer.bind(() => bitmap().bits);
  const min = writer.bind(() => bitmap().min);
  const last = writer.bind(() => bitmap().bits.length - 1);
  const place = writer.declare(`(${number} - ${min}) | 0`);
  return `((${bits}[(${place} >>> 5) & ${last}] >>> (${place} & 31)) & 1)`;
}
