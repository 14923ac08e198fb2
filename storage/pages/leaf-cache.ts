// Leaves that point reads have met, copied out of LMDB: a hit costs two comparisons instead of a descent
// through LMDB and a copy of the page.
//
// A page has two places, given by its number; pages written together have neighbouring numbers, so a
// working set that fits finds room for nearly all of its pages without a map. When both places are taken,
// one miss in sixteen replaces a leaf, which follows a shift of the working set without paying for every
// miss of one that does not fit.
//
// A cache belongs to one directory, that is to one state of the pages (one flush), so nothing in it is
// ever stale. It is one piece of memory, which the system hands out as it is first written; a leaf is
// named by its place there, as an object for each would be another cache miss.

const slotBytes = 4096;
const missesPerReplacement = 16;
const noPage = 0xffffffff;

export class LeafCache {
  readonly bytes: Buffer;
  /** Half of the slots: the lowest bits n of a page's number name slots n and n + half. */
  readonly #half: number;
  readonly #pageIds: Uint32Array;
  #misses = 0;

  /** The budget is a power of two. */
  constructor(budgetBytes: number) {
    const slots = Math.floor(budgetBytes / slotBytes);
    this.bytes = Buffer.allocUnsafeSlow(budgetBytes);
    this.#half = slots / 2;
    this.#pageIds = new Uint32Array(slots).fill(noPage);
  }

  /** Where the leaf begins in `bytes`, valid until add() is called; -1: it is not here. */
  find(pageId: number): number {
    const pageIds = this.#pageIds;
    const first = pageId & (this.#half - 1);
    if (pageIds[first] === pageId) return first * slotBytes;
    const second = first + this.#half;
    return pageIds[second] === pageId ? second * slotBytes : -1;
  }

  /** Copies a leaf that was not there, if there is room or its turn has come. */
  add(pageId: number, page: Uint8Array): void {
    // LMDB hands out one large buffer whose `length` property says how much of it is the page.
    const { length } = page;
    if (length > slotBytes) return;
    const slot = this.#slotFor(pageId);
    if (slot === undefined) return;
    this.bytes.set(page.subarray(0, length), slot * slotBytes);
    this.#pageIds[slot] = pageId;
  }

  clear(): void {
    this.#pageIds.fill(noPage);
  }

  #slotFor(pageId: number): number | undefined {
    const first = pageId & (this.#half - 1);
    if (this.#pageIds[first] === noPage) return first;
    const second = first + this.#half;
    if (this.#pageIds[second] === noPage) return second;
    if (++this.#misses % missesPerReplacement !== 0) return undefined;
    return Math.floor(this.#misses / missesPerReplacement) % 2 === 0 ? first : second;
  }
}
