// Goal: plans are made anew when the tables that they stand on changed by an order of magnitude, and
// lookups of single rows never. Method: plans over a sample catalog whose row counts are changed.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { bindStatement } from '../bind/index.ts';
import type { Catalog } from '../catalog.ts';
import { optimize } from '../optimize/index.ts';
import { loadParser, parseStatements } from '../parse/index.ts';
import { sampleCatalog } from '../testing/sample-catalog.ts';
import { isPlanStale } from './staleness.ts';

before(loadParser);

function withRows(rows: number, segmentRows = 0): Catalog {
  return {
    ...sampleCatalog(),
    statistics: () => ({ rows, rowBytes: 60 }),
    segmentRows: () => segmentRows,
  };
}

function staleAt(sql: string, planned: number, now: number): boolean {
  return isStale(sql, withRows(planned), withRows(now));
}

function isStale(sql: string, catalog: Catalog, later: Catalog): boolean {
  const [statement] = parseStatements(sql);
  const context = { catalog, searchPath: ['public', 'pg_catalog'], currentUser: 'postgres' };
  return isPlanStale(optimize(bindStatement(statement, context), catalog), later);
}

test('a join is planned anew when its tables have grown', () => {
  const join = 'SELECT 1 FROM customers c JOIN orders o ON o.customer_id = c.id';
  assert.equal(staleAt(join, 10, 5000), true);
  assert.equal(staleAt(join, 5000, 10), true);
  assert.equal(staleAt(join, 5000, 20_000), false);
  assert.equal(staleAt(join, 1, 400), false);
});

test('a join is planned anew when a large table has got column segments', () => {
  const join = 'SELECT 1 FROM customers c JOIN orders o ON o.customer_id = c.id';
  assert.equal(isStale(join, withRows(200_000), withRows(200_000, 200_000)), true);
  assert.equal(isStale(join, withRows(200_000, 200_000), withRows(200_000, 190_000)), false);
  assert.equal(isStale(join, withRows(2000), withRows(2000, 2000)), false);
});

test('a lookup by key is right for any size', () => {
  assert.equal(staleAt('SELECT name FROM customers WHERE id = 1', 0, 1_000_000), false);
});
