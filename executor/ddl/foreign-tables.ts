// What ALTER TABLE does to foreign tables only, and what may not be done to them. A foreign table is a table
// without rows: plans that would read or write it end with its wrapper's lack of a handler.

import type { AlterTableCmd, Node } from '@pgsql/types';
import { databaseError, type DatabaseError, type Entry, type TableDescriptor } from '#common';
import { listItems } from '#planner';
import { validatorOf } from './entries/foreign-data.ts';
import { changedOptions, validateOptions } from './entries/generic-options.ts';
import { columnOfRelationDoesNotExist, positionField } from './errors.ts';
import { liveColumn } from './index-definition.ts';
import type { DdlStatement } from './statement.ts';
import { familyOf } from './table-family.ts';
import type { ConstraintElement } from './table-elements.ts';

const keyWords: Readonly<Partial<Record<ConstraintElement['type'], string>>> = {
  primary: 'primary key',
  unique: 'unique',
  foreign: 'foreign key',
  exclude: 'exclusion',
};

/** 0A000: rows elsewhere cannot be kept apart here. */
export function refuseKeysOnForeign(constraints: readonly ConstraintElement[]): void {
  for (const { type, position } of constraints) {
    const words = keyWords[type];
    if (words === undefined) continue;
    throw databaseError(
      'featureNotSupported',
      `${words} constraints are not supported on foreign tables`,
      positionField(position),
    );
  }
}

/** 42809 `"t" is not a foreign table` */
function requireForeign(
  ddl: DdlStatement,
  table: TableDescriptor,
): {
  readonly server: Entry<'foreignServer'>;
  readonly foreign: NonNullable<TableDescriptor['foreign']>;
} {
  const { foreign } = table;
  const server = ddl.catalog.entryByOid('foreignServer', foreign?.server ?? 0);
  if (foreign !== undefined && server !== undefined) return { server, foreign };
  throw databaseError('wrongObjectType', `"${table.name}" is not a foreign table`);
}

/** ALTER FOREIGN TABLE … OPTIONS (…) */
export function changeForeignOptions(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const { server, foreign } = requireForeign(ddl, table);
  const options = changedOptions(foreign.options, optionNodes(command));
  validateOptions(validatorOf(ddl, server), options, 'table');
  ddl.put({ ...table, foreign: { ...foreign, options } });
}

/** ALTER FOREIGN TABLE … ALTER COLUMN … OPTIONS (…) */
export function changeColumnOptions(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const { server } = requireForeign(ddl, table);
  const name = command.name ?? '';
  const column = liveColumn(table, name);
  if (column === undefined) throw columnOfRelationDoesNotExist(name, table.name);
  const foreignOptions = changedOptions(column.foreignOptions ?? {}, optionNodes(command));
  validateOptions(validatorOf(ddl, server), foreignOptions, 'column');
  ddl.put({
    ...table,
    columns: table.columns.map((each) => (each === column ? { ...each, foreignOptions } : each)),
  });
}

function optionNodes({ def }: AlterTableCmd): readonly Node[] {
  return listItems(def);
}

/** What may not be done to a foreign table. */
export function notOnForeign(table: TableDescriptor, what: string): DatabaseError {
  return databaseError('wrongObjectType', `cannot ${what} relation "${table.name}"`, {
    detail: 'This operation is not supported for foreign tables.',
  });
}

/** 42809: a key of a partitioned table would have to hold in partitions elsewhere, too. */
export function refuseForeignPartitions(ddl: DdlStatement, table: TableDescriptor): void {
  if (table.partitioning === undefined) return;
  if (familyOf(ddl, table.oid).every(({ foreign }) => foreign === undefined)) return;
  throw databaseError(
    'wrongObjectType',
    `cannot create unique index on partitioned table "${table.name}"`,
    { detail: `Table "${table.name}" contains partitions that are foreign tables.` },
  );
}
