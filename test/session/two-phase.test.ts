/**
 * Goal: a prepared transaction survives a crash with its writes, its locks and its changes of the catalog,
 * and ends as the second phase says; what cannot be prepared is refused and undone.
 * Method: statements of two sessions, a kill -9 in between.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connect, type Client, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();
let client: Client;

before(async () => {
  client = await connect(server.port);
});

async function crash(): Promise<void> {
  await server.crash();
  client = await connect(server.port);
}

test('prepared, killed, committed', async () => {
  await client.query('CREATE TABLE account (id int PRIMARY KEY, balance int)');
  await client.query('INSERT INTO account VALUES (1, 10), (2, 20), (3, 30)');
  await client.query(
    'BEGIN; UPDATE account SET balance = 15 WHERE id = 1; DELETE FROM account WHERE id = 3',
  );
  await client.query('CREATE TABLE made (id int PRIMARY KEY, account int REFERENCES account)');
  await client.query('INSERT INTO made VALUES (1, 2)');
  await client.query("PREPARE TRANSACTION 'first'");
  const listed = await rows(client, 'SELECT gid, owner, database FROM pg_prepared_xacts');
  assert.deepEqual(listed, [['first', 'postgres', 'postgres']]);
  await crash();
  assert.deepEqual(await rows(client, 'SELECT gid FROM pg_prepared_xacts'), [['first']]);
  await client.query("SET lock_timeout = '50ms'");
  for (const blocked of [
    'UPDATE account SET balance = 0 WHERE id = 1',
    'UPDATE account SET balance = 0 WHERE id = 3',
    'DELETE FROM account WHERE id = 2',
    'CREATE TABLE made (a int)',
  ])
    await assert.rejects(client.query(blocked), { code: '55P03' }, blocked);
  const before = await rows(client, 'SELECT * FROM account ORDER BY id');
  assert.deepEqual(before, [
    ['1', '10'],
    ['2', '20'],
    ['3', '30'],
  ]);
  await client.query("COMMIT PREPARED 'first'");
  await crash();
  const seen = await rows(client, 'SELECT * FROM account ORDER BY id');
  assert.deepEqual(seen, [
    ['1', '15'],
    ['2', '20'],
  ]);
  assert.deepEqual(await rows(client, 'SELECT * FROM made'), [['1', '2']]);
  await assert.rejects(client.query('DELETE FROM account WHERE id = 2'), { code: '23503' });
  await assert.rejects(client.query("COMMIT PREPARED 'first'"), { code: '42704' });
});

test('prepared, killed, rolled back', async () => {
  await client.query(
    "BEGIN; INSERT INTO account VALUES (9, 90); CREATE TABLE gone (a int); PREPARE TRANSACTION 'second'",
  );
  await crash();
  await client.query("ROLLBACK PREPARED 'second'");
  await client.query('CREATE TABLE gone (b int)');
  await client.query('INSERT INTO account VALUES (9, 91)');
  await crash();
  assert.deepEqual(await rows(client, 'SELECT balance FROM account WHERE id = 9'), [['91']]);
  assert.deepEqual(await rows(client, 'SELECT * FROM pg_prepared_xacts'), []);
});

test('what is refused', async () => {
  await client.query("BEGIN; PREPARE TRANSACTION 'taken'");
  const refused: readonly (readonly [string, string])[] = [
    ["BEGIN; INSERT INTO account VALUES (50, 0); PREPARE TRANSACTION 'taken'", '42710'],
    ["BEGIN; CREATE TEMP TABLE t (a int); PREPARE TRANSACTION 'x'", '0A000'],
    ["BEGIN; NOTIFY c; PREPARE TRANSACTION 'x'", '0A000'],
    ["BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT 1; PREPARE TRANSACTION 'x'", '0A000'],
  ];
  for (const [sql, code] of refused) {
    await assert.rejects(client.query(sql), { code }, sql);
    await client.query('SELECT 1');
  }
  await client.query('BEGIN');
  await assert.rejects(client.query("COMMIT PREPARED 'taken'"), { code: '25001' });
  await client.query('ROLLBACK');
  await client.query("ROLLBACK PREPARED 'taken'");
  assert.deepEqual(await rows(client, 'SELECT * FROM account WHERE id = 50'), []);
});
