// CREATE, ALTER and DROP USER MAPPING: what a role is called on a foreign server.

import type {
  AlterUserMappingStmt,
  CreateUserMappingStmt,
  DropUserMappingStmt,
} from '@pgsql/types';
import { databaseError, type Entry } from '#common';
import { accessDenied, hasPrivilegesOf, hasRights } from '#planner';
import { roleDoesNotExist } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { mappedRole, requireNamed } from './entry-references.ts';
import { validatorOf } from './foreign-data.ts';
import { changedOptions, validateOptions } from './generic-options.ts';

type Server = Entry<'foreignServer'>;

function userName(ddl: DdlStatement, role: number): string {
  return role === 0 ? 'public' : (ddl.catalog.roleByOid(role)?.name ?? '');
}

/** The server's owner may map everybody, others only themselves with USAGE. 42501. */
function requireMappingRight(ddl: DdlStatement, server: Server, role: number): void {
  const current = ddl.context.currentRole.oid;
  if (hasPrivilegesOf(ddl.catalog, current, server.owner)) return;
  if (role !== current) {
    throw databaseError('insufficientPrivilege', `must be owner of foreign server ${server.name}`);
  }
  const { owner, acl } = server;
  const object = { kind: 'foreign server', owner, ...(acl === undefined ? {} : { acl }) } as const;
  if (!hasRights(ddl.catalog, current, object, 'U'))
    throw accessDenied('foreign server', server.name);
}

function findMapping(
  ddl: DdlStatement,
  server: Server,
  role: number,
): Entry<'userMapping'> | undefined {
  return ddl.catalog.findEntry('userMapping', 0, `${server.oid} ${role}`);
}

function missingMapping(ddl: DdlStatement, server: Server, role: number): string {
  return `user mapping for "${userName(ddl, role)}" does not exist for server "${server.name}"`;
}

export function createUserMapping(ddl: DdlStatement, statement: CreateUserMappingStmt): string {
  const role = mappedRole(ddl, statement.user!);
  const server = requireNamed(ddl, 'foreignServer', statement.servername ?? '');
  requireMappingRight(ddl, server, role);
  if (findMapping(ddl, server, role) !== undefined) {
    const message = `user mapping for "${userName(ddl, role)}" already exists for server "${server.name}"`;
    if (statement.if_not_exists !== true) throw databaseError('duplicateObject', message);
    ddl.notice(`${message}, skipping`, '42710');
    return 'CREATE USER MAPPING';
  }
  const options = changedOptions({}, statement.options);
  validateOptions(validatorOf(ddl, server), options, 'mapping');
  addEntry(ddl, {
    definition: { class: 'userMapping', role, server: server.oid, options },
    uses: [{ oid: server.oid }],
  });
  return 'CREATE USER MAPPING';
}

export function alterUserMapping(ddl: DdlStatement, statement: AlterUserMappingStmt): string {
  const role = mappedRole(ddl, statement.user!);
  const server = requireNamed(ddl, 'foreignServer', statement.servername ?? '');
  const mapping = findMapping(ddl, server, role);
  if (mapping === undefined)
    throw databaseError('undefinedObject', missingMapping(ddl, server, role));
  requireMappingRight(ddl, server, role);
  const options = changedOptions(newest(ddl, mapping).definition.options, statement.options);
  validateOptions(validatorOf(ddl, server), options, 'mapping');
  redefine(ddl, mapping, { ...mapping.definition, options });
  return 'ALTER USER MAPPING';
}

export function dropUserMapping(ddl: DdlStatement, statement: DropUserMappingStmt): string {
  const missingOk = statement.missing_ok === true;
  const tag = 'DROP USER MAPPING';
  const { user } = statement;
  const name = user?.rolename ?? '';
  if (user?.roletype === 'ROLESPEC_CSTRING' && ddl.catalog.findRole(name) === undefined) {
    if (!missingOk) throw roleDoesNotExist(name);
    ddl.notice(`role "${name}" does not exist, skipping`);
    return tag;
  }
  const role = mappedRole(ddl, user!);
  const serverName = statement.servername ?? '';
  const server = ddl.catalog.findEntry('foreignServer', 0, serverName);
  if (server === undefined) {
    const message = `server "${serverName}" does not exist`;
    if (!missingOk) throw databaseError('undefinedObject', message);
    ddl.notice(`${message}, skipping`);
    return tag;
  }
  const mapping = findMapping(ddl, server, role);
  if (mapping === undefined) {
    const message = missingMapping(ddl, server, role);
    if (!missingOk) throw databaseError('undefinedObject', message);
    ddl.notice(`${message}, skipping`);
    return tag;
  }
  requireMappingRight(ddl, server, role);
  ddl.changes.remove(newest(ddl, mapping));
  return tag;
}
