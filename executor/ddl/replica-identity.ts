// ALTER TABLE … REPLICA IDENTITY: which columns tell a subscriber what row an UPDATE or DELETE was of.

import type { AlterTableCmd } from '@pgsql/types';
import { databaseError, type IndexDescriptor, type TableDescriptor } from '#common';
import { bodyOf } from '#planner';
import type { DdlStatement } from './statement.ts';

export function setReplicaIdentity(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const { identity_type: type, name = '' } = bodyOf(command.def, 'ReplicaIdentityStmt')!;
  const { replicaIdentity: _old, ...rest } = table;
  switch (type) {
    case 'f':
      ddl.put({ ...rest, replicaIdentity: 'full' });
      return;
    case 'n':
      ddl.put({ ...rest, replicaIdentity: 'nothing' });
      return;
    case 'i':
      ddl.put({ ...rest, replicaIdentity: { indexOid: identityIndex(ddl, table, name).oid } });
      return;
    default:
      ddl.put(rest);
  }
}

/** 42704, 42809 for an index that does not tell rows apart. */
function identityIndex(ddl: DdlStatement, table: TableDescriptor, name: string): IndexDescriptor {
  const index = table.indexes.find((each) => each.name === name);
  if (index === undefined) {
    const other = ddl.catalog.findRelation(table.schemaOid, name);
    throw other?.kind === 'index'
      ? databaseError('wrongObjectType', `"${name}" is not an index for table "${table.name}"`)
      : databaseError(
          'undefinedObject',
          `index "${name}" for table "${table.name}" does not exist`,
        );
  }
  const wrong = (words: string): Error =>
    databaseError('wrongObjectType', `cannot use ${words} index "${name}" as replica identity`);
  if (!index.unique) throw wrong('non-unique');
  if (index.deferrable === true) throw wrong('non-immediate');
  if (index.columns.some(({ expression }) => expression !== undefined)) throw wrong('expression');
  if (index.predicate !== undefined) throw wrong('partial');
  for (const { attributeNumber } of index.columns) {
    const column = table.columns[attributeNumber - 1];
    if (column.notNull) continue;
    throw databaseError(
      'wrongObjectType',
      `index "${name}" cannot be used as replica identity because column "${column.name}" is nullable`,
    );
  }
  return index;
}
