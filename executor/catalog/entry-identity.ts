// Identities of catalog entries (getObjectIdentityParts): names that mean the same under any search path.

import { type Entry, type EntryDescriptor, isEntry, quoteIdentifier } from '#common';
import { entryClasses } from './entry-classes.ts';
import type { CatalogNames } from './names.ts';
import type { ObjectIdentity } from './object-identity.ts';
import { qualifiedType } from './qualified-type.ts';

/** Classes whose name alone, in a schema or in none, means one object. */
const withoutName = new Set<EntryDescriptor['definition']['class']>([
  'operator',
  'familyOperator',
  'familyFunction',
  'cast',
  'userMapping',
  'publicationTable',
  'publicationSchema',
  'transform',
]);

export function entryIdentity(names: CatalogNames, entry: EntryDescriptor): ObjectIdentity {
  const { definition } = entry;
  const { noun, inSchema } = entryClasses[definition.class];
  const schema = inSchema ? (names.catalog.schemaByOid(entry.schemaOid)?.name ?? '') : undefined;
  const common = {
    type: noun,
    schema: schema === undefined ? null : quoteIdentifier(schema),
    name: withoutName.has(definition.class) ? null : quoteIdentifier(entry.name),
  };
  if (isEntry(entry, 'operator')) {
    const types = [entry.definition.left, entry.definition.right].map((oid) =>
      oid === 0 ? 'NONE' : qualifiedType(names, oid),
    );
    return {
      ...common,
      identity: `${quoteIdentifier(schema ?? '')}.${entry.name}(${types.join(',')})`,
      addressNames: [schema ?? '', entry.name],
      addressArguments: types,
    };
  }
  if (isEntry(entry, 'operatorClass') || isEntry(entry, 'operatorFamily'))
    return { ...common, ...inMethod(names, entry, schema ?? '') };
  return { ...common, ...special(names, entry, schema) };
}

type Parts = Pick<ObjectIdentity, 'identity' | 'addressNames' | 'addressArguments'>;

function inMethod(
  names: CatalogNames,
  { name, definition }: Entry<'operatorClass'> | Entry<'operatorFamily'>,
  schema: string,
): Parts {
  const method = names.catalog.entryByOid('accessMethod', definition.method)?.name ?? '';
  const qualified = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  return {
    identity: `${qualified} USING ${quoteIdentifier(method)}`,
    addressNames: [method, schema, name],
    addressArguments: [],
  };
}

function special(names: CatalogNames, entry: EntryDescriptor, schema: string | undefined): Parts {
  const { catalog } = names;
  const { definition } = entry;
  switch (definition.class) {
    case 'cast': {
      const [from, to] = [definition.source, definition.target].map((oid) =>
        qualifiedType(names, oid),
      );
      return { identity: `(${from} AS ${to})`, addressNames: [from], addressArguments: [to] };
    }
    case 'transform': {
      const type = qualifiedType(names, definition.type);
      const language = catalog.entryByOid('language', definition.language)?.name ?? '';
      return {
        identity: `for ${type} on language ${quoteIdentifier(language)}`,
        addressNames: [type],
        addressArguments: [language],
      };
    }
    case 'userMapping': {
      const user =
        definition.role === 0 ? 'public' : (catalog.roleByOid(definition.role)?.name ?? '');
      const server = catalog.entryByOid('foreignServer', definition.server)?.name ?? '';
      return {
        identity: `${quoteIdentifier(user)} on server ${server}`,
        addressNames: [user],
        addressArguments: [server],
      };
    }
    case 'publicationTable': {
      const table = catalog.relationByOid(definition.table);
      const publication = catalog.entryByOid('publication', definition.publication)?.name ?? '';
      const tableName = table === undefined ? '' : names.qualifiedName(table);
      return {
        identity: `${tableName} in publication ${publication}`,
        addressNames:
          table === undefined ? [] : [catalog.schemaByOid(table.schemaOid)?.name ?? '', table.name],
        addressArguments: [publication],
      };
    }
    case 'publicationSchema': {
      const name = catalog.schemaByOid(definition.schema)?.name ?? '';
      const publication = catalog.entryByOid('publication', definition.publication)?.name ?? '';
      return {
        identity: `${name} in publication ${publication}`,
        addressNames: [name],
        addressArguments: [publication],
      };
    }
    case 'familyOperator':
    case 'familyFunction':
      return memberParts(names, definition);
    default: {
      const name = quoteIdentifier(entry.name);
      return {
        identity: schema === undefined ? name : `${quoteIdentifier(schema)}.${name}`,
        addressNames: schema === undefined ? [entry.name] : [schema, entry.name],
        addressArguments: [],
      };
    }
  }
}

function memberParts(
  names: CatalogNames,
  definition: Entry<'familyOperator' | 'familyFunction'>['definition'],
): Parts {
  const family = names.catalog.entryByOid('operatorFamily', definition.family);
  const home = family === undefined ? undefined : entryIdentity(names, family);
  const types = [definition.left, definition.right].map((oid) => qualifiedType(names, oid));
  const isOperator = definition.class === 'familyOperator';
  const number = isOperator ? definition.strategy : definition.number;
  return {
    identity: `${isOperator ? 'operator' : 'function'} ${number} (${types.join(', ')}) of ${home?.identity ?? ''}`,
    addressNames: [...(home?.addressNames ?? []), String(number)],
    addressArguments: types,
  };
}
