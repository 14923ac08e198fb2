// Goal: statements that differ only in plain constants share a key, and no literal is lifted whose
// value is read before execution. Method: examples with the expected text, and a timing-free check
// that equal literals share a parameter.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeStatement } from './normalize.ts';

function textOf(sql: string): string | undefined {
  return normalizeStatement(sql)?.text;
}

test('lifts plain literals', () => {
  assert.deepEqual(normalizeStatement("SELECT a FROM t WHERE b = 12 AND c = 'it''s' AND d < 1.5"), {
    text: 'SELECT a FROM t WHERE b = $1 AND c = $2 AND d < $3',
    key: 'SELECT a FROM t WHERE b = $1 AND c = $2 AND d < $3\x004sd',
    literals: [
      { kind: 'integer', text: '12' },
      { kind: 'string', text: "it's" },
      { kind: 'decimal', text: '1.5' },
    ],
  });
});

test('equal literals share a parameter, signs belong to numbers', () => {
  assert.equal(
    textOf('SELECT a+1 FROM t WHERE b = 1 AND c = -1 AND d-1 = 0'),
    'SELECT a+$1 FROM t WHERE b = $1 AND c = $2 AND d-$1 = $3',
  );
  assert.equal(
    textOf('UPDATE t SET a = a + -5 WHERE b = 7;'),
    'UPDATE t SET a = a + $1 WHERE b = $2;',
  );
  assert.equal(textOf("INSERT INTO t VALUES (1, -2, 'x')"), 'INSERT INTO t VALUES ($1, $2, $3)');
});

test('keeps what the binder reads', () => {
  for (const [sql, expected] of [
    [
      'SELECT a, b FROM t WHERE a = 3 ORDER BY 2, 1 LIMIT 10',
      'SELECT a, b FROM t WHERE a = $1 ORDER BY 2, 1 LIMIT $2',
    ],
    [
      'SELECT count(*) FROM t GROUP BY 1 HAVING count(*) > 5',
      'SELECT count(*) FROM t GROUP BY 1 HAVING count(*) > $1',
    ],
    [
      "SELECT '5'::int, date '2020-01-01', interval '1 day'",
      "SELECT '5'::int, date '2020-01-01', interval '1 day'",
    ],
    ['SELECT a::numeric(10,2) FROM t WHERE b = 4', 'SELECT a::numeric(10,2) FROM t WHERE b = $1'],
    [
      'SELECT CAST(a AS varchar(3)) FROM t WHERE b = 4',
      'SELECT CAST(a AS varchar(3)) FROM t WHERE b = $1',
    ],
    ['SELECT DISTINCT ON (1) a FROM t WHERE b = 4', 'SELECT DISTINCT ON (1) a FROM t WHERE b = $1'],
    ["SELECT E'x' FROM t", "SELECT E'x' FROM t"],
  ] as const) {
    assert.equal(textOf(sql), expected);
  }
});

test('leaves the unusual alone', () => {
  for (const sql of [
    'SELECT $1',
    'CREATE TABLE t (a int)',
    'SELECT 1; SELECT 2',
    "SELECT 'a' 'b'",
    'SELECT 1x',
    "SELECT 'open",
    'BEGIN',
  ]) {
    assert.equal(textOf(sql), undefined, sql);
  }
});

test('integers of different widths have different keys', () => {
  const keys = ['1', '3000000000', '99999999999999999999'].map(
    (value) => normalizeStatement(`SELECT ${value}`)?.key,
  );
  assert.equal(new Set(keys).size, 3);
});
