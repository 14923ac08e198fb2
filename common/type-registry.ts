// Types by oid: the built-in ones, with PostgreSQL's oids and pg_type facts, and those that users have
// made (user-types.ts puts them here). Oids are unique in the server and never used again, so one
// table serves all databases; names of user types are looked up in the catalog only.

import { builtinTypeRows } from './generated/types.ts';
import { moduleOfType, moduleTypeRows } from './modules.ts';
import { quoteIdentifier } from './quoting.ts';
import { TypeOid, type TypeDescriptor } from './types.ts';
import { multirangeInfoOf } from './value-types/range-info.ts';

/** pg_type's columns that only catalog queries ask for. Function columns are oids of pg_proc. */
export interface TypeCatalogFacts {
  readonly byValue: boolean;
  readonly alignment: string;
  readonly storage: string;
  readonly input: number;
  readonly output: number;
  readonly receive: number;
  readonly send: number;
  readonly modifierInput: number;
  readonly modifierOutput: number;
  /** What a domain is over, and with which modifier; 0 and -1 otherwise. */
  readonly base: number;
  readonly baseModifier: number;
  readonly collation: number;
}

export interface RegisteredType extends TypeDescriptor {
  readonly facts: TypeCatalogFacts;
}

const kinds: Readonly<Record<string, TypeDescriptor['kind']>> = {
  b: 'base',
  p: 'pseudo',
  d: 'domain',
  e: 'enum',
  r: 'range',
  m: 'range',
};

/** PostgreSQL's in order of oid, then those of modules. */
export const builtinTypes: readonly RegisteredType[] = `${builtinTypeRows.trim()}${moduleTypeRows}`
  .split('\n')
  .map(parseRow);

const byOid = new Map(builtinTypes.map((type) => [type.oid, type]));
const userTypes = new Map<number, RegisteredType>();
const byName = new Map(builtinTypes.map((type) => [type.name, type]));

export function typeByOid(oid: number): RegisteredType | undefined {
  return byOid.get(oid);
}

/** Adds a user's type or replaces what is known of it. */
export function registerType(type: RegisteredType): void {
  byOid.set(type.oid, type);
  userTypes.set(type.oid, type);
}

export function forgetType(oid: number): void {
  byOid.delete(oid);
  userTypes.delete(oid);
}

/** Registered types whose values look like those of another type, and arrays of them. */
export function registeredValueTypes(): RegisteredType[] {
  const isValueType = (type: RegisteredType | undefined): boolean =>
    type?.kind === 'enum' || type?.kind === 'domain' || type?.kind === 'range';
  return [...userTypes.values()].filter(
    (type) => isValueType(type) || isValueType(byOid.get(type.elementOid)),
  );
}

/** Types from here on are text under a collation (collations.ts). */
export const firstCollatedType = 0x40000000;

/** The type below all domains. */
export function baseTypeOf(oid: number): number {
  let type = byOid.get(oid);
  let base = oid;
  while (type !== undefined && type.kind === 'domain') {
    base = type.facts.base;
    type = byOid.get(base);
  }
  return base;
}

/** The built-in type that has the same values: a domain's base, float8 for an enum's places. */
export function representationOf(oid: number): number {
  const base = baseTypeOf(oid);
  if (base >= firstCollatedType && elementTypeOf(base) === 0)
    return byOid.get(base)?.name === 'bpchar' ? TypeOid.bpchar : TypeOid.text;
  switch (byOid.get(base)?.kind) {
    case 'enum':
      return TypeOid.float8;
    case 'range':
      return multirangeInfoOf(base) === undefined ? TypeOid.anyrange : TypeOid.anymultirange;
    default:
      return base;
  }
}

/**
 * By pg_type's name ("int4", "_text"); SQL's spellings ("integer") are the binder's business, and so is
 * which modules are known where.
 */
export function typeByName(name: string): RegisteredType | undefined {
  const type = byName.get(name);
  return type === undefined || moduleOfType(type.oid) !== undefined ? undefined : type;
}

/** Also one of a module that is not installed. */
export function registeredTypeByName(name: string): RegisteredType | undefined {
  return byName.get(name);
}

/** Element type of an array type, 0 for anything else. */
export function elementTypeOf(arrayOid: number): number {
  return byOid.get(arrayOid)?.elementOid ?? 0;
}

/** The array type over an element type, 0 when there is none. */
export function arrayTypeOf(elementOid: number): number {
  return byOid.get(elementOid)?.arrayOid ?? 0;
}

const displayNames = new Map<number, string>([
  [TypeOid.bool, 'boolean'],
  [TypeOid.char, '"char"'],
  [TypeOid.any, '"any"'],
  [TypeOid.int8, 'bigint'],
  [TypeOid.int2, 'smallint'],
  [TypeOid.int4, 'integer'],
  [TypeOid.float4, 'real'],
  [TypeOid.float8, 'double precision'],
  [TypeOid.bpchar, 'character'],
  [TypeOid.varchar, 'character varying'],
  [TypeOid.time, 'time without time zone'],
  [TypeOid.timetz, 'time with time zone'],
  [TypeOid.timestamp, 'timestamp without time zone'],
  [TypeOid.timestamptz, 'timestamp with time zone'],
  [TypeOid.bit, 'bit'],
  [TypeOid.varbit, 'bit varying'],
]);

/** format_type() of a type without modifier: "integer", "text[]"; user types by their bare name. */
export function typeDisplayName(oid: number): string | undefined {
  const known = displayNames.get(oid);
  if (known !== undefined) return known;
  const type = byOid.get(oid);
  if (type === undefined) return undefined;
  if (type.elementOid !== 0 && (type.name.startsWith('_') || oid >= firstUserOid)) {
    return `${typeDisplayName(type.elementOid)}[]`;
  }
  return oid < firstUserOid ? type.name : quoteIdentifier(type.name);
}

const firstUserOid = 16384;

function parseRow(row: string): RegisteredType {
  const fields = row.split(' ');
  const number = (index: number): number => Number(fields[index]);
  const category = fields[3];
  return {
    oid: number(0),
    name: fields[1],
    length: number(2),
    category,
    preferred: fields[4] === 't',
    kind: kinds[fields[5]] ?? 'base',
    elementOid: category === 'A' || fields[1].startsWith('_') ? number(6) : 0,
    arrayOid: number(7),
    delimiter: fields[8],
    facts: {
      byValue: fields[9] === 't',
      alignment: fields[10],
      storage: fields[11],
      input: number(12),
      output: number(13),
      receive: number(14),
      send: number(15),
      modifierInput: number(16),
      modifierOutput: number(17),
      base: number(18),
      baseModifier: -1,
      collation: number(19),
    },
  };
}
