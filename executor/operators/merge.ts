// MERGE. For every source row the clause that acts and the values that it writes are settled from the
// statement's snapshot before the first row is written, as in UPDATE. A row of the target that was
// changed by one source row must not be changed by another (21000).

import { type Batch, columnValue, databaseError, type Datum, genericColumn } from '#common';
import type { PhysicalMerge, PhysicalMergeClause } from '#planner';
import type { Key } from '#storage';
import { again } from '../contract.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Columns, Evaluator } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';
import { GeneratedColumns } from '../write/generated-columns.ts';
import { openWriter } from '../write/inherited-writer.ts';
import type { RowWriter } from '../write/table-writer.ts';
import { Assignments } from './assignments.ts';
import { CollectedRows } from './collected-rows.ts';
import type { Operator, Pulled } from './operator.ts';

const entryBytes = 64;
/** Columns of the buffer in front of the new values. */
const headerWidth = 2;
/** The order in which PostgreSQL fires the statement's triggers before it; after it, the reverse. */
const eventOrder = ['insert', 'update', 'delete'] as const;

interface Clause {
  readonly matched: boolean;
  readonly action: PhysicalMergeClause['action'];
  readonly condition: Evaluator | undefined;
  readonly assignments: Assignments;
  /** Those assigned and those computed from them. */
  readonly attributes: readonly number[];
}

export class MergeOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalMerge;
  private readonly source: CollectedRows;
  private readonly writer: RowWriter;
  private readonly clauses: readonly Clause[];
  private readonly generated: GeneratedColumns;
  private readonly valueWidth: number;
  /** Columns that some UPDATE of the statement assigns. */
  private readonly updates: readonly number[];
  private readonly touched = new Set<Key>();
  private touchedBytes = 0;
  private ended = false;

  constructor(node: PhysicalMerge, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.source = new CollectedRows(runtime.buildOperator(node.source), runtime, (batch) =>
      this.settled(batch),
    );
    this.writer = openWriter(node.table, node.checks, runtime);
    this.generated = new GeneratedColumns(node.table, runtime);
    const computed = node.table.columns
      .filter((column) => column.generated !== undefined && !column.dropped)
      .map((column) => column.attributeNumber);
    this.clauses = node.clauses.map((clause) => {
      const assignments = new Assignments(clause.assignments, runtime);
      return {
        matched: clause.matched,
        action: clause.action,
        condition:
          clause.condition === undefined ? undefined : compileExpression(clause.condition, runtime),
        assignments,
        attributes: [...assignments.attributes, ...computed],
      };
    });
    this.valueWidth = Math.max(0, ...this.clauses.map(({ assignments }) => assignments.length));
    this.updates = this.clauses
      .filter(({ action }) => action === 'update')
      .flatMap(({ assignments }) => assignments.attributes);
  }

  open(): void {
    this.close();
    for (const event of eventOrder) {
      if (this.acts(event)) this.writer.beginStatement?.(event, this.updates);
    }
    this.ended = false;
    this.source.open();
  }

  next(): Pulled {
    for (;;) {
      const batch = this.source.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      this.writeBatch(batch);
      if (this.runtime.pause()) return again;
    }
    if (!this.ended) {
      for (const event of eventOrder.toReversed()) {
        if (this.acts(event)) this.writer.endStatement?.(event, this.updates);
      }
    }
    this.ended = true;
    return undefined;
  }

  close(): void {
    this.source.close();
    this.touched.clear();
    this.touchedBytes = 0;
  }

  private acts(event: (typeof eventOrder)[number]): boolean {
    return this.clauses.some(({ action }) => action === event);
  }

  /** Per source row that is acted on: the row's key, the ordinal of the clause, the values. */
  private settled(batch: Batch): Batch {
    const keys: Datum[] = [];
    const ordinals: Datum[] = [];
    const values: Datum[][] = Array.from({ length: this.valueWidth }, () => []);
    for (let row = 0; row < batch.length; row++) {
      const key = columnValue(batch.columns[this.node.rowKey], row);
      const ordinal = this.clauseFor(key !== null, batch.columns, row);
      if (ordinal < 0) continue;
      const { action, assignments } = this.clauses[ordinal];
      if (action === 'nothing') continue;
      keys.push(key);
      ordinals.push(ordinal);
      for (let i = 0; i < this.valueWidth; i++) {
        values[i].push(i < assignments.length ? assignments.value(i, batch.columns, row) : null);
      }
    }
    return { length: keys.length, columns: [keys, ordinals, ...values].map(genericColumn) };
  }

  private clauseFor(matched: boolean, columns: Columns, row: number): number {
    return this.clauses.findIndex(
      (clause) =>
        clause.matched === matched &&
        (clause.condition === undefined || clause.condition(columns, row) === true),
    );
  }

  private writeBatch(batch: Batch): void {
    for (let row = 0; row < batch.length; row++) {
      const key = columnValue(batch.columns[0], row) as Key | null;
      const clause = this.clauses[columnValue(batch.columns[1], row) as number];
      const isWritten =
        key === null ? this.insert(clause, batch, row) : this.change(key, clause, batch, row);
      if (isWritten) this.runtime.rowWritten(this.node);
    }
  }

  private insert(clause: Clause, batch: Batch, row: number): boolean {
    const values = new Array<Datum>(this.node.table.columns.length).fill(null);
    this.assign(values, clause, batch, row);
    return this.writer.insert(values) !== undefined;
  }

  private change(key: Key, clause: Clause, batch: Batch, row: number): boolean {
    if (!this.isFirst(key)) return false;
    const isUpdate = clause.action === 'update';
    const tuple = isUpdate
      ? this.writer.fetchForUpdate(key, clause.attributes)
      : this.writer.fetchForDelete(key);
    if (tuple === undefined) return false;
    const before = this.writer.access.decodeRow(tuple);
    this.writer.verifyStored(before, isUpdate ? 'replaced' : 'removed');
    if (!isUpdate) return this.writer.delete(key, tuple, before);
    const after = before.slice();
    this.assign(after, clause, batch, row);
    return this.writer.update(key, tuple, { before, after }) !== undefined;
  }

  private assign(row: Datum[], { assignments }: Clause, batch: Batch, at: number): void {
    assignments.attributes.forEach((attribute, i) => {
      row[attribute - 1] = columnValue(batch.columns[headerWidth + i], at);
    });
    this.generated.compute(row, true);
  }

  /** False: another part of the statement (a WITH query) has changed the row. */
  private isFirst(key: Key): boolean {
    if (this.touched.has(key)) {
      throw databaseError('cardinalityViolation', 'MERGE command cannot affect row a second time', {
        hint: 'Ensure that not more than one source row matches any one target row.',
      });
    }
    this.touched.add(key);
    this.touchedBytes += entryBytes + key.length;
    this.runtime.checkUnspillable(this, this.touchedBytes);
    const shared = this.runtime.sharedTargets(this.node.table.oid);
    if (shared?.has(key) === true) return false;
    shared?.add(key);
    return true;
  }
}
