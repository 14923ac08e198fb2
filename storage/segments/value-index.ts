// The places of the rows of some files by the value of one column, so that a scan that wants few values looks
// these up instead of looking at every row. It is made of decoded blocks when a thread asks for it repeatedly,
// and lives in its cache: nothing of it is stored.
//
// Places are grouped by a hash of their values, and each has some more bits of that hash beside it. So a
// look-up reads two places in memory, however many the rows, and finds next to no row of another value:
// who looks must not count on that.

import { blockRows, type Vector } from '#common';

/** A place is block * blockRows + row; blockRows is a power of two. */
const rowBits = Math.log2(blockRows);
const placeBits = 20;
const placeMask = (1 << placeBits) - 1;
/** More blocks (small ones, of wide rows) have no index. */
const blocksMax = 1 << (placeBits - rowBits);
/** A line of a processor's cache. */
const placesPerBucket = 16;
export const wordsPerBlock = blockRows / 32;

export class ValueIndex {
  /** A place, below bits of its value's hash. */
  readonly #entries: Int32Array;
  /** Where each bucket begins among the entries, and the end. */
  readonly #starts: Int32Array;
  readonly #shift: number;

  private constructor(entries: Int32Array, starts: Int32Array, shift: number) {
    this.#entries = entries;
    this.#starts = starts;
    this.#shift = shift;
  }

  /** undefined: a block does not hold whole numbers of 32 bits. */
  static of(vectors: readonly Vector[]): ValueIndex | undefined {
    if (vectors.length > blocksMax) return undefined;
    const blocks: NarrowBlock[] = [];
    let rows = 0;
    for (const vector of vectors) {
      const block = narrowBlock(vector);
      if (block === undefined) return undefined;
      blocks.push(block);
      rows += block.values.length;
    }
    let bits = 1;
    while (2 ** bits * placesPerBucket < rows) bits++;
    const shift = 32 - bits;
    const starts = countBuckets(blocks, shift);
    const entries = new Int32Array(starts[starts.length - 1]);
    // From the last row to the first, so that each bucket's end moves down to its start.
    for (let block = blocks.length - 1; block >= 0; block--) {
      const { values, nulls } = blocks[block];
      for (let row = values.length - 1; row >= 0; row--) {
        if (nulls !== undefined && nulls[row] !== 0) continue;
        const hash = hashOf(values[row]);
        entries[--starts[(hash >>> shift) + 1]] = (hash << placeBits) | (block << rowBits) | row;
      }
    }
    starts.copyWithin(0, 1);
    starts[starts.length - 1] = entries.length;
    return new ValueIndex(entries, starts, shift);
  }

  get bytes(): number {
    return this.#entries.byteLength + this.#starts.byteLength;
  }

  /** Sets the bits of the places whose value is among the keys from .. to - 1. */
  mark(
    keys: Int32Array,
    { from, to }: { readonly from: number; readonly to: number },
    marks: Int32Array,
  ): void {
    const entries = this.#entries;
    const starts = this.#starts;
    const shift = this.#shift;
    for (let i = from; i < to; i++) {
      const hash = hashOf(keys[i]);
      const bucket = hash >>> shift;
      const wanted = hash << placeBits;
      const end = starts[bucket + 1];
      for (let at = starts[bucket]; at < end; at++) {
        const entry = entries[at];
        if ((entry & ~placeMask) !== wanted) continue;
        const place = entry & placeMask;
        marks[place >>> 5] |= 1 << (place & 31);
      }
    }
  }
}

interface NarrowBlock {
  readonly values: Int32Array;
  readonly nulls: Uint8Array | undefined;
}

function narrowBlock(vector: Vector): NarrowBlock | undefined {
  if (vector.kind !== 'integer' || vector.scale !== 0) return undefined;
  const { values, nulls } = vector;
  return values instanceof Int32Array ? { values, nulls } : undefined;
}

/** The end of bucket i among the entries, at i + 1. */
function countBuckets(blocks: readonly NarrowBlock[], shift: number): Int32Array {
  const ends = new Int32Array(2 ** (32 - shift) + 1);
  for (const { values, nulls } of blocks) {
    for (let row = 0; row < values.length; row++)
      if (nulls === undefined || nulls[row] === 0) ends[(hashOf(values[row]) >>> shift) + 1]++;
  }
  for (let bucket = 1; bucket < ends.length; bucket++) ends[bucket] += ends[bucket - 1];
  return ends;
}

/** Fibonacci hashing: near values lie far apart. The upper bits choose the bucket, the lower ones tell values apart. */
function hashOf(value: number): number {
  return Math.imul(value, 0x9e3779b1);
}

const found = new Int32Array(blockRows);

/** The rows of a block that are marked, in ascending order. */
export function markedRows(marks: Int32Array, block: number): Int32Array {
  const first = block * wordsPerBlock;
  let count = 0;
  for (let word = 0; word < wordsPerBlock; word++) {
    for (let bits = marks[first + word]; bits !== 0; bits &= bits - 1)
      found[count++] = word * 32 + 31 - Math.clz32(bits & -bits);
  }
  return found.slice(0, count);
}
