// The catalog entries that every database has (operators, operator families, text search objects …), made
// of PostgreSQL's facts at first use, so that they are found, described and depended upon like those of users.

import {
  BuiltinOid,
  type Datum,
  type DefinitionOf,
  type Entry,
  type EntryClass,
  type EntryDefinition,
  type EntryDescriptor,
  entryKey,
} from '#common';
import { allCasts, allOperators, type OperatorSignature } from '#functions';
import { constantRows } from '../system-catalog/constants.ts';
import { systemRelationNamed } from '../system-catalog/relations.ts';
import { readOptions } from './entry-options.ts';

type Row = ReadonlyMap<string, Datum>;

interface Source {
  readonly relation: string;
  /** Where the name, schema and owner stand; absent: the class has none. */
  readonly name?: string;
  readonly schema?: string;
  readonly owner?: string;
  readonly definition: (row: Row) => EntryDefinition;
}

const number = (row: Row, column: string): number => Number(row.get(column) ?? 0);
const text = (row: Row, column: string): string => (row.get(column) as string | null) ?? '';

const sources: Readonly<Partial<Record<EntryClass, Source>>> = {
  operatorFamily: {
    relation: 'pg_opfamily',
    name: 'opfname',
    schema: 'opfnamespace',
    owner: 'opfowner',
    definition: (row) => ({ class: 'operatorFamily', method: number(row, 'opfmethod') }),
  },
  operatorClass: {
    relation: 'pg_opclass',
    name: 'opcname',
    schema: 'opcnamespace',
    owner: 'opcowner',
    definition: (row) => ({
      class: 'operatorClass',
      method: number(row, 'opcmethod'),
      family: number(row, 'opcfamily'),
      inputType: number(row, 'opcintype'),
      keyType: number(row, 'opckeytype'),
      isDefault: row.get('opcdefault') === true,
    }),
  },
  familyOperator: {
    relation: 'pg_amop',
    definition: (row) => ({
      class: 'familyOperator',
      method: number(row, 'amopmethod'),
      family: number(row, 'amopfamily'),
      left: number(row, 'amoplefttype'),
      right: number(row, 'amoprighttype'),
      strategy: number(row, 'amopstrategy'),
      operator: number(row, 'amopopr'),
      sortFamily: number(row, 'amopsortfamily'),
    }),
  },
  familyFunction: {
    relation: 'pg_amproc',
    definition: (row) => ({
      class: 'familyFunction',
      method: 0,
      family: number(row, 'amprocfamily'),
      left: number(row, 'amproclefttype'),
      right: number(row, 'amprocrighttype'),
      number: number(row, 'amprocnum'),
      functionOid: number(row, 'amproc'),
    }),
  },
  conversion: {
    relation: 'pg_conversion',
    name: 'conname',
    schema: 'connamespace',
    owner: 'conowner',
    definition: (row) => ({
      class: 'conversion',
      from: number(row, 'conforencoding'),
      to: number(row, 'contoencoding'),
      functionOid: number(row, 'conproc'),
      isDefault: row.get('condefault') === true,
    }),
  },
  textSearchParser: {
    relation: 'pg_ts_parser',
    name: 'prsname',
    schema: 'prsnamespace',
    definition: (row) => ({
      class: 'textSearchParser',
      start: number(row, 'prsstart'),
      token: number(row, 'prstoken'),
      end: number(row, 'prsend'),
      headline: number(row, 'prsheadline'),
      tokenTypes: number(row, 'prslextype'),
    }),
  },
  textSearchTemplate: {
    relation: 'pg_ts_template',
    name: 'tmplname',
    schema: 'tmplnamespace',
    definition: (row) => ({
      class: 'textSearchTemplate',
      init: number(row, 'tmplinit'),
      lexize: number(row, 'tmpllexize'),
    }),
  },
  textSearchDictionary: {
    relation: 'pg_ts_dict',
    name: 'dictname',
    schema: 'dictnamespace',
    owner: 'dictowner',
    definition: (row) => ({
      class: 'textSearchDictionary',
      template: number(row, 'dicttemplate'),
      options: readOptions(text(row, 'dictinitoption')),
    }),
  },
  textSearchConfiguration: {
    relation: 'pg_ts_config',
    name: 'cfgname',
    schema: 'cfgnamespace',
    owner: 'cfgowner',
    definition: (row) => ({
      class: 'textSearchConfiguration',
      parser: number(row, 'cfgparser'),
      mappings: configurationMappings(number(row, 'oid')),
    }),
  },
  accessMethod: {
    relation: 'pg_am',
    name: 'amname',
    definition: (row) => ({
      class: 'accessMethod',
      handler: number(row, 'amhandler'),
      type: row.get('amtype') === 't' ? 'table' : 'index',
    }),
  },
  language: {
    relation: 'pg_language',
    name: 'lanname',
    owner: 'lanowner',
    definition: (row) => ({
      class: 'language',
      handler: number(row, 'lanplcallfoid'),
      inline: number(row, 'laninline'),
      validator: number(row, 'lanvalidator'),
      trusted: row.get('lanpltrusted') === true,
    }),
  },
  tablespace: {
    relation: 'pg_tablespace',
    name: 'spcname',
    owner: 'spcowner',
    definition: () => ({ class: 'tablespace', location: '', options: {} }),
  },
};

function rowsOf(name: string): Row[] {
  const relation = systemRelationNamed(BuiltinOid.pgCatalogSchema, name)!;
  return constantRows(relation).map(
    (values) => new Map(relation.columns.map((column, place) => [column.name, values[place]])),
  );
}

type Mappings = DefinitionOf<'textSearchConfiguration'>['mappings'];

function configurationMappings(oid: number): Mappings {
  const tokens = new Map<number, number[]>();
  for (const row of rowsOf('pg_ts_config_map')) {
    if (number(row, 'mapcfg') !== oid) continue;
    const token = number(row, 'maptokentype');
    tokens.set(token, [...(tokens.get(token) ?? []), number(row, 'mapdict')]);
  }
  return [...tokens].map(([token, dictionaries]) => ({ token, dictionaries }));
}

function fromRows(name: EntryClass): EntryDescriptor[] {
  const source = sources[name];
  if (source === undefined) return [];
  return rowsOf(source.relation).map((row) => ({
    kind: 'entry',
    oid: number(row, 'oid'),
    name: source.name === undefined ? '' : text(row, source.name),
    schemaOid: source.schema === undefined ? 0 : number(row, source.schema),
    owner: source.owner === undefined ? 0 : number(row, source.owner),
    definition: source.definition(row),
    uses: [],
  }));
}

function builtinOperators(): EntryDescriptor[] {
  return allOperators().map(operatorEntry);
}

export function operatorEntry(operator: OperatorSignature): EntryDescriptor {
  return {
    kind: 'entry',
    oid: operator.oid,
    name: operator.name,
    schemaOid: BuiltinOid.pgCatalogSchema,
    owner: BuiltinOid.bootstrapRole,
    definition: {
      class: 'operator',
      left: operator.left,
      right: operator.right,
      result: operator.result,
      functionOid: operator.functionOid,
      commutator: operator.commutatorOid,
      negator: operator.negatorOid,
      restriction: 0,
      join: 0,
      canHash: operator.canHash,
      canMerge: operator.canMerge,
    },
    uses: [],
  };
}

/** Casts have no oid in the facts: they are numbered. */
const firstCastOid = 10035;

function builtinCasts(): EntryDescriptor[] {
  return allCasts().map((cast, place) => ({
    kind: 'entry',
    oid: firstCastOid + place,
    name: '',
    schemaOid: 0,
    owner: 0,
    definition: { class: 'cast', ...cast },
    uses: [],
  }));
}

interface Known {
  readonly all: readonly EntryDescriptor[];
  readonly byOid: ReadonlyMap<number, EntryDescriptor>;
  readonly byKey: ReadonlyMap<string, EntryDescriptor>;
}

const known = new Map<EntryClass, Known>();

function knownOf(name: EntryClass): Known {
  let found = known.get(name);
  if (found === undefined) {
    const all =
      name === 'operator' ? builtinOperators() : name === 'cast' ? builtinCasts() : fromRows(name);
    found = {
      all,
      byOid: new Map(all.map((entry) => [entry.oid, entry])),
      byKey: new Map(all.map((entry) => [`${entry.schemaOid}.${entryKey(entry)}`, entry])),
    };
    known.set(name, found);
  }
  return found;
}

export function builtinEntries<Class extends EntryClass>(name: Class): readonly Entry<Class>[] {
  return knownOf(name).all as readonly Entry<Class>[];
}

export function builtinEntry(name: EntryClass, oid: number): EntryDescriptor | undefined {
  return knownOf(name).byOid.get(oid);
}

export function builtinEntryNamed(
  name: EntryClass,
  schemaOid: number,
  key: string,
): EntryDescriptor | undefined {
  return knownOf(name).byKey.get(`${schemaOid}.${key}`);
}
