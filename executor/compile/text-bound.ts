// One text that those of blocks are compared with, byte by byte: UTF-8's order is that of the characters.

import type { JoinedTexts } from '#common';

export class TextBound {
  private text: string | undefined = undefined;
  private bound: Buffer = Buffer.alloc(0);
  private bytes: Uint8Array = this.bound;
  private ends: Int32Array = new Int32Array(0);

  /** Compares texts of this block from now on. */
  over(text: string, { bytes, ends }: JoinedTexts): this {
    if (this.text !== text) {
      this.text = text;
      this.bound = Buffer.from(text);
    }
    this.bytes = bytes;
    this.ends = ends;
    return this;
  }

  equals(place: number): boolean {
    const { bytes, bound } = this;
    const start = place === 0 ? 0 : this.ends[place - 1];
    const { length } = bound;
    if (this.ends[place] - start !== length) return false;
    for (let i = length - 1; i >= 0; i--) if (bytes[start + i] !== bound[i]) return false;
    return true;
  }

  /** Below 0: the text comes before the bound, 0: it is the bound, above 0: it comes after it. */
  compare(place: number): number {
    const { bytes, bound } = this;
    const start = place === 0 ? 0 : this.ends[place - 1];
    const length = this.ends[place] - start;
    const common = Math.min(length, bound.length);
    for (let i = 0; i < common; i++) {
      const difference = bytes[start + i] - bound[i];
      if (difference !== 0) return difference;
    }
    return length - bound.length;
  }
}
