// Goal: what each optimizer pass does to a statement, and which plan comes out, is seen and does not
// change unnoticed. Method: the statements of golden/*.sql are planned over a sample catalog; the
// tree after every pass that changed it, and EXPLAIN's text, must equal golden/*.plan. Run with
// UPDATE_GOLDEN=1 to write the files anew, then read the difference.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { bindStatement } from './bind/index.ts';
import { explainPlan } from './explain/index.ts';
import { optimize } from './optimize/index.ts';
import { loadParser, parseStatements } from './parse/index.ts';
import { planText } from './testing/plan-text.ts';
import { sampleCatalog } from './testing/sample-catalog.ts';

before(loadParser);

const directory = new URL('golden/', import.meta.url);
const catalog = sampleCatalog();

function describe(sql: string): string {
  const parts: string[] = [];
  for (const statement of parseStatements(sql)) {
    parts.push(`=== ${sql.slice(statement.start, statement.end).trim().replaceAll(/\s+/g, ' ')}`);
    const bound = bindStatement(statement, {
      catalog,
      searchPath: ['public', 'pg_catalog'],
      currentUser: 'postgres',
    });
    let before = '';
    const plan = optimize(bound, catalog, {
      trace(pass, tree) {
        const text = planText(tree);
        if (text !== before) parts.push(`--- ${pass}`, text);
        before = text;
      },
    });
    parts.push('--- plan', ...explainPlan(plan, { costs: false }), '');
    // A plan is plain data: this throws when it holds a function.
    structuredClone(plan);
  }
  return parts.join('\n');
}

for (const file of readdirSync(directory).filter((name) => name.endsWith('.sql'))) {
  test(file, () => {
    const actual = describe(readFileSync(new URL(file, directory), 'utf8'));
    const golden = new URL(file.replace(/\.sql$/, '.plan'), directory);
    if (process.env['UPDATE_GOLDEN'] !== undefined || !existsSync(golden))
      writeFileSync(golden, actual);
    assert.equal(actual, readFileSync(golden, 'utf8'));
  });
}
