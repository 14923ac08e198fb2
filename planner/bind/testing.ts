// A catalog in memory for the binder's tests: tables from a compact description.

import {
  builtinCollation,
  BuiltinOid,
  collationByOid,
  sqlType,
  typeByName,
  type ColumnDescriptor,
  type ConstraintDescriptor,
  type IndexDescriptor,
  type RelationDescriptor,
  type SchemaDescriptor,
  type SqlType,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import type { Catalog, RowType } from '../catalog.ts';
import type { BindContext } from './context.ts';

/** "name type [not null]" per column; `key` names the primary key's columns. */
export interface TestTable {
  readonly columns: readonly string[];
  readonly key?: readonly string[];
  readonly defaults?: Readonly<Record<string, string>>;
  readonly generated?: Readonly<Record<string, string>>;
  readonly identity?: Readonly<Record<string, 'always' | 'by default'>>;
  readonly checks?: Readonly<Record<string, string>>;
}

const schemas: readonly SchemaDescriptor[] = [
  {
    kind: 'schema',
    oid: BuiltinOid.pgCatalogSchema,
    name: 'pg_catalog',
    owner: BuiltinOid.bootstrapRole,
  },
  { kind: 'schema', oid: BuiltinOid.publicSchema, name: 'public', owner: BuiltinOid.bootstrapRole },
];

export function testContext(
  tables: Readonly<Record<string, TestTable>>,
  views: Readonly<
    Record<string, { readonly columns: readonly string[]; readonly sql: string }>
  > = {},
): BindContext {
  const relations: RelationDescriptor[] = [];
  let oid: number = BuiltinOid.firstUserOid;
  for (const [name, table] of Object.entries(tables))
    relations.push(tableOf(name, table, (oid += 10)));
  for (const [name, view] of Object.entries(views)) {
    oid += 10;
    relations.push(viewOf(name, view, oid));
  }
  return {
    catalog: catalogOf(relations),
    searchPath: ['pg_catalog', 'public'],
    currentUser: 'postgres',
  };
}

function columnOf(text: string, index: number): ColumnDescriptor {
  const [name, type = 'int4', ...rest] = text.split(' ');
  return {
    name: name,
    attributeNumber: index + 1,
    type: typeOf(type),
    notNull: rest.join(' ') === 'not null',
    dropped: false,
  };
}

/** "varchar:14" is varchar with type modifier 14. */
function typeOf(text: string): SqlType {
  const [name, typmod] = text.split(':');
  return sqlType(typeByName(name)!.oid, typmod === undefined ? -1 : Number(typmod));
}

function tableOf(name: string, table: TestTable, oid: number): TableDescriptor {
  const stored = (sql: string | undefined) =>
    sql === undefined ? undefined : { sql, dependencies: [] };
  const columns = table.columns.map((text, index): ColumnDescriptor => {
    const column = columnOf(text, index);
    const byDefault = stored(table.defaults?.[column.name]);
    const generated = stored(table.generated?.[column.name]);
    const identity = table.identity?.[column.name];
    return {
      ...column,
      ...(byDefault === undefined ? {} : { default: byDefault }),
      ...(generated === undefined ? {} : { generated }),
      ...(identity === undefined ? {} : { identity, sequenceOid: 9999 }),
    };
  });
  const key = (table.key ?? []).map(
    (each) => columns.find((column) => column.name === each)!.attributeNumber,
  );
  const index: IndexDescriptor = {
    kind: 'index',
    oid: oid + 1,
    name: `${name}_pkey`,
    schemaOid: BuiltinOid.publicSchema,
    tableOid: oid,
    treeId: oid,
    method: 'btree',
    unique: true,
    nullsNotDistinct: false,
    primary: true,
    clustered: true,
    columns: key.map((attributeNumber) => ({
      attributeNumber,
      descending: false,
      nullsFirst: false,
    })),
    included: [],
    valid: true,
  };
  const base = {
    kind: 'constraint',
    tableOid: oid,
    deferrable: false,
    initiallyDeferred: false,
    validated: true,
  } as const;
  const constraints: ConstraintDescriptor[] = Object.entries(table.checks ?? {}).map(
    ([constraint, sql]) => ({
      ...base,
      oid: oid + 3,
      name: constraint,
      columns: [],
      type: 'check',
      expression: { sql, dependencies: [] },
      noInherit: false,
    }),
  );
  if (key.length > 0) {
    constraints.push({
      ...base,
      oid: oid + 2,
      name: index.name,
      columns: key,
      type: 'primary',
      indexOid: index.oid,
    });
  }
  return {
    kind: 'table',
    oid,
    name,
    schemaOid: BuiltinOid.publicSchema,
    owner: BuiltinOid.bootstrapRole,
    treeId: oid,
    persistence: 'permanent',
    columns,
    tupleVersions: [],
    keyColumns: key,
    rowTypeOid: oid + 5,
    indexes: key.length > 0 ? [index] : [],
    constraints,
    referencedBy: [],
  };
}

function viewOf(
  name: string,
  view: { readonly columns: readonly string[]; readonly sql: string },
  oid: number,
): ViewDescriptor {
  return {
    kind: 'view',
    oid,
    name,
    schemaOid: BuiltinOid.publicSchema,
    owner: BuiltinOid.bootstrapRole,
    rowTypeOid: oid + 5,
    columns: view.columns.map(columnOf),
    definition: { sql: view.sql, dependencies: [] },
    checkOption: 'none',
  };
}

function catalogOf(relations: readonly RelationDescriptor[]): Catalog {
  const tables = relations.filter((relation) => relation.kind === 'table');
  return {
    version: 1,
    database: {
      kind: 'database',
      oid: BuiltinOid.postgresDatabase,
      name: 'postgres',
      owner: BuiltinOid.bootstrapRole,
      allowConnections: true,
      isTemplate: false,
      connectionLimit: -1,
    },
    findSchema: (name) => schemas.find((schema) => schema.name === name),
    schemaByOid: (oid) => schemas.find((schema) => schema.oid === oid),
    findRelation: (schemaOid, name) =>
      relations.find((relation) => relation.schemaOid === schemaOid && relation.name === name),
    relationByOid: (oid) => relations.find((relation) => relation.oid === oid),
    tableByOid: (oid) => tables.find((table) => table.oid === oid),
    indexByOid: (oid) =>
      tables.flatMap((table) => table.indexes).find((index) => index.oid === oid),
    findType: () => undefined,
    findCollation: (_, name) => builtinCollation(name),
    collationByOid,
    typeByOid: () => undefined,
    rowType: (oid) =>
      relations.find((each) => 'rowTypeOid' in each && each.rowTypeOid === oid) as
        | RowType
        | undefined,
    routinesNamed: () => [],
    routineByOid: () => undefined,
    entries: () => [],
    entryByOid: () => undefined,
    findRole: () => undefined,
    roleByOid: () => undefined,
    relations: () => relations,
    schemas: () => schemas,
    roles: () => [],
    databases: () => [],
    statistics: () => ({ rows: 1000, rowBytes: 100 }),
    analysis: () => undefined,
    segmentRows: () => 0,
  };
}
