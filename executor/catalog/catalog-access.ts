// What SQL functions ask of the catalog (functions/contract.ts): names for the reg* types, and the
// catalog functions of catalog-functions.ts.

import {
  type CollationDescriptor,
  type CompositeField,
  databaseError,
  type Datum,
  notSupported,
  quoteIdentifier,
  type RoleDescriptor,
} from '#common';
import { type CatalogAccess, type FunctionContext, functionRegistry } from '#functions';
import type { LargeObjects } from '#storage';
import type { StateCatalog } from './catalog.ts';
import { catalogFunctions } from './catalog-functions.ts';
import { checkDomain } from './domain-rules.ts';
import { functionNamed } from './function-name.ts';
import { namedEntryOid, namedEntryText } from './entry-texts.ts';
import { routineName, routineTitle } from './routine-name.ts';
import { CatalogNames, splitName } from './names.ts';

export interface SessionFacts {
  /** Effective, implicit schemas included. */
  readonly searchPath: readonly string[];
  readonly currentUser: RoleDescriptor;
  readonly functions: FunctionContext;
  /** Those of the session's transaction. */
  readonly largeObjects?: () => LargeObjects;
  /** Functions that only the server can answer (advisory locks, other sessions); undefined: not one of those. */
  readonly call?: (functionName: string, args: readonly Datum[]) => Datum | undefined;
}

/** What a catalog function sees. */
export interface CatalogQuestion {
  readonly catalog: StateCatalog;
  readonly names: CatalogNames;
  readonly session: SessionFacts;
}

export function catalogAccess(catalog: StateCatalog, session: SessionFacts): CatalogAccess {
  const names = new CatalogNames(catalog, session.searchPath);
  const question: CatalogQuestion = { catalog, names, session };
  return {
    relationOid: (name) => names.relation(name)?.oid,
    typeOid: (name) => names.typeOid(name),
    schemaOid: (name) => catalog.findSchema(oneName(name))?.oid,
    roleOid: (name) => catalog.findRole(oneName(name))?.oid,
    relationName(oid) {
      const relation = catalog.relationByOid(oid);
      return relation === undefined ? undefined : names.relationName(relation);
    },
    typeName: (oid, typmod) =>
      typmod === undefined ? names.plainTypeName(oid) : names.typeName(oid, typmod),
    schemaName: (oid) => quoted(catalog.schemaByOid(oid)?.name),
    roleName: (oid) => quoted(catalog.roleByOid(oid)?.name),
    functionName(oid) {
      const routine = catalog.routineByOid(oid);
      return routine === undefined
        ? quoted(functionRegistry.functionByOid(oid)?.name)
        : routineName(names, routine);
    },
    functionTitle(oid) {
      const routine = catalog.routineByOid(oid);
      if (routine !== undefined) return routineTitle(names, routine);
      const signature = functionRegistry.functionByOid(oid);
      if (signature === undefined) return undefined;
      const types = signature.argumentTypes.map((type) => names.plainTypeName(type) ?? '???');
      return `${quoteIdentifier(signature.name)}(${types.join(',')})`;
    },
    functionOid: (name) => functionNamed(names, name),
    entryOid: (kind, name) => namedEntryOid(names, kind, name),
    entryName: (kind, oid) => namedEntryText(names, kind, oid),
    collationName: (oid) => collationName(names, oid),
    collationOid: (name) => collationNamed(names, name)?.oid,
    checkDomain: (oid, value) => checkDomain(question, oid, value),
    compositeFields: (oid) => compositeFields(catalog, oid),
    call(functionName, args) {
      const implementation = catalogFunctions.get(functionName);
      if (implementation !== undefined) return implementation(question, args);
      const answer = session.call?.(functionName, args);
      if (answer === undefined) throw notSupported(`function ${functionName}()`);
      return answer;
    },
  };
}

/** Schemas and roles are in no schema. 42602 */
function oneName(text: string): string {
  const [name = '', ...rest] = splitName(text);
  if (rest.length > 0) throw databaseError('invalidName', 'invalid name syntax');
  return name;
}

function collationNamed(names: CatalogNames, text: string): CollationDescriptor | undefined {
  const parts = splitName(text);
  const schemas = parts.length > 1 ? [parts.at(-2)!] : names.searchPath;
  for (const schemaName of schemas) {
    const schema = names.catalog.findSchema(schemaName);
    const found =
      schema === undefined ? undefined : names.catalog.findCollation(schema.oid, parts.at(-1)!);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Qualified where the search path would find another. */
function collationName(names: CatalogNames, oid: number): string | undefined {
  const collation = names.catalog.collationByOid(oid);
  if (collation === undefined) return undefined;
  const text = quoteIdentifier(collation.name);
  if (collationNamed(names, text)?.oid === oid) return text;
  const schema = names.catalog.schemaByOid(collation.schemaOid)?.name ?? '';
  return `${quoteIdentifier(schema)}.${text}`;
}

function compositeFields(
  catalog: StateCatalog,
  typeOid: number,
): readonly CompositeField[] | undefined {
  return catalog
    .rowType(typeOid)
    ?.columns.filter((column) => !column.dropped)
    .map(({ name, type }) => ({ name, typeOid: type.oid, typmod: type.typmod }));
}

function quoted(name: string | undefined): string | undefined {
  return name === undefined ? undefined : quoteIdentifier(name);
}
