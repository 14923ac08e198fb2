// Two-phase commit (PREPARE TRANSACTION). A prepared transaction stays in memory as it is, with its
// locks, and lies on disk as a row of its own: its writes and its locks. Preparing commits that row;
// COMMIT PREPARED removes it in the same commit that makes the writes seen, so there is no moment at
// which a crash loses or doubles them. Opening puts every transaction that a row tells of back as it was.
//
// Invariants: an identifier is in memory exactly while its row is (or is being committed); nothing that
// could fail is left for the second phase.

import { databaseError, notSupported } from '#common';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import {
  catalogTreeId,
  decodeObject,
  objectPrefix,
  objectReferenceOf,
} from '../catalog/catalog-rows.ts';
import {
  type LogPosition,
  RowLock,
  type StorageEngine,
  TableLock,
  type Transaction,
} from '../contract.ts';
import { limits } from '../limits.ts';
import { absentLength } from '../memtable/memtable.ts';
import { CommitWriter, readCommitRows } from './commit-record.ts';
import {
  decodePrepared,
  encodePrepared,
  type PreparedHeader,
  type PreparedRecord,
  preparedTreeId,
} from './prepared-record.ts';
import type { ActiveTransaction } from './transaction.ts';

export type PreparedFacts = Pick<
  PreparedHeader,
  'identifier' | 'owner' | 'database' | 'preparedAt'
>;

export interface PreparedTransaction extends PreparedFacts {
  readonly transaction: Transaction;
}

const readCommitted = { isolation: 'read committed', readOnly: false } as const;

export class PreparedTransactions {
  readonly #storage: StorageEngine;
  readonly #byIdentifier = new Map<string, PreparedTransaction>();

  constructor(storage: StorageEngine) {
    this.#storage = storage;
  }

  get count(): number {
    return this.#byIdentifier.size;
  }

  all(): Iterable<PreparedTransaction> {
    return this.#byIdentifier.values();
  }

  find(identifier: string): PreparedTransaction | undefined {
    return this.#byIdentifier.get(identifier);
  }

  /**
   * First phase. The caller gives the transaction up; it is prepared once the returned position is
   * synced. Raises 42710, 53400 and 0A000 without effect.
   */
  prepare(transaction: Transaction, facts: PreparedFacts): LogPosition {
    const { identifier } = facts;
    if (this.#byIdentifier.has(identifier)) {
      throw databaseError(
        'duplicateObject',
        `transaction identifier "${identifier}" is already in use`,
      );
    }
    const active = transaction as ActiveTransaction;
    const row = recordOf(active, facts);
    const position = this.#change((own) => own.put(preparedTreeId, keyOf(identifier), row));
    this.#byIdentifier.set(identifier, { ...facts, transaction });
    return Math.max(position, transaction.dependsOn);
  }

  /** Second phase: the position is that of the commit. */
  commit({ identifier, transaction }: PreparedTransaction): LogPosition {
    lockAndRemove(transaction, identifier);
    const { position } = transaction.commit();
    this.#byIdentifier.delete(identifier);
    return position;
  }

  rollback({ identifier, transaction }: PreparedTransaction): LogPosition {
    const position = this.#change((own) => lockAndRemove(own, identifier));
    this.#byIdentifier.delete(identifier);
    transaction.rollback();
    return position;
  }

  #change(write: (transaction: Transaction) => void): LogPosition {
    const own = this.#storage.begin(readCommitted);
    try {
      own.beginStatement();
      write(own);
      return own.commit().position;
    } catch (error) {
      own.rollback();
      throw error;
    }
  }

  /** At start, before anybody is let in. */
  restore(catalog: CatalogStore): void {
    const reader = this.#storage.begin(readCommitted);
    reader.beginStatement();
    const records: PreparedRecord[] = [];
    const cursor = reader.scan(preparedTreeId, { lower: undefined, upper: undefined });
    while (cursor.next()) records.push(decodePrepared(cursor.value));
    cursor.close();
    reader.rollback();
    for (const { header, rowLocks, writes } of records) {
      const transaction = this.#storage.begin(readCommitted);
      transaction.beginStatement();
      for (const { tree, key, modes } of rowLocks) {
        for (const mode of Object.values(RowLock)) {
          if ((modes & (1 << mode)) !== 0)
            transaction.lock(tree, key, mode, { checkSnapshot: false });
        }
      }
      for (const [oid, modes] of header.tableLocks) {
        for (const mode of Object.values(TableLock)) {
          if ((modes & (1 << mode)) !== 0) transaction.lockTable(oid, mode);
        }
      }
      replay(transaction, header, writes, catalog);
      const { identifier, owner, database, preparedAt } = header;
      const facts = { identifier, owner, database, preparedAt };
      this.#byIdentifier.set(identifier, { ...facts, transaction });
    }
  }
}

function keyOf(identifier: string): string {
  return Buffer.from(identifier, 'utf8').toString('latin1');
}

function lockAndRemove(transaction: Transaction, identifier: string): void {
  const key = keyOf(identifier);
  transaction.lock(preparedTreeId, key, RowLock.update, { checkSnapshot: false });
  transaction.remove(preparedTreeId, key);
}

function recordOf(active: ActiveTransaction, facts: PreparedFacts): Uint8Array {
  if (active.builtTrees.length > 0)
    throw notSupported('PREPARE TRANSACTION after loading a new table in bulk');
  if (active.reads !== undefined && active.hasWrites)
    throw notSupported('PREPARE TRANSACTION of a serializable transaction that writes');
  if ((active.workspace?.bytes ?? 0) > limits.preparedBytesMax) {
    throw databaseError('programLimitExceeded', 'the transaction is too large to be prepared', {
      detail: `A prepared transaction may write at most ${limits.preparedBytesMax} bytes.`,
    });
  }
  const header: PreparedHeader = {
    ...facts,
    droppedTrees: active.droppedTrees,
    tableLocks: [...(active.tableLocks ?? [])],
  };
  return encodePrepared(header, active.heldRowLocks(), writesOf(active));
}

function writesOf(active: ActiveTransaction): Uint8Array {
  const writer = new CommitWriter();
  writer.begin({ timestamp: 0, transaction: 0, chunks: 0, droppedTrees: [], builtTrees: [] });
  for (const { tree, entries } of active.workspace?.trees.values() ?? []) {
    for (const { key, slab, offset, length } of entries.values()) {
      if (length !== absentLength) writer.row(tree, key, slab, offset, length);
    }
  }
  return writer.finish();
}

/** Changes of the catalog go through the catalog, so that they are published when they are committed. */
function replay(
  transaction: Transaction,
  { database, droppedTrees }: PreparedHeader,
  writes: Uint8Array,
  catalog: CatalogStore,
): void {
  readCommitRows(writes, (tree, key, slab, offset, length) => {
    const value = length < 0 ? undefined : slab.subarray(offset, offset + length);
    transaction.lock(tree, key, RowLock.update, { checkSnapshot: false });
    if (tree === catalogTreeId && key.startsWith(objectPrefix)) {
      const changes = catalog.forTransaction(transaction, database);
      const { scope, oid } = objectReferenceOf(key);
      if (value === undefined) changes.removeFrom(scope, oid);
      else changes.putIn(scope, decodeObject(value));
    } else if (value === undefined) transaction.remove(tree, key);
    else transaction.put(tree, key, value);
  });
  for (const tree of droppedTrees) transaction.dropTree(tree);
}
