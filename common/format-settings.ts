// How a session reads and writes values as text: the settings that change PostgreSQL's text formats,
// and the catalog's names for the types whose text is a name (regclass …) or a row.

import type { Datum } from './datum.ts';

/** What type input and output ask of the catalog. Undefined: no such object. */
export interface CatalogNames {
  /** Oid of a possibly qualified name under the search path. */
  relationOid(name: string): number | undefined;
  typeOid(name: string): number | undefined;
  schemaOid(name: string): number | undefined;
  roleOid(name: string): number | undefined;
  /** Display names; qualified when not visible on the search path. */
  relationName(oid: number): string | undefined;
  /** Without a modifier as names of types show it, with -1 as a column's: "character", "bpchar". */
  typeName(oid: number, typmod?: number): string | undefined;
  schemaName(oid: number): string | undefined;
  roleName(oid: number): string | undefined;
  /** regproc's text and its inverse. */
  functionName?(oid: number): string | undefined;
  /** With the types of its parameters: f(integer). */
  functionTitle?(oid: number): string | undefined;
  /** By name alone or with the types of its parameters. */
  functionOid?(name: string): number | undefined;
  /** regoper, regoperator, regconfig and regdictionary: by a possibly qualified name. 42725. */
  entryOid?(kind: NamedEntry, name: string): number | undefined;
  entryName?(kind: NamedEntry, oid: number): string | undefined;
  collationName?(oid: number): string | undefined;
  collationOid?(name: string): number | undefined;
  /** Applies a domain's constraints to a value of its base type. 23502, 23514. */
  checkDomain?(typeOid: number, value: Datum): void;
  /** Fields of a row type. */
  compositeFields?(typeOid: number): readonly CompositeField[] | undefined;
}

/** operatorTitle is an operator with the types of its operands: +(integer,integer). */
export type NamedEntry = 'operator' | 'operatorTitle' | 'configuration' | 'dictionary';

export interface CompositeField {
  readonly name: string;
  readonly typeOid: number;
  readonly typmod: number;
}

export interface FormatSettings {
  /** Output style, then field order: "ISO, MDY". */
  readonly dateStyle: string;
  /** postgres, postgres_verbose, sql_standard or iso_8601. */
  readonly intervalStyle: string;
  /** IANA name, POSIX zone or fixed offset. */
  readonly timeZone: string;
  readonly extraFloatDigits: number;
  readonly byteaOutput: 'hex' | 'escape';
  /** Absent: reg* types read and write numbers only. */
  readonly catalog?: CatalogNames;
}

export const defaultFormatSettings: FormatSettings = {
  dateStyle: 'ISO, MDY',
  intervalStyle: 'postgres',
  timeZone: 'Etc/UTC',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
};
