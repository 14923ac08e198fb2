// reg* types: oids that read and print as names. Names come from the session's catalog; without one,
// or for an oid it does not know, the number is the text.

import { databaseError, notSupported, type DatabaseError } from '../errors.ts';
import type { CatalogNames, NamedEntry } from '../format-settings.ts';
import {
  otherLanguages,
  textSearchConfigurations,
  textSearchDictionaries,
} from '../text-search/names.ts';
import { TypeOid } from '../types.ts';
import { readInt32 } from '../value-codec.ts';
import { expectLength, typeIo, type AnyTypeIo } from './contract.ts';

interface NameKind {
  readonly find: (catalog: CatalogNames, name: string) => number | undefined;
  readonly show: (catalog: CatalogNames, oid: number) => string | undefined;
  readonly missing: (name: string) => DatabaseError;
  /** A qualified name whose schema is missing is an error of its own. */
  readonly inSchema?: boolean;
}

function objectNameIo(typeName: string, kind: NameKind | undefined): AnyTypeIo {
  return typeIo<number>({
    input: (text, _typmod, settings) => {
      if (text === '-') return 0;
      if (/^\d+$/.test(text)) return Number(text) >>> 0;
      if (kind === undefined || settings.catalog === undefined) {
        throw notSupported(`a name as input of type ${typeName}`);
      }
      const oid = kind.find(settings.catalog, text);
      if (oid !== undefined) return oid;
      const schemaName = kind.inSchema === true ? schemaOf(text) : undefined;
      if (schemaName !== undefined && settings.catalog.schemaOid(schemaName) === undefined) {
        throw databaseError('invalidSchemaName', `schema ${schemaText(schemaName)} does not exist`);
      }
      throw kind.missing(text);
    },
    output: (value, settings) => {
      if (value === 0) return '-';
      const shown =
        settings.catalog === undefined ? undefined : kind?.show(settings.catalog, value);
      return shown ?? String(value);
    },
    receive: (bytes) => {
      expectLength(bytes, 4);
      return readInt32(bytes, 0) >>> 0;
    },
    send: (value, writer) => writer.int32(value),
  });
}

/** What stands before the first dot of a qualified name, quotes included. */
function schemaOf(text: string): string | undefined {
  return /^\s*("(?:[^"]|"")+"|[^\s".(]+)\s*\./.exec(text)?.[1];
}

function schemaText(name: string): string {
  return name.startsWith('"') ? name : `"${name.toLowerCase()}"`;
}

const namePart = String.raw`\s*(?:"(?:[^"]|"")*"|[^\s."][^\s.]*)\s*`;
const nameForm = new RegExp(`^${namePart}(?:\\.${namePart})*$`);
const namePartsMax = 3;

/** 42P01, or what is wrong with the name. */
export function unknownRelation(name: string): DatabaseError {
  return (
    misnamedRelation(name) ?? databaseError('undefinedTable', `relation "${name}" does not exist`)
  );
}

/** 42602 for what is no name, 42601 for one of too many parts. */
export function misnamedRelation(text: string): DatabaseError | undefined {
  if (!nameForm.test(text)) return databaseError('invalidName', 'invalid name syntax');
  const parts = text.match(/"(?:[^"]|"")*"|[^\s."][^\s.]*/g) ?? [];
  if (parts.length <= namePartsMax) return undefined;
  return databaseError(
    'syntaxError',
    `improper relation name (too many dotted names): ${parts.join('.')}`,
  );
}

interface SearchNames {
  readonly kind: NamedEntry;
  readonly what: string;
  readonly known: ReadonlyMap<string, number>;
  readonly absent: (name: string) => boolean;
}

const configurationNames: SearchNames = {
  kind: 'configuration',
  what: 'text search configuration',
  known: textSearchConfigurations,
  absent: (name) => otherLanguages.has(name),
};
const dictionaryNames: SearchNames = {
  kind: 'dictionary',
  what: 'text search dictionary',
  known: textSearchDictionaries,
  absent: (name) => otherLanguages.has(name.replace(/_stem$/, '')),
};

/** regconfig and regdictionary: those that every database has, then those of users. */
function searchNameIo(typeName: string, names: SearchNames): AnyTypeIo {
  const io = objectNameIo(typeName, {
    find: () => undefined,
    show: () => undefined,
    missing: () => notSupported(typeName),
  });
  return {
    ...io,
    input: (text, typmod, settings) => {
      if (/^(?:\d+|-)$/.test(text)) return io.input(text, typmod, settings);
      const name = text
        .trim()
        .replace(/^pg_catalog\./, '')
        .replace(/^"(.*)"$/, '$1');
      const oid = names.known.get(name) ?? names.known.get(name.toLowerCase());
      if (oid !== undefined) return oid;
      const found = settings.catalog?.entryOid?.(names.kind, text);
      if (found !== undefined) return found;
      if (names.absent(name)) throw notSupported(`${names.what} "${name}"`);
      throw databaseError('undefinedObject', `${names.what} "${text}" does not exist`);
    },
    output: (value, settings) => {
      for (const [name, oid] of names.known) if (oid === value) return name;
      return settings.catalog?.entryName?.(names.kind, Number(value)) ?? io.output(value, settings);
    },
  };
}

const relation: NameKind = {
  find: (catalog, name) => catalog.relationOid(name),
  show: (catalog, oid) => catalog.relationName(oid),
  inSchema: true,
  missing: unknownRelation,
};
const type: NameKind = {
  find: (catalog, name) => catalog.typeOid(name),
  show: (catalog, oid) => catalog.typeName(oid),
  inSchema: true,
  missing: (name) => databaseError('undefinedObject', `type "${name}" does not exist`),
};
const schema: NameKind = {
  find: (catalog, name) => catalog.schemaOid(name),
  show: (catalog, oid) => catalog.schemaName(oid),
  missing: (name) => databaseError('invalidSchemaName', `schema "${name}" does not exist`),
};
const role: NameKind = {
  find: (catalog, name) => catalog.roleOid(name),
  show: (catalog, oid) => catalog.roleName(oid),
  missing: (name) => databaseError('undefinedObject', `role "${name}" does not exist`),
};
const procedure: NameKind = {
  find: (catalog, name) => catalog.functionOid?.(name),
  show: (catalog, oid) => catalog.functionName?.(oid),
  inSchema: true,
  missing: (name) => databaseError('undefinedFunction', `function "${name}" does not exist`),
};

const signature: NameKind = {
  ...procedure,
  show: (catalog, oid) => catalog.functionTitle?.(oid) ?? catalog.functionName?.(oid),
};

function operator(kind: 'operator' | 'operatorTitle'): NameKind {
  return {
    find: (catalog, name) => catalog.entryOid?.(kind, name),
    show: (catalog, oid) => catalog.entryName?.(kind, oid),
    inSchema: kind === 'operator',
    missing: (name) => databaseError('undefinedFunction', `operator does not exist: ${name}`),
  };
}
const collation: NameKind = {
  find: (catalog, name) => catalog.collationOid?.(name),
  show: (catalog, oid) => catalog.collationName?.(oid),
  inSchema: true,
  missing: (name) =>
    databaseError(
      'undefinedObject',
      `collation ${schemaText(name)} for encoding "UTF8" does not exist`,
    ),
};

export const objectNameTypes: readonly (readonly [number, AnyTypeIo])[] = [
  [TypeOid.regclass, objectNameIo('regclass', relation)],
  [TypeOid.regtype, objectNameIo('regtype', type)],
  [TypeOid.regnamespace, objectNameIo('regnamespace', schema)],
  [TypeOid.regrole, objectNameIo('regrole', role)],
  [TypeOid.regproc, objectNameIo('regproc', procedure)],
  [TypeOid.regprocedure, objectNameIo('regprocedure', signature)],
  [TypeOid.regoper, objectNameIo('regoper', operator('operator'))],
  [TypeOid.regoperator, objectNameIo('regoperator', operator('operatorTitle'))],
  [TypeOid.regcollation, objectNameIo('regcollation', collation)],
  [TypeOid.regconfig, searchNameIo('regconfig', configurationNames)],
  [TypeOid.regdictionary, searchNameIo('regdictionary', dictionaryNames)],
];
