// CREATE, ALTER and DROP DATABASE. Databases are objects of the cluster; each has schemas of its own.

import type {
  AlterDatabaseSetStmt,
  AlterDatabaseStmt,
  CreatedbStmt,
  DefElem,
  DropdbStmt,
} from '@pgsql/types';
import { databaseError, type DatabaseDescriptor, notSupported } from '#common';
import { definitionElements, elementBoolean, elementInteger, elementText } from '#planner';
import { builtinSchemas, LargeObjects } from '#storage';
import { databaseDoesNotExist, notInTransactionBlock, permissionDenied } from './errors.ts';
import { changedSettings, requireSetting } from './stored-settings.ts';
import type { DdlStatement } from './statement.ts';

interface DatabaseOptions {
  readonly template: string;
  readonly fields: Partial<DatabaseDescriptor>;
}

export function createDatabase(ddl: DdlStatement, statement: CreatedbStmt): string {
  if (ddl.context.inTransactionBlock) throw notInTransactionBlock('CREATE DATABASE');
  const role = ddl.context.currentRole;
  if (!role.superuser && !role.createDatabase) throw permissionDenied('to create database');
  const name = statement.dbname ?? '';
  const { template, fields } = readOptions(ddl, definitionElements(statement.options));
  ddl.changes.lockName('database', name);
  if (ddl.catalog.state.databaseNamed(name) !== undefined) {
    throw databaseError('duplicateDatabase', `database "${name}" already exists`);
  }
  const source = ddl.catalog.state.databaseNamed(template);
  if (source === undefined) {
    throw databaseError('invalidCatalogName', `template database "${template}" does not exist`);
  }
  const oid = ddl.allocateOid();
  ddl.changes.put({
    kind: 'database',
    oid,
    name,
    owner: role.oid,
    allowConnections: true,
    isTemplate: false,
    connectionLimit: -1,
    ...fields,
  });
  copyTemplate(ddl, source, oid);
  return 'CREATE DATABASE';
}

/** Schemas are copied; a template with tables would need their rows as well. */
function copyTemplate(ddl: DdlStatement, source: DatabaseDescriptor, oid: number): void {
  const known = new Set(builtinSchemas.map((schema) => schema.oid));
  for (const object of ddl.context.store.scope(source.oid).objects()) {
    if (object.kind !== 'schema') {
      throw notSupported(`a template database with tables ("${source.name}")`, {
        hint: 'Use template1 or template0, and load the tables from a dump.',
      });
    }
    if (object.name.startsWith('pg_temp_')) continue;
    const copy = known.has(object.oid) ? object : { ...object, oid: ddl.allocateOid() };
    ddl.changes.putIn(oid, copy);
  }
}

function readOptions(ddl: DdlStatement, elements: readonly DefElem[]): DatabaseOptions {
  let template = 'template1';
  const fields: { -readonly [Key in keyof DatabaseDescriptor]?: DatabaseDescriptor[Key] } = {};
  for (const element of elements) {
    const text = elementText(element);
    switch (element.defname) {
      case 'template':
        template = text ?? template;
        break;
      case 'owner':
        if (text !== undefined) fields.owner = ddl.role(text).oid;
        break;
      case 'encoding':
        checkEncoding(text);
        break;
      case 'connection_limit':
        fields.connectionLimit = connectionLimit(element);
        break;
      case 'allow_connections':
        fields.allowConnections = elementBoolean(element);
        break;
      case 'is_template':
        fields.isTemplate = elementBoolean(element);
        break;
      case 'locale':
      case 'lc_collate':
      case 'lc_ctype':
      case 'icu_locale':
      case 'locale_provider':
      case 'collation_version':
      case 'tablespace':
      case 'strategy':
        break;
      default:
        throw databaseError('syntaxError', `option "${element.defname ?? ''}" not recognized`, {
          ...(element.location === undefined ? {} : { position: ddl.position(element.location)! }),
        });
    }
  }
  return { template, fields };
}

function checkEncoding(text: string | undefined): void {
  if (text === undefined) return;
  const name = text.toLowerCase().replaceAll(/[-_]/g, '');
  if (name === 'utf8' || name === 'unicode' || name === '6') return;
  throw notSupported(`encoding "${text}"`, { hint: 'Databases are encoded in UTF8.' });
}

function connectionLimit(element: DefElem): number {
  const limit = Number(elementInteger(element));
  if (limit < -1)
    throw databaseError('invalidParameterValue', `invalid connection limit: ${limit}`);
  return limit;
}

function requireDatabase(ddl: DdlStatement, name: string): DatabaseDescriptor {
  const found = ddl.catalog.state.databaseNamed(name);
  if (found === undefined) throw databaseDoesNotExist(name);
  const newest = ddl.changes.forUpdate(found.oid);
  if (newest?.kind !== 'database' || newest.name !== name) throw databaseDoesNotExist(name);
  ddl.requireOwner('database', newest);
  return newest;
}

export function alterDatabase(ddl: DdlStatement, statement: AlterDatabaseStmt): string {
  const database = requireDatabase(ddl, statement.dbname ?? '');
  const { fields } = readOptions(ddl, definitionElements(statement.options));
  ddl.changes.put({ ...database, ...fields });
  return 'ALTER DATABASE';
}

export function alterDatabaseSet(ddl: DdlStatement, statement: AlterDatabaseSetStmt): string {
  const database = requireDatabase(ddl, statement.dbname ?? '');
  requireSetting(ddl, statement.setstmt!);
  ddl.changes.put({
    ...database,
    settings: changedSettings(database.settings, statement.setstmt!),
  });
  return 'ALTER DATABASE';
}

export function dropDatabase(ddl: DdlStatement, statement: DropdbStmt): string {
  if (ddl.context.inTransactionBlock) throw notInTransactionBlock('DROP DATABASE');
  const name = statement.dbname ?? '';
  if (ddl.catalog.state.databaseNamed(name) === undefined) {
    if (statement.missing_ok !== true) throw databaseDoesNotExist(name);
    ddl.notice(`database "${name}" does not exist, skipping`);
    return 'DROP DATABASE';
  }
  const database = requireDatabase(ddl, name);
  if (database.isTemplate)
    throw databaseError('wrongObjectType', 'cannot drop a template database');
  if (database.oid === ddl.context.databaseOid) {
    throw databaseError('objectInUse', 'cannot drop the currently open database');
  }
  const force = definitionElements(statement.options).some(
    (element) => element.defname === 'force',
  );
  checkUnused(ddl, database, force);
  for (const object of ddl.context.store.scope(database.oid).objects()) {
    if (object.kind === 'table') {
      ddl.transaction.dropTree(object.treeId);
      for (const index of object.indexes)
        if (!index.clustered) ddl.transaction.dropTree(index.treeId);
    }
    ddl.changes.removeFrom(database.oid, object.oid);
  }
  const largeObjects = new LargeObjects(ddl.transaction, database.oid);
  for (const { oid } of [...largeObjects.all()]) largeObjects.remove(oid);
  ddl.changes.remove(database);
  ddl.transaction.onCommit(() => ddl.context.store.forgetDatabase(database.oid));
  return 'DROP DATABASE';
}

function checkUnused(ddl: DdlStatement, database: DatabaseDescriptor, force: boolean): void {
  const others = ddl.context.otherSessions(database.oid);
  if (others === 0) return;
  if (force) throw notSupported('DROP DATABASE … WITH (FORCE) while sessions are connected');
  throw databaseError(
    'objectInUse',
    `database "${database.name}" is being accessed by other users`,
    {
      detail:
        others === 1
          ? 'There is 1 other session using the database.'
          : `There are ${others} other sessions using the database.`,
    },
  );
}
