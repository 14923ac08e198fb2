// Addresses of catalog entries (operators, casts, servers …): the entry whose identity has the names and the
// arguments that are asked for.

import { databaseError, type EntryClass } from '#common';
import type { CatalogQuestion } from './catalog-access.ts';
import { entryClasses } from './entry-classes.ts';
import { entryIdentity } from './entry-identity.ts';
import type { CatalogNames } from './names.ts';
import type { ObjectAddress } from './object-identity.ts';
import { qualifiedType } from './qualified-type.ts';

export interface AskedAddress {
  readonly type: string;
  readonly names: readonly string[];
  readonly args: readonly string[];
}

export type FindAddress = (question: CatalogQuestion, asked: AskedAddress) => ObjectAddress;

/** How many names and arguments a type takes; undefined: any number, of names one at least. */
export interface AddressShape {
  readonly names?: number;
  readonly namesMin?: number;
  readonly args?: number;
  readonly find: FindAddress;
}

export function missing(what: string): Error {
  return databaseError('undefinedObject', `${what} does not exist`);
}

export function typeOidOf(names: CatalogNames, text: string): number {
  const oid = names.typeOid(text);
  if (oid === undefined) throw missing(`type "${text}"`);
  return oid;
}

/** Arguments that are types, and names that are. */
const typedArguments = new Set<EntryClass>([
  'operator',
  'familyOperator',
  'familyFunction',
  'cast',
]);
const typedNames = new Set<EntryClass>(['cast', 'transform']);

function entryFinder(name: EntryClass): FindAddress {
  const { catalog: catalogOid, inSchema } = entryClasses[name];
  return (question, asked) => {
    const { names } = question;
    const asType = (text: string): string =>
      text.toUpperCase() === 'NONE' && name === 'operator'
        ? text
        : qualifiedType(names, typeOidOf(names, text));
    const args = typedArguments.has(name) ? asked.args.map(asType) : asked.args;
    const parts = typedNames.has(name) ? asked.names.map(asType) : asked.names;
    const wanted = (identity: ReturnType<typeof entryIdentity>): boolean =>
      isSame(identity.addressArguments, args) && hasName(names, identity.addressNames, parts);
    for (const entry of names.catalog.allEntries(name)) {
      if (inSchema && !parts.includes(entry.name)) continue;
      if (wanted(entryIdentity(names, entry)))
        return { catalog: catalogOid, oid: entry.oid, column: 0 };
    }
    throw missingEntry(name, asked);
  };
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, at) => each === right[at]);
}

/** The address's names without its schema mean what the search path finds. */
function hasName(
  names: CatalogNames,
  address: readonly string[],
  parts: readonly string[],
): boolean {
  if (isSame(address, parts)) return true;
  if (address.length !== parts.length + 1) return false;
  return address.some(
    (part, at) => names.searchPath.includes(part) && isSame(address.toSpliced(at, 1), parts),
  );
}

function missingEntry(name: EntryClass, { names, args }: AskedAddress): Error {
  const { noun } = entryClasses[name];
  const title = names.join('.');
  switch (name) {
    case 'operator':
      return databaseError(
        'undefinedFunction',
        `operator does not exist: ${args[0] ?? ''} ${title} ${args[1] ?? ''}`,
      );
    case 'operatorClass':
    case 'operatorFamily':
      return missing(`${noun} "${names.slice(1).join('.')}" for access method "${names[0]}"`);
    case 'familyOperator':
    case 'familyFunction': {
      const what = name === 'familyOperator' ? 'operator' : 'function';
      return missing(
        `${what} ${names.at(-1)} (${args.join(', ')}) of operator family ${names.slice(1, -1).join('.')} for access method ${names[0]}`,
      );
    }
    case 'cast':
      return missing(`cast from type ${title} to type ${args[0]}`);
    case 'transform':
      return missing(`transform for type ${title} language "${args[0]}"`);
    case 'userMapping':
      return missing(`user mapping for user "${title}" on server "${args[0]}"`);
    case 'publicationTable':
      return missing(`publication relation "${title}" in publication "${args[0]}"`);
    case 'publicationSchema':
      return missing(`publication schema "${title}" in publication "${args[0]}"`);
    default:
      return missing(`${noun} "${title}"`);
  }
}

const entryShapes: Readonly<Partial<Record<EntryClass, Omit<AddressShape, 'find'>>>> = {
  operator: { args: 2 },
  operatorClass: { namesMin: 2 },
  operatorFamily: { namesMin: 2 },
  familyOperator: { namesMin: 3, args: 2 },
  familyFunction: { namesMin: 3, args: 2 },
  cast: { names: 1, args: 1 },
  transform: { names: 1, args: 1 },
  userMapping: { names: 1, args: 1 },
  publicationTable: { args: 1 },
  publicationSchema: { names: 1, args: 1 },
};

/** Every class of entries, by the word for it. */
export const entryAddressShapes: readonly (readonly [string, AddressShape])[] = Object.entries(
  entryClasses,
).map(([key, { noun, inSchema }]) => {
  const name = key as EntryClass;
  const shape = entryShapes[name] ?? (inSchema ? {} : { names: 1 });
  return [noun, { ...shape, find: entryFinder(name) }];
});
