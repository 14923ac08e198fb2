// Window functions over TPC-H's tables. They are not queries of the specification; each puts out one row, so
// that a time is that of the windows.

import type { RandomStream } from '../generator/random-stream.ts';
import { defineQuery, type OlapQuery } from './query.ts';

const validation = { day: '1992-02-01' };
const vary = (random: RandomStream): { day: string } => ({
  day: `1992-${String(random.between(1, 12)).padStart(2, '0')}-01`,
});

/** `body` reads the rows that were shipped from a day on. */
function overLineitem(name: string, result: string, body: string): OlapQuery {
  return defineQuery({
    name,
    validation,
    vary,
    sql: ({ day }) => `select ${result} from (
  select ${body} from lineitem where l_shipdate >= date '${day}') w`,
  });
}

const inOrder = 'order by l_shipdate, l_orderkey, l_linenumber';

export const windowQueries: readonly OlapQuery[] = [
  defineQuery({
    name: 'first-rows',
    validation,
    vary,
    sql: ({ day }) => `select n, count(*), sum(l_extendedprice) from (
  select l_extendedprice,
    row_number() over (partition by l_suppkey order by l_extendedprice desc, l_orderkey, l_linenumber) as n
  from lineitem where l_shipdate >= date '${day}') w
where n <= 3 group by n order by n`,
  }),
  overLineitem(
    'ranks',
    'sum(r), sum(d)',
    `rank() over (order by l_shipdate) as r, dense_rank() over (order by l_shipdate) as d`,
  ),
  overLineitem(
    'share',
    'count(*), max(total - l_extendedprice)',
    `l_extendedprice, sum(l_extendedprice) over (partition by l_orderkey) as total`,
  ),
  overLineitem(
    'running-sum',
    'max(total), count(*)',
    `sum(l_quantity) over (partition by l_suppkey ${inOrder}) as total`,
  ),
  overLineitem(
    'moving-maximum',
    'sum(largest), count(*)',
    `max(l_quantity) over (partition by l_suppkey ${inOrder}
      rows between 6 preceding and current row) as largest`,
  ),
  overLineitem(
    'previous-row',
    'sum(days), count(*)',
    `l_shipdate - lag(l_shipdate) over (partition by l_partkey ${inOrder}) as days`,
  ),
];
