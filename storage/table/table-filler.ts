// Rows on their way into a table whose trees are fresh or empty: row tree and all indexes at once.

import type { DatabaseError, Datum, IndexDescriptor, KeyCodec, TableDescriptor } from '#common';
import { checkKeyLength, keyIsLossless } from '#common';
import type { Key, Transaction } from '../contract.ts';
import type { BuildOptions } from '../page-store.ts';
import { cannotCreateUniqueIndex, type KeyValues, uniqueViolation } from './errors.ts';
import { hiddenRowKey } from './row-id.ts';
import { IndexedAttributes } from './indexed-attributes.ts';
import type { CompiledTable } from './table-access.ts';
import { TreeFiller } from './tree-filler.ts';

export class TableFiller {
  readonly #transaction: Transaction;
  readonly #access: CompiledTable;
  readonly #rows: TreeFiller;
  readonly #indexes: readonly TreeFiller[];
  readonly #inverted: readonly TreeFiller[];
  #indexed: IndexedAttributes | undefined;

  constructor(transaction: Transaction, access: CompiledTable, options?: BuildOptions) {
    this.#transaction = transaction;
    this.#access = access;
    this.#rows = new TreeFiller(transaction, access.table.treeId, options);
    this.#indexes = access.indexes.map(
      ({ index }) => new TreeFiller(transaction, index.treeId, options),
    );
    this.#inverted = access.inverted.map(
      ({ index }) => new TreeFiller(transaction, index.treeId, options),
    );
  }

  addRow(row: readonly Datum[]): void {
    const { table, keyCodec, format } = this.#access;
    let key: Key;
    if (keyCodec === undefined) key = hiddenRowKey(this.#transaction.nextRowId(table.treeId));
    else {
      key = this.#access.rowKey(row);
      checkKeyLength(key, `${table.name}_pkey`);
    }
    this.#rows.add(key, format.encode(row));
    this.#addEntries(row, key);
  }
  /** A tuple in the table's newest form, in [start, end) of the buffer. */
  addTuple(buffer: Buffer, start: number, end: number): void {
    const { table, keyCodec, indexes, inverted } = this.#access;
    let key: Key;
    if (keyCodec === undefined) key = hiddenRowKey(this.#transaction.nextRowId(table.treeId));
    else {
      key = this.#access.tupleKey(buffer, start, end);
      checkKeyLength(key, `${table.name}_pkey`);
    }
    this.#rows.addSlice(key, buffer, start, end);
    if (indexes.length === 0 && inverted.length === 0) return;
    // Made late: what computed indexes read is known once the statement has compiled them.
    this.#indexed ??= new IndexedAttributes(this.#access.format, [...indexes, ...inverted]);
    this.#addEntries(this.#indexed.read(buffer, start, end), key);
  }
  #addEntries(row: readonly Datum[], key: Key): void {
    const { indexes, inverted } = this.#access;
    for (let i = 0; i < indexes.length; i++) {
      const entry = indexes[i].entry(row, key);
      if (entry !== undefined) this.#indexes[i].add(entry.key, entry.value);
    }
    for (let i = 0; i < inverted.length; i++) {
      for (const entry of inverted[i].entries(row, key))
        this.#inverted[i].add(entry.key, entry.value);
    }
  }
  get backlogBytes(): number {
    let bytes = this.#rows.backlogBytes;
    for (const index of this.#indexes) bytes += index.backlogBytes;
    for (const index of this.#inverted) bytes += index.backlogBytes;
    return bytes;
  }
  async whenTaken(): Promise<void> {
    const busy = [this.#rows, ...this.#indexes, ...this.#inverted].filter(
      (tree) => tree.backlogBytes > 0,
    );
    if (busy.length > 0) await Promise.race(busy.map((tree) => tree.whenTaken()));
  }
  /** Rejects with 23505 on a duplicate: worded for a build of the index, or for an insert. */
  async finish(wording: 'build' | 'insert'): Promise<void> {
    const { table, keyCodec, indexes } = this.#access;
    const found = await Promise.all([
      this.#rows.finish(),
      ...this.#indexes.map((index) => index.finish()),
      ...this.#inverted.map((index) => index.finish()),
    ]);
    const position = found.findIndex((duplicate) => duplicate !== undefined);
    if (position < 0) {
      this.#transaction.noteTableLoad(table);
      return;
    }
    const key = found[position]!;
    const clustered = table.indexes.find((index) => index.clustered);
    if (position > 0)
      throw duplicateError(
        wording,
        table,
        indexes[position - 1].index,
        indexes[position - 1].codec,
        key,
      );
    throw duplicateError(wording, table, clustered!, keyCodec!, key);
  }
  abort(): void {
    this.#rows.abort();
    for (const index of this.#indexes) index.abort();
    for (const index of this.#inverted) index.abort();
  }
}

export function duplicateError(
  wording: 'build' | 'insert',
  table: TableDescriptor,
  index: IndexDescriptor,
  codec: KeyCodec,
  key: Key,
): DatabaseError {
  const types = codec.columns.map((column) => column.type);
  const values: KeyValues = { table, index, types, values: decodeIfLossless(codec, key) };
  return wording === 'build' ? cannotCreateUniqueIndex(values) : uniqueViolation(values);
}
function decodeIfLossless(codec: KeyCodec, key: Key): Datum[] | undefined {
  if (!codec.columns.every((column) => keyIsLossless(column.type))) return undefined;
  return codec.decode(key);
}
