// What an index method can do, and which operator class a column of an index has.

import type { IndexElem } from '@pgsql/types';
import { databaseError, type IndexColumn, type SqlType } from '#common';
import { defaultIndexClass, functionRegistry, type IndexClass, namedIndexClass } from '#functions';
import { definitionElements, hasModule, stringsOf } from '#planner';
import type { DdlStatement } from './statement.ts';
import { parametersOfClass, readStorageParameters } from './storage-parameters.ts';

interface MethodAbilities {
  readonly unique: boolean;
  readonly multicolumn: boolean;
  readonly included: boolean;
  readonly ordered: boolean;
}

const abilities: Readonly<Record<string, MethodAbilities>> = {
  btree: { unique: true, multicolumn: true, included: true, ordered: true },
  hash: { unique: false, multicolumn: false, included: false, ordered: false },
  gist: { unique: false, multicolumn: true, included: true, ordered: false },
  spgist: { unique: false, multicolumn: false, included: true, ordered: false },
  gin: { unique: false, multicolumn: true, included: false, ordered: false },
  brin: { unique: false, multicolumn: true, included: false, ordered: false },
};

/** The method's name as the catalog has it. 42704 */
export function indexMethod(ddl: DdlStatement, name = 'btree'): string {
  if (name === 'rtree') {
    ddl.notice('substituting access method "gist" for obsolete method "rtree"');
    return 'gist';
  }
  if (Object.hasOwn(abilities, name)) return name;
  throw databaseError('undefinedObject', `access method "${name}" does not exist`);
}

/** 0A000 when the method cannot have such an index. */
export function requireAbilities(
  method: string,
  index: { readonly unique: boolean; readonly columnCount: number; readonly includedCount: number },
): void {
  const { unique, multicolumn, included } = abilities[method];
  if (index.unique && !unique) throw cannot(method, 'unique indexes');
  if (index.includedCount > 0 && !included) throw cannot(method, 'included columns');
  if (index.columnCount > 1 && !multicolumn) throw cannot(method, 'multicolumn indexes');
}

/**
 * Do entries of the index exist? Trees keep rows in the order of values (btree, hash) or under the
 * keys inside of them (gin). The others are declarations: scans skip blocks by their smallest and
 * largest values without them.
 */
export function keepsEntries(method: string, types: readonly SqlType[]): boolean {
  if (method === 'gin' || method === 'btree') return true;
  return (
    method === 'hash' && types.every(({ oid }) => functionRegistry.ordering(oid) !== undefined)
  );
}

/** The column's class and order. 42704, 42804, 0A000 */
export function classAndOrder(
  ddl: DdlStatement,
  method: string,
  element: IndexElem,
  type: SqlType,
): Pick<IndexColumn, 'descending' | 'nullsFirst' | 'operatorClass' | 'operatorClassOid'> {
  const descending = element.ordering === 'SORTBY_DESC';
  const nulls = element.nulls_ordering ?? 'SORTBY_NULLS_DEFAULT';
  const resolved = operatorClassOf(ddl, method, stringsOf(element.opclass), type);
  checkClassOptions(element, resolved.name);
  if (!abilities[method].ordered) {
    if ((element.ordering ?? 'SORTBY_DEFAULT') !== 'SORTBY_DEFAULT')
      throw cannot(method, 'ASC/DESC options');
    if (nulls !== 'SORTBY_NULLS_DEFAULT') throw cannot(method, 'NULLS FIRST/LAST options');
  }
  return {
    descending,
    nullsFirst: nulls === 'SORTBY_NULLS_FIRST' || (descending && nulls !== 'SORTBY_NULLS_LAST'),
    ...classFields(resolved),
  };
}

/** 22023; the options say how large PostgreSQL's entries are. */
function checkClassOptions(element: IndexElem, name: string): void {
  const given = definitionElements(element.opclassopts);
  if (given.length === 0) return;
  const known = parametersOfClass(name);
  if (known === undefined)
    throw databaseError('invalidParameterValue', `operator class ${name} has no options`);
  readStorageParameters(given, known);
}

/** An index column whose values get another type. 42704, 42804 */
export function columnOfType(
  ddl: DdlStatement,
  method: string,
  column: IndexColumn,
  type: SqlType,
): IndexColumn {
  const { operatorClass, operatorClassOid: _old, ...rest } = column;
  const names = operatorClass === undefined ? [] : [operatorClass];
  return { ...rest, ...classFields(operatorClassOf(ddl, method, names, type)) };
}

function classFields({
  oid,
  name,
  isDefault,
}: ResolvedClass): Pick<IndexColumn, 'operatorClass' | 'operatorClassOid'> {
  return { operatorClassOid: oid, ...(isDefault ? {} : { operatorClass: name }) };
}

type ResolvedClass = Pick<IndexClass, 'oid' | 'name'> & { readonly isDefault: boolean };

export function operatorClassOf(
  ddl: DdlStatement,
  method: string,
  names: readonly string[],
  type: SqlType,
): ResolvedClass {
  const name = names.at(-1);
  const usual = defaultIndexClass(method, type.oid) ?? scalarClass(ddl, method, type.oid);
  if (name === undefined) {
    if (usual !== undefined) return { ...usual, isDefault: true };
    throw databaseError(
      'undefinedObject',
      `data type ${ddl.typeText({ oid: type.oid, typmod: -1 })} has no default operator class for access method "${method}"`,
      {
        hint: 'You must specify an operator class for the index or define a default operator class for the data type.',
      },
    );
  }
  if (names.length > 1) ddl.schema(names[0]);
  const found = namedIndexClass(method, name, type.oid, (module) => hasModule(ddl.catalog, module));
  if (found === 'absent') {
    throw databaseError(
      'undefinedObject',
      `operator class "${names.join('.')}" does not exist for access method "${method}"`,
    );
  }
  if (found === 'mismatch') {
    const shown = ddl.typeText({ oid: type.oid, typmod: -1 });
    throw databaseError(
      'datatypeMismatch',
      `operator class "${name}" does not accept data type ${shown}`,
    );
  }
  return { ...found, isDefault: found.oid === usual?.oid };
}

/** btree_gist and btree_gin bring classes for ordered types. */
function scalarClass(ddl: DdlStatement, method: string, type: number): IndexClass | undefined {
  const module = { gist: 'btree_gist', gin: 'btree_gin' }[method];
  if (module === undefined) return undefined;
  return hasModule(ddl.catalog, module) ? defaultIndexClass('btree', type) : undefined;
}

function cannot(method: string, what: string): Error {
  return databaseError('featureNotSupported', `access method "${method}" does not support ${what}`);
}
