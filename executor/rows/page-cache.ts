// Pages of rows that come from disk when they are looked at, the ones used last staying in memory. Windows read
// with a few cursors that move forward (the row, its peers, the bounds of its frame), so a few pages serve them.

import type { Datum } from '#common';
import type { PositionedRows } from './positioned-rows.ts';

/** A page's values by column. */
export type PageValues = readonly (readonly Datum[])[];

/** Bytes of a page, … */
const pageBytesMax = 64 * 1024;
/** … as a part of the memory that its reader may use, … */
const pageShare = 32;
/** … and its rows, as powers of two. */
const pageBitsMin = 3;
const pageBitsMax = 12;
/** What is kept of pages, as a part of that memory, … */
const cacheShare = 4;
/** … and at least so many, one for each cursor. */
const cachedPagesMin = 8;

export interface PageSize {
  /** A page has 2 ** bits rows. */
  readonly bits: number;
  readonly pagesMax: number;
}

/** Pages of rows of such a size, for a reader who may use so much memory. */
export function pageSizeOf(rowBytes: number, budgetBytes: number): PageSize {
  const pageBytes = Math.max(1, Math.min(pageBytesMax, budgetBytes / pageShare));
  const bits = Math.floor(Math.log2(Math.max(1, pageBytes / Math.max(1, rowBytes))));
  return {
    bits: Math.min(pageBitsMax, Math.max(pageBitsMin, bits)),
    pagesMax: Math.max(cachedPagesMin, Math.floor(budgetBytes / cacheShare / pageBytes)),
  };
}

interface Page {
  readonly number: number;
  readonly values: PageValues;
  /** When it was looked at last. */
  usedAt: number;
}

export class PageCache implements PositionedRows {
  length = 0;
  private readonly bits: number;
  private readonly mask: number;
  private readonly pagesMax: number;
  private readonly read: (page: number) => PageValues;
  private readonly pages: (Page | undefined)[] = [];
  private readonly kept: Page[] = [];
  private uses = 0;

  constructor({ bits, pagesMax }: PageSize, read: (page: number) => PageValues) {
    this.bits = bits;
    this.mask = (1 << bits) - 1;
    this.pagesMax = pagesMax;
    this.read = read;
  }

  get pageCount(): number {
    return this.kept.length;
  }

  value(column: number, position: number): Datum {
    const page = this.pages[position >>> this.bits] ?? this.load(position >>> this.bits);
    page.usedAt = ++this.uses;
    return page.values[column][position & this.mask];
  }

  private load(number: number): Page {
    const page: Page = { number, values: this.read(number), usedAt: 0 };
    if (this.kept.length < this.pagesMax) this.kept.push(page);
    else {
      const oldest = this.oldest();
      this.pages[this.kept[oldest].number] = undefined;
      this.kept[oldest] = page;
    }
    while (this.pages.length <= number) this.pages.push(undefined);
    this.pages[number] = page;
    return page;
  }

  private oldest(): number {
    let oldest = 0;
    for (let i = 1; i < this.kept.length; i++)
      if (this.kept[i].usedAt < this.kept[oldest].usedAt) oldest = i;
    return oldest;
  }
}
