// CREATE and ALTER FOREIGN DATA WRAPPER and SERVER, IMPORT FOREIGN SCHEMA (foreigncmds.c). A wrapper without
// a handler, which is what every wrapper here is, keeps definitions; reading through it is an error.

import type {
  AlterFdwStmt,
  AlterForeignServerStmt,
  CreateFdwStmt,
  CreateForeignServerStmt,
  DefElem,
  ImportForeignSchemaStmt,
} from '@pgsql/types';
import { databaseError, type Entry, type EntryUse, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import { accessDenied, definitionElements, hasRights, listItems, stringsOf } from '#planner';
import { positionField, schemaDoesNotExist } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { requireEntryOwner, requireSuperuser } from './entry-owner.ts';
import { requireFunction, requireNamed } from './entry-references.ts';
import { changedOptions, validateOptions } from './generic-options.ts';

/** pg_type.oid of fdw_handler. */
const handlerType = 3115;

interface Functions {
  /** undefined: not mentioned. */
  readonly handler?: number;
  readonly validator?: number;
}

/** HANDLER and VALIDATOR; NO HANDLER gives 0. 42601 for what is said twice. */
function readFunctions(ddl: DdlStatement, elements: readonly DefElem[]): Functions {
  const found: { handler?: number; validator?: number } = {};
  for (const element of elements) {
    const isHandler = element.defname === 'handler';
    const key = isHandler ? 'handler' : 'validator';
    if (found[key] !== undefined) {
      const place = positionField(ddl.position(element.location));
      throw databaseError('syntaxError', 'conflicting or redundant options', place);
    }
    const parts = element.arg === undefined ? [] : stringsOf(listItems(element.arg));
    if (parts.length === 0) found[key] = 0;
    else if (isHandler) found.handler = handlerFunction(ddl, parts);
    else found.validator = requireFunction(ddl, parts, [TypeOid.textArray, TypeOid.oid]);
  }
  return found;
}

function handlerFunction(ddl: DdlStatement, parts: readonly string[]): number {
  const oid = requireFunction(ddl, parts, []);
  if (functionRegistry.functionByOid(oid)?.resultType === handlerType) return oid;
  throw databaseError(
    'wrongObjectType',
    `function ${parts.join('.')} must return type fdw_handler`,
  );
}

function functionUses({ handler = 0, validator = 0 }: Functions): EntryUse[] {
  return [handler, validator].filter((oid) => oid !== 0).map((oid) => ({ oid }));
}

export function createWrapper(ddl: DdlStatement, statement: CreateFdwStmt): string {
  const name = statement.fdwname ?? '';
  requireSuperuser(
    ddl,
    `permission denied to create foreign-data wrapper "${name}"`,
    'Must be superuser to create a foreign-data wrapper.',
  );
  if (ddl.catalog.findEntry('foreignDataWrapper', 0, name) !== undefined) {
    throw databaseError('duplicateObject', `foreign-data wrapper "${name}" already exists`);
  }
  const elements = definitionElements(statement.func_options);
  const { handler = 0, validator = 0 } = readFunctions(ddl, elements);
  const options = changedOptions({}, statement.options);
  validateOptions(validator, options, 'wrapper');
  addEntry(ddl, {
    name,
    definition: { class: 'foreignDataWrapper', handler, validator, options },
    uses: functionUses({ handler, validator }),
  });
  return 'CREATE FOREIGN DATA WRAPPER';
}

export function alterWrapper(ddl: DdlStatement, statement: AlterFdwStmt): string {
  const name = statement.fdwname ?? '';
  requireSuperuser(
    ddl,
    `permission denied to alter foreign-data wrapper "${name}"`,
    'Must be superuser to alter a foreign-data wrapper.',
  );
  const wrapper = newest(ddl, requireNamed(ddl, 'foreignDataWrapper', name));
  const said = readFunctions(ddl, definitionElements(statement.func_options));
  if (said.handler !== undefined) {
    ddl.warning(
      'changing the foreign-data wrapper handler can change behavior of existing foreign tables',
    );
  }
  if (said.validator !== undefined && said.validator !== 0) {
    ddl.warning(
      'changing the foreign-data wrapper validator can cause the options for dependent objects to become invalid',
    );
  }
  const { definition } = wrapper;
  const { handler = definition.handler, validator = definition.validator } = said;
  const options = changedOptions(definition.options, statement.options);
  if (statement.options !== undefined) validateOptions(validator, options, 'wrapper');
  const changed = { ...definition, handler, validator, options };
  redefine(ddl, wrapper, changed, functionUses({ handler, validator }));
  return 'ALTER FOREIGN DATA WRAPPER';
}

/** 42501 without USAGE. */
function requireUsage(
  ddl: DdlStatement,
  entry: Entry<'foreignDataWrapper'> | Entry<'foreignServer'>,
): void {
  const isWrapper = entry.definition.class === 'foreignDataWrapper';
  const { owner, acl } = entry;
  const object = {
    kind: isWrapper ? 'foreign-data wrapper' : 'foreign server',
    owner,
    ...(acl === undefined ? {} : { acl }),
  } as const;
  if (hasRights(ddl.catalog, ddl.context.currentRole.oid, object, 'U')) return;
  throw accessDenied(isWrapper ? 'foreign-data wrapper' : 'foreign server', entry.name);
}

export function createServer(ddl: DdlStatement, statement: CreateForeignServerStmt): string {
  const { servername: name = '', servertype, version } = statement;
  if (ddl.catalog.findEntry('foreignServer', 0, name) !== undefined) {
    const message = `server "${name}" already exists`;
    if (statement.if_not_exists !== true) throw databaseError('duplicateObject', message);
    ddl.notice(`${message}, skipping`, '42710');
    return 'CREATE SERVER';
  }
  const wrapper = requireNamed(ddl, 'foreignDataWrapper', statement.fdwname ?? '');
  requireUsage(ddl, wrapper);
  const options = changedOptions({}, statement.options);
  validateOptions(wrapper.definition.validator, options, 'server');
  addEntry(ddl, {
    name,
    definition: {
      class: 'foreignServer',
      wrapper: wrapper.oid,
      ...(servertype === undefined ? {} : { type: servertype }),
      ...(version === undefined ? {} : { version }),
      options,
    },
    uses: [{ oid: wrapper.oid }],
  });
  return 'CREATE SERVER';
}

export function alterServer(ddl: DdlStatement, statement: AlterForeignServerStmt): string {
  const server = newest(ddl, requireNamed(ddl, 'foreignServer', statement.servername ?? ''));
  requireEntryOwner(ddl, server);
  const { version: _version, ...rest } = server.definition;
  const version = statement.has_version === true ? statement.version : server.definition.version;
  const options = changedOptions(server.definition.options, statement.options);
  if (statement.options !== undefined) validateOptions(validatorOf(ddl, server), options, 'server');
  redefine(ddl, server, { ...rest, ...(version === undefined ? {} : { version }), options });
  return 'ALTER SERVER';
}

/** The function that checks options of a server and what hangs on it; 0: none. */
export function validatorOf(ddl: DdlStatement, server: Entry<'foreignServer'>): number {
  const { wrapper } = server.definition;
  return ddl.catalog.entryByOid('foreignDataWrapper', wrapper)?.definition.validator ?? 0;
}

/** A server that the role may use. 42704, 42501. */
export function usableServer(ddl: DdlStatement, name: string): Entry<'foreignServer'> {
  const server = requireNamed(ddl, 'foreignServer', name);
  requireUsage(ddl, server);
  return server;
}

/** The error of everything that would need a wrapper's code. */
export function noHandler(ddl: DdlStatement, server: Entry<'foreignServer'>): Error {
  const wrapper = ddl.catalog.entryByOid('foreignDataWrapper', server.definition.wrapper);
  return databaseError(
    'objectNotInPrerequisiteState',
    `foreign-data wrapper "${wrapper?.name ?? ''}" has no handler`,
  );
}

export function importForeignSchema(ddl: DdlStatement, statement: ImportForeignSchemaStmt): string {
  const server = usableServer(ddl, statement.server_name ?? '');
  const schema = statement.local_schema ?? '';
  if (ddl.catalog.findSchema(schema) === undefined) throw schemaDoesNotExist(schema);
  ddl.creationSchema(schema);
  throw noHandler(ddl, server);
}
