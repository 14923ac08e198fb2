// Fixed-width codes in 32-bit words, the first code in the lowest bits (the horizontal layout of Lemire
// and Boytsov, "Decoding billions of integers per second through vectorization", 2015). Codes wider than
// 32 bits are two packs: the low 32 bits of all codes, then their high bits.
//
// Words are little-endian, as on every platform that Node 24 supports. One word of padding follows, so
// that unpacking (bit-unpacking.ts) always reads two words and needs no branch.

const wordBits = 32;
const twoTo32 = 4294967296;

/** Bits that hold every whole number in 0 .. max; max is a safe integer. */
export function bitWidth(max: number): number {
  if (max < twoTo32) return wordBits - Math.clz32(max);
  return 2 * wordBits - Math.clz32(Math.floor(max / twoTo32));
}

export function packedBytes(count: number, width: number): number {
  if (width === 0) return 0;
  if (width <= wordBits) return 4 * (Math.ceil((count * width) / wordBits) + 1);
  return packedBytes(count, wordBits) + packedBytes(count, width - wordBits);
}

/** Packs codes[0 .. count), whole numbers below 2^width, into `out` from the byte offset (a multiple of 4). */
export function packBits(
  codes: Float64Array,
  count: number,
  width: number,
  out: { readonly buffer: ArrayBuffer; readonly offset: number },
): void {
  if (width === 0) return;
  const low = Math.min(width, wordBits);
  const words = new Uint32Array(out.buffer, out.offset, packedBytes(count, low) >>> 2);
  packWords(codes, count, low, words);
  if (width <= wordBits) return;
  const high = new Float64Array(count);
  for (let i = 0; i < count; i++) high[i] = Math.floor(codes[i] / twoTo32);
  const offset = out.offset + packedBytes(count, wordBits);
  const highWords = new Uint32Array(out.buffer, offset, packedBytes(count, width - wordBits) >>> 2);
  packWords(high, count, width - wordBits, highWords);
}

/** Takes the lowest `width` bits of each code. */
function packWords(codes: Float64Array, count: number, width: number, words: Uint32Array): void {
  if (width === wordBits) {
    for (let i = 0; i < count; i++) words[i] = codes[i] % twoTo32;
    return;
  }
  let word = 0;
  let used = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const code = codes[i] >>> 0;
    word |= code << used;
    used += width;
    if (used < wordBits) continue;
    words[at++] = word;
    used -= wordBits;
    word = used === 0 ? 0 : code >>> (width - used);
  }
  if (used > 0) words[at] = word;
}
