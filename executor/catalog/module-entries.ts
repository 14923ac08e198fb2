// The operators, operator classes and casts of the contrib modules that a database has: entries like those
// of users, in the schema of the extension.

import { BuiltinOid, type Entry, type EntryClass, type EntryDescriptor } from '#common';
import { classesOfModule, objectsOfModule } from '#functions';
import { operatorEntry } from './builtin-entries.ts';

/** pg_am */
const methodOids: Readonly<Record<string, number>> = {
  btree: 403,
  hash: 405,
  gist: 783,
  gin: 2742,
};

/** Casts have no oid in the facts: they are numbered, module by module. */
const firstCastOid = 9_100_000;

const known = new Map<string, readonly EntryDescriptor[]>();

/** All entries of one extension. */
export function entriesOfModule(extension: Entry<'extension'>): readonly EntryDescriptor[] {
  const schemaOid = extension.definition.schema;
  const key = `${extension.name} ${schemaOid}`;
  let entries = known.get(key);
  if (entries === undefined) {
    entries = makeEntries(extension.name, schemaOid);
    known.set(key, entries);
  }
  return entries;
}

function makeEntries(module: string, schemaOid: number): readonly EntryDescriptor[] {
  const { operators, casts } = objectsOfModule(module);
  const common = { kind: 'entry', owner: BuiltinOid.bootstrapRole, schemaOid, uses: [] } as const;
  return [
    ...operators.map((operator) => ({ ...operatorEntry(operator), schemaOid })),
    ...casts.map((cast, place): EntryDescriptor => ({
      ...common,
      oid: firstCastOid + cast.source * 100 + place,
      name: '',
      schemaOid: 0,
      owner: 0,
      definition: { class: 'cast', ...cast },
    })),
    ...classesOfModule(module).flatMap(({ oid, name, method, inputType, isDefault }) => {
      const methodOid = methodOids[method];
      const family = familyOffset + oid;
      const familyEntry: EntryDescriptor = {
        ...common,
        oid: family,
        name,
        definition: { class: 'operatorFamily', method: methodOid },
      };
      const classEntry: EntryDescriptor = {
        ...common,
        oid,
        name,
        definition: {
          class: 'operatorClass',
          method: methodOid,
          family,
          inputType,
          keyType: 0,
          isDefault,
        },
      };
      return [familyEntry, classEntry];
    }),
  ];
}

/** A family of its own for each class, beside it. */
const familyOffset = 50_000;

export function moduleEntries<Class extends EntryClass>(
  name: Class,
  extensions: readonly Entry<'extension'>[],
): readonly Entry<Class>[] {
  if (extensions.length === 0) return [];
  return extensions
    .flatMap(entriesOfModule)
    .filter(
      (entry) => entry.definition.class === name,
    ) as readonly EntryDescriptor[] as readonly Entry<Class>[];
}
