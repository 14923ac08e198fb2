// Goal: the 22 queries of TPC-H have good plans, with statistics and without: no subplan is run per row, no
// loop tests all pairs of large inputs, and the plans do not change unnoticed. Method: plans over a
// catalog of scale 1 are compared with golden/tpch/*.plan (UPDATE_GOLDEN=1 writes them) and searched for
// what must not be in them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { bindStatement } from './bind/index.ts';
import type { Catalog } from './catalog.ts';
import { explainPlan } from './explain/index.ts';
import { optimize } from './optimize/index.ts';
import { loadParser, type ParsedStatement, parseStatements } from './parse/index.ts';
import type { PhysicalNode, PhysicalPlan } from './physical-plan.ts';
import { nodeInputs } from './physical/plan-facts.ts';
import { tpchCatalog } from './testing/tpch-catalog.ts';

before(loadParser);

const directory = new URL('golden/tpch/', import.meta.url);
const sql = readFileSync(new URL('queries.sql', directory), 'utf8');

function planOf(statement: ParsedStatement, catalog: Catalog): PhysicalPlan {
  const bound = bindStatement(statement, {
    catalog,
    searchPath: ['public', 'pg_catalog'],
    currentUser: 'postgres',
  });
  return optimize(bound, catalog);
}

/** Rows that a loop without bindings may compare. */
const pairsMax = 100_000;

function checkNodes(node: PhysicalNode, name: string): void {
  if (node.kind === 'nestedLoop' && node.bindings.length === 0) {
    const pairs = node.left.estimatedRows * node.right.estimatedRows;
    assert.ok(pairs <= pairsMax, `${name} compares ${pairs} pairs of rows`);
  }
  for (const input of nodeInputs(node)) checkNodes(input, name);
}

for (const analyzed of [true, false]) {
  const label = analyzed ? 'analyzed' : 'unanalyzed';
  test(`plans of the 22 queries, ${label}`, () => {
    const catalog = tpchCatalog({ analyzed });
    const parts: string[] = [];
    for (const [at, statement] of parseStatements(sql).entries()) {
      const name = `q${at + 1}`;
      const plan = planOf(statement, catalog);
      const lines = explainPlan(plan).map((line) => line.replace(/ width=\d+/, ''));
      parts.push(`=== ${name}`, ...lines, '');
      checkNodes(plan.root, name);
      const subplans = lines.filter((line) => /^ *SubPlan/.test(line));
      assert.deepEqual(subplans, [], `${name} runs a subplan for each row`);
    }
    const actual = parts.join('\n');
    const golden = new URL(`${label}.plan`, directory);
    if (process.env['UPDATE_GOLDEN'] !== undefined || !existsSync(golden))
      writeFileSync(golden, actual);
    assert.equal(actual, readFileSync(golden, 'utf8'));
  });
}
