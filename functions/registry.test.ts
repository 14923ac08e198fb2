// Goal: the families' tables are sound. Method: every key must be the implementation key of a fact of
// the right kind, no key may be claimed twice, and the facts must look up as PostgreSQL's catalog says.
// Prints how much of PostgreSQL's functions and operators is implemented.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FunctionSignature } from './contract.ts';
import { functionFacts } from './facts/facts.ts';
import { families } from './families/families.ts';
import { functionRegistry } from './registry.ts';
import { coverage } from './testing/coverage.ts';

test('every key of a family names facts of its kind, once', () => {
  const kinds = {
    scalars: (s: FunctionSignature) => s.kind === 'function' && !s.returnsSet,
    sets: (s: FunctionSignature) => s.kind === 'function' && s.returnsSet,
    aggregates: (s: FunctionSignature) => s.kind === 'aggregate',
    windows: (s: FunctionSignature) => s.kind === 'window',
  };
  for (const [table, fits] of Object.entries(kinds)) {
    const known = new Set(
      [...functionFacts().byOid.values()].filter(fits).map((s) => s.implementation),
    );
    const claimed = new Set<string>();
    for (const family of families) {
      for (const key of Object.keys(family[table as keyof typeof kinds] ?? {})) {
        assert.ok(known.has(key), `${table}: no fact has the key ${key}`);
        assert.ok(!claimed.has(key), `${table}: ${key} is claimed twice`);
        claimed.add(key);
      }
    }
  }
});

test('facts answer by name and by oid', () => {
  const sum = functionRegistry.functionsNamed('sum').find((s) => s.argumentTypes[0] === 20);
  assert.equal(sum?.resultType, 1700);
  assert.equal(functionRegistry.functionByOid(177)?.implementation, 'int4pl');
  assert.equal(functionRegistry.operatorByOid(96)?.name, '=');
  assert.equal(functionRegistry.castBetween(23, 20)?.context, 'implicit');
  assert.deepEqual(functionRegistry.functionByOid(3958)?.outColumns, [
    { name: 'key', type: 25 },
    { name: 'value', type: 114 },
  ]);
  assert.equal(functionRegistry.ordering(1043)?.equalityOperatorOid, 98);
  assert.equal(functionRegistry.ordering(114), undefined);
});

test('no less is implemented than docs/functions.md says', (context) => {
  const document = readFileSync(new URL('../docs/functions.md', import.meta.url), 'utf8');
  const [functions, operators] = [
    ...document.matchAll(/^\| (?:functions|operators).* \| (\d+) \|$/gm),
  ];
  const found = coverage();
  context.diagnostic(`pg_proc: ${found.implemented} of ${found.callable} implemented`);
  context.diagnostic(`pg_operator: ${found.workingOperators} of ${found.operators} implemented`);
  assert.ok(
    found.implemented >= Number(functions[1]),
    'run ./node24 functions/testing/coverage.ts',
  );
  assert.ok(found.workingOperators >= Number(operators[1]));
});
