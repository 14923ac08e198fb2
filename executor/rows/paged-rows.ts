// Rows kept by columns in the order of their arrival, in memory or, once told so, in pages on disk of which the
// ones used last are in memory. The rows that do not fill a page yet stay in memory.

import { type Column, type Datum, genericColumn } from '#common';
import { PageCache, pageSizeOf } from './page-cache.ts';
import type { PositionedRows } from './positioned-rows.ts';
import { RowStore } from './row-store.ts';
import { SpillFile } from './spill-file.ts';

interface Pages {
  readonly file: SpillFile;
  readonly cache: PageCache;
  readonly rowsPerPage: number;
  readonly pageBytes: number;
}

export class PagedRows implements PositionedRows {
  length = 0;
  /** The rows in memory, from `onDisk` on. */
  private readonly tail: RowStore;
  private onDisk = 0;
  private pages: Pages | undefined = undefined;

  constructor(width: number) {
    this.tail = new RowStore(width);
  }

  /** In memory. */
  get bytes(): number {
    const { pages } = this;
    return this.tail.bytes + (pages === undefined ? 0 : pages.cache.pageCount * pages.pageBytes);
  }

  get bytesWritten(): number {
    return this.pages?.file.bytes ?? 0;
  }

  appendRow(columns: readonly Column[], row: number): void {
    this.tail.appendRow(columns, row);
    this.length++;
    if (this.pages !== undefined && this.tail.length === this.pages.rowsPerPage) this.writePages();
  }

  value(column: number, position: number): Datum {
    return position < this.onDisk
      ? this.pages!.cache.value(column, position)
      : this.tail.columns[column][position - this.onDisk];
  }

  /** Values of the rows start .. end - 1. */
  columns(start: number, end: number): Column[] {
    return this.tail.columns.map((values, column) => {
      if (start >= this.onDisk)
        return genericColumn(values.slice(start - this.onDisk, end - this.onDisk));
      const read: Datum[] = [];
      for (let row = start; row < end; row++) read.push(this.value(column, row));
      return genericColumn(read);
    });
  }

  /** Rows go to disk from now on, those that are here as well. */
  toDisk(directory: string, budgetBytes: number): void {
    const { tail } = this;
    if (this.pages !== undefined || tail.length === 0 || tail.columns.length === 0) return;
    const rowBytes = tail.bytes / tail.length;
    const size = pageSizeOf(rowBytes, budgetBytes);
    const rowsPerPage = 1 << size.bits;
    const file = new SpillFile(directory);
    const cache = new PageCache(size, (page) =>
      file.read(page).columns.map(({ values }) => values as Datum[]),
    );
    this.pages = { file, cache, rowsPerPage, pageBytes: rowBytes * rowsPerPage };
    this.writePages();
  }

  clear(): void {
    this.tail.clear();
    this.pages?.file.close();
    this.pages = undefined;
    this.onDisk = 0;
    this.length = 0;
  }

  private writePages(): void {
    const { tail } = this;
    const { file, rowsPerPage } = this.pages!;
    let start = 0;
    for (; start + rowsPerPage <= tail.length; start += rowsPerPage)
      file.write(tail.slice(start, start + rowsPerPage));
    if (start === 0) return;
    const rest = tail.slice(start, tail.length);
    tail.clear();
    tail.appendBatch(rest);
    this.onDisk += start;
  }
}
