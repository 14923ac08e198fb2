// Which tablespace a relation is recorded in: that of its TABLESPACE clause, of its parent, or
// default_tablespace. The database's own is none.

import type { AlterTableCmd } from '@pgsql/types';
import { databaseError, type IndexDescriptor, type TableDescriptor } from '#common';
import { accessDenied, hasRights } from '#planner';
import type { DdlStatement } from './statement.ts';
import { noTablespace } from './tablespaces.ts';

const defaultSpace = 1663;
const globalSpace = 1664;

/** 42704, 42501, 22023; undefined: the database's own. */
export function tablespaceNamed(ddl: DdlStatement, name: string): number | undefined {
  const space = ddl.catalog.findEntry('tablespace', 0, name);
  if (space === undefined) throw noTablespace(name);
  if (space.oid === defaultSpace) return undefined;
  const { owner, acl } = space;
  const object = { kind: 'tablespace', owner, ...(acl === undefined ? {} : { acl }) } as const;
  if (!hasRights(ddl.catalog, ddl.context.currentRole.oid, object, 'C'))
    throw accessDenied('tablespace', name);
  if (space.oid === globalSpace) {
    throw databaseError(
      'invalidParameterValue',
      'only shared relations can be placed in pg_global tablespace',
    );
  }
  return space.oid;
}

/** Of a new relation; as a part of its descriptor. 0A000 for a partitioned one in the default. */
export function tablespacePart(
  ddl: DdlStatement,
  written: string | undefined,
  relation: {
    readonly isTemporary: boolean;
    readonly isPartitioned: boolean;
    /** Of the table or index that it is a partition of. */
    readonly parent?: number | undefined;
  },
): { readonly tablespace?: number } {
  const usual = ddl.context.functions.setting('default_tablespace') ?? '';
  const isKnown = ddl.catalog.findEntry('tablespace', 0, usual) !== undefined;
  const name = written ?? (usual === '' || relation.isTemporary || !isKnown ? undefined : usual);
  if (written === undefined && relation.parent !== undefined)
    return { tablespace: relation.parent };
  if (name === undefined) return {};
  const tablespace = tablespaceNamed(ddl, name);
  if (tablespace !== undefined) return { tablespace };
  if (relation.isPartitioned) {
    throw databaseError(
      'featureNotSupported',
      'cannot specify default tablespace for partitioned relations',
    );
  }
  return {};
}

export function setTableTablespace(
  ddl: DdlStatement,
  table: TableDescriptor,
  { name = '' }: AlterTableCmd,
): void {
  const { tablespace: _old, ...rest } = ddl.table(table.oid);
  const tablespace = tablespaceNamed(ddl, name);
  ddl.put(tablespace === undefined ? rest : { ...rest, tablespace });
}

export function setIndexTablespace(
  ddl: DdlStatement,
  index: IndexDescriptor,
  { name = '' }: AlterTableCmd,
): void {
  const tablespace = tablespaceNamed(ddl, name);
  const table = ddl.table(index.tableOid);
  const indexes = table.indexes.map((each) => {
    if (each.oid !== index.oid) return each;
    const { tablespace: _old, ...rest } = each;
    return tablespace === undefined ? rest : { ...rest, tablespace };
  });
  ddl.put({ ...table, indexes });
}
