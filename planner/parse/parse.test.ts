// Goal: every text gives statements or an error with PostgreSQL's SQLSTATE, message and position; no
// text kills the parser; FOR SYSTEM_TIME is lifted wherever a table may stand. Method: examples,
// the deep statements that kill the stock module, and random mutations of valid statements.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { DatabaseError } from '#common';
import { loadParser, parserReplacements, parseStatements } from './index.ts';

before(loadParser);

function failure(sql: string): DatabaseError {
  try {
    parseStatements(sql);
  } catch (error) {
    assert(error instanceof DatabaseError, String(error));
    return error;
  }
  assert.fail(`no error for ${sql}`);
}

test('statements of a query string, with their own text', () => {
  const sql = "SELECT 1; ; /* c */ SELECT 'é', a FROM t -- end";
  const texts = parseStatements(sql).map(({ start, end }) => sql.slice(start, end).trim());
  assert.deepEqual(texts, ['SELECT 1', "SELECT 'é', a FROM t -- end"]);
  assert.deepEqual(parseStatements(''), []);
  assert.deepEqual(parseStatements(' -- only a comment\n;;'), []);
});

test('positions are UTF-16 offsets whatever the encoding', () => {
  const sql = "SELECT '𝒳é', a";
  const [statement] = parseStatements(sql);
  assert(statement !== undefined && 'SelectStmt' in statement.statement);
  const target = statement.statement.SelectStmt.targetList?.[1];
  assert(target !== undefined && 'ResTarget' in target);
  assert.equal(statement.positionOf(target.ResTarget.location), sql.indexOf('a'));
});

test('positions in long texts, at and around every boundary of what is remembered', () => {
  for (const length of [250, 251, 252, 506, 507, 763]) {
    const sql = `SELECT '${'aé𝒳€'.repeat(length)}', a -- ${'é'.repeat(length % 7)}`;
    const [statement] = parseStatements(sql);
    const bytes = Buffer.from(sql, 'utf8');
    for (let location = 0; location <= bytes.length; location++) {
      if (location < bytes.length && (bytes[location] & 0xc0) === 0x80) continue;
      const expected = bytes.toString('utf8', 0, location).length;
      assert.equal(statement?.positionOf(location), expected, `${length}: byte ${location}`);
    }
  }
});

test('syntax errors say where', () => {
  for (const [sql, message, near] of [
    ['selec 1', 'syntax error at or near "selec"', 'selec'],
    ["select '𝒳é' x y", 'syntax error at or near "y"', 'y'],
    ['select a from', 'syntax error at end of input', ''],
    ["select 'abc", 'unterminated quoted string at or near "\'abc"', "'abc"],
    ['select a from t for system_time as of now() +', 'syntax error at end of input', ''],
    [
      'select a from (select 1) for system_time all',
      'syntax error at or near "system_time"',
      'system_time',
    ],
  ] as const) {
    const error = failure(sql);
    assert.equal(error.sqlState, '42601', sql);
    assert.equal(error.message, message);
    assert.equal(error.position, near === '' ? sql.length : sql.lastIndexOf(near), sql);
  }
  assert.equal(failure('select \0').sqlState, '22021');
});

test('40 KB of nested operators, thirty times over, and the parser goes on at full speed', () => {
  const deep = [
    '1+'.repeat(20_000) + '1',
    '('.repeat(20_000) + '1' + ')'.repeat(20_000),
    '- '.repeat(20_000) + '1',
    'not '.repeat(10_000) + 'a',
    'f('.repeat(20_000) + ')'.repeat(20_000),
    'case when a then '.repeat(2500) + '1' + ' end'.repeat(2500),
    '1 union select '.repeat(3000) + '1',
    '1' + '::int'.repeat(8000),
    '1 from a' + ' join b on x where y'.repeat(2500),
  ];
  const before = parserReplacements();
  for (let round = 0; round < 30; round++) {
    for (const expression of deep) assert.equal(failure(`select ${expression}`).sqlState, '54001');
  }
  assert.equal(parserReplacements(), before);
  assert.equal(parseStatements('SELECT 1').length, 1);
});

test('long flat statements are not deep', () => {
  assert.equal(
    parseStatements(`INSERT INTO t VALUES ${'(1, 2+3, f(4)),'.repeat(5000)}(1,2,3)`).length,
    1,
  );
  assert.equal(
    parseStatements(`SELECT 1 WHERE ${'a = 1 + 1 AND b < 2 OR '.repeat(5000)} true`).length,
    1,
  );
});

test('FOR SYSTEM_TIME before and after the alias', () => {
  for (const [sql, kind] of [
    ["SELECT * FROM t FOR SYSTEM_TIME AS OF '2020-01-01' WHERE a = 1", 'asOf'],
    ["SELECT * FROM t FOR SYSTEM_TIME AS OF now() - interval '1 day' x JOIN u ON true", 'asOf'],
    ['SELECT * FROM s.t AS x FOR SYSTEM_TIME AS OF $1::timestamptz, u', 'asOf'],
    ['SELECT * FROM t AS OF SYSTEM TIME now() x', 'asOf'],
    ["SELECT * FROM t FOR SYSTEM_TIME FROM 'a' TO 'b' ORDER BY 1", 'range'],
    [
      "SELECT * FROM t FOR SYSTEM_TIME BETWEEN timestamp with time zone 'a' AND 'b' FOR UPDATE",
      'range',
    ],
    ['WITH c AS (SELECT * FROM "T" FOR SYSTEM_TIME ALL) SELECT * FROM c', 'all'],
  ] as const) {
    const [statement] = parseStatements(sql);
    const clauses = [...(statement?.temporalClauses ?? [])];
    assert.equal(clauses.length, 1, sql);
    assert.equal(clauses[0][1].kind, kind, sql);
    assert.match(sql.slice(clauses[0][0]), /^(?:t|s\.t|"T") /u, sql);
  }
});

test('mutated statements give an error or a tree, never anything else', () => {
  const seeds = [
    "SELECT a, b FROM t JOIN u USING (id) FOR SYSTEM_TIME AS OF '2020' WHERE a = ANY ($1) ORDER BY 1 LIMIT 3",
    "INSERT INTO t (a) VALUES (1, E'x\\n', $$y$$) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING *",
    'WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT CASE WHEN n > 1 THEN ARRAY[n] END FROM r',
  ];
  const pieces = fc.constantFrom(
    '(',
    ')',
    "'",
    '"',
    '$$',
    '/*',
    '*/',
    '--',
    ';',
    'for system_time',
    ' as of ',
    '::',
    '[',
    'é',
    '\0',
    ',',
  );
  const mutation = fc.record({ at: fc.nat(100), length: fc.nat(6), piece: pieces });
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(mutation, { maxLength: 5 }),
      (seed, mutations) => {
        let sql = seed;
        for (const { at, length, piece } of mutations)
          sql = sql.slice(0, at) + piece + sql.slice(at + length);
        try {
          parseStatements(sql);
        } catch (error) {
          assert(error instanceof DatabaseError, String(error));
          assert((error.position ?? 0) <= sql.length);
        }
      },
    ),
    { numRuns: 500 },
  );
});
