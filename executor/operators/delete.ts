// DELETE. Target rows are collected before the first is deleted, as in UPDATE.

import { type Batch, columnValue, type Datum } from '#common';
import type { PhysicalDelete } from '#planner';
import type { Key } from '#storage';
import { again } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import { ReturningRows } from '../write/returning.ts';
import { openWriter } from '../write/inherited-writer.ts';
import type { RowWriter } from '../write/table-writer.ts';
import { CollectedRows } from './collected-rows.ts';
import type { Operator, Pulled } from './operator.ts';
import { TargetRows } from './update.ts';

export class DeleteOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalDelete;
  private readonly source: CollectedRows;
  private readonly writer: RowWriter;
  private readonly returning: ReturningRows | undefined;
  private readonly targets: TargetRows;
  private ended = false;

  constructor(node: PhysicalDelete, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.source = new CollectedRows(runtime.buildOperator(node.source), runtime);
    this.writer = openWriter(node.table, [], runtime);
    this.targets = new TargetRows(node, runtime);
    this.returning =
      node.returning === undefined
        ? undefined
        : new ReturningRows(node.returning, node.source.types.length, this.writer.access, runtime);
  }

  open(): void {
    this.close();
    this.writer.beginStatement?.('delete');
    this.ended = false;
    this.source.open();
    this.returning?.reset();
  }

  next(): Pulled {
    for (;;) {
      const batch = this.source.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      this.deleteBatch(batch);
      if (this.returning !== undefined && this.returning.length > 0) return this.returning.take();
      if (this.runtime.pause()) return again;
    }
    if (!this.ended) this.writer.endStatement?.('delete');
    this.ended = true;
    return undefined;
  }

  close(): void {
    this.source.close();
    this.targets.clear();
  }

  private deleteBatch(batch: Batch): void {
    const keys = batch.columns[this.node.rowKey];
    for (let row = 0; row < batch.length; row++) {
      const key = columnValue(keys, row) as Key | null;
      if (key === null || !this.targets.isFirst(key)) continue;
      const tuple = this.writer.fetchForDelete(key);
      if (tuple === undefined) continue;
      const values = this.writer.access.decodeRow(tuple);
      if (this.returning === undefined) {
        if (this.writer.delete(key, tuple, values)) this.runtime.rowWritten(this.node);
        continue;
      }
      this.deleteReturned(this.returning, { key, tuple, values }, batch, row);
    }
  }

  /** RETURNING reads the row while it is there, and shows it if it has gone. */
  private deleteReturned(
    returning: ReturningRows,
    deleted: { readonly key: Key; readonly tuple: Uint8Array; readonly values: readonly Datum[] },
    batch: Batch,
    row: number,
  ): void {
    const { key, tuple, values } = deleted;
    const { length } = returning;
    returning.addWritten(key, values, batch.columns, row);
    if (this.writer.delete(key, tuple, values)) this.runtime.rowWritten(this.node);
    else returning.truncate(length);
  }
}
