// CREATE, ALTER and DROP TABLESPACE. A tablespace is a name with options: all rows stay in the data
// directory, whatever its location is, and creating one elsewhere says so.

import { existsSync } from 'node:fs';
import type {
  AlterTableSpaceOptionsStmt,
  CreateTableSpaceStmt,
  DropTableSpaceStmt,
} from '@pgsql/types';
import { databaseError, type Entry } from '#common';
import { accessDenied, definitionElements } from '#planner';
import { entryClasses } from '../catalog/entry-classes.ts';
import { isBuiltin } from '../catalog/entry-names.ts';
import { addEntry, redefine } from './entries/alter-entries.ts';
import { requireEntryOwner, requireSuperuser } from './entries/entry-owner.ts';
import { requireNamed } from './entries/entry-references.ts';
import { notInTransactionBlock } from './errors.ts';
import type { DdlStatement } from './statement.ts';
import {
  parametersToReset,
  readStorageParameters,
  tablespaceParameters,
} from './storage-parameters.ts';

/** 42501, 42P17, 42602, 42939, 42710, 58P01, 25001. */
export function createTablespace(ddl: DdlStatement, statement: CreateTableSpaceStmt): string {
  if (ddl.context.inTransactionBlock) throw notInTransactionBlock('CREATE TABLESPACE');
  const { tablespacename: name = '', location = '' } = statement;
  requireSuperuser(
    ddl,
    `permission denied to create tablespace "${name}"`,
    'Must be superuser to create a tablespace.',
  );
  const isInPlace =
    location === '' && ddl.context.functions.setting('allow_in_place_tablespaces') === 'on';
  if (location.includes("'"))
    throw databaseError('invalidName', 'tablespace location cannot contain single quotes');
  if (!isInPlace && !location.startsWith('/')) {
    throw databaseError('invalidObjectDefinition', 'tablespace location must be an absolute path');
  }
  if (name.startsWith('pg_')) {
    throw databaseError('reservedName', `unacceptable tablespace name "${name}"`, {
      detail: 'The prefix "pg_" is reserved for system tablespaces.',
    });
  }
  const options = readStorageParameters(
    definitionElements(statement.options),
    tablespaceParameters,
  );
  const owner = statement.owner === undefined ? undefined : ddl.roleOf(statement.owner).oid;
  if (!isInPlace && !existsSync(location))
    throw databaseError('undefinedFile', `directory "${location}" does not exist`);
  addEntry(ddl, {
    name,
    definition: { class: 'tablespace', location, options },
    ...(owner === undefined ? {} : { owner }),
  });
  if (!isInPlace)
    ddl.warning(`data of tablespace "${name}" is kept in the data directory of the server`);
  return 'CREATE TABLESPACE';
}

export function alterTablespace(ddl: DdlStatement, statement: AlterTableSpaceOptionsStmt): string {
  const space = requireNamed(ddl, 'tablespace', statement.tablespacename ?? '');
  requireEntryOwner(ddl, space);
  const elements = definitionElements(statement.options);
  const options = { ...space.definition.options };
  if (statement.isReset === true)
    for (const name of parametersToReset(elements)) delete options[name];
  else Object.assign(options, readStorageParameters(elements, tablespaceParameters));
  redefine(ddl, space, { ...space.definition, options });
  return 'ALTER TABLESPACE';
}

/** 42704, 42501, 55000 while something of this database is in it. */
export function dropTablespace(ddl: DdlStatement, statement: DropTableSpaceStmt): string {
  if (ddl.context.inTransactionBlock) throw notInTransactionBlock('DROP TABLESPACE');
  const name = statement.tablespacename ?? '';
  const space = ddl.catalog.findEntry('tablespace', 0, name);
  if (space === undefined) {
    if (statement.missing_ok !== true) throw noTablespace(name);
    ddl.notice(`tablespace "${name}" does not exist, skipping`);
    return 'DROP TABLESPACE';
  }
  if (isBuiltin(space)) throw accessDenied('tablespace', name);
  requireEntryOwner(ddl, space);
  requireEmpty(ddl, space);
  ddl.changes.forUpdate(space.oid);
  ddl.changes.remove(space);
  return 'DROP TABLESPACE';
}

/** Of partitioned relations, which have no rows, PostgreSQL says that they depend on it. */
function requireEmpty(ddl: DdlStatement, { oid, name }: Entry<'tablespace'>): void {
  const users = [...ddl.catalog.userRelations()].filter(
    (relation) => 'tablespace' in relation && relation.tablespace === oid,
  );
  if (users.length === 0) return;
  const partitioned = users.filter((user) => {
    const table = user.kind === 'index' ? ddl.catalog.tableByOid(user.tableOid) : user;
    return table?.kind === 'table' && table.partitioning !== undefined;
  });
  if (partitioned.length < users.length)
    throw databaseError('objectNotInPrerequisiteState', `tablespace "${name}" is not empty`);
  throw databaseError(
    'dependentObjectsStillExist',
    `tablespace "${name}" cannot be dropped because some objects depend on it`,
    { detail: partitioned.map((user) => `tablespace for ${user.kind} ${user.name}`).join('\n') },
  );
}

export function noTablespace(name: string): Error {
  const { noun } = entryClasses.tablespace;
  return databaseError('undefinedObject', `${noun} "${name}" does not exist`);
}
