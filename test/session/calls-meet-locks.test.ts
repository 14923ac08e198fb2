/**
 * Goal: each call of a routine that writes takes effect once, however many calls a query without tables makes and
 * wherever one of them waits for a lock.
 * Method: a hundred calls; another session holds the row of an early one or of a late one for a while.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();
let client: Client;
let other: Client;

before(async () => {
  client = await connect(server.port);
  other = await connect(server.port);
  await client.query(`
    CREATE TABLE account (id int PRIMARY KEY, n int);
    INSERT INTO account SELECT i, 0 FROM generate_series(1, 100) i;
    CREATE FUNCTION bump(i int) RETURNS int LANGUAGE plpgsql AS
      $$ BEGIN UPDATE account SET n = n + 1 WHERE id = i; RETURN i; END $$`);
});

for (const locked of [10, 60]) {
  for (const sql of ['SELECT count(bump(i))', 'SELECT bump(i)']) {
    test(`${sql} with row ${locked} locked`, { timeout: 30_000 }, async () => {
      await client.query('UPDATE account SET n = 0');
      await other.query('BEGIN');
      await other.query(`UPDATE account SET n = n + 10 WHERE id = ${locked}`);
      const running = client.query(`${sql} FROM generate_series(1, 100) i`);
      const waiting = `SELECT count(*) FROM pg_locks WHERE NOT granted`;
      while ((await rows(other, waiting))[0][0] === '0');
      await other.query('COMMIT');
      await running;
      const found = await rows(other, 'SELECT n, count(*) FROM account GROUP BY n ORDER BY n');
      assert.deepEqual(found, [
        ['1', '99'],
        ['11', '1'],
      ]);
    });
  }
}
