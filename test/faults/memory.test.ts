/**
 * Goal: a statement that needs more memory than it may have ends with 53200, which names the budget that was
 * passed, and the server goes on; what can use disk does, and ends well.
 * Method: small budgets; statements that would need a hundred gigabytes (cross joins, sorts, string_agg and
 * array_agg over everything, recursive and materialised WITH queries, windows, DISTINCT), one by one and several
 * at a time, in the main thread and on executor threads.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer({
  configuration: [
    'server_memory: 96MB',
    'segment_cache: 24MB',
    'executor_threads: 2',
    'work_mem: 1MB',
    'settings:',
    '  lattice.statement_memory: 32MB',
    '  statement_timeout: 40s',
    '',
  ].join('\n'),
});
let client: Client;

before(async () => {
  client = await connect(server.port);
  await client.query('CREATE TABLE wide (id int PRIMARY KEY, part int, filler text)');
  await client.query(
    "INSERT INTO wide SELECT g, g % 1000, repeat('w', 50) || g FROM generate_series(1, 60000) g",
  );
  await client.query('ANALYZE wide');
});

/** Statements whose rows can neither be put out nor go to disk. */
const tooLarge: readonly string[] = [
  'SELECT string_agg(a.filler || b.filler, $$,$$) FROM wide a, wide b',
  'SELECT array_agg(a.filler || b.id) FROM wide a, wide b',
  'SELECT jsonb_agg(a.filler || b.id) FROM wide a, wide b',
  'SELECT count(DISTINCT a.filler || b.filler) FROM wide a, wide b',
  'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a.id + b.id) FROM wide a, wide b',
  'WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n * 2 + b FROM r, (VALUES (0), (1)) v(b) WHERE n < 1000000000) SELECT count(*) FROM r',
  'SELECT count(length(f::text)) FROM (SELECT array_agg(a.filler || b.id) OVER () AS f FROM wide a JOIN wide b ON b.part = a.part WHERE a.id <= 10000) s',
  'SELECT array_agg(n) FROM generate_series(1, 1000000000) n',
  'INSERT INTO wide SELECT 100000, 1, string_agg(a.filler, b.filler) FROM wide a, wide b',
  'CREATE TABLE large AS SELECT array_agg(a.filler || b.id) AS all_of_it FROM wide a, wide b',
];

async function failure(on: Client, sql: string): Promise<Record<string, string | undefined>> {
  try {
    await on.query(sql);
  } catch (error) {
    return error as Record<string, string>;
  }
  return assert.fail(`${sql} has ended well`);
}

for (const sql of tooLarge) {
  test(`ends with 53200: ${sql}`, { timeout: 90_000 }, async () => {
    const error = await failure(client, sql);
    assert.equal(error['code'], '53200', `${error['message']}`);
    assert.match(`${error['detail']}`, /lattice\.(statement|server)_memory|cannot use disk/);
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM wide'), [['60000']]);
  });
}

/** The same, where the disk helps. */
const large: readonly (readonly [string, string])[] = [
  [
    'SELECT count(*), min(f) FROM (SELECT a.filler || b.id AS f FROM wide a JOIN wide b ON b.id % 1000 = a.part WHERE a.id <= 5000 ORDER BY 1 OFFSET 0) s',
    '300000',
  ],
  [
    'SELECT count(*) FROM (SELECT DISTINCT a.filler || b.part FROM wide a JOIN wide b ON b.part = a.part WHERE a.id <= 5000) s',
    '5000',
  ],
  [
    'SELECT count(*) FROM (SELECT a.filler, count(*) FROM wide a JOIN wide b USING (filler) GROUP BY a.filler) s',
    '60000',
  ],
  [
    'SELECT count(*) || $$ $$ || sum(s) FROM (SELECT n, sum(n) OVER () AS s FROM generate_series(1, 1000000) n) w WHERE n % 100000 = 0',
    '10 5000005000000',
  ],
  [
    'SELECT count(*) || $$ $$ || max(r) || $$ $$ || max(s) FROM (SELECT rank() OVER v AS r, sum(n) OVER v AS s FROM generate_series(1, 1000000) n WINDOW v AS (ORDER BY n % 1000)) w',
    '1000000 999001 500000500000',
  ],
  [
    'WITH all_of_it AS MATERIALIZED (SELECT n FROM generate_series(1, 2000000) n) SELECT count(*) FROM all_of_it',
    '2000000',
  ],
];

for (const [sql, expected] of large) {
  test(`goes to disk: ${sql}`, { timeout: 90_000 }, async () => {
    assert.equal((await rows(client, sql))[0][0], expected);
  });
}

test('the budget of a statement is a setting', async () => {
  const sql = 'SELECT length(array_agg(filler)::text) > 0 FROM wide';
  assert.deepEqual(await rows(client, sql), [['t']]);
  await client.query("SET lattice.statement_memory = '1MB'");
  const error = await failure(client, sql);
  assert.equal(error['code'], '53200');
  assert.match(`${error['detail']}`, /1 MB \(lattice\.statement_memory\)/);
  await client.query('RESET lattice.statement_memory');
  assert.deepEqual(await rows(client, sql), [['t']]);
  assert.deepEqual(await rows(client, 'SHOW lattice.server_memory'), [['96MB']]);
  assert.deepEqual(await rows(client, 'SHOW lattice.segment_cache'), [['24MB']]);
  assert.equal((await failure(client, "SET lattice.server_memory = '1GB'"))['code'], '55P02');
});

test(
  'all statements together stay within the budget of the server',
  { timeout: 180_000 },
  async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => connect(server.port)));
    try {
      const failures = await Promise.all(
        clients.map(async (each) => {
          await each.query("SET lattice.statement_memory = '1GB'");
          return failure(each, 'SELECT array_agg(a.filler || b.id) FROM wide a, wide b');
        }),
      );
      for (const error of failures) assert.equal(error['code'], '53200', `${error['message']}`);
      assert.ok(failures.some((error) => `${error['detail']}`.includes('lattice.server_memory')));
      // What they held has been given back.
      const all = await rows(client, 'SELECT count(*), length(array_agg(filler)::text) FROM wide');
      assert.equal(all[0][0], '60000');
    } finally {
      for (const each of clients) await each.end();
    }
  },
);

test('no temporary file is left', () => {
  assert.deepEqual(readdirSync(join(server.directory, 'data', 'spill')), []);
});

test('rows of open transactions and of the memtable count, too', { timeout: 180_000 }, async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect(server.port)));
  try {
    const failures: Record<string, string | undefined>[] = [];
    for (const [at, each] of clients.entries()) {
      await each.query('BEGIN');
      await each.query(`INSERT INTO wide VALUES (${1_000_000 + at}, 0, 'kept')`);
      await each.query('SAVEPOINT large');
    }
    // Rows of 300 bytes or so, until the server holds no more of them.
    for (let round = 0; round < 20; round++) {
      for (const [at, each] of clients.entries()) {
        const first = 2_000_000 + at * 1_000_000 + round * 10_000;
        await each
          .query(
            `INSERT INTO wide SELECT g, 0, 'held' FROM generate_series(${first}, ${first + 9999}) g`,
          )
          .catch(async (error: unknown) => {
            failures.push(error as Record<string, string>);
            await each.query('ROLLBACK TO large');
          });
      }
    }
    assert.ok(failures.length > 0, 'nobody was refused');
    for (const error of failures) {
      assert.equal(error['code'], '53200', `${error['message']}`);
      assert.match(`${error['detail']}`, /lattice\.server_memory/);
    }
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM wide'), [['60000']]);
    // Who was refused goes on after its savepoint; what is committed is there, and room for others as well.
    for (const each of clients) {
      await each.query('ROLLBACK TO large');
      await each.query('COMMIT');
    }
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM wide WHERE id >= 1000000'), [['8']]);
    await client.query('DELETE FROM wide WHERE id >= 1000000');
    const held = "SELECT g, 0, 'held' FROM generate_series(2000000, 2029999) g";
    await client.query(`INSERT INTO wide ${held}`);
    await client.query('DELETE FROM wide WHERE id >= 1000000');
  } finally {
    for (const each of clients) await each.end();
  }
});
