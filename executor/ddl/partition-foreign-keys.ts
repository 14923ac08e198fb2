// Foreign keys of partitioned tables: each partition has its part of them, and rows of a partition may be
// what a key of another table points at, although that names the partitioned table.

import { type ConstraintDescriptor, databaseError, type TableDescriptor } from '#common';
import { checkReferences, referencingRow } from './constraint-rows.ts';
import type { AlterWork } from './alter-table.ts';
import { addForeignKey } from './foreign-keys.ts';
import { liveColumn } from './index-definition.ts';
import type { DdlStatement } from './statement.ts';

type ForeignKey = Extract<ConstraintDescriptor, { readonly type: 'foreign' }>;

interface Adoption {
  readonly parentOid: number;
  readonly constraint: ForeignKey;
  readonly childOid: number;
  /** The partition is new. */
  readonly isEmpty?: boolean;
}

/**
 * The partition's part of a foreign key of its parent: one of its own that says the same, or a new one,
 * which the rows that are there must meet (23503).
 */
export function* adoptForeignKey(ddl: DdlStatement, adoption: Adoption): AlterWork {
  const { parentOid, constraint, childOid } = adoption;
  const same = ddl
    .table(childOid)
    .constraints.find((own) => own.type === 'foreign' && isSame(ddl, own, adoption));
  if (same !== undefined) {
    linkConstraint(ddl, childOid, same.oid, constraint.oid);
    return;
  }
  const own = addPart(ddl, parentOid, constraint, childOid);
  linkConstraint(ddl, childOid, own.oid, constraint.oid);
  const child = ddl.table(childOid);
  for (const grandchild of child.children ?? [])
    yield* adoptForeignKey(ddl, { parentOid: childOid, constraint: own, childOid: grandchild });
  if (adoption.isEmpty !== true && child.partitioning === undefined && constraint.validated)
    yield* checkReferences(ddl, child, own);
}

function isSame(ddl: DdlStatement, own: ForeignKey, adoption: Adoption): boolean {
  const { constraint } = adoption;
  const parent = ddl.table(adoption.parentOid);
  const child = ddl.table(adoption.childOid);
  const inChild = (attribute: number): number | undefined =>
    liveColumn(child, parent.columns[attribute - 1].name)?.attributeNumber;
  return (
    own.parentOid === undefined &&
    own.validated &&
    own.referencedTable === constraint.referencedTable &&
    own.columns.length === constraint.columns.length &&
    constraint.columns.every((attribute, at) => own.columns[at] === inChild(attribute)) &&
    constraint.referencedColumns.every((key, at) => own.referencedColumns[at] === key) &&
    own.deferrable === constraint.deferrable &&
    own.initiallyDeferred === constraint.initiallyDeferred &&
    own.match === constraint.match &&
    own.onDelete === constraint.onDelete &&
    own.onUpdate === constraint.onUpdate
  );
}

function addPart(
  ddl: DdlStatement,
  parentOid: number,
  constraint: ForeignKey,
  childOid: number,
): ForeignKey {
  const parent = ddl.table(parentOid);
  const referenced = ddl.table(constraint.referencedTable);
  const nameOf = (attribute: number): string => parent.columns[attribute - 1].name;
  const isTaken = ddl.table(childOid).constraints.some(({ name }) => name === constraint.name);
  return addForeignKey(ddl, childOid, {
    type: 'foreign',
    name: isTaken ? undefined : constraint.name,
    deferrable: constraint.deferrable,
    initiallyDeferred: constraint.initiallyDeferred,
    validated: constraint.validated,
    columns: constraint.columns.map(nameOf),
    referenced: {
      relname: referenced.name,
      schemaname: ddl.schemaByOid(referenced.schemaOid).name,
    },
    referencedColumns: constraint.referencedColumns.map(
      (attribute) => referenced.columns[attribute - 1].name,
    ),
    match: constraint.match,
    onDelete: constraint.onDelete,
    onUpdate: constraint.onUpdate,
    onDeleteColumns: (constraint.onDeleteColumns ?? []).map(nameOf),
  });
}

function linkConstraint(ddl: DdlStatement, tableOid: number, oid: number, parentOid: number): void {
  const table = ddl.table(tableOid);
  ddl.put({
    ...table,
    constraints: table.constraints.map((each) =>
      each.oid === oid ? { ...each, parentOid, isLocal: false, inheritCount: 1 } : each,
    ),
  });
}

/** 23503 when a row points at one of the partition, which is taken from its parents. */
export function* requireUnreferenced(
  ddl: DdlStatement,
  partition: TableDescriptor,
  keys: readonly ForeignKey[],
): AlterWork {
  for (const key of keys) {
    const referencing = ddl.catalog.tableByOid(key.tableOid);
    if (referencing === undefined) continue;
    const found = yield* referencingRow(ddl, key, partition);
    if (found === undefined) continue;
    throw databaseError(
      'foreignKeyViolation',
      `removing partition "${partition.name}" violates foreign key constraint "${key.name}"`,
      {
        detail: `Key ${found} is still referenced from table "${referencing.name}".`,
        schema: ddl.schemaByOid(referencing.schemaOid).name,
        table: referencing.name,
        constraint: key.name,
      },
    );
  }
}
