// Queries 1 to 8 of TPC-H (2.4.1 to 2.4.8).

import { nations, partTypes, regions, segments, typeSyllables } from '../generator/word-lists.ts';
import { defineQuery, pickSeveral, randomMonth } from './query.ts';

const nationNames = nations.map(([name]) => name);

const q1 = defineQuery({
  name: 'q1',
  validation: { days: 90 },
  vary: (random) => ({ days: random.between(60, 120) }),
  sql: ({ days }) => `
select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
  sum(l_extendedprice * (1 - l_discount)) as sum_disc_price,
  sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge,
  avg(l_quantity) as avg_qty, avg(l_extendedprice) as avg_price, avg(l_discount) as avg_disc,
  count(*) as count_order
from lineitem
where l_shipdate <= date '1998-12-01' - interval '${days}' day
group by l_returnflag, l_linestatus
order by l_returnflag, l_linestatus`,
});

const q2 = defineQuery({
  name: 'q2',
  validation: { size: 15, type: 'BRASS', region: 'EUROPE' },
  vary: (random) => ({
    size: random.between(1, 50),
    type: random.pick(typeSyllables[2]),
    region: random.pick(regions),
  }),
  sql: ({ size, type, region }) => `
select s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment
from part, supplier, partsupp, nation, region
where p_partkey = ps_partkey and s_suppkey = ps_suppkey and p_size = ${size} and p_type like '%${type}'
  and s_nationkey = n_nationkey and n_regionkey = r_regionkey and r_name = '${region}'
  and ps_supplycost = (
    select min(ps_supplycost)
    from partsupp, supplier, nation, region
    where p_partkey = ps_partkey and s_suppkey = ps_suppkey and s_nationkey = n_nationkey
      and n_regionkey = r_regionkey and r_name = '${region}')
order by s_acctbal desc, n_name, s_name, p_partkey
limit 100`,
});

const q3 = defineQuery({
  name: 'q3',
  validation: { segment: 'BUILDING', date: '1995-03-15' },
  vary: (random) => ({
    segment: random.pick(segments),
    date: `1995-03-${String(random.between(1, 31)).padStart(2, '0')}`,
  }),
  sql: ({ segment, date }) => `
select l_orderkey, sum(l_extendedprice * (1 - l_discount)) as revenue, o_orderdate, o_shippriority
from customer, orders, lineitem
where c_mktsegment = '${segment}' and c_custkey = o_custkey and l_orderkey = o_orderkey
  and o_orderdate < date '${date}' and l_shipdate > date '${date}'
group by l_orderkey, o_orderdate, o_shippriority
order by revenue desc, o_orderdate, l_orderkey
limit 10`,
});

const q4 = defineQuery({
  name: 'q4',
  validation: { date: '1993-07-01' },
  vary: (random) => ({ date: randomMonth(random, { from: [1993, 1], to: [1997, 10] }) }),
  sql: ({ date }) => `
select o_orderpriority, count(*) as order_count
from orders
where o_orderdate >= date '${date}' and o_orderdate < date '${date}' + interval '3' month
  and exists (
    select * from lineitem where l_orderkey = o_orderkey and l_commitdate < l_receiptdate)
group by o_orderpriority
order by o_orderpriority`,
});

const q5 = defineQuery({
  name: 'q5',
  validation: { region: 'ASIA', year: 1994 },
  vary: (random) => ({ region: random.pick(regions), year: random.between(1993, 1997) }),
  sql: ({ region, year }) => `
select n_name, sum(l_extendedprice * (1 - l_discount)) as revenue
from customer, orders, lineitem, supplier, nation, region
where c_custkey = o_custkey and l_orderkey = o_orderkey and l_suppkey = s_suppkey
  and c_nationkey = s_nationkey and s_nationkey = n_nationkey and n_regionkey = r_regionkey
  and r_name = '${region}' and o_orderdate >= date '${year}-01-01'
  and o_orderdate < date '${year}-01-01' + interval '1' year
group by n_name
order by revenue desc`,
});

const q6 = defineQuery({
  name: 'q6',
  validation: { year: 1994, discount: 6, quantity: 24 },
  vary: (random) => ({
    year: random.between(1993, 1997),
    discount: random.between(2, 9),
    quantity: random.between(24, 25),
  }),
  sql: ({ year, discount, quantity }) => `
select sum(l_extendedprice * l_discount) as revenue
from lineitem
where l_shipdate >= date '${year}-01-01' and l_shipdate < date '${year}-01-01' + interval '1' year
  and l_discount between 0.0${discount} - 0.01 and 0.0${discount} + 0.01 and l_quantity < ${quantity}`,
});

const q7 = defineQuery({
  name: 'q7',
  validation: { pair: ['FRANCE', 'GERMANY'] },
  vary: (random) => ({ pair: pickSeveral(random, nationNames, 2) }),
  sql: ({ pair: [first, second] }) => `
select supp_nation, cust_nation, l_year, sum(volume) as revenue
from (
  select n1.n_name as supp_nation, n2.n_name as cust_nation, extract(year from l_shipdate) as l_year,
    l_extendedprice * (1 - l_discount) as volume
  from supplier, lineitem, orders, customer, nation n1, nation n2
  where s_suppkey = l_suppkey and o_orderkey = l_orderkey and c_custkey = o_custkey
    and s_nationkey = n1.n_nationkey and c_nationkey = n2.n_nationkey
    and ((n1.n_name = '${first}' and n2.n_name = '${second}')
      or (n1.n_name = '${second}' and n2.n_name = '${first}'))
    and l_shipdate between date '1995-01-01' and date '1996-12-31') as shipping
group by supp_nation, cust_nation, l_year
order by supp_nation, cust_nation, l_year`,
});

const q8 = defineQuery({
  name: 'q8',
  validation: { nation: 'BRAZIL', region: 'AMERICA', type: 'ECONOMY ANODIZED STEEL' },
  vary: (random) => {
    const [nation, region] = random.pick(nations);
    return { nation, region: regions[region], type: random.pick(partTypes) };
  },
  sql: ({ nation, region, type }) => `
select o_year, sum(case when nation = '${nation}' then volume else 0 end) / sum(volume) as mkt_share
from (
  select extract(year from o_orderdate) as o_year, l_extendedprice * (1 - l_discount) as volume,
    n2.n_name as nation
  from part, supplier, lineitem, orders, customer, nation n1, nation n2, region
  where p_partkey = l_partkey and s_suppkey = l_suppkey and l_orderkey = o_orderkey
    and o_custkey = c_custkey and c_nationkey = n1.n_nationkey and n1.n_regionkey = r_regionkey
    and r_name = '${region}' and s_nationkey = n2.n_nationkey
    and o_orderdate between date '1995-01-01' and date '1996-12-31' and p_type = '${type}') as all_nations
group by o_year
order by o_year`,
});

export const firstQueries = [q1, q2, q3, q4, q5, q6, q7, q8];
