// INSERT, UPDATE and DELETE on a view with INSTEAD OF triggers: nothing is written here, the triggers
// get each row in turn. One that returns null has skipped the row; what another returns is what
// RETURNING shows. All rows are computed before the first trigger is called.

import { type Batch, columnValue, type Datum, RecordValue, type TableDescriptor } from '#common';
import type { PhysicalDelete, PhysicalInsert, PhysicalUpdate } from '#planner';
import { again } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import { ReturningRows } from '../write/returning.ts';
import { RowChecks } from '../write/row-checks.ts';
import { TriggerCalls } from '../write/trigger-calls.ts';
import { Assignments } from './assignments.ts';
import { CollectedRows } from './collected-rows.ts';
import type { Operator, Pulled } from './operator.ts';

type Node = PhysicalInsert | PhysicalUpdate | PhysicalDelete;

/** Only views have such triggers, and only views that are written through them stand in a plan. */
export function isTriggeredView(table: TableDescriptor): boolean {
  return (table.triggers ?? []).some(({ timing }) => timing === 'instead of');
}

export class InsteadOfOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: Node;
  private readonly source: CollectedRows;
  private readonly calls: TriggerCalls;
  private readonly assignments: Assignments;
  private readonly viewChecks: RowChecks;
  private readonly returning: ReturningRows | undefined;
  private ended = false;

  constructor(node: Node, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.source = new CollectedRows(runtime.buildOperator(node.source), runtime);
    this.calls = new TriggerCalls(node.table, runtime);
    this.assignments = new Assignments(node.kind === 'delete' ? [] : node.assignments, runtime);
    this.viewChecks = new RowChecks(node.table, node.kind === 'delete' ? [] : node.checks, runtime);
    this.returning =
      node.returning === undefined
        ? undefined
        : new ReturningRows(node.returning, node.source.types.length, undefined, runtime);
  }

  open(): void {
    this.close();
    this.fireStatement('before');
    this.ended = false;
    this.source.open();
    this.returning?.reset();
  }

  next(): Pulled {
    for (;;) {
      const batch = this.source.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      this.handBatch(batch);
      if (this.returning !== undefined && this.returning.length > 0) return this.returning.take();
      if (this.runtime.pause()) return again;
    }
    if (!this.ended) {
      this.ended = true;
      this.runtime.statementEndChecks.push(() => this.fireStatement('after'));
    }
    return undefined;
  }

  close(): void {
    this.source.close();
  }

  private fireStatement(timing: 'before' | 'after'): void {
    const { kind } = this.node;
    for (const trigger of this.calls.select(kind, timing, false, this.updated)) {
      if (this.calls.holds(trigger, {})) this.calls.call(trigger, kind, {});
    }
  }

  private get updated(): readonly number[] | undefined {
    return this.node.kind === 'update' ? this.assignments.attributes : undefined;
  }

  private handBatch(batch: Batch): void {
    for (let row = 0; row < batch.length; row++) {
      const old = this.oldRow(batch, row);
      const shown = old?.slice() ?? new Array<Datum>(this.node.table.columns.length).fill(null);
      this.assignments.apply(shown, batch.columns, row);
      if (!this.fire(old, shown)) continue;
      this.viewChecks.verify(shown, old === undefined ? 'inserted' : 'updated');
      this.runtime.rowWritten(this.node);
      this.returning?.addWritten('', shown, batch.columns, row);
    }
  }

  /** By attribute number - 1; INSERT has none. */
  private oldRow(batch: Batch, row: number): Datum[] | undefined {
    if (this.node.kind === 'insert') return undefined;
    const record = columnValue(batch.columns[this.node.rowKey], row);
    return record instanceof RecordValue ? [...record.fields] : undefined;
  }

  /** False: a trigger has skipped the row. `shown` becomes what the triggers make of it. */
  private fire(old: readonly Datum[] | undefined, shown: Datum[]): boolean {
    const { kind } = this.node;
    for (const trigger of this.calls.select(kind, 'instead of', true)) {
      const newRow = kind === 'delete' ? undefined : this.calls.record(shown);
      const returned = this.calls.call(trigger, kind, {
        ...(old === undefined ? {} : { old: this.calls.record(old) }),
        ...(newRow === undefined ? {} : { new: newRow }),
      });
      if (returned === null) return false;
      if (newRow !== undefined && returned !== newRow) this.calls.apply(returned, shown);
    }
    return true;
  }
}
