// The catalog: rows of the catalog tree under the same transactions as user data, all of them kept in
// memory. Names bind to the newest committed state, whatever a transaction's snapshot is; a
// transaction's own changes lie over it (CatalogChanges) and are published when it commits.
//
// Invariants: what is in memory is what the newest committed rows say; publishing happens inside the
// commit, before locks are released, so that whoever waited for a lock sees the new state.

import { type CatalogObject, forgetTypesOf, registerTypesOf, type TableAnalysis } from '#common';
import type { StorageEngine, Transaction } from '../contract.ts';
import { bootstrapObjects } from './bootstrap.ts';
import { type CatalogChange, CatalogChanges } from './catalog-changes.ts';
import {
  analysisPrefix,
  catalogFormat,
  catalogTreeId,
  checkFormat,
  clusterScope,
  decodeAnalysis,
  decodeObject,
  encodeRow,
  formatKey,
  objectKey,
  objectPrefix,
  scopeOfKey,
} from './catalog-rows.ts';
import { CatalogState } from './catalog-state.ts';
import { ObjectIndex } from './object-index.ts';
import { removeTemporaryObjects } from './temporary-objects.ts';

/**
 * Loads the catalog, making that of a new directory first. Temporary objects that sessions of an
 * earlier run left behind are removed.
 */
export async function openCatalog(storage: StorageEngine): Promise<CatalogStore> {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  const format = transaction.get(catalogTreeId, formatKey);
  if (format === undefined) bootstrap(transaction);
  else checkFormat(format);
  const scopes = load(transaction);
  const analyses = loadAnalyses(transaction);
  const { position } = transaction.commit();
  const store = new CatalogStore(scopes, analyses);
  const cleaned = removeTemporaryObjects(storage, store);
  await storage.whenSynced(Math.max(position, cleaned));
  return store;
}

function bootstrap(transaction: Transaction): void {
  put(transaction, formatKey, encodeRow({ format: catalogFormat }));
  for (const { scope, object } of bootstrapObjects()) {
    put(transaction, objectKey(scope, object.oid), encodeRow(object));
  }
}

function put(transaction: Transaction, key: string, value: Uint8Array): void {
  transaction.lock(catalogTreeId, key, 3, { checkSnapshot: false });
  transaction.put(catalogTreeId, key, value);
}

function load(transaction: Transaction): Map<number, ObjectIndex> {
  const objects = new Map<number, CatalogObject[]>([[clusterScope, []]]);
  const upper = String.fromCharCode(objectPrefix.charCodeAt(0) + 1);
  const cursor = transaction.scan(catalogTreeId, { lower: objectPrefix, upper });
  while (cursor.next()) {
    const scope = scopeOfKey(cursor.key);
    let list = objects.get(scope);
    if (list === undefined) objects.set(scope, (list = []));
    const object = decodeObject(cursor.value);
    registerTypesOf(object, object);
    list.push(object);
  }
  cursor.close();
  return new Map([...objects].map(([scope, list]) => [scope, ObjectIndex.of(list)]));
}

function loadAnalyses(transaction: Transaction): Map<number, TableAnalysis> {
  const analyses = new Map<number, TableAnalysis>();
  const upper = String.fromCharCode(analysisPrefix.charCodeAt(0) + 1);
  const cursor = transaction.scan(catalogTreeId, { lower: analysisPrefix, upper });
  while (cursor.next()) {
    const analysis = decodeAnalysis(cursor.value);
    analyses.set(analysis.tableOid, analysis);
  }
  cursor.close();
  return analyses;
}

export class CatalogStore {
  readonly #scopes: Map<number, ObjectIndex>;
  /** By the table's oid, beside the states: new statistics change no name. */
  readonly #analyses: Map<number, TableAnalysis>;
  readonly #states = new Map<number, CatalogState>();
  readonly #changes = new WeakMap<Transaction, CatalogChanges>();
  #lastVersion = 0;

  constructor(scopes: Map<number, ObjectIndex>, analyses: Map<number, TableAnalysis> = new Map()) {
    this.#scopes = scopes;
    this.#analyses = analyses;
  }

  /** The newest committed state of a database. */
  snapshot(databaseOid: number): CatalogState {
    const local = this.scope(databaseOid);
    const shared = this.scope(clusterScope);
    const known = this.#states.get(databaseOid);
    if (known !== undefined && known.local === local && known.shared === shared) return known;
    const state = new CatalogState(this.nextVersion(), databaseOid, {
      local,
      shared,
      analyses: this.#analyses,
    });
    this.#states.set(databaseOid, state);
    return state;
  }

  /** The transaction's view and its changes; one per transaction. */
  forTransaction(transaction: Transaction, databaseOid: number): CatalogChanges {
    let changes = this.#changes.get(transaction);
    if (changes === undefined) {
      changes = new CatalogChanges(this, transaction, databaseOid);
      this.#changes.set(transaction, changes);
    }
    return changes;
  }

  /** The changes of a transaction that has made any; its statements bind against their state. */
  changesOf(transaction: Transaction): CatalogChanges | undefined {
    const changes = this.#changes.get(transaction);
    return changes === undefined || changes.isEmpty ? undefined : changes;
  }

  /** Committed objects of a database, or of the cluster (scope 0). */
  scope(scope: number): ObjectIndex {
    return this.#scopes.get(scope) ?? emptyIndex;
  }

  nextVersion(): number {
    return ++this.#lastVersion;
  }

  /** Called by CatalogChanges when its transaction commits. */
  publish(changes: readonly CatalogChange[]): void {
    for (const { scope, oid, object } of changes) {
      const before = this.scope(scope);
      this.#scopes.set(scope, before.with(oid, object));
      if (object !== undefined) registerTypesOf(object, object);
      else if (before.object(oid) !== undefined) forgetTypesOf(before.object(oid)!);
      if (object === undefined) this.#analyses.delete(oid);
    }
  }

  /** Called by CatalogChanges; undefined: there is none. */
  publishAnalysis(tableOid: number, analysis: TableAnalysis | undefined): void {
    if (analysis === undefined) this.#analyses.delete(tableOid);
    else this.#analyses.set(tableOid, analysis);
  }

  /** What ANALYZE found last. */
  analysis(tableOid: number): TableAnalysis | undefined {
    return this.#analyses.get(tableOid);
  }

  /** Forgets a dropped database's state. */
  forgetDatabase(databaseOid: number): void {
    this.#scopes.delete(databaseOid);
    this.#states.delete(databaseOid);
  }
}

const emptyIndex = new ObjectIndex();
