// What the classes of catalog entries have in common and where they differ: their words in messages and
// statements, their relation in pg_catalog, and whether they are named in a schema or grantable. General
// forms of DDL (COMMENT, DROP, ALTER … OWNER) and the functions over object addresses read this table.

import type { EntryClass } from '#common';
import type { GrantableKind } from '#planner';

export interface EntryClassFacts {
  /** "text search dictionary" */
  readonly noun: string;
  /** What messages about rights call it. */
  readonly rightsNoun: string;
  /** pg_class.oid and relname of its catalog. */
  readonly catalog: number;
  readonly catalogName: string;
  /** The parser's ObjectType. */
  readonly objectType: string;
  readonly inSchema: boolean;
  /** Has an owner, whom ALTER … OWNER TO changes. */
  readonly owned: boolean;
  readonly grantable?: GrantableKind;
  /** SQLSTATE when CREATE finds the name taken. */
  readonly duplicate: 'duplicateObject' | 'duplicateFunction';
}

function facts(
  noun: string,
  catalog: readonly [number, string],
  objectType: string,
  rest: Partial<EntryClassFacts> = {},
): EntryClassFacts {
  const [oid, catalogName] = catalog;
  const common = {
    rightsNoun: noun,
    inSchema: false,
    owned: true,
    duplicate: 'duplicateObject',
  } as const;
  return { noun, catalog: oid, catalogName, objectType, ...common, ...rest };
}

const named = { inSchema: true } as const;
const unowned = { owned: false } as const;

export const entryClasses: Readonly<Record<EntryClass, EntryClassFacts>> = {
  foreignDataWrapper: facts(
    'foreign-data wrapper',
    [2328, 'pg_foreign_data_wrapper'],
    'OBJECT_FDW',
    { grantable: 'foreign-data wrapper' },
  ),
  foreignServer: facts('server', [1417, 'pg_foreign_server'], 'OBJECT_FOREIGN_SERVER', {
    rightsNoun: 'foreign server',
    grantable: 'foreign server',
  }),
  userMapping: facts('user mapping', [1418, 'pg_user_mapping'], 'OBJECT_USER_MAPPING', unowned),
  publication: facts('publication', [6104, 'pg_publication'], 'OBJECT_PUBLICATION'),
  publicationTable: facts(
    'publication relation',
    [6106, 'pg_publication_rel'],
    'OBJECT_PUBLICATION_REL',
    unowned,
  ),
  publicationSchema: facts(
    'publication namespace',
    [6237, 'pg_publication_namespace'],
    'OBJECT_PUBLICATION_NAMESPACE',
    unowned,
  ),
  subscription: facts('subscription', [6100, 'pg_subscription'], 'OBJECT_SUBSCRIPTION'),
  eventTrigger: facts('event trigger', [3466, 'pg_event_trigger'], 'OBJECT_EVENT_TRIGGER'),
  operator: facts('operator', [2617, 'pg_operator'], 'OBJECT_OPERATOR', {
    ...named,
    duplicate: 'duplicateFunction',
  }),
  operatorFamily: facts('operator family', [2753, 'pg_opfamily'], 'OBJECT_OPFAMILY', named),
  operatorClass: facts('operator class', [2616, 'pg_opclass'], 'OBJECT_OPCLASS', named),
  familyOperator: facts('operator of access method', [2602, 'pg_amop'], 'OBJECT_AMOP', unowned),
  familyFunction: facts('function of access method', [2603, 'pg_amproc'], 'OBJECT_AMPROC', unowned),
  cast: facts('cast', [2605, 'pg_cast'], 'OBJECT_CAST', unowned),
  conversion: facts('conversion', [2607, 'pg_conversion'], 'OBJECT_CONVERSION', named),
  textSearchParser: facts('text search parser', [3601, 'pg_ts_parser'], 'OBJECT_TSPARSER', {
    ...named,
    ...unowned,
  }),
  textSearchTemplate: facts('text search template', [3764, 'pg_ts_template'], 'OBJECT_TSTEMPLATE', {
    ...named,
    ...unowned,
  }),
  textSearchDictionary: facts(
    'text search dictionary',
    [3600, 'pg_ts_dict'],
    'OBJECT_TSDICTIONARY',
    named,
  ),
  textSearchConfiguration: facts(
    'text search configuration',
    [3602, 'pg_ts_config'],
    'OBJECT_TSCONFIGURATION',
    named,
  ),
  accessMethod: facts('access method', [2601, 'pg_am'], 'OBJECT_ACCESS_METHOD', unowned),
  language: facts('language', [2612, 'pg_language'], 'OBJECT_LANGUAGE', { grantable: 'language' }),
  transform: facts('transform', [3576, 'pg_transform'], 'OBJECT_TRANSFORM', unowned),
  extension: facts('extension', [3079, 'pg_extension'], 'OBJECT_EXTENSION'),
  tablespace: facts('tablespace', [1213, 'pg_tablespace'], 'OBJECT_TABLESPACE', {
    grantable: 'tablespace',
  }),
};

const byObjectType = new Map(
  Object.entries(entryClasses).map(([name, { objectType }]) => [objectType, name as EntryClass]),
);

export function entryClassOf(objectType: string | undefined): EntryClass | undefined {
  return objectType === undefined ? undefined : byObjectType.get(objectType);
}
