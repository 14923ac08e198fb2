// The eight tables with their keys, as the specification has them (1.4), and indexes on foreign keys and
// on the two dates that the queries select by.

export interface OlapTable {
  readonly name: string;
  readonly columns: string;
  readonly primaryKey: string;
}

/** In an order in which foreign keys can be declared. */
export const tables: readonly OlapTable[] = [
  {
    name: 'region',
    columns: 'r_regionkey integer NOT NULL, r_name char(25) NOT NULL, r_comment varchar(152)',
    primaryKey: 'r_regionkey',
  },
  {
    name: 'nation',
    columns: `n_nationkey integer NOT NULL, n_name char(25) NOT NULL, n_regionkey integer NOT NULL,
      n_comment varchar(152)`,
    primaryKey: 'n_nationkey',
  },
  {
    name: 'supplier',
    columns: `s_suppkey integer NOT NULL, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL,
      s_nationkey integer NOT NULL, s_phone char(15) NOT NULL, s_acctbal numeric(15,2) NOT NULL,
      s_comment varchar(101) NOT NULL`,
    primaryKey: 's_suppkey',
  },
  {
    name: 'customer',
    columns: `c_custkey integer NOT NULL, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL,
      c_nationkey integer NOT NULL, c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL,
      c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL`,
    primaryKey: 'c_custkey',
  },
  {
    name: 'part',
    columns: `p_partkey integer NOT NULL, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL,
      p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL, p_size integer NOT NULL,
      p_container char(10) NOT NULL, p_retailprice numeric(15,2) NOT NULL, p_comment varchar(23) NOT NULL`,
    primaryKey: 'p_partkey',
  },
  {
    name: 'partsupp',
    columns: `ps_partkey integer NOT NULL, ps_suppkey integer NOT NULL, ps_availqty integer NOT NULL,
      ps_supplycost numeric(15,2) NOT NULL, ps_comment varchar(199) NOT NULL`,
    primaryKey: 'ps_partkey, ps_suppkey',
  },
  {
    name: 'orders',
    columns: `o_orderkey integer NOT NULL, o_custkey integer NOT NULL, o_orderstatus char(1) NOT NULL,
      o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL,
      o_clerk char(15) NOT NULL, o_shippriority integer NOT NULL, o_comment varchar(79) NOT NULL`,
    primaryKey: 'o_orderkey',
  },
  {
    name: 'lineitem',
    columns: `l_orderkey integer NOT NULL, l_partkey integer NOT NULL, l_suppkey integer NOT NULL,
      l_linenumber integer NOT NULL, l_quantity numeric(15,2) NOT NULL,
      l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL,
      l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL,
      l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
      l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL`,
    primaryKey: 'l_orderkey, l_linenumber',
  },
];

/** Run after the rows are loaded. */
export const indexesAndForeignKeys: readonly string[] = [
  'CREATE INDEX ON nation (n_regionkey)',
  'CREATE INDEX ON supplier (s_nationkey)',
  'CREATE INDEX ON customer (c_nationkey)',
  'CREATE INDEX ON partsupp (ps_suppkey)',
  'CREATE INDEX ON orders (o_custkey)',
  'CREATE INDEX ON orders (o_orderdate)',
  'CREATE INDEX ON lineitem (l_partkey, l_suppkey)',
  'CREATE INDEX ON lineitem (l_suppkey)',
  'CREATE INDEX ON lineitem (l_shipdate)',
  'ALTER TABLE nation ADD FOREIGN KEY (n_regionkey) REFERENCES region',
  'ALTER TABLE supplier ADD FOREIGN KEY (s_nationkey) REFERENCES nation',
  'ALTER TABLE customer ADD FOREIGN KEY (c_nationkey) REFERENCES nation',
  'ALTER TABLE partsupp ADD FOREIGN KEY (ps_partkey) REFERENCES part',
  'ALTER TABLE partsupp ADD FOREIGN KEY (ps_suppkey) REFERENCES supplier',
  'ALTER TABLE orders ADD FOREIGN KEY (o_custkey) REFERENCES customer',
  'ALTER TABLE lineitem ADD FOREIGN KEY (l_orderkey) REFERENCES orders',
  'ALTER TABLE lineitem ADD FOREIGN KEY (l_partkey, l_suppkey) REFERENCES partsupp',
];
