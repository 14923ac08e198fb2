// Randomness as a value that is passed in. The system source is for secrets and identifiers; the
// seeded one repeats (tests, setseed()).

import { randomBytes } from 'node:crypto';

export interface RandomSource {
  /** Uniform in [0, 1). */
  next(): number;
  bytes(length: number): Uint8Array;
}

export const systemRandom: RandomSource = {
  next: () => Math.random(),
  bytes: (length) => randomBytes(length),
};

/** xoshiro128** with 53-bit outputs; the same seed gives the same sequence. */
export function seededRandom(seed: number): RandomSource {
  const state = seedState(seed);
  const next = (): number => {
    const high = step(state) >>> 5;
    const low = step(state) >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  };
  return {
    next,
    bytes: (length) => {
      const result = new Uint8Array(length);
      for (let index = 0; index < length; index++) result[index] = step(state) & 0xff;
      return result;
    },
  };
}

/** SplitMix32 over the bits of the seed fills the state. */
function seedState(seed: number): Uint32Array {
  const bits = new Uint32Array(new Float64Array([seed]).buffer);
  let mixed = (bits[0] ^ Math.imul(bits[1], 0x9e3779b1)) >>> 0;
  const state = new Uint32Array(4);
  for (let index = 0; index < 4; index++) {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let word = mixed;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    state[index] = (word ^ (word >>> 16)) >>> 0;
  }
  state[0] |= 1;
  return state;
}

function step(state: Uint32Array): number {
  const scrambled = Math.imul(state[1], 5);
  const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
  const shifted = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = (state[3] << 11) | (state[3] >>> 21);
  return result;
}
