// The rows of a join table by whether they met a partner, as a source. When the table is on disk, the
// wanted rows of each partition are kept while it is in memory.

import { again } from '../contract.ts';
import type { BlockSource, SourceBlock } from './block-source.ts';
import type { JoinTable } from './join-table.ts';
import { VectorFile, VectorFileSource } from './vector-file.ts';

export interface MarkedRowsOptions {
  readonly table: JoinTable;
  /** Rows with this mark: 0 met no partner, 1 did. */
  readonly wanted: 0 | 1;
  /** Where the table's store has a column; -1: it is null in these rows, or nobody reads it. */
  readonly placeOf: (column: number) => number;
  /** Of a table that threads share: whether all of them have marked its rows, and which parts this one puts out. */
  readonly sharing?: MarkedSharing | undefined;
}

export interface MarkedSharing {
  readonly isComplete: () => boolean;
  /** The first row's place, divided by markedPartRows, of the thread's next part. */
  readonly takePart: (position: number, partCount: number) => number | undefined;
}

/** Rows of a shared table that a thread puts out at a time. */
const markedPartRows = 1 << 14;

export class MarkedRows implements BlockSource {
  private readonly options: MarkedRowsOptions;
  private readonly kept: VectorFileSource;
  private file: VectorFile | undefined = undefined;
  private done = true;
  /** Parts of a shared table that were asked for. */
  private position = 0;

  constructor(options: MarkedRowsOptions) {
    this.options = options;
    this.kept = new VectorFileSource(options.placeOf);
  }

  get wanted(): 0 | 1 {
    return this.options.wanted;
  }

  open(): void {
    this.done = false;
    this.position = 0;
    this.kept.use(this.file);
    this.kept.open();
  }

  next(): SourceBlock | typeof again | undefined {
    const { sharing } = this.options;
    if (sharing !== undefined) return sharing.isComplete() ? this.nextPart(sharing) : again;
    if (this.file !== undefined) return this.kept.next();
    if (this.done) return undefined;
    this.done = true;
    const rows = this.rows();
    return rows.length === 0 ? undefined : this.block(rows);
  }

  private nextPart({ takePart }: MarkedSharing): SourceBlock | undefined {
    const { length } = this.options.table.store;
    for (;;) {
      const part = takePart(this.position++, Math.ceil(length / markedPartRows));
      if (part === undefined) return undefined;
      const rows = this.rows(part * markedPartRows, Math.min(length, (part + 1) * markedPartRows));
      if (rows.length > 0) return this.block(rows);
    }
  }

  private block(rows: Int32Array): SourceBlock {
    const { table, placeOf } = this.options;
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

  private rows(from = 0, to = this.options.table.store.length): Int32Array {
    const { matched } = this.options.table;
    const rows = new Int32Array(to - from);
    let count = 0;
    for (let row = from; row < to; row++)
      if (matched[row] === this.options.wanted) rows[count++] = row;
    return rows.subarray(0, count);
  }
}
