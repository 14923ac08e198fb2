// Long jobs over all rows of a table, in slices: filling a new index, and copying the table into new
// trees under another key or row format. They read the newest committed rows and own writes; whoever
// calls holds a table lock that keeps writers out.

import { asBuffer, type Datum } from '#common';
import type { ReadView, Transaction, VersionCursor } from '../contract.ts';
import type { TableBuild } from './contract.ts';
import type { IndexFormat } from './index-format.ts';
import type { InvertedFormat } from './inverted-format.ts';
import { IndexedAttributes } from './indexed-attributes.ts';
import { haveSameTuples } from './row-format.ts';
import type { CompiledTable } from './table-access.ts';
import { duplicateError, TableFiller } from './table-filler.ts';
import { TreeFiller } from './tree-filler.ts';

const latest: ReadView = { kind: 'latest' };
/** Rows wait while the writer thread has this much to do. */
const backlogBytesMax = 16 * 1024 * 1024;

interface Filling {
  add(tuple: Buffer, rowKey: string): void;
  readonly backlogBytes: number;
  whenTaken(): Promise<void>;
  finish(): Promise<void>;
  abort(): void;
}

export function buildIndex(
  transaction: Transaction,
  access: CompiledTable,
  index: IndexFormat,
): TableBuild {
  const options = { hidden: false, alwaysBuild: true };
  const filler = new TreeFiller(transaction, index.index.treeId, options);
  let indexed: IndexedAttributes | undefined;
  return new SlicedBuild(transaction, access, {
    add(tuple, rowKey) {
      // Made late: what a computed index reads is known once the statement has compiled it.
      indexed ??= new IndexedAttributes(access.format, [index]);
      const entry = index.entry(indexed.read(tuple, 0, tuple.length), rowKey);
      if (entry !== undefined) filler.add(entry.key, entry.value);
    },
    get backlogBytes() {
      return filler.backlogBytes;
    },
    whenTaken: () => filler.whenTaken(),
    async finish() {
      const duplicate = await filler.finish();
      if (duplicate === undefined) return;
      throw duplicateError('build', access.table, index.index, index.codec, duplicate);
    },
    abort: () => filler.abort(),
  });
}

export function buildInverted(
  transaction: Transaction,
  access: CompiledTable,
  index: InvertedFormat,
): TableBuild {
  const options = { hidden: false, alwaysBuild: true };
  const filler = new TreeFiller(transaction, index.index.treeId, options);
  let indexed: IndexedAttributes | undefined;
  return new SlicedBuild(transaction, access, {
    add(tuple, rowKey) {
      indexed ??= new IndexedAttributes(access.format, [index]);
      const row = indexed.read(tuple, 0, tuple.length);
      for (const { key, value } of index.entries(row, rowKey)) filler.add(key, value);
    },
    get backlogBytes() {
      return filler.backlogBytes;
    },
    whenTaken: () => filler.whenTaken(),
    finish: async () => {
      await filler.finish();
    },
    abort: () => filler.abort(),
  });
}

export function rewriteTable(
  transaction: Transaction,
  access: CompiledTable,
  target: CompiledTable,
  convert: ((row: Datum[]) => readonly Datum[]) | undefined,
): TableBuild {
  const filler = new TableFiller(transaction, target);
  const { format } = access;
  const keepsTuples = convert === undefined && haveSameTuples(access.table, target.table);
  return new SlicedBuild(transaction, access, {
    add(tuple) {
      if (keepsTuples) filler.addTuple(tuple, 0, tuple.length);
      else if (convert === undefined) filler.addRow(format.decode(tuple));
      else filler.addRow(convert(format.decode(tuple)));
    },
    get backlogBytes() {
      return filler.backlogBytes;
    },
    whenTaken: () => filler.whenTaken(),
    finish: () => filler.finish('build'),
    abort: () => filler.abort(),
  });
}

class SlicedBuild implements TableBuild {
  readonly #filling: Filling;
  readonly #rows: VersionCursor;
  #state: 'reading' | 'finishing' | 'done' | 'failed' = 'reading';
  #error: unknown;
  #finished: Promise<void> | undefined;

  constructor(transaction: Transaction, access: CompiledTable, filling: Filling) {
    this.#filling = filling;
    const everything = { lower: undefined, upper: undefined };
    this.#rows = transaction.scan(access.table.treeId, everything, { view: latest });
  }
  get waiting(): Promise<void> | undefined {
    if (this.#state === 'finishing') return this.#finished;
    const isBehind = this.#state === 'reading' && this.#filling.backlogBytes >= backlogBytesMax;
    return isBehind ? this.#filling.whenTaken() : undefined;
  }
  step(maxRows: number): boolean {
    if (this.#state === 'reading' && this.#filling.backlogBytes < backlogBytesMax)
      this.#read(maxRows);
    if (this.#state === 'failed') throw this.#error;
    return this.#state === 'done';
  }
  close(): void {
    this.#rows.close();
    if (this.#state === 'reading') this.#filling.abort();
  }

  #read(maxRows: number): void {
    const rows = this.#rows;
    for (let n = 0; n < maxRows; n++) {
      if (!rows.next()) {
        rows.close();
        this.#finish();
        return;
      }
      this.#filling.add(asBuffer(rows.value), rows.key);
    }
  }
  #finish(): void {
    this.#state = 'finishing';
    this.#finished = this.#filling.finish().then(
      () => {
        this.#state = 'done';
      },
      (error: unknown) => {
        this.#state = 'failed';
        this.#error = error;
      },
    );
  }
}
