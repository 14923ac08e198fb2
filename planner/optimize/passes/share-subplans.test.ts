// Goal: parts of a plan that stand at two places are computed once where that is cheaper and means the same.
// Method: statements over the TPC-H catalog; the number of scans and of WITH queries in their plans.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { bindStatement } from '../../bind/index.ts';
import { explainPlan } from '../../explain/index.ts';
import { loadParser, parseStatements } from '../../parse/index.ts';
import { tpchCatalog } from '../../testing/tpch-catalog.ts';
import { optimize } from '../index.ts';

before(loadParser);

const catalog = tpchCatalog({ analyzed: true });

function explain(sql: string, rewriteCostMin?: number): string {
  const [statement] = parseStatements(sql);
  const bound = bindStatement(statement, {
    catalog,
    searchPath: ['public', 'pg_catalog'],
    currentUser: 'postgres',
  });
  const options = rewriteCostMin === undefined ? {} : { rewriteCostMin };
  return explainPlan(optimize(bound, catalog, options)).join('\n');
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

const join = 'FROM partsupp, supplier WHERE ps_suppkey = s_suppkey AND s_nationkey < 3';

test('a join in a query and in its subquery', () => {
  const sql = `SELECT ps_partkey, sum(ps_supplycost) ${join} GROUP BY 1
    HAVING sum(ps_supplycost) > (SELECT avg(ps_availqty) ${join})`;
  const text = explain(sql);
  assert.equal(count(text, /CTE shared_1\n/g), 1, text);
  assert.equal(count(text, /CTE Scan on shared_1/g), 2, text);
  assert.equal(count(text, /Scan .*on partsupp/g), 1, text);
  assert.equal(count(explain(sql, Infinity), /Scan .*on partsupp/g), 2);
});

test('groups with different aggregates, the order of conjuncts and aliases do not matter', () => {
  const text = explain(`SELECT * FROM
    (SELECT l_suppkey AS k, sum(l_quantity) FROM lineitem
      WHERE l_partkey > 5 AND l_discount > 0.05 GROUP BY 1) a JOIN
    (SELECT x.l_suppkey AS k, count(*), max(x.l_tax) FROM lineitem x
      WHERE 0.05 < x.l_tax AND x.l_discount > 0.05 AND x.l_partkey > 5 GROUP BY 1) c USING (k) JOIN
    (SELECT x.l_suppkey AS k, count(*), max(x.l_tax) FROM lineitem x
      WHERE x.l_discount > 0.05 AND x.l_partkey > 5 GROUP BY 1) b USING (k)`);
  assert.equal(count(text, /Scan .*on lineitem/g), 2, text);
  assert.equal(count(text, /CTE Scan on shared_1/g), 2, text);
});

for (const [name, sql] of [
  [
    'volatile functions',
    `SELECT count(*) FROM partsupp WHERE random() < 0.5
      UNION ALL SELECT count(*) FROM partsupp WHERE random() < 0.5`,
  ],
  [
    'parts that depend on an enclosing row',
    `SELECT (SELECT count(*) ${join} AND s_suppkey > n_nationkey LIMIT 1),
      (SELECT max(ps_availqty) ${join} AND s_suppkey > n_nationkey LIMIT 1) FROM nation`,
  ],
  [
    'different conditions',
    `SELECT count(*) ${join} AND s_acctbal > 10 UNION ALL SELECT sum(ps_availqty) ${join} AND s_acctbal >= 10`,
  ],
  [
    'different times',
    `SELECT count(*) FROM orders FOR SYSTEM_TIME AS OF '2020-01-01' WHERE o_totalprice > 100
      UNION ALL SELECT count(*) FROM orders WHERE o_totalprice > 100`,
  ],
  ['whole tables', 'SELECT * FROM nation a, nation b, region c, region d'],
] as const) {
  test(`not shared: ${name}`, () => {
    const text = explain(sql, 0);
    assert.equal(count(text, /shared_/g), 0, text);
  });
}
