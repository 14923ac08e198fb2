// Which pages this thread has checked against their checksum: one bit a page. Damage on disk shows when
// a page is first read, so each page is checked once in the life of the thread and hot reads pay
// nothing. Page ids past the bound are checked by their id alone.

const pageIdMax = 2 ** 28;
const firstBytes = 64 * 1024;

export class VerifiedPages {
  #bits = new Uint8Array(firstBytes);

  has(pageId: number): boolean {
    const byte = pageId >>> 3;
    if (byte >= this.#bits.length) return pageId >= pageIdMax;
    return (this.#bits[byte] & (1 << (pageId & 7))) !== 0;
  }
  add(pageId: number): void {
    const byte = pageId >>> 3;
    if (pageId >= pageIdMax) return;
    if (byte >= this.#bits.length) {
      const more = new Uint8Array(Math.min(pageIdMax >>> 3, byte * 2));
      more.set(this.#bits);
      this.#bits = more;
    }
    this.#bits[byte] |= 1 << (pageId & 7);
  }
}
