// Collations: PostgreSQL 15's built-in ones, and those that users have made. How they compare text is in
// collation-order.ts.
//
// Text that is to be ordered by another collation takes a type of its own while it is compared
// (collatedType): values stay strings, and whoever orders, groups or hashes by type does what the
// collation says without knowing of it.

import { icuLocalesText } from './generated/icu-locales.ts';
import { firstCollatedType, registerType, typeByOid } from './type-registry.ts';
import { TypeOid } from './types.ts';

export interface CollationDescriptor {
  readonly kind: 'collation';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly provider: 'default' | 'libc' | 'icu';
  readonly deterministic: boolean;
  /** The encoding that it is for; -1: any. */
  readonly encoding: number;
  /** libc's locales. */
  readonly collate?: string;
  readonly characterType?: string;
  /** ICU's, in its old form (de@collation=phonebook) or as a BCP 47 tag. */
  readonly icuLocale?: string;
  readonly comment?: string;
}

export const CollationOid = { default: 100, c: 950, posix: 951 } as const;

const pgCatalog = 11;
const bootstrapRole = 10;
const utf8Encoding = 6;
const firstIcuOid = 12342;

function builtin(
  oid: number,
  name: string,
  rest: Pick<CollationDescriptor, 'provider'> & Partial<CollationDescriptor>,
): CollationDescriptor {
  const own = { oid, name, schemaOid: pgCatalog, owner: bootstrapRole };
  return { kind: 'collation', ...own, deterministic: true, encoding: -1, ...rest };
}

function libc(oid: number, name: string, locale: string, encoding = -1): CollationDescriptor {
  return builtin(oid, name, {
    provider: 'libc',
    collate: locale,
    characterType: locale,
    encoding,
  });
}

export const builtinCollations: readonly CollationDescriptor[] = [
  builtin(CollationOid.default, 'default', { provider: 'default' }),
  libc(CollationOid.c, 'C', 'C'),
  libc(CollationOid.posix, 'POSIX', 'POSIX'),
  libc(12340, 'ucs_basic', 'C', utf8Encoding),
  libc(12341, 'C.utf8', 'C.utf8', utf8Encoding),
  ...icuLocalesText
    .split(/\s+/)
    .map((icuLocale, place) =>
      builtin(firstIcuOid + place, `${icuLocale}-x-icu`, { provider: 'icu', icuLocale }),
    ),
];

const byOid = new Map(builtinCollations.map((collation) => [collation.oid, collation]));
const builtinByName = new Map(builtinCollations.map((collation) => [collation.name, collation]));

export function collationByOid(oid: number): CollationDescriptor | undefined {
  return byOid.get(oid);
}

export function builtinCollation(name: string): CollationDescriptor | undefined {
  return builtinByName.get(name);
}

export function registerCollation(collation: CollationDescriptor): void {
  byOid.set(collation.oid, collation);
}

export function forgetCollation(oid: number): void {
  byOid.delete(oid);
}

/** Does it order text by its UTF-8 bytes? */
export function ordersByBytes(oid: number): boolean {
  return byOid.get(oid)?.provider !== 'icu';
}

/** Are upper, lower and letters those of ASCII only? */
export function isAsciiOnly(oid: number): boolean {
  const collation = byOid.get(oid);
  return collation?.characterType === 'C' || collation?.characterType === 'POSIX';
}

// ---- the type of collated text ------------------------------------------------------------------

/** The type under which text is compared by a collation. */
export function collatedType(collationOid: number): number {
  const oid = firstCollatedType + collationOid;
  const text = typeByOid(TypeOid.text)!;
  if (typeByOid(oid) === undefined) registerType({ ...text, oid, arrayOid: 0 });
  return oid;
}

/** The collation of a type that collatedType() gave; 0 for other types. */
export function collationOfType(typeOid: number): number {
  return typeOid < firstCollatedType ? 0 : typeOid - firstCollatedType;
}
