// ALTER INDEX … ATTACH PARTITION: an index of a partition becomes the part of its parent's. The
// parent's is valid once every partition has one.

import type { AlterTableCmd } from '@pgsql/types';
import { databaseError, type IndexDescriptor, type TableDescriptor } from '#common';
import { bodyOf } from '#planner';
import { TableLock } from '#storage';
import { linkIndex } from './inheritance.ts';
import type { DdlStatement } from './statement.ts';

export function attachIndex(
  ddl: DdlStatement,
  parent: IndexDescriptor,
  command: AlterTableCmd,
): void {
  const range = bodyOf(command.def, 'PartitionCmd')!.name!;
  const child = ddl.requireRelation(range, TableLock.accessExclusive);
  if (child.kind !== 'index') {
    throw databaseError('invalidObjectDefinition', `"${child.name}" is not an index`);
  }
  if (child.parentOid === parent.oid) return;
  const refuse = (detail: string): Error =>
    databaseError(
      'invalidObjectDefinition',
      `cannot attach index "${child.name}" as a partition of index "${parent.name}"`,
      { detail },
    );
  const table = ddl.table(child.tableOid);
  const above = ddl.table(parent.tableOid);
  if (!(above.children ?? []).includes(table.oid)) {
    throw refuse(
      `Index "${child.name}" is not an index on any partition of table "${above.name}".`,
    );
  }
  if (child.parentOid !== undefined) {
    throw refuse(`Index "${child.name}" is already attached to another index.`);
  }
  if (table.indexes.some(({ parentOid }) => parentOid === parent.oid)) {
    throw refuse(`Another index is already attached for partition "${table.name}".`);
  }
  if (definitionOf(child, table) !== definitionOf(parent, above)) {
    throw refuse('The index definitions do not match.');
  }
  linkIndex(ddl, table.oid, child.oid, parent.oid);
  const isWhole = (above.children ?? []).every((oid) =>
    ddl.table(oid).indexes.some(({ parentOid }) => parentOid === parent.oid),
  );
  if (!isWhole) return;
  const newest = ddl.table(above.oid);
  ddl.put({
    ...newest,
    indexes: newest.indexes.map((index) =>
      index.oid === parent.oid ? { ...index, valid: true } : index,
    ),
  });
}

/** What an index of a partition must have in common with its parent's; columns go by their names. */
function definitionOf(index: IndexDescriptor, table: TableDescriptor): string {
  const nameOf = (attribute: number): string =>
    attribute === 0 ? '' : table.columns[attribute - 1].name;
  return JSON.stringify({
    unique: index.unique,
    nullsNotDistinct: index.nullsNotDistinct,
    method: index.method,
    predicate: index.predicate?.sql ?? null,
    included: index.included.length,
    columns: index.columns.map((column) => [
      nameOf(column.attributeNumber),
      column.expression?.sql ?? null,
      column.operatorClass ?? null,
    ]),
  });
}
