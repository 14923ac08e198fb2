// PostgreSQL's hash functions, which applications use for advisory locks and which hash partitions
// are made with: Bob Jenkins's lookup3 of 2006 (burtleburtle.net/bob/c/lookup3.c), in the form that
// hashfn.c gives it. Seeded (the "extended" functions) it yields 64 bits, else 32.

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

class State {
  a: number;
  b: number;
  c: number;

  constructor(length: number, seed: bigint) {
    this.a = this.b = this.c = (0x9e3779b9 + length + 3923095) | 0;
    if (seed === 0n) return;
    this.a = (this.a + Number(BigInt.asUintN(32, seed >> 32n))) | 0;
    this.b = (this.b + Number(BigInt.asUintN(32, seed))) | 0;
    this.mix();
  }

  mix(): void {
    let { a, b, c } = this;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  final(): bigint {
    let { a, b, c } = this;
    c = ((c ^ b) - rotate(b, 14)) | 0;
    a = ((a ^ c) - rotate(c, 11)) | 0;
    b = ((b ^ a) - rotate(a, 25)) | 0;
    c = ((c ^ b) - rotate(b, 16)) | 0;
    a = ((a ^ c) - rotate(c, 4)) | 0;
    b = ((b ^ a) - rotate(a, 14)) | 0;
    c = ((c ^ b) - rotate(b, 24)) | 0;
    return (BigInt(b >>> 0) << 32n) | BigInt(c >>> 0);
  }
}

/** 64 bits, of which the lower 32 are the unseeded hash when the seed is 0. */
export function hashUint32(value: number, seed: bigint): bigint {
  const state = new State(4, seed);
  state.a = (state.a + value) | 0;
  return state.final();
}

/** What infinite timestamps are kept as. */
const ends = [-(1n << 63n), (1n << 63n) - 1n] as const;

/** Equal numbers of any width hash alike. */
export function hashInt8(value: number | bigint, seed: bigint): bigint {
  const bits = Math.abs(Number(value)) === Infinity ? ends[value > 0 ? 1 : 0] : BigInt(value);
  const low = BigInt.asUintN(32, bits);
  const high = BigInt.asUintN(32, bits >> 32n);
  return hashUint32(Number(low ^ (bits >= 0n ? high : BigInt.asUintN(32, ~high))), seed);
}

export function hashBytes(given: Uint8Array, seed: bigint): bigint {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.length);
  const state = new State(bytes.length, seed);
  let at = 0;
  for (; bytes.length - at >= 12; at += 12) {
    state.a = (state.a + bytes.readInt32LE(at)) | 0;
    state.b = (state.b + bytes.readInt32LE(at + 4)) | 0;
    state.c = (state.c + bytes.readInt32LE(at + 8)) | 0;
    state.mix();
  }
  for (let index = 0; at + index < bytes.length; index++) {
    const byte = bytes[at + index];
    // The lowest byte of c is left for the length.
    if (index < 4) state.a = (state.a + (byte << (8 * index))) | 0;
    else if (index < 8) state.b = (state.b + (byte << (8 * (index - 4)))) | 0;
    else state.c = (state.c + (byte << (8 * (index - 7)))) | 0;
  }
  return state.final();
}
