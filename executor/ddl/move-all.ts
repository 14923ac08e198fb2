// ALTER TABLE, INDEX and MATERIALIZED VIEW … ALL IN TABLESPACE a [OWNED BY …] SET TABLESPACE b.

import type { AlterTableMoveAllStmt } from '@pgsql/types';
import { databaseError, type IndexDescriptor, type TableDescriptor } from '#common';
import { bodyOf } from '#planner';
import { isTemporarySchema, TableLock } from '#storage';
import { objectWords } from './command-tag.ts';
import { setIndexTablespace, setTableTablespace, tablespaceNamed } from './relation-tablespace.ts';
import type { DdlStatement } from './statement.ts';

/** 22023, 42704, 42501. */
export function moveAll(ddl: DdlStatement, statement: AlterTableMoveAllStmt): string {
  const { orig_tablespacename: from = '', new_tablespacename: to = '', objtype } = statement;
  const tag = `ALTER ${objectWords(objtype)}`;
  if (from === 'pg_global' || to === 'pg_global') {
    throw databaseError(
      'invalidParameterValue',
      'cannot move relations in to or out of pg_global tablespace',
    );
  }
  const source = tablespaceNamed(ddl, from);
  if (source === tablespaceNamed(ddl, to)) return tag;
  const owners = (statement.roles ?? []).map((node) => ddl.roleOf(bodyOf(node, 'RoleSpec')!).oid);
  const tables = [...ddl.catalog.userRelations()].filter(
    (relation): relation is TableDescriptor =>
      relation.kind === 'table' &&
      !isTemporarySchema(ddl.schemaByOid(relation.schemaOid).name) &&
      (owners.length === 0 || owners.includes(relation.owner)),
  );
  const isMeant = ({ tablespace }: TableDescriptor | IndexDescriptor): boolean =>
    tablespace === source;
  let moved = 0;
  for (const table of tables) {
    const indexes = objtype === 'OBJECT_INDEX' ? table.indexes.filter(isMeant) : [];
    const isView = table.materialized !== undefined;
    const isTable = objtype === (isView ? 'OBJECT_MATVIEW' : 'OBJECT_TABLE') && isMeant(table);
    if (!isTable && indexes.length === 0) continue;
    ddl.requireOwner(isView ? 'materialized view' : 'table', table);
    ddl.transaction.lockTable(table.oid, TableLock.accessExclusive);
    ddl.changes.forUpdate(table.oid);
    if (isTable) setTableTablespace(ddl, table, { name: to });
    for (const index of indexes) setIndexTablespace(ddl, index, { name: to });
    moved++;
  }
  if (moved === 0) ddl.notice(`no matching relations in tablespace "${from}" found`);
  return tag;
}
