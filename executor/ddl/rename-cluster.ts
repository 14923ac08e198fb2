// Renaming schemas, databases and roles.

import type { RenameStmt } from '@pgsql/types';
import { BuiltinOid, databaseError, notSupported } from '#common';
import { databaseDoesNotExist, permissionDenied } from './errors.ts';
import { renameInViews } from './rename-references.ts';
import type { DdlStatement } from './statement.ts';

export function renameCluster(ddl: DdlStatement, statement: RenameStmt): string {
  const [from, to] = [statement.subname ?? '', statement.newname ?? ''];
  switch (statement.renameType) {
    case 'OBJECT_SCHEMA':
      renameSchema(ddl, from, to);
      return 'ALTER SCHEMA';
    case 'OBJECT_DATABASE':
      renameDatabase(ddl, from, to);
      return 'ALTER DATABASE';
    case 'OBJECT_ROLE':
      renameRole(ddl, from, to);
      return 'ALTER ROLE';
    default:
      throw notSupported(`ALTER ${(statement.renameType ?? '').replace('OBJECT_', '')} … RENAME`);
  }
}

function renameSchema(ddl: DdlStatement, from: string, to: string): void {
  const schema = ddl.schema(from);
  ddl.requireOwner('schema', schema);
  if (schema.oid === BuiltinOid.pgCatalogSchema || schema.oid === BuiltinOid.informationSchema) {
    throw permissionDenied(`for schema ${from}`);
  }
  if (to.startsWith('pg_')) {
    throw databaseError('reservedName', `unacceptable schema name "${to}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  ddl.changes.lockName('schema', to);
  if (ddl.catalog.findSchema(to) !== undefined) {
    throw databaseError('duplicateSchema', `schema "${to}" already exists`);
  }
  ddl.changes.forUpdate(schema.oid);
  renameInViews(ddl, schema.oid, () => ddl.changes.put({ ...schema, name: to }));
}

function renameDatabase(ddl: DdlStatement, from: string, to: string): void {
  const database = ddl.catalog.state.databaseNamed(from);
  if (database === undefined) throw databaseDoesNotExist(from);
  ddl.requireOwner('database', database);
  ddl.changes.lockName('database', to);
  if (ddl.catalog.state.databaseNamed(to) !== undefined) {
    throw databaseError('duplicateDatabase', `database "${to}" already exists`);
  }
  if (database.oid === ddl.context.databaseOid) {
    throw databaseError('featureNotSupported', 'current database cannot be renamed');
  }
  const others = ddl.context.otherSessions(database.oid);
  if (others > 0) {
    throw databaseError('objectInUse', `database "${from}" is being accessed by other users`);
  }
  ddl.changes.forUpdate(database.oid);
  ddl.changes.put({ ...database, name: to });
}

function renameRole(ddl: DdlStatement, from: string, to: string): void {
  const role = ddl.role(from);
  if (role.oid === ddl.context.sessionRole.oid) {
    throw databaseError('featureNotSupported', 'session user cannot be renamed');
  }
  if (to.startsWith('pg_')) throw databaseError('reservedName', `role name "${to}" is reserved`);
  ddl.changes.lockName('role', to);
  if (ddl.catalog.findRole(to) !== undefined) {
    throw databaseError('duplicateObject', `role "${to}" already exists`);
  }
  const current = ddl.context.currentRole;
  if (role.superuser && !current.superuser)
    throw databaseError('insufficientPrivilege', 'must be superuser to rename superusers');
  if (!current.superuser && !current.createRole) throw permissionDenied('to rename role');
  ddl.changes.forUpdate(role.oid);
  ddl.changes.put({ ...role, name: to });
}
