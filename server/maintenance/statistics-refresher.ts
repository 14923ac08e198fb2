// Keeps statistics fresh without being asked (PostgreSQL's autovacuum does it there): every now and then the
// tables of which enough rows have changed are analysed, one after the other, in short slices of the
// main thread. What is locked, or fails, is left for the next round.

import { databaseError, type TableDescriptor } from '#common';
import { again, analyzeTable, type Interrupt } from '#executor';
import { clusterScope, type CatalogStore, type StorageEngine, TableLock } from '#storage';

export interface RefresherOptions {
  readonly storage: StorageEngine;
  readonly store: CatalogStore;
  /** Milliseconds between two rounds (autovacuum_naptime). */
  readonly pauseMs: number;
  /** A table is analysed after so many changes and this fraction of its rows. */
  readonly threshold: number;
  readonly scaleFactor: number;
  /** default_statistics_target. */
  readonly target: number;
  readonly onError: (error: unknown, table: TableDescriptor) => void;
}

/** Milliseconds of the main thread at a time, and between two slices: others come first. */
const sliceMs = 1;
const restMs = 3;

export class StatisticsRefresher {
  private readonly options: RefresherOptions;
  /** storage.changes() when a table was last analysed; what happened before the start is not known. */
  private readonly changesThen = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<void> | undefined;

  constructor(options: RefresherOptions) {
    this.options = options;
  }

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.round().finally(() => {
        this.running = undefined;
        if (!this.stopped) this.start();
      });
    }, this.options.pauseMs);
    this.timer.unref();
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    const { store } = this.options;
    for (const database of [...store.scope(clusterScope).objects()]) {
      if (database.kind !== 'database') continue;
      for (const table of [...store.scope(database.oid).objects()]) {
        if (this.stopped) return;
        if (table.kind !== 'table' || !this.isDue(table)) continue;
        try {
          await this.analyze(table, database.oid);
        } catch (error) {
          if (!this.stopped) this.options.onError(error, table);
        }
      }
    }
  }

  private isDue(table: TableDescriptor): boolean {
    const { storage, store, threshold, scaleFactor } = this.options;
    if (table.persistence === 'temporary') return false;
    if (table.options?.['autovacuum_enabled'] === 'false') return false;
    const known = store.analysis(table.oid);
    const changes = storage.changes(table.treeId);
    const { rows } = storage.estimate(table.treeId);
    // The counter starts anew with the server and knows nothing of rows that were loaded in bulk.
    const counted = changes - Math.min(changes, this.changesThen.get(table.oid) ?? 0);
    const isSame = known !== undefined && known.treeId === table.treeId;
    const grown = isSame ? Math.abs(rows - known.estimatedRows) : rows;
    const wanted = threshold + scaleFactor * (isSame ? known.rows : 0);
    return Math.max(counted, grown) > wanted;
  }

  private async analyze(table: TableDescriptor, databaseOid: number): Promise<void> {
    const { storage, store, target } = this.options;
    const changes = storage.changes(table.treeId);
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    try {
      transaction.beginStatement();
      const slice = new Slice(() => this.stopped);
      transaction.lockTable(table.oid, TableLock.shareUpdateExclusive, 'nowait');
      const catalog = store.forTransaction(transaction, databaseOid);
      const context = {
        storage,
        transaction,
        changes: catalog,
        interrupt: slice,
        defaultTarget: target,
      };
      const request = { table, attributes: undefined, automatic: true };
      for (const step of analyzeTable(context, request)) {
        if (step !== again) continue;
        await new Promise((resolve) => setTimeout(resolve, restMs));
        slice.begin();
      }
      const isThere = store.scope(databaseOid).object(table.oid) !== undefined;
      if (isThere) transaction.commit();
      else transaction.rollback();
      this.changesThen.set(table.oid, changes);
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }
}

class Slice implements Interrupt {
  private readonly isStopped: () => boolean;
  private end = 0;

  constructor(isStopped: () => boolean) {
    this.isStopped = isStopped;
    this.begin();
  }

  begin(): void {
    this.end = performance.now() + sliceMs;
  }

  check(): void {
    if (this.isStopped()) throw databaseError('adminShutdown', 'the server is stopping');
  }

  sliceOver(): boolean {
    return performance.now() > this.end;
  }
}
