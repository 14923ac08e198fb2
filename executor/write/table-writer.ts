// Writes rows of one table with everything that belongs to a row: checks, unique keys, foreign keys in
// both directions. One writer per table and execution; cascades get writers of their own.

import type { Datum, TableDescriptor, TriggerEvent } from '#common';
import type { PhysicalCheck } from '#planner';
import { type InsertConflict, type Key, RowLock, type TableAccess, tableAccess } from '#storage';
import type { Runtime } from '../runtime.ts';
import { tableUse, type TableUse } from '../use-counters.ts';
import type { RowAccessByKey } from './inherited-access.ts';
import { hasComputedIndexes, prepareIndexComputations } from './index-computations.ts';
import { DeferredKeys } from './deferred-keys.ts';
import { ExclusionKeys } from './exclusion-keys.ts';
import { PartitionCheck } from './partition-check.ts';
import { ReferencedRows } from './referenced-rows.ts';
import { ReferencingRows } from './referencing-rows.ts';
import { type PolicyCheckKind, RowChecks } from './row-checks.ts';
import { withTriggers } from './triggered-writer.ts';

/** Rows of a bulk load are not read back in its statement, so nobody asks for their keys. */
const loadedKey: Key = '';

/**
 * BEFORE triggers change the new row in place, and may skip it: then there is no key (delete(): false).
 */
export interface RowWriter {
  readonly table: TableDescriptor;
  readonly access: RowAccessByKey;
  /** The row by attribute number - 1. 23502, 23514, 23505, 23503. */
  insert(row: readonly Datum[]): Key | undefined;
  insertOrConflict(
    row: readonly Datum[],
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict | undefined;
  /** Locks the row for an update of these attributes; undefined when it is gone. */
  fetchForUpdate(key: Key, attributes: readonly number[]): Uint8Array | undefined;
  fetchForDelete(key: Key): Uint8Array | undefined;
  /** `isPrepared`: beforeUpdate() has been called. */
  update(
    key: Key,
    oldTuple: Uint8Array,
    rows: { readonly before: readonly Datum[]; readonly after: readonly Datum[] },
    isPrepared?: boolean,
  ): Key | undefined;
  /** BEFORE triggers, which may change `after`; false: the row is skipped. Absent: there are none. */
  beforeUpdate?(
    key: Key,
    oldTuple: Uint8Array,
    rows: { readonly before: readonly Datum[]; readonly after: Datum[] },
  ): boolean;
  /** With `isMoved` the row is about to stand in another partition, and moved() follows. */
  delete(key: Key, oldTuple: Uint8Array, row: readonly Datum[], isMoved?: boolean): boolean;
  /** The row stands in another partition now (both in the columns of this one): what points at it follows. */
  moved?(before: readonly Datum[], after: readonly Datum[]): void;
  /** What row policies ask of a stored row before it is changed. 42501. */
  verifyStored(row: readonly Datum[], kind: PolicyCheckKind): void;
  /** Triggers of the statement as a whole; absent: there are none. */
  beginStatement?(event: TriggerEvent, attributes?: readonly number[]): void;
  endStatement?(event: TriggerEvent, attributes?: readonly number[]): void;
}

export class TableWriter implements RowWriter {
  readonly table: TableDescriptor;
  readonly access: TableAccess;
  private readonly runtime: Runtime;
  private readonly checks: RowChecks;
  private readonly computesIndexes: boolean;
  private readonly use: TableUse;
  /** Foreign keys of this table: what its rows point at. */
  private readonly referenced: ReferencedRows;
  /** Foreign keys of other tables: the rows that point here. */
  private readonly referencing: ReferencingRows;

  private readonly deferredKeys: DeferredKeys | undefined;
  private readonly exclusionKeys: ExclusionKeys | undefined;
  /** Whether a row written without its parent's help belongs to this partition. */
  private readonly partition: PartitionCheck | undefined;

  constructor(
    table: TableDescriptor,
    checks: readonly PhysicalCheck[],
    runtime: Runtime,
    isRouted = false,
  ) {
    this.table = table;
    this.partition =
      table.partitionBound === undefined || isRouted
        ? undefined
        : new PartitionCheck(table, runtime);
    this.runtime = runtime;
    this.access = tableAccess(table);
    this.deferredKeys = DeferredKeys.of(table, this.access, runtime);
    this.exclusionKeys = ExclusionKeys.of(table, this.access, runtime);
    this.computesIndexes = hasComputedIndexes(table);
    this.use = tableUse(table.oid);
    this.checks = new RowChecks(table, checks, runtime);
    this.referenced = new ReferencedRows(table, runtime);
    this.referencing = new ReferencingRows(table, runtime, (other, otherChecks) =>
      withTriggers(new TableWriter(other, otherChecks, runtime), runtime),
    );
  }

  /** The row by attribute number - 1. 23502, 23514, 23505, 23503. */
  insert(row: readonly Datum[]): Key {
    this.prepare();
    this.checks.verify(row, 'inserted');
    this.partition?.verify(row);
    const { bulkLoad, transaction } = this.runtime.context;
    if (bulkLoad !== undefined && bulkLoad.tableOid === this.table.oid) {
      bulkLoad.load.addRow(row);
      this.use.inserted++;
      this.referenced.verify(row);
      return loadedKey;
    }
    const key = this.access.insertRow(transaction, row);
    this.use.inserted++;
    this.deferredKeys?.written(row);
    this.exclusionKeys?.written(row, key);
    this.referenced.verify(row);
    return key;
  }

  insertOrConflict(
    row: readonly Datum[],
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict {
    this.prepare();
    this.checks.verify(row, 'inserted');
    this.partition?.verify(row);
    if (arbiters === undefined) {
      const conflict = this.exclusionKeys?.conflictOf(row);
      if (conflict !== undefined) return conflict;
    }
    const outcome = this.access.insertOrConflict(this.runtime.context.transaction, row, arbiters);
    if (typeof outcome === 'string') {
      this.use.inserted++;
      this.deferredKeys?.written(row);
      this.exclusionKeys?.written(row, outcome);
      this.referenced.verify(row);
    }
    return outcome;
  }

  /** Locks the row for an update of these attributes; undefined when it is gone. */
  fetchForUpdate(key: Key, attributes: readonly number[]): Uint8Array | undefined {
    const mode = this.access.updateLock(attributes);
    return this.fetch(key, this.referencing.readsAny(attributes) ? RowLock.update : mode);
  }

  fetchForDelete(key: Key): Uint8Array | undefined {
    return this.fetch(key, RowLock.update);
  }

  update(
    key: Key,
    oldTuple: Uint8Array,
    rows: { readonly before: readonly Datum[]; readonly after: readonly Datum[] },
  ): Key {
    this.prepare();
    this.checks.verify(rows.after, 'updated');
    this.partition?.verify(rows.after);
    const newKey = this.access.updateRow(
      this.runtime.context.transaction,
      key,
      oldTuple,
      rows.after,
    );
    this.use.updated++;
    this.deferredKeys?.written(rows.after, rows.before);
    this.exclusionKeys?.written(rows.after, newKey);
    this.referenced.verifyChange(rows.before, rows.after);
    this.referencing.rowUpdated(rows.before, rows.after);
    return newKey;
  }

  delete(key: Key, oldTuple: Uint8Array, row: readonly Datum[], isMoved = false): boolean {
    this.prepare();
    this.access.deleteRow(this.runtime.context.transaction, key, oldTuple);
    this.use.deleted++;
    if (!isMoved) this.referencing.rowDeleted(row);
    return true;
  }

  moved(before: readonly Datum[], after: readonly Datum[]): void {
    this.referencing.rowMoved(before, after);
  }

  verifyStored(row: readonly Datum[], kind: PolicyCheckKind): void {
    this.checks.verifyPolicies(row, kind);
  }

  private prepare(): void {
    if (this.computesIndexes) prepareIndexComputations(this.table, this.runtime.context);
  }

  private fetch(key: Key, mode: (typeof RowLock)[keyof typeof RowLock]): Uint8Array | undefined {
    const fetched = this.access.fetchForUpdate(this.runtime.context.transaction, key, mode);
    return fetched === 'skipped' ? undefined : fetched;
  }
}
