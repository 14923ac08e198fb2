// A catalog in memory with a few tables of a shop, for the planner's own tests.

import {
  builtinCollation,
  collationByOid,
  TypeOid,
  type ColumnDescriptor,
  type IndexDescriptor,
  type SchemaDescriptor,
  type TableAnalysis,
  type TableDescriptor,
} from '#common';
import type { Catalog } from '../catalog.ts';

export interface SampleTable {
  readonly name: string;
  /** name, type oid, type modifier; "!" after the name: NOT NULL. */
  readonly columns: readonly (readonly [name: string, type: number, typmod?: number])[];
  readonly key: readonly string[];
  readonly indexes?: readonly (readonly string[])[];
  readonly rows: number;
}

const sampleTables: readonly SampleTable[] = [
  {
    name: 'customers',
    columns: [
      ['id', TypeOid.int4],
      ['name!', TypeOid.text],
      ['city', TypeOid.text],
      ['born', TypeOid.date],
    ],
    key: ['id'],
    indexes: [['city'], ['name']],
    rows: 10_000,
  },
  {
    name: 'orders',
    columns: [
      ['id', TypeOid.int8],
      ['customer_id!', TypeOid.int4],
      ['placed!', TypeOid.timestamptz],
      ['total', TypeOid.numeric],
      ['note', TypeOid.varchar],
    ],
    key: ['id'],
    indexes: [['customer_id', 'placed'], ['note']],
    rows: 100_000,
  },
  {
    name: 'lines',
    columns: [
      ['order_id', TypeOid.int8],
      ['line', TypeOid.int4],
      ['product_id!', TypeOid.int4],
      ['quantity', TypeOid.int4],
    ],
    key: ['order_id', 'line'],
    indexes: [['product_id']],
    rows: 500_000,
  },
  {
    name: 'products',
    columns: [
      ['id', TypeOid.int4],
      ['title', TypeOid.text],
      ['price', TypeOid.numeric],
    ],
    key: ['id'],
    rows: 1000,
  },
  {
    name: 'tags',
    columns: [
      ['word', TypeOid.text],
      ['weight', TypeOid.float8],
    ],
    key: [],
    rows: 50,
  },
];

const schema: SchemaDescriptor = { kind: 'schema', oid: 2200, name: 'public', owner: 10 };

export function sampleCatalog(): Catalog {
  return catalogOf(sampleTables);
}

/** Tables of this many rows have column segments. */
const columnarRowsMin = 100_000;

/** A catalog of these tables in the schema public. */
export function catalogOf(
  samples: readonly SampleTable[],
  analysis: (table: TableDescriptor) => TableAnalysis | undefined = () => undefined,
): Catalog {
  const tables = samples.map(describe);
  const analyses = new Map(tables.map((table) => [table.oid, analysis(table)]));
  const indexes = tables.flatMap((table) => table.indexes);
  return {
    version: 1,
    database: {
      kind: 'database',
      oid: 5,
      name: 'postgres',
      owner: 10,
      allowConnections: true,
      isTemplate: false,
      connectionLimit: -1,
    },
    findSchema: (name) => (name === 'public' ? schema : undefined),
    schemaByOid: (oid) => (oid === schema.oid ? schema : undefined),
    findRelation: (_, name) => tables.find((table) => table.name === name),
    relationByOid: (oid) => tables.find((table) => table.oid === oid),
    tableByOid: (oid) => tables.find((table) => table.oid === oid),
    indexByOid: (oid) => indexes.find((index) => index.oid === oid),
    findType: () => undefined,
    findCollation: (_, name) => builtinCollation(name),
    collationByOid,
    typeByOid: () => undefined,
    rowType: (oid) => tables.find((each) => 'rowTypeOid' in each && each.rowTypeOid === oid),
    routinesNamed: () => [],
    routineByOid: () => undefined,
    entries: () => [],
    entryByOid: () => undefined,
    findRole: () => undefined,
    roleByOid: () => undefined,
    relations: () => tables,
    schemas: () => [schema],
    roles: () => [],
    databases: () => [],
    analysis: (oid) => analyses.get(oid),
    segmentRows: (oid) => {
      const rows = samples[(oid - 20_000) / 100]?.rows ?? 0;
      return rows >= columnarRowsMin ? rows : 0;
    },
    statistics: (oid) => ({ rows: samples[(oid - 20_000) / 100]?.rows ?? 1000, rowBytes: 60 }),
  };
}

function describe(sample: SampleTable, at: number): TableDescriptor {
  const oid = 20_000 + at * 100;
  const columns = sample.columns.map(([name, type, typmod = -1], position): ColumnDescriptor => ({
    name: name.replace('!', ''),
    attributeNumber: position + 1,
    type: { oid: type, typmod },
    notNull: name.endsWith('!') || sample.key.includes(name),
    dropped: false,
  }));
  const numberOf = (name: string) =>
    columns.find((column) => column.name === name)!.attributeNumber;
  const index = (names: readonly string[], number: number): IndexDescriptor => ({
    kind: 'index',
    oid: oid + number,
    name: number === 1 ? `${sample.name}_pkey` : `${sample.name}_${names.join('_')}_idx`,
    schemaOid: schema.oid,
    tableOid: oid,
    treeId: oid + number,
    method: 'btree',
    unique: number === 1,
    nullsNotDistinct: false,
    primary: number === 1,
    clustered: number === 1,
    columns: names.map((name) => ({
      attributeNumber: numberOf(name),
      descending: false,
      nullsFirst: false,
    })),
    included: [],
    valid: true,
  });
  return {
    kind: 'table',
    oid,
    name: sample.name,
    schemaOid: schema.oid,
    owner: 10,
    treeId: oid,
    persistence: 'permanent',
    columns,
    tupleVersions: [
      {
        version: 0,
        columns: columns.map(({ attributeNumber, type }) => ({ attributeNumber, type })),
      },
    ],
    keyColumns: sample.key.map(numberOf),
    rowTypeOid: oid + 50,
    indexes: [
      ...(sample.key.length > 0 ? [index(sample.key, 1)] : []),
      ...(sample.indexes ?? []).map((names, position) => index(names, position + 2)),
    ],
    constraints: [],
    referencedBy: [],
  };
}
