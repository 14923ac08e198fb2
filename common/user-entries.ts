// Catalog entries that users have made, as far as values and expressions need them without a catalog:
// operators, casts and text search objects by oid. The catalog registers what it keeps, as it does with
// types (user-types.ts). A cast is known to every database of the server.

import type { Entry, EntryClass, EntryDescriptor } from './catalog-entries.ts';
import { isEntry } from './catalog-entries.ts';

const entries = new Map<number, EntryDescriptor>();
const casts = new Map<string, Entry<'cast'>>();

export function registeredEntry<Class extends EntryClass>(
  name: Class,
  oid: number,
): Entry<Class> | undefined {
  const entry = entries.get(oid);
  return isEntry(entry, name) ? entry : undefined;
}

export function registeredCast(source: number, target: number): Entry<'cast'> | undefined {
  return casts.size === 0 ? undefined : casts.get(`${source} ${target}`);
}

export function registeredCastsFrom(source: number): Entry<'cast'>[] {
  return [...casts.values()].filter(({ definition }) => definition.source === source);
}

export function registerEntry(entry: EntryDescriptor): void {
  entries.set(entry.oid, entry);
  if (isEntry(entry, 'cast')) casts.set(castKey(entry), entry);
}

export function forgetEntry(entry: EntryDescriptor): void {
  entries.delete(entry.oid);
  if (isEntry(entry, 'cast') && casts.get(castKey(entry))?.oid === entry.oid)
    casts.delete(castKey(entry));
}

function castKey({ definition }: Entry<'cast'>): string {
  return `${definition.source} ${definition.target}`;
}
