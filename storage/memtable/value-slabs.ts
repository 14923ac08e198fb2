// Where row values in memory live: appended to shared slabs, so that a value costs its bytes and no
// object. A value is named by (slab, offset, length); the slab lives as long as something names it.

import { limits } from '../limits.ts';

export class ValueSlabs {
  /** Where the last append() went. */
  slab: Uint8Array = new Uint8Array(0);
  offset = 0;

  #open: Uint8Array = new Uint8Array(0);
  #used = 0;

  append(value: Uint8Array): void {
    const length = value.length;
    if (this.#used + length > this.#open.length) {
      if (length > limits.slabBytes / 4) {
        this.slab = value.slice();
        this.offset = 0;
        return;
      }
      this.#open = new Uint8Array(limits.slabBytes);
      this.#used = 0;
    }
    this.#open.set(value, this.#used);
    this.slab = this.#open;
    this.offset = this.#used;
    this.#used += length;
  }
}
