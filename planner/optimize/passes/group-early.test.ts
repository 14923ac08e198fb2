// Goal: rows are grouped before a join where that is cheaper, and only where it means the same. Method: statements
// over the TPC-H catalog; what their plans group, and where. That results are the same is for
// test/sql/generated-paths.test.ts and test/slt/early-groups.slt.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { bindStatement } from '../../bind/index.ts';
import { explainPlan } from '../../explain/index.ts';
import { loadParser, parseStatements } from '../../parse/index.ts';
import { tpchCatalog } from '../../testing/tpch-catalog.ts';
import { optimize } from '../index.ts';

before(loadParser);

const catalog = tpchCatalog({ analyzed: true });

/** The keys of the plan's groups, outermost first. */
function groupKeys(sql: string, rewriteCostMin?: number): string[] {
  const [statement] = parseStatements(sql);
  const bound = bindStatement(statement, {
    catalog,
    searchPath: ['public', 'pg_catalog'],
    currentUser: 'postgres',
  });
  const options = rewriteCostMin === undefined ? {} : { rewriteCostMin };
  const lines = explainPlan(optimize(bound, catalog, options));
  return lines.flatMap((line) => /Group Key: (.*)/.exec(line)?.[1] ?? []);
}

test('the grouping above goes where the join keeps the groups', () => {
  const sql =
    'SELECT c_custkey, count(o_orderkey) FROM customer LEFT JOIN orders ON o_custkey = c_custkey GROUP BY 1';
  assert.deepEqual(groupKeys(sql), ['orders.o_custkey']);
  assert.deepEqual(groupKeys(sql, Infinity), ['customer.c_custkey']);
});

test('it stays where groups meet', () => {
  const sql = `SELECT c_nationkey, sum(o_totalprice) FROM customer JOIN orders ON o_custkey = c_custkey
    GROUP BY 1`;
  assert.deepEqual(groupKeys(sql, 0), ['customer.c_nationkey', 'orders.o_custkey']);
});

for (const [name, sql] of [
  [
    'a key of the rows',
    'SELECT c_custkey, sum(c_acctbal) FROM customer, nation WHERE n_nationkey < c_custkey GROUP BY 1',
  ],
  [
    'rows of both sides',
    'SELECT c_nationkey, sum(o_totalprice + c_acctbal) FROM customer JOIN orders ON o_custkey = c_custkey GROUP BY 1',
  ],
  [
    'DISTINCT',
    'SELECT c_nationkey, count(DISTINCT o_orderstatus) FROM customer JOIN orders ON o_custkey = c_custkey GROUP BY 1',
  ],
  [
    'what may fail',
    'SELECT c_nationkey, sum(1 / o_shippriority) FROM customer JOIN orders ON o_custkey = c_custkey GROUP BY 1',
  ],
  [
    'keys whose equal values differ',
    'SELECT c_nationkey, sum(o_totalprice) FROM customer JOIN orders ON o_totalprice = c_acctbal GROUP BY 1',
  ],
  [
    'what is not null for a missing row',
    'SELECT c_nationkey, sum(coalesce(o_totalprice, 1)) FROM customer LEFT JOIN orders ON o_custkey = c_custkey GROUP BY 1',
  ],
] as const) {
  test(`grouped late: ${name}`, () => {
    const keys = groupKeys(sql, 0);
    assert.equal(keys.length, 1, keys.join(' | '));
  });
}
