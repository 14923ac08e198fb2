// Identities of whole numbers of 64 bits, found by their halves. Open addressing with linear probing.

import { isSafeInHalves } from '#common';
import { giveBack, zeroWholes } from './array-pool.ts';

const capacityMin = 1024;

export class WideKeys {
  length = 0;
  /** By identity. */
  high: Int32Array = new Int32Array(0);
  low: Int32Array = new Int32Array(0);
  /** Identity + 1 by place; 0: none. */
  private places: Int32Array = new Int32Array(0);

  get size(): number {
    return this.high.byteLength * 2 + this.places.byteLength;
  }

  at(identity: number): number | bigint {
    const [high, low] = [this.high[identity], this.low[identity] >>> 0];
    return isSafeInHalves(high, low) ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
  }

  /** Of an unknown number a new one when `adds`, else -1. */
  identityOf(high: number, low: number, adds: boolean): number {
    if (this.length === this.high.length) {
      if (!adds && this.length === 0) return -1;
      this.makeRoom();
    }
    const { places } = this;
    const mask = places.length - 1;
    let place = hashOf(high, low) & mask;
    for (let known = places[place]; known !== 0; known = places[place]) {
      if (this.low[known - 1] === low && this.high[known - 1] === high) return known - 1;
      place = (place + 1) & mask;
    }
    if (!adds) return -1;
    const identity = this.length++;
    this.high[identity] = high;
    this.low[identity] = low;
    places[place] = identity + 1;
    return identity;
  }

  /** Nothing is looked up any more; numbers may still be read. */
  finish(): void {
    giveBack(this.places);
    this.places = new Int32Array(0);
  }

  private makeRoom(): void {
    const capacity = Math.max(capacityMin, this.length * 2);
    this.high = longer(this.high, capacity);
    this.low = longer(this.low, capacity);
    giveBack(this.places);
    this.places = zeroWholes(capacity * 2);
    const mask = this.places.length - 1;
    for (let identity = 0; identity < this.length; identity++) {
      let place = hashOf(this.high[identity], this.low[identity]) & mask;
      while (this.places[place] !== 0) place = (place + 1) & mask;
      this.places[place] = identity + 1;
    }
  }
}

function hashOf(high: number, low: number): number {
  const hash = Math.imul(Math.imul(high, 0x9e3779b1) ^ low, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

function longer(array: Int32Array, length: number): Int32Array {
  const grown = new Int32Array(length);
  grown.set(array);
  return grown;
}
