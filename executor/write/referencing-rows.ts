// Foreign keys of other tables that point at a table whose rows are deleted or change their key: the
// actions of the constraints (SQL:2016, 11.8). RESTRICT fails at once; NO ACTION is looked at when the
// statement is over, or at commit when deferred; CASCADE, SET NULL and SET DEFAULT write the
// referencing rows, whose own foreign keys follow in turn.

import { type Datum, type ForeignKeyAction, type TableDescriptor, databaseError } from '#common';
import type { PhysicalCheck } from '#planner';
import type { Key, TableAccess } from '#storage';
import type { ExecutionContext } from '../contract.ts';
import { cascadeDepthMax } from '../limits.ts';
import type { Runtime } from '../runtime.ts';
import { accessByKey } from './inherited-access.ts';
import { defaultValues } from './default-values.ts';
import { findReferencing } from './find-referencing.ts';
import {
  type ForeignKey,
  attributeValues,
  isForeignKey,
  sameValues,
  stillReferenced,
} from './foreign-key.ts';
import { partitionOfRow } from './partition-of-row.ts';
import { tableChecks } from './stored-expressions.ts';

/** Writes the rows of a table that a foreign key action reaches. */
export interface ActionWriter {
  readonly access: TableAccess;
  fetchForUpdate(key: Key, attributes: readonly number[]): Uint8Array | undefined;
  fetchForDelete(key: Key): Uint8Array | undefined;
  update(
    key: Key,
    oldTuple: Uint8Array,
    rows: { readonly before: readonly Datum[]; readonly after: readonly Datum[] },
  ): Key | undefined;
  delete(key: Key, oldTuple: Uint8Array, row: readonly Datum[], isMoved?: boolean): boolean;
  moved?(before: readonly Datum[], after: readonly Datum[]): void;
  insert(row: readonly Datum[]): Key | undefined;
}

export type OpenActionWriter = (
  table: TableDescriptor,
  checks: readonly PhysicalCheck[],
) => ActionWriter;

interface IncomingKey extends ForeignKey {
  /** The table that the constraint names, of which this one may be a partition, and the constraint as it is there. */
  readonly target: {
    readonly table: TableDescriptor;
    readonly constraint: ForeignKey['constraint'];
  };
}

export class ReferencingRows {
  private readonly runtime: Runtime;
  private readonly table: TableDescriptor;
  private readonly openWriter: OpenActionWriter;
  private keys: readonly IncomingKey[] | undefined = undefined;
  private readonly writers = new Map<number, ActionWriter>();
  private readonly isReferenced: boolean;

  constructor(table: TableDescriptor, runtime: Runtime, openWriter: OpenActionWriter) {
    this.openWriter = openWriter;
    this.runtime = runtime;
    this.table = table;
    this.isReferenced = table.referencedBy.length > 0 || table.partitionBound !== undefined;
  }

  /** Does a foreign key of another table point at one of these attributes? */
  readsAny(attributes: readonly number[]): boolean {
    if (!this.isReferenced) return false;
    return this.resolve().some((key) =>
      key.constraint.referencedColumns.some((attribute) => attributes.includes(attribute)),
    );
  }

  rowDeleted(row: readonly Datum[]): void {
    if (!this.isReferenced) return;
    for (const key of this.resolve()) this.keyDeleted(key, row);
  }

  rowUpdated(before: readonly Datum[], after: readonly Datum[]): void {
    if (!this.isReferenced) return;
    for (const key of this.resolve()) this.keyUpdated(key, before, after);
  }

  /** To another partition: for those who point at the partitioned table that is an update. */
  rowMoved(before: readonly Datum[], after: readonly Datum[]): void {
    if (!this.isReferenced) return;
    for (const key of this.resolve()) {
      const { table, constraint } = key.target;
      if (table.oid === this.table.oid) this.keyDeleted(key, before);
      else this.keyUpdated(key, before, after, { ...key, referenced: table, constraint });
    }
  }

  private keyDeleted(key: IncomingKey, row: readonly Datum[]): void {
    const values = attributeValues(row, key.constraint.referencedColumns);
    if (!values.includes(null)) this.act(key, key.constraint.onDelete, values, undefined);
  }

  private keyUpdated(
    key: IncomingKey,
    before: readonly Datum[],
    after: readonly Datum[],
    acting = key,
  ): void {
    const attributes = key.constraint.referencedColumns;
    if (sameValues(this.table, attributes, before, after)) return;
    const values = attributeValues(before, attributes);
    if (!values.includes(null))
      this.act(acting, key.constraint.onUpdate, values, attributeValues(after, attributes));
  }

  private resolve(): readonly IncomingKey[] {
    this.keys ??= this.keysOf(this.table);
    return this.keys;
  }

  /** Those that point at the table, and those that point at the tables that it is a partition of. */
  private keysOf(referenced: TableDescriptor): IncomingKey[] {
    const { catalog } = this.runtime.context;
    const keys = referenced.referencedBy.flatMap(({ tableOid, constraintOid }) => {
      const referencing = tableOid === referenced.oid ? referenced : catalog.tableByOid(tableOid);
      const constraint = referencing?.constraints.find(({ oid }) => oid === constraintOid);
      if (referencing === undefined || constraint === undefined || !isForeignKey(constraint))
        return [];
      // A partitioned table's rows are in its partitions, each with its part of the key.
      if (referencing.partitioning !== undefined) return [];
      return [
        {
          constraint: this.ownColumns(constraint, referenced),
          referencing,
          referenced: this.table,
          target: { table: referenced, constraint },
        },
      ];
    });
    const parent =
      referenced.partitionBound === undefined
        ? undefined
        : catalog.tableByOid(referenced.parents?.[0] ?? 0);
    return parent === undefined ? keys : [...keys, ...this.keysOf(parent)];
  }

  /** The constraint with the referenced columns and index of this table in the place of its parent's. */
  private ownColumns(
    constraint: ForeignKey['constraint'],
    referenced: TableDescriptor,
  ): ForeignKey['constraint'] {
    const { table } = this;
    if (referenced.oid === table.oid) return constraint;
    const referencedColumns = constraint.referencedColumns.map((attribute) => {
      const { name } = referenced.columns[attribute - 1];
      return table.columns.find((each) => each.name === name && !each.dropped)!.attributeNumber;
    });
    const index = table.indexes.find(
      (each) =>
        each.unique &&
        each.predicate === undefined &&
        each.columns.length === referencedColumns.length &&
        each.columns.every(({ attributeNumber }) => referencedColumns.includes(attributeNumber)),
    );
    return { ...constraint, referencedColumns, referencedIndex: index?.oid ?? 0 };
  }

  private act(
    key: IncomingKey,
    action: ForeignKeyAction,
    values: readonly Datum[],
    changed: readonly Datum[] | undefined,
  ): void {
    switch (action) {
      case 'restrict':
        if (findReferencing(key, values, this.runtime, 1).length > 0) {
          throw stillReferenced(key, values, this.runtime.context);
        }
        return;
      case 'no action':
        this.checkLater(key, values);
        return;
      case 'cascade':
        if (changed === undefined) this.deleteReferencing(key, values);
        else this.updateReferencing(key, values, () => changed);
        return;
      case 'set null':
        this.updateReferencing(
          key,
          values,
          (columns) => columns.map(() => null),
          changed === undefined,
        );
        return;
      case 'set default':
        this.updateReferencing(
          key,
          values,
          (columns) => defaultValues(key.referencing, columns, this.runtime),
          changed === undefined,
        );
        // The default may be the key that is gone.
        this.checkLater(key, values);
        return;
    }
  }

  /** NO ACTION: fine when by then nothing points at the key, or the key is there again. */
  private checkLater(key: IncomingKey, values: readonly Datum[]): void {
    const { session } = this.runtime.context;
    const context = this.runtime.context;
    const { constraint } = key;
    const check = (): void => {
      if (findReferencing(key, values, this.runtime, 1, context).length === 0) return;
      if (this.isThereAgain(key, values, context)) return;
      throw stillReferenced(key, values, context);
    };
    if (
      constraint.deferrable &&
      session.constraintsDeferred(constraint.oid, constraint.initiallyDeferred)
    ) {
      session.deferConstraintCheck(check);
    } else {
      this.runtime.statementEndChecks.push(check);
    }
  }

  /** In any partition of the table that the constraint points at. */
  private isThereAgain(
    { target: { table, constraint } }: IncomingKey,
    values: readonly Datum[],
    context: ExecutionContext,
  ): boolean {
    const index = table.indexes.find(({ oid }) => oid === constraint.referencedIndex)!;
    const ordered = index.columns.map(
      (column) => values[constraint.referencedColumns.indexOf(column.attributeNumber)]!,
    );
    return accessByKey(table, () => context.catalog).existsByIndex(
      context.transaction,
      index.oid,
      ordered,
    );
  }

  private deleteReferencing(key: ForeignKey, values: readonly Datum[]): void {
    const writer = this.writer(key.referencing);
    this.forEachReferencing(key, values, (rowKey) => {
      const tuple = writer.fetchForDelete(rowKey);
      if (tuple !== undefined) writer.delete(rowKey, tuple, writer.access.decodeRow(tuple));
    });
  }

  private updateReferencing(
    key: ForeignKey,
    values: readonly Datum[],
    newValues: (columns: readonly number[]) => readonly Datum[],
    onDelete = false,
  ): void {
    const columns =
      (onDelete ? key.constraint.onDeleteColumns : undefined) ?? key.constraint.columns;
    const writer = this.writer(key.referencing);
    this.forEachReferencing(key, values, (rowKey) => {
      const tuple = writer.fetchForUpdate(rowKey, columns);
      if (tuple === undefined) return;
      const before = writer.access.decodeRow(tuple);
      const after = before.slice();
      const replaced = newValues(columns);
      columns.forEach((attribute, i) => {
        after[attribute - 1] = replaced[i]!;
      });
      this.replaceRow(key.referencing, { rowKey, tuple, before, after });
    });
  }

  /** In its place, or in the partition that it belongs to now. */
  private replaceRow(
    table: TableDescriptor,
    change: {
      readonly rowKey: Key;
      readonly tuple: Uint8Array;
      readonly before: readonly Datum[];
      readonly after: readonly Datum[];
    },
  ): void {
    const { rowKey, tuple, before, after } = change;
    const writer = this.writer(table);
    const place = partitionOfRow(table, after, this.runtime);
    if (place.table.oid === table.oid) writer.update(rowKey, tuple, { before, after });
    else if (writer.delete(rowKey, tuple, before, true)) {
      this.writer(place.table).insert(place.row);
      writer.moved?.(before, after);
    }
  }

  private forEachReferencing(
    key: ForeignKey,
    values: readonly Datum[],
    write: (rowKey: Key) => void,
  ): void {
    this.runtime.cascadeDepth++;
    if (this.runtime.cascadeDepth > cascadeDepthMax) {
      throw databaseError('statementTooComplex', 'foreign key cascades are nested too deeply');
    }
    for (const rowKey of findReferencing(key, values, this.runtime, Infinity)) write(rowKey);
    this.runtime.cascadeDepth--;
  }

  private writer(table: TableDescriptor): ActionWriter {
    let writer = this.writers.get(table.oid);
    if (writer === undefined) {
      writer = this.openWriter(table, tableChecks(table, this.runtime.context));
      this.writers.set(table.oid, writer);
    }
    return writer;
  }
}
