// A transaction's own changes of the catalog: rows in its workspace, and the same changes in memory
// over the newest committed state. They vanish with a rollback, also to a savepoint, and are published
// at commit.
//
// Who changes an object first calls forUpdate() (two transactions may each add an index to a table) and
// who makes a name first calls lockName(); both wait for whoever else is at it, by restarting the
// statement.

import {
  assert,
  type CatalogObject,
  forgetTypesOf,
  registerTypesOf,
  type TableAnalysis,
  type TableDescriptor,
} from '#common';
import { RowLock, type Transaction } from '../contract.ts';
import {
  analysisKey,
  catalogTreeId,
  clusterScope,
  encodeRow,
  indexBirthKey,
  nameKey,
  objectKey,
  scopeOf,
} from './catalog-rows.ts';
import { CatalogState } from './catalog-state.ts';
import type { CatalogStore } from './catalog-store.ts';
import { nameOf, type NameSpace } from './object-index.ts';

/** object undefined: removed. */
export interface CatalogChange {
  readonly scope: number;
  readonly oid: number;
  readonly object: CatalogObject | undefined;
}

export class CatalogChanges {
  readonly databaseOid: number;
  readonly transaction: Transaction;
  readonly #store: CatalogStore;
  readonly #changes: CatalogChange[] = [];
  #state: CatalogState | undefined = undefined;
  /** The committed state that #state was derived from. */
  #base: CatalogState | undefined = undefined;

  constructor(store: CatalogStore, transaction: Transaction, databaseOid: number) {
    this.#store = store;
    this.transaction = transaction;
    this.databaseOid = databaseOid;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0;
  }

  /** How many changes there are, to ask later what came after. */
  get count(): number {
    return this.#changes.length;
  }

  /** Oids of the database's objects that were changed after the first `count` changes. */
  changedSince(count: number): number[] {
    return this.#changes.slice(count).map(({ oid }) => oid);
  }

  /** The newest committed state with the transaction's own changes laid over. */
  get state(): CatalogState {
    const base = this.#store.snapshot(this.databaseOid);
    if (this.#changes.length === 0) return base;
    if (this.#state === undefined || this.#base !== base) {
      this.#base = base;
      this.#state = this.#applied(base, this.#changes);
    }
    return this.#state;
  }

  #applied(base: CatalogState, changes: readonly CatalogChange[]): CatalogState {
    let { local, shared } = base;
    for (const { scope, oid, object } of changes) {
      if (scope === clusterScope) shared = shared.with(oid, object);
      else if (scope === this.databaseOid) local = local.with(oid, object);
    }
    const { analyses } = base;
    return new CatalogState(this.#store.nextVersion(), this.databaseOid, {
      local,
      shared,
      analyses,
    });
  }

  /** Locks the row of an object that is going to be changed and returns its newest state. */
  forUpdate(oid: number): CatalogObject | undefined {
    const known = this.state.local.object(oid);
    const scope = known === undefined ? clusterScope : this.databaseOid;
    this.#lock(objectKey(scope, oid));
    return this.state.local.object(oid) ?? this.state.shared.object(oid);
  }

  /** Keeps others from making the same name until the transaction ends. */
  lockName(space: NameSpace, name: string): void {
    const isShared = space === 'role' || space === 'database' || space === 'entry tablespace 0';
    const scope = isShared ? clusterScope : this.databaseOid;
    this.#lock(nameKey(scope, nameOf(space, name)));
  }

  /** Adds an object or replaces the one with its oid. */
  put(object: CatalogObject): void {
    this.putIn(scopeOf(object, this.databaseOid), object);
  }

  /** put() in another database: CREATE DATABASE makes its schemas. */
  putIn(scope: number, object: CatalogObject): void {
    const key = objectKey(scope, object.oid);
    this.#lock(key);
    this.transaction.put(catalogTreeId, key, encodeRow(object));
    if (object.kind === 'table') this.#noteIndexes(object);
    this.#note({ scope, oid: object.oid, object });
  }

  /** Their trees are as old as what first names them. */
  #noteIndexes(table: TableDescriptor): void {
    for (const { clustered, treeId } of table.indexes) {
      if (clustered) continue;
      const key = indexBirthKey(treeId);
      if (this.transaction.get(catalogTreeId, key) !== undefined) continue;
      this.#lock(key);
      this.transaction.put(catalogTreeId, key, new Uint8Array(0));
    }
  }

  remove(object: CatalogObject): void {
    this.removeFrom(scopeOf(object, this.databaseOid), object.oid);
  }

  removeFrom(scope: number, oid: number): void {
    const key = objectKey(scope, oid);
    this.#lock(key);
    this.transaction.remove(catalogTreeId, key);
    if (this.#store.analysis(oid) !== undefined) {
      const statistics = analysisKey(scope, oid);
      this.#lock(statistics);
      this.transaction.remove(catalogTreeId, statistics);
    }
    this.#note({ scope, oid, object: undefined });
  }

  /** Statistics of a table. They are hints, so all see them at once; a rollback takes them back. */
  putAnalysis(analysis: TableAnalysis): void {
    const key = analysisKey(this.databaseOid, analysis.tableOid);
    this.#lock(key);
    this.transaction.put(catalogTreeId, key, encodeRow(analysis));
    const before = this.#store.analysis(analysis.tableOid);
    this.#store.publishAnalysis(analysis.tableOid, analysis);
    this.transaction.onRollback(() => this.#store.publishAnalysis(analysis.tableOid, before));
  }

  #lock(key: string): void {
    this.transaction.lock(catalogTreeId, key, RowLock.update, { checkSnapshot: false });
  }

  #note(change: CatalogChange): void {
    // Undone together with the first change, should that be rolled back.
    if (this.#changes.length === 0) {
      this.transaction.onCommit(() => this.#store.publish(this.#changes));
    }
    const { scope, oid, object } = change;
    const before = this.#newest(scope, oid);
    const current = this.state;
    this.#changes.push(change);
    this.#base = this.#store.snapshot(this.databaseOid);
    this.#state = this.#applied(current, [change]);
    if (object !== undefined) registerTypesOf(object, this.#store.scope(scope).object(oid));
    // A rollback, also one to a savepoint, undoes in reverse order.
    this.transaction.onRollback(() => {
      assert(this.#changes.at(-1) === change, 'catalog changes are undone in reverse order');
      this.#changes.pop();
      this.#state = undefined;
      if (before !== undefined) registerTypesOf(before, this.#store.scope(scope).object(oid));
      else if (object !== undefined) forgetTypesOf(object);
    });
  }

  #newest(scope: number, oid: number): CatalogObject | undefined {
    if (scope === clusterScope) return this.state.shared.object(oid);
    if (scope === this.databaseOid) return this.state.local.object(oid);
    const change = this.#changes.findLast((each) => each.oid === oid && each.scope === scope);
    return change === undefined ? this.#store.scope(scope).object(oid) : change.object;
  }
}
