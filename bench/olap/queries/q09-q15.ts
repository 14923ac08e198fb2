// Queries 9 to 15 of TPC-H (2.4.9 to 2.4.15). Query 15's view is written as a WITH query, a variant that
// the specification allows.

import { nations, partNameWords, shipModes } from '../generator/word-lists.ts';
import { defineQuery, pickSeveral, randomMonth } from './query.ts';

const nationNames = nations.map(([name]) => name);

const q9 = defineQuery({
  name: 'q9',
  validation: { color: 'green' },
  vary: (random) => ({ color: random.pick(partNameWords) }),
  sql: ({ color }) => `
select nation, o_year, sum(amount) as sum_profit
from (
  select n_name as nation, extract(year from o_orderdate) as o_year,
    l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity as amount
  from part, supplier, lineitem, partsupp, orders, nation
  where s_suppkey = l_suppkey and ps_suppkey = l_suppkey and ps_partkey = l_partkey
    and p_partkey = l_partkey and o_orderkey = l_orderkey and s_nationkey = n_nationkey
    and p_name like '%${color}%') as profit
group by nation, o_year
order by nation, o_year desc`,
});

const q10 = defineQuery({
  name: 'q10',
  validation: { date: '1993-10-01' },
  vary: (random) => ({ date: randomMonth(random, { from: [1993, 2], to: [1995, 1] }) }),
  sql: ({ date }) => `
select c_custkey, c_name, sum(l_extendedprice * (1 - l_discount)) as revenue, c_acctbal, n_name,
  c_address, c_phone, c_comment
from customer, orders, lineitem, nation
where c_custkey = o_custkey and l_orderkey = o_orderkey and o_orderdate >= date '${date}'
  and o_orderdate < date '${date}' + interval '3' month and l_returnflag = 'R'
  and c_nationkey = n_nationkey
group by c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment
order by revenue desc, c_custkey
limit 20`,
});

const q11 = defineQuery({
  name: 'q11',
  validation: { nation: 'GERMANY' },
  vary: (random) => ({ nation: random.pick(nationNames) }),
  sql: ({ nation }, scale) => `
select ps_partkey, sum(ps_supplycost * ps_availqty) as value
from partsupp, supplier, nation
where ps_suppkey = s_suppkey and s_nationkey = n_nationkey and n_name = '${nation}'
group by ps_partkey
having sum(ps_supplycost * ps_availqty) > (
  select sum(ps_supplycost * ps_availqty) * ${(0.0001 / scale).toFixed(10)}
  from partsupp, supplier, nation
  where ps_suppkey = s_suppkey and s_nationkey = n_nationkey and n_name = '${nation}')
order by value desc, ps_partkey`,
});

const q12 = defineQuery({
  name: 'q12',
  validation: { modes: ['MAIL', 'SHIP'], year: 1994 },
  vary: (random) => ({
    modes: pickSeveral(random, shipModes, 2),
    year: random.between(1993, 1997),
  }),
  sql: ({ modes: [first, second], year }) => `
select l_shipmode,
  sum(case when o_orderpriority = '1-URGENT' or o_orderpriority = '2-HIGH' then 1 else 0 end) as high_line_count,
  sum(case when o_orderpriority <> '1-URGENT' and o_orderpriority <> '2-HIGH' then 1 else 0 end) as low_line_count
from orders, lineitem
where o_orderkey = l_orderkey and l_shipmode in ('${first}', '${second}')
  and l_commitdate < l_receiptdate and l_shipdate < l_commitdate
  and l_receiptdate >= date '${year}-01-01'
  and l_receiptdate < date '${year}-01-01' + interval '1' year
group by l_shipmode
order by l_shipmode`,
});

const q13 = defineQuery({
  name: 'q13',
  validation: { first: 'special', second: 'requests' },
  vary: (random) => ({
    first: random.pick(['special', 'pending', 'unusual', 'express']),
    second: random.pick(['packages', 'requests', 'accounts', 'deposits']),
  }),
  sql: ({ first, second }) => `
select c_count, count(*) as custdist
from (
  select c_custkey, count(o_orderkey)
  from customer left outer join orders
    on c_custkey = o_custkey and o_comment not like '%${first}%${second}%'
  group by c_custkey) as c_orders (c_custkey, c_count)
group by c_count
order by custdist desc, c_count desc`,
});

const q14 = defineQuery({
  name: 'q14',
  validation: { date: '1995-09-01' },
  vary: (random) => ({ date: randomMonth(random, { from: [1993, 1], to: [1997, 12] }) }),
  sql: ({ date }) => `
select 100.00 * sum(case when p_type like 'PROMO%' then l_extendedprice * (1 - l_discount) else 0 end)
  / sum(l_extendedprice * (1 - l_discount)) as promo_revenue
from lineitem, part
where l_partkey = p_partkey and l_shipdate >= date '${date}'
  and l_shipdate < date '${date}' + interval '1' month`,
});

const q15 = defineQuery({
  name: 'q15',
  validation: { date: '1996-01-01' },
  vary: (random) => ({ date: randomMonth(random, { from: [1993, 1], to: [1997, 10] }) }),
  sql: ({ date }) => `
with revenue (supplier_no, total_revenue) as (
  select l_suppkey, sum(l_extendedprice * (1 - l_discount))
  from lineitem
  where l_shipdate >= date '${date}' and l_shipdate < date '${date}' + interval '3' month
  group by l_suppkey)
select s_suppkey, s_name, s_address, s_phone, total_revenue
from supplier, revenue
where s_suppkey = supplier_no and total_revenue = (select max(total_revenue) from revenue)
order by s_suppkey`,
});

export const middleQueries = [q9, q10, q11, q12, q13, q14, q15];
