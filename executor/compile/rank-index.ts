// An index over distinct whole numbers in a limited range: the number's bit says whether it is there, and how
// many bits are set before it is its place (rank and select over a bitmap, G. Jacobson, FOCS 1989). It is
// small, so look-ups in key order as well as at random mostly stay in the processor's caches, and it needs
// no comparison of keys.

import type { CodeWriter } from './code-writer.ts';
import type { KeyBitmap } from './key-bitmap.ts';

/** For each word of the bitmap how many bits are set in those before. */
export function ranksOf(bits: Int32Array, allocate: (length: number) => Int32Array): Int32Array {
  const ranks = allocate(bits.length);
  let count = 0;
  for (let word = 0; word < bits.length; word++) {
    ranks[word] = count;
    if (bits[word] !== 0) count += bitCount(bits[word]);
  }
  return ranks;
}

export function rankAt(bits: Int32Array, ranks: Int32Array, place: number): number {
  const word = place >>> 5;
  return ranks[word] + bitCount(bits[word] & ((1 << (place & 31)) - 1));
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Code for rankAt() of a number whose bit is set and that is within the bitmap's bounds. */
export function emitRank(
  writer: CodeWriter,
  index: { readonly bitmap: () => KeyBitmap; readonly ranks: () => Int32Array },
  number: string,
): string {
  const bits = writer.bind(() => index.bitmap().bits);
  const min = writer.bind(() => index.bitmap().min);
  const ranks = writer.bind(index.ranks);
  const place = writer.declare(`(${number} - ${min}) | 0`);
  const below = writer.declare(`${bits}[${place} >>> 5] & ((1 << (${place} & 31)) - 1)`);
  const pairs = writer.declare(`${below} - ((${below} >>> 1) & 0x55555555)`);
  const fours = writer.declare(`(${pairs} & 0x33333333) + ((${pairs} >>> 2) & 0x33333333)`);
  const count = `Math.imul((${fours} + (${fours} >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24`;
  return `${ranks}[${place} >>> 5] + (${count})`;
}
