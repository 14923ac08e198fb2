// CREATE SCHEMA. Its elements (tables, views …) are made in it one by one.

import type { CreateSchemaStmt, Node } from '@pgsql/types';
import { databaseError, type SchemaDescriptor } from '#common';
import { accessDenied } from '#planner';
import type { DdlStatement } from './statement.ts';

/** Makes the schema; returns the elements to be carried out inside it. */
export function createSchema(
  ddl: DdlStatement,
  statement: CreateSchemaStmt,
): { readonly schema: SchemaDescriptor; readonly elements: readonly Node[] } | undefined {
  const owner =
    statement.authrole === undefined
      ? ddl.role(ddl.context.currentRole.name)
      : ddl.roleOf(statement.authrole);
  const name = statement.schemaname ?? owner.name;
  if (name.startsWith('pg_')) {
    throw databaseError('reservedName', `unacceptable schema name "${name}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  ddl.requireDatabaseRight('C', (database) => accessDenied('database', database));
  ddl.changes.lockName('schema', name);
  if (ddl.catalog.findSchema(name) !== undefined) {
    if (statement.if_not_exists !== true) {
      throw databaseError('duplicateSchema', `schema "${name}" already exists`);
    }
    ddl.notice(`schema "${name}" already exists, skipping`, '42P06');
    return undefined;
  }
  const schema: SchemaDescriptor = {
    kind: 'schema',
    oid: ddl.allocateOid(),
    name,
    owner: owner.oid,
  };
  ddl.put(schema);
  return { schema, elements: statement.schemaElts ?? [] };
}
