// Goal: what is counted adds up, and no more is kept than was allowed. Method: a few executions with known
// times, and more statements than there is room for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CachedStatement } from '../session/plan-cache.ts';
import { StatementStatistics } from './statement-statistics.ts';

const place = { user: 10, database: 5 };

/** As much of a statement as is read. */
function statementOf(sql: string): CachedStatement {
  const parsed = { sql, start: 0, end: sql.length };
  const statement = { text: sql, parsed, node: 'SelectStmt', isQuery: true, counted: undefined };
  return statement as unknown as CachedStatement;
}

test('times and rows of executions add up', () => {
  const statistics = new StatementStatistics(100, 0);
  for (const [at, milliseconds] of [2, 4, 9].entries())
    statistics.count(statementOf(`SELECT ${at}`), place, { milliseconds, rows: 2 });
  const [entry, ...others] = statistics.all();
  assert.equal(others.length, 0);
  assert.equal(entry.text, 'SELECT $1');
  assert.deepEqual([entry.calls, entry.rows, entry.totalMs], [3, 6, 15]);
  assert.deepEqual([entry.minMs, entry.maxMs, entry.meanMs], [2, 9, 5]);
  assert.ok(Math.abs(entry.deviationMs - Math.sqrt(26 / 3)) < 1e-9);
});

test('the statements that have not run for the longest time go', () => {
  const statistics = new StatementStatistics(20, 0);
  for (let at = 0; at < 200; at++) {
    statistics.count(statementOf(`SELECT c${at}`), place, { milliseconds: 1, rows: 1 });
    statistics.count(statementOf('SELECT kept'), place, { milliseconds: 1, rows: 1 });
  }
  const texts = [...statistics.all()].map(({ text }) => text);
  assert.ok(texts.length <= 20);
  assert.ok(texts.includes('SELECT kept') && texts.includes('SELECT c199'));
  assert.ok(statistics.evictions > 0);
});

test('a statement that was reset is counted anew', () => {
  const statistics = new StatementStatistics(20, 0);
  const statement = statementOf('SELECT 1');
  statistics.count(statement, place, { milliseconds: 1, rows: 1 });
  statistics.reset({ user: 0, database: 0, queryId: 0n }, 7);
  assert.deepEqual([...statistics.all()], []);
  assert.equal(statistics.resetAt, 7);
  statistics.count(statement, place, { milliseconds: 3, rows: 1 });
  assert.deepEqual(
    [...statistics.all()].map(({ calls, totalMs }) => [calls, totalMs]),
    [[1, 3]],
  );
});
