// The tables of TPC-H at scale 1, with the statistics that ANALYZE finds there (tpch-statistics.json; keys
// of other tables have the distinct values of scale 1), for looking at the plans of its queries.

import { readFileSync } from 'node:fs';
import { type ColumnStatistics, type TableAnalysis, type TableDescriptor, TypeOid } from '#common';
import type { Catalog } from '../catalog.ts';
import { catalogOf, type SampleTable } from './sample-catalog.ts';

const { int4: int, varchar, bpchar, date, numeric } = TypeOid;
/** Typmods: length + 4; precision and scale of numeric(15,2). */
const text = (name: string, length: number) => [`${name}!`, varchar, length + 4] as const;
const char = (name: string, length: number) => [`${name}!`, bpchar, length + 4] as const;
const integer = (name: string) => [`${name}!`, int] as const;
const money = (name: string) => [`${name}!`, numeric, ((15 << 16) | 2) + 4] as const;
const day = (name: string) => [`${name}!`, date] as const;

const tables: readonly SampleTable[] = [
  {
    name: 'region',
    columns: [integer('r_regionkey'), char('r_name', 25), text('r_comment', 152)],
    key: ['r_regionkey'],
    rows: 5,
  },
  {
    name: 'nation',
    columns: [
      integer('n_nationkey'),
      char('n_name', 25),
      integer('n_regionkey'),
      text('n_comment', 152),
    ],
    key: ['n_nationkey'],
    indexes: [['n_regionkey']],
    rows: 25,
  },
  {
    name: 'supplier',
    columns: [
      integer('s_suppkey'),
      char('s_name', 25),
      text('s_address', 40),
      integer('s_nationkey'),
      char('s_phone', 15),
      money('s_acctbal'),
      text('s_comment', 101),
    ],
    key: ['s_suppkey'],
    indexes: [['s_nationkey']],
    rows: 10_000,
  },
  {
    name: 'customer',
    columns: [
      integer('c_custkey'),
      text('c_name', 25),
      text('c_address', 40),
      integer('c_nationkey'),
      char('c_phone', 15),
      money('c_acctbal'),
      char('c_mktsegment', 10),
      text('c_comment', 117),
    ],
    key: ['c_custkey'],
    indexes: [['c_nationkey']],
    rows: 150_000,
  },
  {
    name: 'part',
    columns: [
      integer('p_partkey'),
      text('p_name', 55),
      char('p_mfgr', 25),
      char('p_brand', 10),
      text('p_type', 25),
      integer('p_size'),
      char('p_container', 10),
      money('p_retailprice'),
      text('p_comment', 23),
    ],
    key: ['p_partkey'],
    rows: 200_000,
  },
  {
    name: 'partsupp',
    columns: [
      integer('ps_partkey'),
      integer('ps_suppkey'),
      integer('ps_availqty'),
      money('ps_supplycost'),
      text('ps_comment', 199),
    ],
    key: ['ps_partkey', 'ps_suppkey'],
    indexes: [['ps_suppkey']],
    rows: 800_000,
  },
  {
    name: 'orders',
    columns: [
      integer('o_orderkey'),
      integer('o_custkey'),
      char('o_orderstatus', 1),
      money('o_totalprice'),
      day('o_orderdate'),
      char('o_orderpriority', 15),
      char('o_clerk', 15),
      integer('o_shippriority'),
      text('o_comment', 79),
    ],
    key: ['o_orderkey'],
    indexes: [['o_custkey'], ['o_orderdate']],
    rows: 1_500_000,
  },
  {
    name: 'lineitem',
    columns: [
      integer('l_orderkey'),
      integer('l_partkey'),
      integer('l_suppkey'),
      integer('l_linenumber'),
      money('l_quantity'),
      money('l_extendedprice'),
      money('l_discount'),
      money('l_tax'),
      char('l_returnflag', 1),
      char('l_linestatus', 1),
      day('l_shipdate'),
      day('l_commitdate'),
      day('l_receiptdate'),
      char('l_shipinstruct', 25),
      char('l_shipmode', 10),
      text('l_comment', 44),
    ],
    key: ['l_orderkey', 'l_linenumber'],
    indexes: [['l_partkey', 'l_suppkey'], ['l_suppkey'], ['l_shipdate']],
    rows: 6_001_215,
  },
];

interface StoredColumn {
  readonly distinct: number;
  readonly width: number;
  readonly common?: readonly string[];
  readonly frequencies?: readonly number[];
  readonly histogram?: readonly string[];
  readonly correlation?: number;
}
type StoredStatistics = Readonly<Record<string, Readonly<Record<string, StoredColumn>>>>;

export function tpchCatalog(options: { readonly analyzed: boolean }): Catalog {
  if (!options.analyzed) return catalogOf(tables);
  const file = new URL('tpch-statistics.json', import.meta.url);
  const stored = JSON.parse(readFileSync(file, 'utf8')) as StoredStatistics;
  return catalogOf(tables, (table) => analysisOf(table, stored));
}

function analysisOf(table: TableDescriptor, stored: StoredStatistics): TableAnalysis {
  const { rows } = tables.find(({ name }) => name === table.name)!;
  const columns = table.columns.flatMap((column): ColumnStatistics[] => {
    const known = stored[table.name]?.[column.name];
    if (known === undefined) return [];
    return [
      {
        attributeNumber: column.attributeNumber,
        typeOid: column.type.oid,
        nullFraction: 0,
        averageWidth: known.width,
        distinct: known.distinct,
        commonValues: known.common ?? [],
        commonFrequencies: known.frequencies ?? [],
        histogram: known.histogram ?? [],
        correlation: known.correlation ?? 0,
      },
    ];
  });
  return {
    tableOid: table.oid,
    treeId: table.treeId,
    rows,
    estimatedRows: rows,
    analyzedAt: 0,
    automatic: false,
    columns,
    extended: [],
  };
}
