// The rows of a join table by whether they met a partner, as a source. When the table is on disk, the
// wanted rows of each partition are kept while it is in memory.

import type { BlockSource, SourceBlock } from './block-source.ts';
import type { JoinTable } from './join-table.ts';
import { VectorFile, VectorFileSource } from './vector-file.ts';

export interface MarkedRowsOptions {
  readonly table: JoinTable;
  /** Rows with this mark: 0 met no partner, 1 did. */
  readonly wanted: 0 | 1;
  /** Where the table's store has a column; -1: it is null in these rows, or nobody reads it. */
  readonly placeOf: (column: number) => number;
}

export class MarkedRows implements BlockSource {
  private readonly options: MarkedRowsOptions;
  private readonly kept: VectorFileSource;
  private file: VectorFile | undefined = undefined;
  private done = true;

  constructor(options: MarkedRowsOptions) {
    this.options = options;
    this.kept = new VectorFileSource(options.placeOf);
  }

  get wanted(): 0 | 1 {
    return this.options.wanted;
  }

  open(): void {
    this.done = false;
    this.kept.use(this.file);
    this.kept.open();
  }

  next(): SourceBlock | undefined {
    if (this.file !== undefined) return this.kept.next();
    if (this.done) return undefined;
    this.done = true;
    const { table, placeOf } = this.options;
    const rows = this.rows();
    if (rows.length === 0) return undefined;
    return {
      length: table.store.length,
      selection: rows,
      selected: rows.length,
      vector: (column) => {
        const place = placeOf(column);
        return place === -1 ? undefined : table.store.vector(place);
      },
    };
  }

  close(): void {
    this.done = true;
    this.file?.close();
    this.file = undefined;
  }

  /** Keeps the wanted rows of the partition that is in memory. */
  keep(directory: string): void {
    this.file ??= new VectorFile(directory);
    const vectors = this.options.table.store.vectors();
    this.file.append(vectors, this.rows());
  }

  private rows(): Int32Array {
    const { matched, store } = this.options.table;
    const rows = new Int32Array(store.length);
    let count = 0;
    for (let row = 0; row < store.length; row++)
      if (matched[row] === this.options.wanted) rows[count++] = row;
    return rows.subarray(0, count);
  }
}
