// Writes of single rows: the row tree, every index, and the uniqueness that they promise.
//
// A unique key is locked before it is read, so two transactions that insert the same value meet at the
// lock; the read sees the newest committed state and own writes. All checks come before all writes, so
// a conflict leaves nothing behind.

import { asBuffer, checkKeyLength, type Datum, type TupleHeader, tupleHeader } from '#common';
import {
  type Key,
  type ReadView,
  RowLock,
  type RowLockMode,
  type Transaction,
} from '../contract.ts';
import type { InsertConflict } from './contract.ts';
import { uniqueViolation } from './errors.ts';
import { entryRowKey, type IndexEntry, type IndexFormat } from './index-format.ts';
import { hiddenRowKey } from './row-id.ts';
import type { CompiledTable } from './table-access.ts';

const latest: ReadView = { kind: 'latest' };
const uniqueLock = { checkSnapshot: false } as const;

export class RowWriter {
  readonly #access: CompiledTable;
  readonly #keyIndexName: string;
  /** Attributes that other tables may refer to: columns of total unique indexes and the key. */
  readonly #referable: ReadonlySet<number>;

  constructor(access: CompiledTable) {
    this.#access = access;
    const { table } = access;
    const clustered = table.indexes.find((index) => index.clustered);
    this.#keyIndexName = clustered?.name ?? `${table.name}_pkey`;
    const referable = new Set(table.keyColumns);
    for (const index of table.indexes) {
      if (!index.unique || index.predicate !== undefined) continue;
      for (const column of index.columns) referable.add(column.attributeNumber);
    }
    this.#referable = referable;
  }

  insert(transaction: Transaction, row: readonly Datum[]): Key {
    const result = this.#insert(transaction, row, noArbiters);
    // Without arbiters every conflict is thrown.
    return result as Key;
  }
  insertOrConflict(
    transaction: Transaction,
    row: readonly Datum[],
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict {
    return this.#insert(transaction, row, arbiters);
  }

  #insert(
    transaction: Transaction,
    row: readonly Datum[],
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict {
    const { table, keyCodec, indexes, inverted, format } = this.#access;
    const key =
      keyCodec === undefined
        ? hiddenRowKey(transaction.nextRowId(table.treeId))
        : this.#checkedRowKey(row);
    if (arbiters !== undefined && arbiters.length > 0) {
      const conflict = this.#checkArbiters(transaction, row, key, arbiters);
      if (conflict !== undefined) return conflict;
    }
    if (keyCodec !== undefined) {
      const conflict = this.#checkRowKey(transaction, key, row, arbiters);
      if (conflict !== undefined) return conflict;
    }
    if (indexes.length === 0) {
      transaction.put(table.treeId, key, format.encode(row));
      if (inverted.length > 0) this.#addTerms(transaction, row, key);
      return key;
    }
    const entries: (IndexEntry | undefined)[] = [];
    for (const index of indexes) {
      const entry = index.entry(row, key);
      entries.push(entry);
      if (entry === undefined || !entry.exclusive) continue;
      const conflict = this.#checkEntry(transaction, index, entry, { row, arbiters });
      if (conflict !== undefined) return conflict;
    }
    transaction.put(table.treeId, key, format.encode(row));
    for (let i = 0; i < indexes.length; i++) {
      const entry = entries[i];
      if (entry !== undefined) transaction.put(indexes[i].index.treeId, entry.key, entry.value);
    }
    if (inverted.length > 0) this.#addTerms(transaction, row, key);
    return key;
  }

  /** ON CONFLICT (…): a conflict that it resolves comes before those that it does not. */
  #checkArbiters(
    transaction: Transaction,
    row: readonly Datum[],
    key: Key,
    arbiters: readonly number[],
  ): InsertConflict | undefined {
    for (const index of this.#access.indexes) {
      if (!arbiters.includes(index.index.oid)) continue;
      const entry = index.entry(row, key);
      if (entry === undefined || !entry.exclusive) continue;
      const conflict = this.#checkEntry(transaction, index, entry, { row, arbiters });
      if (conflict !== undefined) return conflict;
    }
    return undefined;
  }

  update(transaction: Transaction, key: Key, oldTuple: Uint8Array, row: readonly Datum[]): Key {
    const { table, keyCodec, indexes, inverted, format } = this.#access;
    const newKey = keyCodec === undefined ? key : this.#checkedRowKey(row);
    if (newKey !== key) this.#checkRowKey(transaction, newKey, row, noArbiters);
    if (indexes.length > 0) this.#updateIndexes(transaction, { key, newKey, oldTuple, row });
    if (inverted.length > 0) this.#updateTerms(transaction, { key, newKey, oldTuple, row });
    if (newKey !== key) transaction.remove(table.treeId, key);
    transaction.put(table.treeId, newKey, format.encode(row, tupleHeaderOrNone(oldTuple)));
    return newKey;
  }
  #updateIndexes(
    transaction: Transaction,
    change: { key: Key; newKey: Key; oldTuple: Uint8Array; row: readonly Datum[] },
  ): void {
    const { indexes, format } = this.#access;
    const oldRow = format.decode(change.oldTuple);
    const changes: {
      index: IndexFormat;
      old: IndexEntry | undefined;
      entry: IndexEntry | undefined;
    }[] = [];
    for (const index of indexes) {
      const old = index.entry(oldRow, change.key);
      const entry = index.entry(change.row, change.newKey);
      if (old?.key === entry?.key && change.key === change.newKey) continue;
      changes.push({ index, old, entry });
      if (entry === undefined || !entry.exclusive || old?.key === entry.key) continue;
      this.#checkEntry(transaction, index, entry, { row: change.row, arbiters: noArbiters });
    }
    for (const { index, old, entry } of changes) {
      const tree = index.index.treeId;
      if (old !== undefined && old.key !== entry?.key) transaction.remove(tree, old.key);
      if (entry !== undefined) transaction.put(tree, entry.key, entry.value);
    }
  }

  #addTerms(transaction: Transaction, row: readonly Datum[], key: Key): void {
    for (const format of this.#access.inverted) {
      for (const entry of format.entries(row, key))
        transaction.put(format.index.treeId, entry.key, entry.value);
    }
  }
  #updateTerms(
    transaction: Transaction,
    change: { key: Key; newKey: Key; oldTuple: Uint8Array; row: readonly Datum[] },
  ): void {
    const { inverted, format } = this.#access;
    const oldRow = format.decode(change.oldTuple);
    for (const index of inverted) {
      const tree = index.index.treeId;
      const before = new Set(index.entries(oldRow, change.key).map(({ key }) => key));
      for (const entry of index.entries(change.row, change.newKey)) {
        if (!before.delete(entry.key)) transaction.put(tree, entry.key, entry.value);
      }
      for (const key of before) transaction.remove(tree, key);
    }
  }

  delete(transaction: Transaction, key: Key, oldTuple: Uint8Array): void {
    const { table, indexes, inverted, format } = this.#access;
    if (indexes.length > 0 || inverted.length > 0) {
      const row = format.decode(asBuffer(oldTuple));
      for (const index of indexes) {
        const entry = index.entry(row, key);
        if (entry !== undefined) transaction.remove(index.index.treeId, entry.key);
      }
      for (const index of inverted) {
        for (const entry of index.entries(row, key))
          transaction.remove(index.index.treeId, entry.key);
      }
    }
    transaction.remove(table.treeId, key);
  }

  updateLock(attributes: readonly number[]): RowLockMode {
    return attributes.some((number) => this.#referable.has(number))
      ? RowLock.update
      : RowLock.noKeyUpdate;
  }

  existsByIndex(
    transaction: Transaction,
    indexOid: number,
    values: readonly Datum[],
    mode: RowLockMode = RowLock.keyShare,
  ): boolean {
    if (values.includes(null)) return false;
    const index = this.#access.index(indexOid);
    const { treeId } = this.#access.table;
    if (index === undefined) {
      const key = this.#access.keyOf(values);
      return lockAndFind(transaction, treeId, key, mode);
    }
    if (index.isExclusive(values) && index.index.predicate === undefined) {
      const entryKey = index.codec.encode(values);
      const entry = transaction.get(index.index.treeId, entryKey, latest);
      if (entry === undefined) return false;
      const rowKey = entryRowKey(entryKey, entry);
      // The row may have been given another value while its lock was awaited; the statement then
      // starts over, so an entry read before the lock is still the entry.
      return lockAndFind(transaction, treeId, rowKey, mode);
    }
    return this.#existsInRange(transaction, index, values, mode);
  }
  #existsInRange(
    transaction: Transaction,
    index: IndexFormat,
    values: readonly Datum[],
    mode: RowLockMode,
  ): boolean {
    const bounds = index.codec.prefixInterval(values);
    const entries = transaction.scan(index.index.treeId, bounds, { view: latest });
    try {
      if (!entries.next()) return false;
      const rowKey = entryRowKey(entries.key, entries.value);
      return lockAndFind(transaction, this.#access.table.treeId, rowKey, mode);
    } finally {
      entries.close();
    }
  }

  #checkedRowKey(row: readonly Datum[]): Key {
    const key = this.#access.rowKey(row);
    checkKeyLength(key, this.#keyIndexName);
    return key;
  }
  #checkRowKey(
    transaction: Transaction,
    key: Key,
    row: readonly Datum[],
    arbiters: readonly number[] | undefined,
  ): InsertConflict | undefined {
    const { table } = this.#access;
    transaction.lock(table.treeId, key, RowLock.update, uniqueLock);
    if (transaction.get(table.treeId, key, latest) === undefined) return undefined;
    const index = table.indexes.find((candidate) => candidate.clustered)!;
    if (arbiters === undefined || arbiters.includes(index.oid)) return { index, existing: key };
    throw uniqueViolation({
      table,
      index,
      types: this.#access.keyCodec!.columns.map((column) => column.type),
      values: table.keyColumns.map((number) => row[number - 1]!),
    });
  }
  #checkEntry(
    transaction: Transaction,
    format: IndexFormat,
    entry: IndexEntry,
    attempt: { readonly row: readonly Datum[]; readonly arbiters: readonly number[] | undefined },
  ): InsertConflict | undefined {
    const { index } = format;
    transaction.lock(index.treeId, entry.key, RowLock.update, uniqueLock);
    const taken = transaction.get(index.treeId, entry.key, latest);
    if (taken === undefined) return undefined;
    if (attempt.arbiters === undefined || attempt.arbiters.includes(index.oid)) {
      return { index, existing: entryRowKey(entry.key, taken) };
    }
    const types = format.codec.columns.map((column) => column.type);
    const values = format.values(attempt.row);
    throw uniqueViolation({ table: this.#access.table, index, types, values });
  }
}

/** Valid period and provenance id of the old version, where it has any. */
function tupleHeaderOrNone(tuple: Uint8Array): TupleHeader | undefined {
  return (tuple[0] & 6) === 0 ? undefined : tupleHeader(tuple, 0);
}

const noArbiters: readonly number[] = [];

function lockAndFind(transaction: Transaction, tree: number, key: Key, mode: RowLockMode): boolean {
  if (transaction.get(tree, key, latest) === undefined) return false;
  transaction.lock(tree, key, mode, uniqueLock);
  return transaction.get(tree, key, latest) !== undefined;
}
