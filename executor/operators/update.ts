// UPDATE. All target rows and their new values are computed from the statement's snapshot before the
// first row is written, so a statement never sees its own changes (the Halloween problem). A row that
// several source rows name is updated once, by the first.

import {
  type Batch,
  type Column,
  type Datum,
  columnValue,
  genericColumn,
  keyWithin,
  tableOfKey,
} from '#common';
import { nodeInputs, type PhysicalDelete, type PhysicalNode, type PhysicalUpdate } from '#planner';
import type { Key } from '#storage';
import { again, type RowPlace } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import { ReturningRows } from '../write/returning.ts';
import { hasMembers } from '../write/inherited-access.ts';
import { openWriter } from '../write/inherited-writer.ts';
import type { RowWriter } from '../write/table-writer.ts';
import { Assignments } from './assignments.ts';
import { CollectedRows } from './collected-rows.ts';
import type { Operator, Pulled } from './operator.ts';

const entryBytes = 64;

export class UpdateOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalUpdate;
  private readonly source: CollectedRows;
  private readonly sourceWidth: number;
  private readonly writer: RowWriter;
  private readonly assignments: Assignments;
  private readonly returning: ReturningRows | undefined;
  private readonly targets: TargetRows;
  private readonly isCurrentOf: boolean;
  private ended = false;

  constructor(node: PhysicalUpdate, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.source = new CollectedRows(runtime.buildOperator(node.source), runtime, (batch) =>
      this.withNewValues(batch),
    );
    this.sourceWidth = node.source.types.length;
    this.writer = openWriter(node.table, node.checks, runtime);
    this.assignments = new Assignments(node.assignments, runtime);
    this.targets = new TargetRows(node, runtime);
    this.isCurrentOf = readsCurrentRow(node.source);
    this.returning =
      node.returning === undefined
        ? undefined
        : new ReturningRows(node.returning, this.sourceWidth, this.writer.access, runtime);
  }

  open(): void {
    this.close();
    this.writer.beginStatement?.('update', this.assignments.attributes);
    this.ended = false;
    this.source.open();
    this.returning?.reset();
  }

  next(): Pulled {
    for (;;) {
      const batch = this.source.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      this.updateBatch(batch);
      if (this.returning !== undefined && this.returning.length > 0) return this.returning.take();
      if (this.runtime.pause()) return again;
    }
    if (!this.ended) this.writer.endStatement?.('update', this.assignments.attributes);
    this.ended = true;
    return undefined;
  }

  close(): void {
    this.source.close();
    this.targets.clear();
  }

  private withNewValues(batch: Batch): Batch {
    return { length: batch.length, columns: [...batch.columns, ...this.newValues(batch)] };
  }

  /** The cursor goes on standing on the row. */
  private noteMove(from: Key, to: Key): void {
    const place = (key: Key): RowPlace =>
      hasMembers(this.node.table)
        ? { tableOid: tableOfKey(key), key: keyWithin(key) }
        : { tableOid: this.node.table.oid, key };
    this.runtime.context.session.currentRowMoved(place(from), place(to));
  }

  private newValues(batch: Batch): Column[] {
    const columns: Column[] = [];
    for (let i = 0; i < this.assignments.length; i++) {
      const values: Datum[] = [];
      for (let row = 0; row < batch.length; row++)
        values.push(this.assignments.value(i, batch.columns, row));
      columns.push(genericColumn(values));
    }
    return columns;
  }

  private updateBatch(batch: Batch): void {
    const { attributes } = this.assignments;
    const keys = batch.columns[this.node.rowKey];
    for (let row = 0; row < batch.length; row++) {
      const key = columnValue(keys, row) as Key | null;
      if (key === null || !this.targets.isFirst(key)) continue;
      const tuple = this.writer.fetchForUpdate(key, attributes);
      if (tuple === undefined) continue;
      const before = this.writer.access.decodeRow(tuple);
      const after = before.slice();
      for (let i = 0; i < attributes.length; i++) {
        after[attributes[i] - 1] = columnValue(batch.columns[this.sourceWidth + i], row);
      }
      const newKey = this.writer.update(key, tuple, { before, after });
      if (newKey === undefined) continue;
      if (newKey !== key && this.isCurrentOf) this.noteMove(key, newKey);
      this.runtime.rowWritten(this.node);
      this.returning?.addWritten(newKey, after, batch.columns, row);
    }
  }
}

/**
 * Remembers which target rows were handled, where a source can name a row twice, or where several parts
 * of the statement write the same table: the first to reach a row changes it, the others pass it by.
 */
export class TargetRows {
  private readonly runtime: Runtime;
  private readonly isNeeded: boolean;
  private readonly own = new Set<Key>();
  private readonly shared: Set<Key> | undefined;
  private bytes = 0;

  constructor(node: PhysicalUpdate | PhysicalDelete, runtime: Runtime) {
    this.runtime = runtime;
    this.shared = runtime.sharedTargets(node.table.oid);
    this.isNeeded = this.shared !== undefined || !namesRowsOnce(node.source);
  }

  isFirst(key: Key): boolean {
    if (!this.isNeeded) return true;
    const seen = this.shared ?? this.own;
    if (seen.has(key)) return false;
    seen.add(key);
    this.bytes += entryBytes + key.length;
    this.runtime.checkUnspillable(this, this.bytes);
    return true;
  }

  clear(): void {
    this.own.clear();
    this.bytes = 0;
  }
}

/** WHERE CURRENT OF. */
function readsCurrentRow(node: PhysicalNode): boolean {
  return node.kind === 'scan'
    ? node.access.kind === 'current'
    : nodeInputs(node).some(readsCurrentRow);
}

function namesRowsOnce(node: PhysicalNode): boolean {
  switch (node.kind) {
    case 'scan':
      return true;
    case 'filter':
    case 'project':
    case 'sort':
    case 'limit':
    case 'lockRows':
      return namesRowsOnce(node.input);
    case 'append':
      return node.inputs.every(namesRowsOnce);
    default:
      return false;
  }
}
