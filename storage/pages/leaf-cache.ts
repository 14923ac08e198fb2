// Leaves that point reads have met, copied out of LMDB: a hit costs a look-up instead of a descent
// through LMDB and a copy of the page.
//
// A cache belongs to one directory, that is to one state of the pages (one flush), so nothing in it is
// ever stale. It fills up to its budget; then one miss in sixteen replaces a leaf, in turn, which follows
// a shift of the working set without paying for every miss of one that does not fit.

const slotBytes = 4096;
const slotsPerSlab = 256;
const missesPerReplacement = 16;

export class LeafCache {
  readonly #slotsMax: number;
  readonly #slots: Buffer[] = [];
  readonly #pageIds: number[] = [];
  readonly #slotOf = new Map<number, number>();
  #slab: Buffer | undefined;
  #misses = 0;
  #next = 0;

  constructor(budgetBytes: number) {
    this.#slotsMax = Math.floor(budgetBytes / slotBytes);
  }

  /** The leaf's bytes, valid until add() is called. */
  get(pageId: number): Buffer | undefined {
    const slot = this.#slotOf.get(pageId);
    return slot === undefined ? undefined : this.#slots[slot];
  }

  /** Copies a leaf that was not there, if there is room or its turn has come. */
  add(pageId: number, page: Uint8Array): void {
    if (page.length > slotBytes) return;
    const slot = this.#freeSlot();
    if (slot === undefined) return;
    const whole = this.#whole(slot);
    // LMDB hands out one large buffer whose `length` property says how much of it is the page.
    const { length } = page;
    whole.set(page.subarray(0, length));
    this.#slots[slot] = whole.subarray(0, length);
    this.#pageIds[slot] = pageId;
    this.#slotOf.set(pageId, slot);
  }

  #freeSlot(): number | undefined {
    if (this.#slots.length < this.#slotsMax) return this.#slots.length;
    if (this.#slotsMax === 0 || ++this.#misses % missesPerReplacement !== 0) return undefined;
    const slot = this.#next++ % this.#slotsMax;
    this.#slotOf.delete(this.#pageIds[slot]);
    return slot;
  }

  /** All bytes of a slot; a new one is cut from a slab. */
  #whole(slot: number): Buffer {
    const known = this.#slots[slot];
    if (known !== undefined) return Buffer.from(known.buffer, known.byteOffset, slotBytes);
    const place = slot % slotsPerSlab;
    if (place === 0) this.#slab = Buffer.allocUnsafeSlow(slotBytes * slotsPerSlab);
    return this.#slab!.subarray(place * slotBytes, (place + 1) * slotBytes);
  }
}
