// Collations: PostgreSQL 15's built-in ones, and those that users have made. How they compare text is in
// collation-order.ts.
//
// Text that is to be ordered by another collation takes a type of its own while it is compared
// (collatedType): values stay strings, and whoever orders, groups or hashes by type does what the
// collation says without knowing of it.

import { icuLocalesText } from './generated/icu-locales.ts';
import {
  baseTypeOf,
  elementTypeOf,
  firstCollatedType,
  registerType,
  typeByOid,
} from './type-registry.ts';
import { type SqlType, TypeOid } from './types.ts';

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

/** Are texts that it takes to be equal the same? */
export function isDeterministic(oid: number): boolean {
  return byOid.get(oid)?.deterministic !== false;
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

// ---- the types of collated text -----------------------------------------------------------------

/** What a collated type is made of, in the order of its oids' ranges. */
const plainTypes = [TypeOid.text, TypeOid.bpchar, TypeOid.textArray, TypeOid.bpcharArray] as const;
const rangeSize = 0x10000000;

/** The type under which text, or an array of it, is compared by a collation. */
export function collatedType(collationOid: number, plain: number = TypeOid.text): number {
  const base = baseTypeOf(plain);
  const element = elementTypeOf(base);
  const isPadded = (element === 0 ? base : baseTypeOf(element)) === TypeOid.bpchar;
  const kind = (element === 0 ? 0 : 2) + (isPadded ? 1 : 0);
  const oid = firstCollatedType + kind * rangeSize + collationOid;
  if (typeByOid(oid) === undefined) {
    const elementOid = element === 0 ? 0 : collatedType(collationOid, element);
    registerType({ ...typeByOid(plainTypes[kind])!, oid, elementOid, arrayOid: 0 });
  }
  return oid;
}

/** The collation of a type that collatedType() gave; 0 for other types. */
export function collationOfType(typeOid: number): number {
  return typeOid < firstCollatedType ? 0 : (typeOid - firstCollatedType) % rangeSize;
}

/** The type by which values of a column are equal: collated where they may be so without being the same. */
export function equalityType({ oid, collation }: SqlType): number {
  const own = collation ?? typeByOid(oid)?.facts.collation ?? 0;
  return isDeterministic(own) ? oid : collatedType(own, oid);
}

/** The type by which values of a column are in order: collated where that is not the order of bytes. */
export function orderType({ oid, collation }: SqlType): number {
  const own = collation ?? typeByOid(oid)?.facts.collation ?? 0;
  return ordersByBytes(own) ? oid : collatedType(own, oid);
}

/** The type that a collated type is made of; other types are themselves. */
export function uncollatedType(typeOid: number): number {
  if (typeOid < firstCollatedType) return typeOid;
  return plainTypes[Math.floor((typeOid - firstCollatedType) / rangeSize)];
}
