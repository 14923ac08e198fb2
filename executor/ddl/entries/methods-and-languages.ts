// CREATE ACCESS METHOD, LANGUAGE and TRANSFORM: names for handlers that the server already has. A method
// is another name for the built-in one whose handler it names.

import type { CreateAmStmt, CreatePLangStmt, CreateTransformStmt } from '@pgsql/types';
import {
  databaseError,
  type DatabaseError,
  type DefinitionOf,
  notSupported,
  TypeOid,
  typeByOid,
} from '#common';
import { functionRegistry } from '#functions';
import { bindTypeNode, stringsOf } from '#planner';
import { mustBeOwner } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { ownsType, requireSuperuser } from './entry-owner.ts';
import { requireFunction, requireNamed, typeOf } from './entry-references.ts';

/** pg_type.oid of the handlers' result types. */
const handlerTypes = { i: [325, 'index_am_handler'], t: [269, 'table_am_handler'] } as const;
const languageHandler = 2280;

export function createAccessMethod(ddl: DdlStatement, statement: CreateAmStmt): string {
  const name = statement.amname ?? '';
  requireSuperuser(
    ddl,
    `permission denied to create access method "${name}"`,
    'Must be superuser to create an access method.',
  );
  if (ddl.catalog.findEntry('accessMethod', 0, name) !== undefined)
    throw databaseError('duplicateObject', `access method "${name}" already exists`);
  const isIndex = statement.amtype === 'i';
  const parts = stringsOf(statement.handler_name);
  const handler = requireFunction(ddl, parts, [TypeOid.internal]);
  const [resultType, resultName] = handlerTypes[isIndex ? 'i' : 't'];
  if (functionRegistry.functionByOid(handler)?.resultType !== resultType) {
    throw databaseError(
      'wrongObjectType',
      `function ${parts.join('.')} must return type ${resultName}`,
    );
  }
  addEntry(ddl, {
    name,
    definition: { class: 'accessMethod', handler, type: isIndex ? 'index' : 'table' },
    uses: [{ oid: handler }],
  });
  return 'CREATE ACCESS METHOD';
}

export function createLanguage(ddl: DdlStatement, statement: CreatePLangStmt): string {
  const name = statement.plname ?? '';
  if (statement.plhandler === undefined) throw notSupported(`CREATE EXTENSION "${name}"`);
  requireSuperuser(ddl, 'must be superuser to create custom procedural language');
  const parts = stringsOf(statement.plhandler);
  const handler = requireFunction(ddl, parts, []);
  if (functionRegistry.functionByOid(handler)?.resultType !== languageHandler) {
    throw databaseError(
      'wrongObjectType',
      `function ${parts.join('.')} must return type language_handler`,
    );
  }
  const part = (names: readonly string[], types: readonly number[]): number =>
    names.length === 0 ? 0 : requireFunction(ddl, names, types);
  const definition: DefinitionOf<'language'> = {
    class: 'language',
    handler,
    inline: part(stringsOf(statement.plinline), [TypeOid.internal]),
    validator: part(stringsOf(statement.plvalidator), [TypeOid.oid]),
    trusted: statement.pltrusted === true,
  };
  const uses = [definition.handler, definition.inline, definition.validator].map((oid) => ({
    oid,
  }));
  const old = ddl.catalog.findEntry('language', 0, name);
  if (old !== undefined && statement.replace === true)
    redefine(ddl, newest(ddl, old), definition, uses);
  else addEntry(ddl, { name, definition, uses });
  return 'CREATE LANGUAGE';
}

function invalid(message: string): DatabaseError {
  return databaseError('invalidObjectDefinition', message);
}

export function createTransform(ddl: DdlStatement, statement: CreateTransformStmt): string {
  const type = bindTypeNode(statement.type_name!, ddl.bindContext).oid;
  const text = ddl.typeText({ oid: type, typmod: -1 });
  const kind = typeByOid(type)?.kind;
  if (kind === 'pseudo')
    throw databaseError('wrongObjectType', `data type ${text} is a pseudo-type`);
  if (kind === 'domain') throw databaseError('wrongObjectType', `data type ${text} is a domain`);
  if (!ownsType(ddl, type)) throw mustBeOwner('type', text);
  const languageName = statement.lang ?? '';
  const language = requireNamed(ddl, 'language', languageName);
  const fromSql = transformFunction(ddl, statement.fromsql, {
    words: 'FROM SQL',
    result: TypeOid.internal,
    resultText: 'internal',
  });
  const toSql = transformFunction(ddl, statement.tosql, {
    words: 'TO SQL',
    result: type,
    resultText: 'the transform data type',
  });
  const definition = {
    class: 'transform',
    type,
    language: language.oid,
    fromSql,
    toSql,
  } as const;
  const uses = [type, language.oid, fromSql, toSql].map((oid) => ({ oid }));
  const old = ddl.catalog.findEntry('transform', 0, `${type} ${language.oid}`);
  if (old === undefined) addEntry(ddl, { definition, uses });
  else if (statement.replace === true) redefine(ddl, newest(ddl, old), definition, uses);
  else {
    throw databaseError(
      'duplicateObject',
      `transform for type ${text} language "${languageName}" already exists`,
    );
  }
  return 'CREATE TRANSFORM';
}

function transformFunction(
  ddl: DdlStatement,
  object: CreateTransformStmt['fromsql'],
  wanted: { readonly words: string; readonly result: number; readonly resultText: string },
): number {
  if (object === undefined) return 0;
  const types = (object.objargs ?? []).map((node) => typeOf(ddl, node));
  const oid = requireFunction(ddl, stringsOf(object.objname), types);
  const signature = functionRegistry.functionByOid(oid)!;
  if (signature.resultType !== wanted.result) {
    throw invalid(
      `return data type of ${wanted.words} function must be ${wanted.result === TypeOid.internal ? 'type ' : ''}${wanted.resultText}`,
    );
  }
  if (signature.volatility === 'volatile') throw invalid('transform function must not be volatile');
  if (signature.kind !== 'function') throw invalid('transform function must be a normal function');
  if (signature.returnsSet) throw invalid('transform function must not return a set');
  if (signature.argumentTypes.length !== 1)
    throw invalid('transform function must take one argument');
  if (signature.argumentTypes[0] !== TypeOid.internal)
    throw invalid('first argument of transform function must be type internal');
  return oid;
}
