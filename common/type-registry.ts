// The built-in types, with PostgreSQL's oids and pg_type facts. User types (row types of tables) live
// in the catalog; whoever meets an unknown oid asks there.

import { builtinTypeRows } from './generated/types.ts';
import { TypeOid, type TypeDescriptor } from './types.ts';

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
  readonly base: number;
  readonly collation: number;
}

export interface BuiltinType extends TypeDescriptor {
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

/** In order of oid. */
export const builtinTypes: readonly BuiltinType[] = builtinTypeRows
  .trim()
  .split('\n')
  .map(parseRow);

const byOid = new Map(builtinTypes.map((type) => [type.oid, type]));
const byName = new Map(builtinTypes.map((type) => [type.name, type]));

export function typeByOid(oid: number): BuiltinType | undefined {
  return byOid.get(oid);
}

/** By pg_type's name ("int4", "_text"); SQL's spellings ("integer") are the binder's business. */
export function typeByName(name: string): BuiltinType | undefined {
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

/** format_type() of a built-in type without modifier: "integer", "text[]"; undefined for user types. */
export function typeDisplayName(oid: number): string | undefined {
  const known = displayNames.get(oid);
  if (known !== undefined) return known;
  const type = byOid.get(oid);
  if (type === undefined) return undefined;
  if (type.elementOid !== 0 && type.name.startsWith('_')) {
    return `${typeDisplayName(type.elementOid)}[]`;
  }
  return type.name;
}

function parseRow(row: string): BuiltinType {
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
      collation: number(19),
    },
  };
}
