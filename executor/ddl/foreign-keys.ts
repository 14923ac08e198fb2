// FOREIGN KEY constraints: finding what is referenced, checking that it can be, and noting the
// reference on both sides (PostgreSQL's ATAddForeignKeyConstraint).

import {
  type ConstraintDescriptor,
  databaseError,
  type IndexDescriptor,
  type SqlType,
  type TableDescriptor,
  typeDisplayName,
} from '#common';
import { functionRegistry } from '#functions';
import { columnGrantable, hasRights, relationDenied, relationGrantable } from '#planner';
import { TableLock } from '#storage';
import { liveColumn } from './index-definition.ts';
import { freeConstraintName, requireFreeConstraintName } from './key-constraints.ts';
import type { DdlStatement } from './statement.ts';
import { type ForeignKeyElement, isSystemColumn } from './table-elements.ts';

type ForeignKey = Extract<ConstraintDescriptor, { readonly type: 'foreign' }>;

/** Adds the constraint to the (stored) table and the back reference to the referenced one. */
/** REFERENCES on the table, or on each of the columns. */
function requireReferences(
  ddl: DdlStatement,
  referenced: TableDescriptor,
  names: readonly string[],
): void {
  const role = ddl.context.currentRole.oid;
  if (hasRights(ddl.catalog, role, relationGrantable(referenced), 'x')) return;
  const columns = referenced.columns.filter(({ name }) => names.includes(name));
  const may = columns.every((column) =>
    hasRights(ddl.catalog, role, columnGrantable(column, referenced.owner), 'x'),
  );
  if (columns.length === 0 || !may) throw relationDenied(referenced);
}

export function addForeignKey(
  ddl: DdlStatement,
  tableOid: number,
  element: ForeignKeyElement,
): ForeignKey {
  const range = element.referenced;
  const referenced = ddl.requireRelation(range, TableLock.shareRowExclusive);
  if (referenced.kind !== 'table') {
    throw databaseError(
      'wrongObjectType',
      `referenced relation "${referenced.name}" is not a table`,
    );
  }
  requireReferences(ddl, referenced, element.referencedColumns);
  const table = ddl.table(tableOid);
  checkPersistence(table, referenced);
  const columns = element.columns.map((name) => attributeOf(table, name));
  const { index, attributes } = referencedKey(referenced, element.referencedColumns);
  if (columns.length !== attributes.length) {
    throw databaseError(
      'invalidForeignKey',
      'number of referencing and referenced columns for foreign key disagree',
    );
  }
  if (index.deferrable === true) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      `cannot use a deferrable unique constraint for referenced table "${referenced.name}"`,
    );
  }
  const name = constraintName(table, element);
  columns.forEach((column, position) => {
    checkTypes(name, table.columns[column - 1], referenced.columns[attributes[position] - 1]);
  });
  checkActions(table, columns, element);
  const constraint: ForeignKey = {
    kind: 'constraint',
    oid: ddl.allocateOid(),
    name,
    tableOid,
    columns,
    deferrable: element.deferrable,
    initiallyDeferred: element.initiallyDeferred,
    validated: element.validated,
    type: 'foreign',
    referencedTable: referenced.oid,
    referencedColumns: attributes,
    referencedIndex: index.oid,
    match: element.match,
    onDelete: element.onDelete,
    onUpdate: element.onUpdate,
    ...(element.onDeleteColumns.length === 0
      ? {}
      : {
          onDeleteColumns: [
            ...new Set(element.onDeleteColumns.map((column) => attributeOf(table, column))),
          ],
        }),
  };
  ddl.put({ ...table, constraints: [...table.constraints, constraint] });
  const target = ddl.table(referenced.oid);
  ddl.put({
    ...target,
    referencedBy: [...target.referencedBy, { tableOid, constraintOid: constraint.oid }],
  });
  return constraint;
}

/** A column of the table has another type: the keys that it is part of must still be comparable. 42804. */
export function checkForeignKeyTypes(
  ddl: DdlStatement,
  table: TableDescriptor,
  attributeNumber: number,
): void {
  for (const key of foreignKeysOver(ddl, table, attributeNumber)) {
    const [from, to] = [key.tableOid, key.referencedTable].map((oid) =>
      oid === table.oid ? table : ddl.table(oid),
    );
    key.columns.forEach((column, position) => {
      checkTypes(
        key.name,
        from.columns[column - 1],
        to.columns[key.referencedColumns[position] - 1],
      );
    });
  }
}

/** The keys of the table that the column is part of, and those that refer to it. */
export function foreignKeysOver(
  ddl: DdlStatement,
  table: TableDescriptor,
  attributeNumber: number,
): ForeignKey[] {
  const isForeign = (constraint: ConstraintDescriptor | undefined): constraint is ForeignKey =>
    constraint?.type === 'foreign';
  const own = table.constraints
    .filter(isForeign)
    .filter(({ columns }) => columns.includes(attributeNumber));
  const incoming = table.referencedBy
    .map(({ tableOid, constraintOid }) =>
      (tableOid === table.oid ? table : ddl.table(tableOid)).constraints.find(
        ({ oid }) => oid === constraintOid,
      ),
    )
    .filter(isForeign)
    .filter(({ referencedColumns }) => referencedColumns.includes(attributeNumber));
  return [...new Set([...own, ...incoming])];
}

/** Takes a constraint's back reference away; the constraint itself is the caller's business. */
export function removeReference(ddl: DdlStatement, constraint: ForeignKey): void {
  const target = ddl.catalog.tableByOid(constraint.referencedTable);
  if (target === undefined) return;
  ddl.transaction.lockTable(target.oid, TableLock.accessExclusive);
  ddl.changes.forUpdate(target.oid);
  const newest = ddl.table(target.oid);
  ddl.put({
    ...newest,
    referencedBy: newest.referencedBy.filter(
      (reference) => reference.constraintOid !== constraint.oid,
    ),
  });
}

function checkPersistence(table: TableDescriptor, referenced: TableDescriptor): void {
  const [from, to] = [table.persistence, referenced.persistence];
  if (from === to || (from === 'unlogged' && to === 'permanent')) return;
  const allowed = {
    permanent: 'permanent',
    unlogged: 'permanent or unlogged',
    temporary: 'temporary',
  }[from];
  throw databaseError(
    'invalidTableDefinition',
    `constraints on ${from} tables may reference only ${allowed} tables`,
  );
}

function attributeOf(table: TableDescriptor, name: string): number {
  const column = liveColumn(table, name);
  if (column !== undefined) return column.attributeNumber;
  if (isSystemColumn(name))
    throw databaseError('featureNotSupported', 'system columns cannot be used in foreign keys');
  throw databaseError(
    'undefinedColumn',
    `column "${name}" referenced in foreign key constraint does not exist`,
  );
}

interface ReferencedKey {
  readonly index: IndexDescriptor;
  /** In the order of the referencing columns. */
  readonly attributes: readonly number[];
}

function referencedKey(table: TableDescriptor, names: readonly string[]): ReferencedKey {
  if (names.length === 0) {
    const index = table.indexes.find((candidate) => candidate.primary);
    if (index === undefined) {
      throw databaseError(
        'undefinedObject',
        `there is no primary key for referenced table "${table.name}"`,
      );
    }
    return { index, attributes: index.columns.map((column) => column.attributeNumber) };
  }
  const attributes = names.map((name) => attributeOf(table, name));
  if (new Set(attributes).size !== attributes.length) {
    throw databaseError(
      'invalidForeignKey',
      'foreign key referenced-columns list must not contain duplicates',
    );
  }
  const index = table.indexes.find((candidate) => isKeyOver(candidate, attributes));
  if (index === undefined) {
    throw databaseError(
      'invalidForeignKey',
      `there is no unique constraint matching given keys for referenced table "${table.name}"`,
    );
  }
  return { index, attributes };
}

/** A unique index over exactly these columns, in any order, of all rows. */
function isKeyOver(index: IndexDescriptor, attributes: readonly number[]): boolean {
  return (
    index.unique &&
    index.predicate === undefined &&
    index.columns.length === attributes.length &&
    index.columns.every(
      (column) => column.attributeNumber !== 0 && attributes.includes(column.attributeNumber),
    )
  );
}

function constraintName(table: TableDescriptor, element: ForeignKeyElement): string {
  if (element.name === undefined)
    return freeConstraintName(table, element.columns.join('_'), 'fkey');
  requireFreeConstraintName(table, element.name);
  return element.name;
}

interface TypedColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** 42804 unless the types can be compared. */
function checkTypes(constraint: string, column: TypedColumn, referenced: TypedColumn): void {
  if (areComparable(column.type.oid, referenced.type.oid)) return;
  const [left, right] = [column, referenced].map(
    ({ type }) => typeDisplayName(type.oid) ?? String(type.oid),
  );
  throw databaseError(
    'datatypeMismatch',
    `foreign key constraint "${constraint}" cannot be implemented`,
    {
      detail: `Key columns "${column.name}" and "${referenced.name}" are of incompatible types: ${left} and ${right}.`,
    },
  );
}

function areComparable(left: number, right: number): boolean {
  if (left === right) return functionRegistry.ordering(left) !== undefined;
  const equals = functionRegistry.operatorsNamed('=');
  if (equals.some((operator) => operator.left === right && operator.right === left)) return true;
  const cast = functionRegistry.castBetween(left, right);
  return cast?.context === 'implicit' && functionRegistry.ordering(right) !== undefined;
}

function checkActions(
  table: TableDescriptor,
  columns: readonly number[],
  element: ForeignKeyElement,
): void {
  for (const name of element.onDeleteColumns) {
    const attribute = attributeOf(table, name);
    if (!columns.includes(attribute)) {
      throw databaseError(
        'invalidColumnReference',
        `column "${name}" referenced in ON DELETE SET action must be part of foreign key`,
      );
    }
  }
  const isSetting = (action: string): boolean =>
    action === 'set null' || action === 'set default' || action === 'cascade';
  for (const attribute of columns) {
    const column = table.columns[attribute - 1];
    if (column.generated === undefined) continue;
    if (
      isSetting(element.onUpdate) ||
      element.onDelete === 'set null' ||
      element.onDelete === 'set default'
    ) {
      throw databaseError(
        'invalidForeignKey',
        `invalid ${isSetting(element.onUpdate) ? 'ON UPDATE' : 'ON DELETE'} action for foreign key constraint containing generated column`,
      );
    }
  }
}
