// ALTER TABLE's actions over how PostgreSQL stores a table: nothing changes here, but what cannot be is refused
// as there.

import type { AlterTableCmd } from '@pgsql/types';
import { databaseError, type TableDescriptor, typeByOid } from '#common';
import { definitionElements, listItems, nodeText } from '#planner';
import { requireColumn } from './alter-columns.ts';
import type { DdlStatement } from './statement.ts';

const storages = new Set(['plain', 'external', 'extended', 'main', 'default']);
const compressions = new Set(['pglz', 'lz4', 'default']);
const columnOptions = new Set(['n_distinct', 'n_distinct_inherited']);

/** SET STORAGE. 22023, 0A000. */
export function setStorage(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const column = requireColumn(table, command.name ?? '');
  const storage = nodeText(command.def!) ?? '';
  if (!storages.has(storage.toLowerCase()))
    throw databaseError('invalidParameterValue', `invalid storage type "${storage}"`);
  if (storage.toLowerCase() === 'plain' || isOfAnyLength(column.type.oid)) return;
  throw databaseError(
    'featureNotSupported',
    `column data type ${ddl.typeText(column.type)} can only have storage PLAIN`,
  );
}

/** SET COMPRESSION. 22023, 0A000. */
export function setCompression(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const column = requireColumn(table, command.name ?? '');
  const method = nodeText(command.def!) ?? '';
  if (!isOfAnyLength(column.type.oid)) {
    throw databaseError(
      'featureNotSupported',
      `column data type ${ddl.typeText(column.type)} does not support compression`,
    );
  }
  if (!compressions.has(method))
    throw databaseError('invalidParameterValue', `invalid compression method "${method}"`);
}

function isOfAnyLength(oid: number): boolean {
  return typeByOid(oid)?.length === -1;
}

/** CLUSTER ON. 42704. */
export function clusterOn(
  _ddl: DdlStatement,
  table: TableDescriptor,
  { name }: AlterTableCmd,
): void {
  if (table.indexes.some((index) => index.name === name)) return;
  throw databaseError(
    'undefinedObject',
    `index "${name}" for table "${table.name}" does not exist`,
  );
}

/** ALTER COLUMN SET (…). 22023. */
export function setColumnOptions(
  _ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  requireColumn(table, command.name ?? '');
  for (const { defname } of definitionElements(listItems(command.def))) {
    if (!columnOptions.has(defname ?? ''))
      throw databaseError('invalidParameterValue', `unrecognized parameter "${defname}"`);
  }
}
