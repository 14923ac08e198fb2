// What SQL functions ask of the catalog (functions/contract.ts): names for the reg* types, and the
// catalog functions of catalog-functions.ts.

import {
  type CompositeField,
  type Datum,
  notSupported,
  quoteIdentifier,
  type RoleDescriptor,
} from '#common';
import { type CatalogAccess, type FunctionContext, functionRegistry } from '#functions';
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
    schemaOid: (name) => catalog.findSchema(splitName(name).at(-1)!)?.oid,
    roleOid: (name) => catalog.findRole(splitName(name).at(-1)!)?.oid,
    relationName(oid) {
      const relation = catalog.relationByOid(oid);
      return relation === undefined ? undefined : names.relationName(relation);
    },
    typeName: (oid, typmod) => names.typeName(oid, typmod),
    schemaName: (oid) => quoted(catalog.schemaByOid(oid)?.name),
    roleName: (oid) => quoted(catalog.roleByOid(oid)?.name),
    functionName(oid) {
      const routine = catalog.routineByOid(oid);
      return routine === undefined
        ? functionRegistry.functionByOid(oid)?.name
        : routineName(names, routine);
    },
    functionTitle(oid) {
      const routine = catalog.routineByOid(oid);
      if (routine !== undefined) return routineTitle(names, routine);
      const signature = functionRegistry.functionByOid(oid);
      if (signature === undefined) return undefined;
      const types = signature.argumentTypes.map((type) => names.typeName(type, -1) ?? '???');
      return `${signature.name}(${types.join(',')})`;
    },
    functionOid: (name) => functionNamed(names, name),
    entryOid: (kind, name) => namedEntryOid(names, kind, name),
    entryName: (kind, oid) => namedEntryText(names, kind, oid),
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
