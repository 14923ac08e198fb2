// Queries 16 to 22 of TPC-H (2.4.16 to 2.4.22).

import { containers, nations, partNameWords, typeSyllables } from '../generator/word-lists.ts';
import type { RandomStream } from '../generator/random-stream.ts';
import { defineQuery, pickSeveral } from './query.ts';

const nationNames = nations.map(([name]) => name);
const sizes = Array.from({ length: 50 }, (_, index) => index + 1);
const countryCodes = nations.map((_, index) => String(index + 10));

function randomBrand(random: RandomStream): string {
  return `Brand#${random.between(1, 5)}${random.between(1, 5)}`;
}

const q16 = defineQuery({
  name: 'q16',
  validation: {
    brand: 'Brand#45',
    type: 'MEDIUM POLISHED',
    chosen: [49, 14, 23, 45, 19, 3, 36, 9],
  },
  vary: (random) => ({
    brand: randomBrand(random),
    type: `${random.pick(typeSyllables[0])} ${random.pick(typeSyllables[1])}`,
    chosen: pickSeveral(random, sizes, 8),
  }),
  sql: ({ brand, type, chosen }) => `
select p_brand, p_type, p_size, count(distinct ps_suppkey) as supplier_cnt
from partsupp, part
where p_partkey = ps_partkey and p_brand <> '${brand}' and p_type not like '${type}%'
  and p_size in (${chosen.join(', ')})
  and ps_suppkey not in (
    select s_suppkey from supplier where s_comment like '%Customer%Complaints%')
group by p_brand, p_type, p_size
order by supplier_cnt desc, p_brand, p_type, p_size`,
});

const q17 = defineQuery({
  name: 'q17',
  validation: { brand: 'Brand#23', container: 'MED BOX' },
  vary: (random) => ({ brand: randomBrand(random), container: random.pick(containers) }),
  sql: ({ brand, container }) => `
select sum(l_extendedprice) / 7.0 as avg_yearly
from lineitem, part
where p_partkey = l_partkey and p_brand = '${brand}' and p_container = '${container}'
  and l_quantity < (
    select 0.2 * avg(l_quantity) from lineitem where l_partkey = p_partkey)`,
});

const q18 = defineQuery({
  name: 'q18',
  validation: { quantity: 300 },
  vary: (random) => ({ quantity: random.between(312, 315) }),
  sql: ({ quantity }) => `
select c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity)
from customer, orders, lineitem
where o_orderkey in (
    select l_orderkey from lineitem group by l_orderkey having sum(l_quantity) > ${quantity})
  and c_custkey = o_custkey and o_orderkey = l_orderkey
group by c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice
order by o_totalprice desc, o_orderdate, o_orderkey
limit 100`,
});

const q19 = defineQuery({
  name: 'q19',
  validation: { brands: ['Brand#12', 'Brand#23', 'Brand#34'], quantities: [1, 10, 20] },
  vary: (random) => ({
    brands: [randomBrand(random), randomBrand(random), randomBrand(random)],
    quantities: [random.between(1, 10), random.between(10, 20), random.between(20, 30)],
  }),
  sql: ({ brands, quantities }) => `
select sum(l_extendedprice * (1 - l_discount)) as revenue
from lineitem, part
where (p_partkey = l_partkey and p_brand = '${brands[0]}'
    and p_container in ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
    and l_quantity >= ${quantities[0]} and l_quantity <= ${quantities[0]} + 10
    and p_size between 1 and 5 and l_shipmode in ('AIR', 'AIR REG')
    and l_shipinstruct = 'DELIVER IN PERSON')
  or (p_partkey = l_partkey and p_brand = '${brands[1]}'
    and p_container in ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
    and l_quantity >= ${quantities[1]} and l_quantity <= ${quantities[1]} + 10
    and p_size between 1 and 10 and l_shipmode in ('AIR', 'AIR REG')
    and l_shipinstruct = 'DELIVER IN PERSON')
  or (p_partkey = l_partkey and p_brand = '${brands[2]}'
    and p_container in ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
    and l_quantity >= ${quantities[2]} and l_quantity <= ${quantities[2]} + 10
    and p_size between 1 and 15 and l_shipmode in ('AIR', 'AIR REG')
    and l_shipinstruct = 'DELIVER IN PERSON')`,
});

const q20 = defineQuery({
  name: 'q20',
  validation: { color: 'forest', year: 1994, nation: 'CANADA' },
  vary: (random) => ({
    color: random.pick(partNameWords),
    year: random.between(1993, 1997),
    nation: random.pick(nationNames),
  }),
  sql: ({ color, year, nation }) => `
select s_name, s_address
from supplier, nation
where s_suppkey in (
    select ps_suppkey
    from partsupp
    where ps_partkey in (select p_partkey from part where p_name like '${color}%')
      and ps_availqty > (
        select 0.5 * sum(l_quantity)
        from lineitem
        where l_partkey = ps_partkey and l_suppkey = ps_suppkey
          and l_shipdate >= date '${year}-01-01'
          and l_shipdate < date '${year}-01-01' + interval '1' year))
  and s_nationkey = n_nationkey and n_name = '${nation}'
order by s_name`,
});

const q21 = defineQuery({
  name: 'q21',
  validation: { nation: 'SAUDI ARABIA' },
  vary: (random) => ({ nation: random.pick(nationNames) }),
  sql: ({ nation }) => `
select s_name, count(*) as numwait
from supplier, lineitem l1, orders, nation
where s_suppkey = l1.l_suppkey and o_orderkey = l1.l_orderkey and o_orderstatus = 'F'
  and l1.l_receiptdate > l1.l_commitdate
  and exists (
    select * from lineitem l2
    where l2.l_orderkey = l1.l_orderkey and l2.l_suppkey <> l1.l_suppkey)
  and not exists (
    select * from lineitem l3
    where l3.l_orderkey = l1.l_orderkey and l3.l_suppkey <> l1.l_suppkey
      and l3.l_receiptdate > l3.l_commitdate)
  and s_nationkey = n_nationkey and n_name = '${nation}'
group by s_name
order by numwait desc, s_name
limit 100`,
});

const q22 = defineQuery({
  name: 'q22',
  validation: { codes: ['13', '31', '23', '29', '30', '18', '17'] },
  vary: (random) => ({ codes: pickSeveral(random, countryCodes, 7) }),
  sql: ({ codes }) => {
    const list = codes.map((code) => `'${code}'`).join(', ');
    return `
select cntrycode, count(*) as numcust, sum(c_acctbal) as totacctbal
from (
  select substring(c_phone from 1 for 2) as cntrycode, c_acctbal
  from customer
  where substring(c_phone from 1 for 2) in (${list})
    and c_acctbal > (
      select avg(c_acctbal) from customer
      where c_acctbal > 0.00 and substring(c_phone from 1 for 2) in (${list}))
    and not exists (select * from orders where o_custkey = c_custkey)) as custsale
group by cntrycode
order by cntrycode`;
  },
});

export const lastQueries = [q16, q17, q18, q19, q20, q21, q22];
