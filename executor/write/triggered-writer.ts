// Writes rows of a table that has triggers (manual, chapter 39). BEFORE triggers see and change each row
// ahead of its write, or skip it; AFTER triggers are queued and called when the statement has written
// all its rows, deferred ones at commit. Tables without triggers never come here.

import {
  databaseError,
  type Datum,
  type TableDescriptor,
  type TriggerDescriptor,
  type TriggerEvent,
} from '#common';
import type { TransitionTable } from '#functions';
import type { Catalog } from '#planner';
import { type InsertConflict, type Key, type TableAccess } from '#storage';
import type { Runtime } from '../runtime.ts';
import { rowTriggers } from './partition-triggers.ts';
import { GeneratedColumns } from './generated-columns.ts';
import type { PolicyCheckKind } from './row-checks.ts';
import type { RowWriter, TableWriter } from './table-writer.ts';
import { PartitionCheck } from './partition-check.ts';
import { TriggerCalls } from './trigger-calls.ts';

type Row = readonly Datum[];

export function hasTriggers(table: TableDescriptor): boolean {
  return table.triggers !== undefined && table.triggers.length > 0;
}

/**
 * The writer itself, or one that fires the table's triggers around it. Without a catalog it is not yet
 * known whether the tables above a partition have triggers.
 */
export function withTriggers(
  writer: TableWriter,
  runtime: Runtime,
  catalog?: Catalog,
): RowWriter & { readonly access: TableAccess } {
  const { table } = writer;
  const fires =
    catalog === undefined
      ? hasTriggers(table) || table.partitionBound !== undefined
      : rowTriggers(table, catalog).length > 0;
  return fires ? new TriggeredWriter(writer, runtime) : writer;
}

interface ChangedRows {
  readonly old: Row[];
  readonly new: Row[];
}

class TriggeredWriter implements RowWriter {
  readonly table: TableDescriptor;
  readonly access: TableAccess;
  private readonly runtime: Runtime;
  private readonly writer: TableWriter;
  private readonly calls: TriggerCalls;
  private readonly generated: GeneratedColumns;
  private readonly partition: PartitionCheck | undefined;
  /** Columns that the running UPDATE assigns. */
  private attributes: readonly number[] = [];
  /** Rows for transition tables, by event. */
  private readonly changed = new Map<TriggerEvent, ChangedRows>();

  constructor(writer: TableWriter, runtime: Runtime) {
    this.writer = writer;
    this.runtime = runtime;
    this.table = writer.table;
    this.access = writer.access;
    this.calls = new TriggerCalls(writer.table, runtime);
    this.generated = new GeneratedColumns(writer.table, runtime);
    this.partition =
      writer.table.partitionBound === undefined
        ? undefined
        : new PartitionCheck(writer.table, runtime);
  }

  insert(row: Row): Key | undefined {
    if (!this.beforeInsert(row)) return undefined;
    const key = this.writer.insert(row);
    this.after('insert', { new: row });
    return key;
  }

  insertOrConflict(
    row: Row,
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict | undefined {
    if (!this.beforeInsert(row)) return undefined;
    const outcome = this.writer.insertOrConflict(row, arbiters);
    if (typeof outcome === 'string') this.after('insert', { new: row });
    return outcome;
  }

  /** The triggers of a partition may change the row, but not send it elsewhere. 23514. */
  private beforeInsert(row: Row): boolean {
    const given = row.slice();
    if (!this.before('insert', { new: row as Datum[] })) return false;
    if (given.some((value, at) => value !== row[at])) this.partition?.verify(row);
    return true;
  }

  fetchForUpdate(key: Key, attributes: readonly number[]): Uint8Array | undefined {
    this.attributes = attributes;
    // A BEFORE trigger may change any column.
    const all = this.calls.select('update', 'before', true, attributes).length > 0;
    const locked = all ? this.table.columns.map((column) => column.attributeNumber) : attributes;
    return this.writer.fetchForUpdate(key, locked);
  }

  verifyStored(row: Row, kind: PolicyCheckKind): void {
    this.writer.verifyStored(row, kind);
  }

  fetchForDelete(key: Key): Uint8Array | undefined {
    return this.writer.fetchForDelete(key);
  }

  update(
    key: Key,
    oldTuple: Uint8Array,
    rows: { readonly before: Row; readonly after: Row },
    isPrepared = false,
  ): Key | undefined {
    const { before, after } = rows;
    if (!isPrepared && !this.beforeUpdate(key, oldTuple, { before, after: after as Datum[] }))
      return undefined;
    const newKey = this.writer.update(key, oldTuple, rows);
    this.after('update', { old: before, new: after });
    return newKey;
  }

  beforeUpdate(
    key: Key,
    oldTuple: Uint8Array,
    { before, after }: { readonly before: Row; readonly after: Datum[] },
  ): boolean {
    const { transaction } = this.runtime.context;
    const written = transaction.savepoint();
    if (!this.before('update', { old: before, new: after })) return false;
    if (transaction.savepoint() !== written) this.checkUntouched(key, oldTuple, 'updated');
    return true;
  }

  moved(before: Row, after: Row): void {
    this.writer.moved(before, after);
  }

  delete(key: Key, oldTuple: Uint8Array, row: Row, isMoved = false): boolean {
    const { transaction } = this.runtime.context;
    const written = transaction.savepoint();
    if (!this.before('delete', { old: row })) return false;
    if (transaction.savepoint() !== written) this.checkUntouched(key, oldTuple, 'deleted');
    this.writer.delete(key, oldTuple, row, isMoved);
    this.after('delete', { old: row });
    return true;
  }

  /** 27000: a BEFORE trigger has itself changed the row. */
  private checkUntouched(key: Key, oldTuple: Uint8Array, verb: 'updated' | 'deleted'): void {
    const now = this.writer.fetchForDelete(key);
    if (now !== undefined && Buffer.compare(now, oldTuple) === 0) return;
    throw databaseError(
      'triggeredDataChangeViolation',
      `tuple to be ${verb} was already modified by an operation triggered by the current command`,
      {
        hint: 'Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows.',
      },
    );
  }

  /** False: a trigger has skipped the row. */
  private before(
    event: TriggerEvent,
    rows: { readonly old?: Row; readonly new?: Datum[] },
  ): boolean {
    const triggers = this.calls.select(event, 'before', true, this.updated(event));
    if (triggers.length === 0) return true;
    const old = rows.old === undefined ? undefined : this.calls.record(rows.old);
    let isChanged = false;
    if (rows.new !== undefined) this.generated.clear(rows.new);
    for (const trigger of triggers) {
      if (!this.calls.holds(trigger, rows)) continue;
      const row = rows.new === undefined ? undefined : this.calls.record(rows.new);
      const returned = this.calls.call(trigger, event, {
        ...(old === undefined ? {} : { old }),
        ...(row === undefined ? {} : { new: row }),
      });
      if (returned === null) return false;
      if (rows.new !== undefined && returned !== row) {
        this.calls.apply(returned, rows.new);
        isChanged = true;
        if (event === 'insert') this.checkPlace(trigger, rows.new);
      }
    }
    if (rows.new !== undefined) this.generated.compute(rows.new, isChanged);
    return true;
  }

  /** A trigger of a table above has been called for a row of this partition, and it stays one. 0A000. */
  private checkPlace(trigger: TriggerDescriptor, row: Row): void {
    const isOwn = this.table.triggers?.some(({ oid }) => oid === trigger.oid) === true;
    if (isOwn || this.partition === undefined || this.partition.holds(row)) return;
    const schema = this.runtime.context.catalog.schemaByOid(this.table.schemaOid)?.name;
    throw databaseError(
      'featureNotSupported',
      'moving row to another partition during a BEFORE FOR EACH ROW trigger is not supported',
      {
        detail: `Before executing trigger "${trigger.name}", the row was to be in partition "${schema}.${this.table.name}".`,
      },
    );
  }

  private updated(event: TriggerEvent): readonly number[] | undefined {
    return event === 'update' ? this.attributes : undefined;
  }

  private after(event: TriggerEvent, rows: { readonly old?: Row; readonly new?: Row }): void {
    this.noteChanged(event, rows);
    for (const trigger of this.calls.select(event, 'after', true, this.updated(event))) {
      if (!this.calls.holds(trigger, rows)) continue;
      const fire = (): void => {
        const old = rows.old === undefined ? undefined : this.calls.record(rows.old);
        const row = rows.new === undefined ? undefined : this.calls.record(rows.new);
        this.calls.call(
          trigger,
          event,
          { ...(old === undefined ? {} : { old }), ...(row === undefined ? {} : { new: row }) },
          this.transitions(trigger, event),
        );
      };
      this.queue(trigger, fire);
    }
  }

  private queue(trigger: TriggerDescriptor, fire: () => void): void {
    const { session } = this.runtime.context;
    const { constraint } = trigger;
    if (
      constraint?.deferrable === true &&
      session.constraintsDeferred(constraint.oid, constraint.initiallyDeferred)
    ) {
      const { context } = this.runtime;
      session.deferConstraintCheck(() => this.runtime.within(context, fire));
    } else {
      this.runtime.statementEndChecks.push(fire);
    }
  }

  private noteChanged(event: TriggerEvent, rows: { readonly old?: Row; readonly new?: Row }): void {
    if (!this.keepsRows) return;
    let changed = this.changed.get(event);
    if (changed === undefined) this.changed.set(event, (changed = { old: [], new: [] }));
    if (rows.old !== undefined) changed.old.push(rows.old);
    if (rows.new !== undefined) changed.new.push(rows.new);
  }

  private get keepsRows(): boolean {
    return (this.table.triggers ?? []).some(
      (trigger) => trigger.oldTable !== undefined || trigger.newTable !== undefined,
    );
  }

  private transitions(
    trigger: TriggerDescriptor,
    event: TriggerEvent,
  ): readonly TransitionTable[] | undefined {
    const { oldTable, newTable } = trigger;
    if (oldTable === undefined && newTable === undefined) return undefined;
    const changed = this.changed.get(event);
    const tables: TransitionTable[] = [];
    if (oldTable !== undefined) tables.push(this.calls.transition(oldTable, changed?.old ?? []));
    if (newTable !== undefined) tables.push(this.calls.transition(newTable, changed?.new ?? []));
    return tables;
  }

  // ---- once per statement --------------------------------------------------------------------

  beginStatement(event: TriggerEvent, attributes: readonly number[] = []): void {
    if (event === 'update') this.attributes = attributes;
    this.changed.delete(event);
    for (const trigger of this.calls.select(event, 'before', false, this.updated(event))) {
      if (this.calls.holds(trigger, {})) this.calls.call(trigger, event, {});
    }
  }

  endStatement(event: TriggerEvent, attributes: readonly number[] = []): void {
    if (event === 'update') this.attributes = attributes;
    for (const trigger of this.calls.select(event, 'after', false, this.updated(event))) {
      if (!this.calls.holds(trigger, {})) continue;
      this.runtime.statementEndChecks.push(() => {
        this.calls.call(trigger, event, {}, this.transitions(trigger, event));
      });
    }
  }
}
