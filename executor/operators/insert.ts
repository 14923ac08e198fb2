// INSERT, with ON CONFLICT and RETURNING. The source is read to its end before the first row is
// written when the statement reads the table that it writes.

import { type Batch, type Datum, databaseError } from '#common';
import type { PhysicalInsert } from '#planner';
import type { Key } from '#storage';
import { again } from '../contract.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Columns, Evaluator } from '../expression/environment.ts';
import { BatchBuffer } from '../rows/batch-buffer.ts';
import type { Runtime } from '../runtime.ts';
import { ReturningRows } from '../write/returning.ts';
import { SingleRow } from '../write/single-row.ts';
import { openWriter } from '../write/inherited-writer.ts';
import type { RowWriter } from '../write/table-writer.ts';
import { readsTable } from '../plan-walk.ts';
import { Assignments } from './assignments.ts';
import type { Operator, Pulled } from './operator.ts';

export class InsertOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalInsert;
  private readonly source: Operator;
  private readonly buffers: boolean;
  private readonly writer: RowWriter;
  private readonly assignments: Assignments;
  private readonly conflict: ConflictAction | undefined;
  private readonly returning: ReturningRows | undefined;
  private readonly width: number;
  private buffer: BatchBuffer | undefined = undefined;
  private buffered = false;
  private ended = false;
  private position = 0;

  constructor(node: PhysicalInsert, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.source = runtime.buildOperator(node.source);
    this.buffers = readsTable(runtime.plan, node);
    this.writer = openWriter(node.table, node.checks, runtime);
    this.assignments = new Assignments(node.assignments, runtime);
    this.width = node.table.columns.length;
    this.conflict =
      node.onConflict === undefined
        ? undefined
        : new ConflictAction(node, node.onConflict, this.writer, runtime);
    this.returning =
      node.returning === undefined
        ? undefined
        : new ReturningRows(node.returning, node.source.types.length, this.writer.access, runtime);
  }

  open(): void {
    this.close();
    this.writer.beginStatement?.('insert');
    if (this.conflict?.updates !== undefined)
      this.writer.beginStatement?.('update', this.conflict.updates);
    this.ended = false;
    this.source.open();
    this.returning?.reset();
    this.conflict?.reset();
    if (this.buffers) {
      this.buffer = new BatchBuffer(
        this.runtime.context.workMemBytes,
        this.runtime.context.spillDirectory,
      );
    }
  }

  next(): Pulled {
    for (;;) {
      const batch = this.nextSource();
      if (batch === again) return again;
      if (batch === undefined) {
        this.endStatement();
        return undefined;
      }
      this.insertBatch(batch);
      if (this.returning !== undefined && this.returning.length > 0) return this.returning.take();
      if (this.runtime.pause()) return again;
    }
  }

  close(): void {
    this.source.close();
    this.buffer?.clear();
    this.buffer = undefined;
    this.buffered = false;
    this.position = 0;
  }

  /** AFTER triggers of the statement, once. */
  private endStatement(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.conflict?.updates !== undefined)
      this.writer.endStatement?.('update', this.conflict.updates);
    this.writer.endStatement?.('insert');
  }

  private nextSource(): Pulled {
    if (this.buffer === undefined) return this.source.next();
    while (!this.buffered) {
      const batch = this.source.next();
      if (batch === again) return again;
      if (batch === undefined) this.buffered = true;
      else this.buffer.append(batch);
    }
    return this.position < this.buffer.batchCount ? this.buffer.batch(this.position++) : undefined;
  }

  private insertBatch(batch: Batch): void {
    const { feedProgress } = this.runtime.context;
    for (let row = 0; row < batch.length; row++) {
      if (feedProgress !== undefined) feedProgress.row = row;
      const values: Datum[] = new Array<Datum>(this.width).fill(null);
      this.assignments.apply(values, batch.columns, row);
      if (this.conflict !== undefined)
        this.conflict.insert(values, this.returning, batch.columns, row);
      else {
        const key = this.writer.insert(values);
        if (key === undefined) continue;
        this.runtime.rowWritten(this.node);
        this.returning?.addWritten(key, values, batch.columns, row);
      }
    }
  }
}

/** ON CONFLICT DO NOTHING or DO UPDATE. */
class ConflictAction {
  private readonly runtime: Runtime;
  private readonly writer: RowWriter;
  private readonly node: PhysicalInsert;
  private readonly action: NonNullable<PhysicalInsert['onConflict']>;
  private readonly arbiters: readonly number[] | undefined;
  private readonly assignments: Assignments;
  private readonly where: Evaluator | undefined;
  private readonly row: SingleRow;
  private readonly existing: Datum[];
  /** Rows that this statement has inserted or updated: it must not update one of them again. */
  private readonly touched = new Set<Key>();

  constructor(
    node: PhysicalInsert,
    action: NonNullable<PhysicalInsert['onConflict']>,
    writer: RowWriter,
    runtime: Runtime,
  ) {
    this.runtime = runtime;
    this.node = node;
    this.writer = writer;
    this.action = action;
    this.arbiters = action.arbiterIndexes.length === 0 ? undefined : action.arbiterIndexes;
    this.assignments = new Assignments(action.assignments, runtime);
    this.where = action.where === undefined ? undefined : compileExpression(action.where, runtime);
    this.existing = new Array<Datum>(action.existingSources.length).fill(null);
    this.row = new SingleRow(action.existingSources.length + action.excludedAttributes.length);
  }

  /** Attributes that DO UPDATE assigns; undefined for DO NOTHING. */
  get updates(): readonly number[] | undefined {
    return this.action.action === 'update' ? this.assignments.attributes : undefined;
  }

  reset(): void {
    this.touched.clear();
  }

  insert(
    values: readonly Datum[],
    returning: ReturningRows | undefined,
    source: Columns,
    sourceRow: number,
  ): void {
    for (;;) {
      const outcome = this.writer.insertOrConflict(values, this.arbiters);
      if (outcome === undefined) return;
      if (typeof outcome === 'string') {
        if (this.action.action === 'update') this.touched.add(outcome);
        this.runtime.rowWritten(this.node);
        returning?.addWritten(outcome, values, source, sourceRow);
        return;
      }
      if (this.action.action === 'nothing') return;
      if (this.touched.has(outcome.existing)) throw secondTime();
      const updated = this.update(outcome.existing, values);
      if (updated === 'gone') continue;
      if (updated === undefined) return;
      this.touched.add(updated.key);
      this.runtime.rowWritten(this.node);
      returning?.addWritten(updated.key, updated.values, source, sourceRow);
      return;
    }
  }

  /** undefined: WHERE says no; gone: the row has been deleted meanwhile. */
  private update(
    key: Key,
    proposed: readonly Datum[],
  ): { readonly key: Key; readonly values: readonly Datum[] } | 'gone' | undefined {
    const { writer, action, row } = this;
    const tuple = writer.fetchForUpdate(key, this.assignments.attributes);
    if (tuple === undefined) return 'gone';
    const from = this.runtime.context.transaction.lastReadFrom;
    writer.access.tupleColumns(tuple, key, from, action.existingSources, this.existing);
    this.existing.forEach((value, i) => row.set(i, value));
    action.excludedAttributes.forEach((attribute, i) =>
      row.set(this.existing.length + i, proposed[attribute - 1] ?? null),
    );
    if (this.where !== undefined && this.where(row.columns, 0) !== true) return undefined;
    const before = writer.access.decodeRow(tuple);
    writer.verifyStored(before, 'conflicting');
    const after = before.slice();
    this.assignments.apply(after, row.columns, 0);
    const updated = writer.update(key, tuple, { before, after });
    return updated === undefined ? undefined : { key: updated, values: after };
  }
}

function secondTime(): Error {
  return databaseError(
    'cardinalityViolation',
    'ON CONFLICT DO UPDATE command cannot affect row a second time',
    {
      hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
    },
  );
}
