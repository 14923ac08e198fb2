// Goal: a disabled way is not taken where there is another, and is where there is none. Method: plans of
// statements over the TPC-H catalog, each with and without.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { bindStatement } from '../bind/index.ts';
import { explainPlan } from '../explain/index.ts';
import { optimize } from '../optimize/index.ts';
import { loadParser, parseStatements } from '../parse/index.ts';
import { tpchCatalog } from '../testing/tpch-catalog.ts';
import type { ChoosablePath } from './disabled-paths.ts';

before(loadParser);

const catalog = tpchCatalog({ analyzed: true });

function explain(sql: string, ...disabled: readonly ChoosablePath[]): string {
  const [statement] = parseStatements(sql);
  const bound = bindStatement(statement, {
    catalog,
    searchPath: ['public', 'pg_catalog'],
    currentUser: 'postgres',
  });
  return explainPlan(optimize(bound, catalog, { disabledPaths: new Set(disabled) })).join('\n');
}

const join = 'SELECT count(*) FROM orders, customer WHERE o_custkey = c_custkey';
const lookup = 'SELECT * FROM nation WHERE n_nationkey = 7';
const groups = 'SELECT o_orderpriority, count(*) FROM orders GROUP BY 1';
const distinct = 'SELECT DISTINCT o_orderpriority FROM orders';
const order = 'SELECT o_orderkey FROM orders ORDER BY o_orderkey';

const choices: readonly (readonly [string, RegExp, ChoosablePath, RegExp])[] = [
  [join, /Hash Join/, 'hashjoin', /Nested Loop/],
  [lookup, /Index Scan/, 'indexscan', /Seq Scan/],
  [groups, /HashAggregate/, 'hashagg', /GroupAggregate[^]*Sort/],
  [distinct, /HashAggregate/, 'hashagg', /Unique[^]*Sort/],
];

test('the other way is taken', () => {
  for (const [sql, usual, path, other] of choices) {
    assert.match(explain(sql), usual);
    assert.match(explain(sql, path), other);
    assert.doesNotMatch(explain(sql, path), usual);
  }
  assert.match(explain(order, 'seqscan', 'sort'), /Index Scan/);
});

test('without another way it is taken, and costs stay what they are', () => {
  const all = 'SELECT * FROM region';
  assert.match(explain(all, 'seqscan', 'indexscan'), /Scan .*on region/);
  assert.match(explain('SELECT c_name FROM customer ORDER BY 1', 'sort'), /Sort/);
  const [, cost] = /cost=[\d.]+\.\.([\d.]+)/.exec(explain(all, 'seqscan', 'indexscan'))!;
  assert.ok(Number(cost) < 1e6);
});
