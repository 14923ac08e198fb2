// Catalog entries by name along a search path, and their names in messages: getObjectDescription() and
// the visibility functions of PostgreSQL.

import {
  BuiltinOid,
  type Entry,
  type EntryClass,
  type EntryDescriptor,
  entryKey,
  isEntry,
  quoteIdentifier,
} from '#common';
import { routineTitle } from './routine-name.ts';
import { functionRegistry } from '#functions';
import type { StateCatalog } from './catalog.ts';
import { entryClasses } from './entry-classes.ts';
import type { CatalogNames } from './names.ts';

/** The entry that a name means, qualified or not; `keyOf` completes the name (types of an operator). */
export function entryNamed<Class extends EntryClass>(
  names: CatalogNames,
  name: Class,
  parts: readonly string[],
  keyOf: (name: string) => string = (text) => text,
): Entry<Class> | undefined {
  const { catalog } = names;
  const key = keyOf(parts.at(-1) ?? '');
  if (!entryClasses[name].inSchema) return catalog.findEntry(name, 0, key);
  const path = parts.length > 1 ? [parts.at(-2)!] : names.searchPath;
  for (const schemaName of path) {
    const schema = catalog.findSchema(schemaName);
    const found = schema === undefined ? undefined : catalog.findEntry(name, schema.oid, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Is it what its bare name means here? */
export function isEntryVisible(names: CatalogNames, entry: EntryDescriptor): boolean {
  if (entry.schemaOid === 0) return true;
  const key = entryKey(entry);
  return entryNamed(names, entry.definition.class, [''], () => key)?.oid === entry.oid;
}

/** Qualified where the search path would not find it; operators are never quoted. */
export function entryName(names: CatalogNames, entry: EntryDescriptor): string {
  const isOperator = entry.definition.class === 'operator';
  const name = isOperator ? entry.name : quoteIdentifier(entry.name);
  if (isEntryVisible(names, entry)) return name;
  const schema = names.catalog.schemaByOid(entry.schemaOid)?.name ?? '';
  return `${quoteIdentifier(schema)}.${name}`;
}

export function typeText(names: CatalogNames, oid: number): string {
  return oid === 0 ? 'NONE' : (names.plainTypeName(oid) ?? '???');
}

/** +(integer,integer) */
export function operatorTitle(names: CatalogNames, operator: Entry<'operator'>): string {
  const { left, right } = operator.definition;
  return `${entryName(names, operator)}(${typeText(names, left)},${typeText(names, right)})`;
}

function nameByOid(catalog: StateCatalog, name: EntryClass, oid: number): string {
  return catalog.entryByOid(name, oid)?.name ?? '';
}

/** "server s1", "operator +(integer,integer)" */
export function describeEntry(names: CatalogNames, entry: EntryDescriptor): string {
  const { catalog } = names;
  const { definition } = entry;
  const { noun } = entryClasses[definition.class];
  switch (definition.class) {
    case 'userMapping': {
      const user =
        definition.role === 0 ? 'public' : (catalog.roleByOid(definition.role)?.name ?? '');
      return `${noun} for ${user} on server ${nameByOid(catalog, 'foreignServer', definition.server)}`;
    }
    case 'publicationTable': {
      const table = catalog.relationByOid(definition.table);
      const tableName = table === undefined ? '' : names.relationName(table);
      const publication = nameByOid(catalog, 'publication', definition.publication);
      return `${noun} of ${tableName} in publication ${publication}`.replace(
        'publication relation of ',
        'publication of table ',
      );
    }
    case 'publicationSchema': {
      const schema = catalog.schemaByOid(definition.schema)?.name ?? '';
      const publication = nameByOid(catalog, 'publication', definition.publication);
      return `publication of schema ${schema} in publication ${publication}`;
    }
    case 'operator':
      return `${noun} ${operatorTitle(names, entry as Entry<'operator'>)}`;
    case 'operatorFamily':
    case 'operatorClass': {
      const method = nameByOid(catalog, 'accessMethod', definition.method);
      return `${noun} ${entryName(names, entry)} for access method ${method}`;
    }
    case 'familyOperator':
    case 'familyFunction':
      return describeMember(names, entry);
    case 'cast':
      return `${noun} from ${typeText(names, definition.source)} to ${typeText(names, definition.target)}`;
    case 'transform': {
      const language = nameByOid(catalog, 'language', definition.language);
      return `${noun} for ${typeText(names, definition.type)} language ${language}`;
    }
    default:
      return `${noun} ${entryClasses[definition.class].inSchema ? entryName(names, entry) : entry.name}`;
  }
}

function describeMember(names: CatalogNames, entry: EntryDescriptor): string {
  const { catalog } = names;
  if (!isEntry(entry, 'familyOperator') && !isEntry(entry, 'familyFunction')) return '';
  const { definition } = entry;
  const types = `${typeText(names, definition.left)}, ${typeText(names, definition.right)}`;
  const family = catalog.entryByOid('operatorFamily', definition.family);
  const home = family === undefined ? '' : describeEntry(names, family);
  if (definition.class === 'familyOperator') {
    const operator = catalog.entryByOid('operator', definition.operator);
    const title = operator === undefined ? '' : operatorTitle(names, operator);
    return `operator ${definition.strategy} (${types}) of ${home}: ${title}`;
  }
  return `function ${definition.number} (${types}) of ${home}: ${functionTitle(names, definition.functionOid)}`;
}

/** f(integer,text) */
export function functionTitle(names: CatalogNames, oid: number): string {
  const routine = names.catalog.routineByOid(oid);
  if (routine !== undefined) return routineTitle(names, routine);
  const signature = functionRegistry.functionByOid(oid);
  if (signature === undefined) return '';
  return `${signature.name}(${signature.argumentTypes.map((type) => typeText(names, type)).join(',')})`;
}

export const isBuiltin = ({ oid }: { readonly oid: number }): boolean =>
  oid < BuiltinOid.firstUserOid;
