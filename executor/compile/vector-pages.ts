// Rows of vectors on disk, in pages of equal length: read page by page as vectors, or by position.

import type { Datum, Vector } from '#common';
import { PageCache, type PageSize } from '../rows/page-cache.ts';
import type { PositionedRows } from '../rows/positioned-rows.ts';
import { slicedVector } from './vector-batch.ts';
import type { VectorRows } from './vector-codec.ts';
import { VectorFile, allPositions } from './vector-file.ts';
import { datumReader, joinedVector } from './vector-values.ts';

/** Rows from .. to - 1 of vectors. */
interface Part {
  readonly vectors: readonly (Vector | undefined)[];
  readonly from: number;
  readonly to: number;
}

export class VectorPages {
  length = 0;
  readonly rowsPerPage: number;
  private readonly types: readonly number[];
  private readonly size: PageSize;
  private readonly file: VectorFile;
  /** What does not fill a page yet. */
  private parts: Part[] = [];
  private partRows = 0;
  private read: { readonly page: number; readonly rows: VectorRows } | undefined = undefined;

  constructor(types: readonly number[], size: PageSize, directory: string) {
    this.types = types;
    this.size = size;
    this.rowsPerPage = 1 << size.bits;
    this.file = new VectorFile(directory);
  }

  get bytesWritten(): number {
    return this.file.bytes;
  }

  add(part: Part): void {
    const rows = part.to - part.from;
    this.parts.push(part);
    this.partRows += rows;
    this.length += rows;
    if (this.partRows >= this.rowsPerPage) this.write();
  }

  /** All rows are there. */
  finish(): void {
    if (this.partRows > 0) this.write();
    for (const { vectors, from, to } of this.parts)
      this.file.append(vectors, allPositions(to).subarray(from));
    this.parts = [];
    this.partRows = 0;
  }

  /** Values from .. to - 1 of a column, all on one page. */
  vector(column: number, { from, to }: { readonly from: number; readonly to: number }): Vector {
    const page = Math.floor(from / this.rowsPerPage);
    if (this.read?.page !== page) this.read = { page, rows: this.file.read(page) };
    const { length, vectors } = this.read.rows;
    const start = from - page * this.rowsPerPage;
    const end = start + to - from;
    const whole = vectors[column]!;
    return end - start === length ? whole : slicedVector(whole, { start, end })!;
  }

  positioned(): PositionedRows {
    const cache = new PageCache(this.size, (page) => {
      const { length, vectors } = this.file.read(page);
      return vectors.map((vector, column) => datumsOf(vector, this.types[column], length));
    });
    cache.length = this.length;
    return cache;
  }

  close(): void {
    this.file.close();
    this.parts = [];
    this.read = undefined;
  }

  /** Writes the pages that are full. */
  private write(): void {
    const { rowsPerPage, partRows } = this;
    const joined = this.types.map((type, column) =>
      joinedVector(
        this.parts.map(({ vectors, from, to }) => ({ vector: vectors[column], from, to })),
        type,
      ),
    );
    const positions = allPositions(partRows);
    let start = 0;
    for (; start + rowsPerPage <= partRows; start += rowsPerPage)
      this.file.append(joined, positions.subarray(start, start + rowsPerPage));
    const rest = joined.map((vector) => slicedVector(vector, { start, end: partRows }));
    this.partRows = partRows - start;
    this.parts = this.partRows === 0 ? [] : [{ vectors: rest, from: 0, to: this.partRows }];
  }
}

function datumsOf(vector: Vector | undefined, typeOid: number, length: number): Datum[] {
  const read = datumReader(vector, typeOid);
  const values: Datum[] = [];
  for (let place = 0; place < length; place++) values.push(read(place));
  return values;
}
