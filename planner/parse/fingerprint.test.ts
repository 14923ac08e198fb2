// Goal: statements that differ in constants, blanks or the case of words have one fingerprint, others have
// their own; the text shown is the first one's with $n for its constants. Method: tables.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprint } from './fingerprint.ts';

const shown: readonly (readonly [string, string])[] = [
  ['SELECT a FROM t WHERE b = 1;', 'SELECT a FROM t WHERE b = $1'],
  ["SELECT 'x', -1, 2 - 3, 1.5e3", 'SELECT $1, $2, $3 - $4, $5'],
  ['SELECT $2 + 1, true, NULL', 'SELECT $2 + $3, $4, $5'],
  [
    'SELECT a IS NULL, b IS NOT NULL, c IS TRUE FROM t',
    'SELECT a IS NULL, b IS NOT NULL, c IS TRUE FROM t',
  ],
  [
    'SELECT a, b FROM t GROUP BY 1, 2 ORDER BY 1 LIMIT 5',
    'SELECT a, b FROM t GROUP BY 1, 2 ORDER BY 1 LIMIT $1',
  ],
  ["SELECT x::numeric(10,2), varchar(3) 'abc'", 'SELECT x::numeric(10,2), varchar(3) $1'],
  ["INSERT INTO t VALUES (1, E'a\\n', $$x$$)", 'INSERT INTO t VALUES ($1, $2, $3)'],
  ['', ''],
];

test('constants are shown as parameters', () => {
  for (const [sql, text] of shown) assert.equal(fingerprint(sql, true).text, text);
});

test('what is no query is shown as it is', () => {
  assert.equal(fingerprint('SET x = 1 ;', false).text, 'SET x = 1');
});

test('blanks, case and constants make no difference, names do', () => {
  const canonical = (sql: string): string => fingerprint(sql, true).canonical;
  assert.equal(canonical('select  A from T where b=1'), canonical("SELECT a FROM t WHERE b = 'x'"));
  assert.equal(canonical('SELECT -1'), canonical('SELECT 1 -- one'));
  assert.notEqual(canonical('SELECT a FROM t'), canonical('SELECT a FROM u'));
  assert.notEqual(canonical('SELECT "A"'), canonical('SELECT "a"'));
  assert.notEqual(canonical('SELECT 1 ORDER BY 1'), canonical('SELECT 1 ORDER BY 2'));
});
