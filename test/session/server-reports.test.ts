// Goal: what sessions see of each other: snapshots that one exports and another imports, counters of a
// database, and what pg_stat_activity shows of others.
// Method: several connections to one server.

import { strict as assert } from 'node:assert';
import { before, test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();
let client: Client;
let other: Client;

before(async () => {
  client = await connect(server.port);
  other = await connect(server.port);
});

test('an imported snapshot shows what the exporting transaction sees', async () => {
  await client.query('CREATE TABLE seen (a int PRIMARY KEY, b int)');
  await client.query('INSERT INTO seen SELECT n, 0 FROM generate_series(1, 10) n');
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const [[identifier]] = await rows(client, 'SELECT pg_export_snapshot()');
  const writer = await connect(server.port);
  await writer.query('UPDATE seen SET b = 1');
  await writer.query('DELETE FROM seen WHERE a > 5');
  await writer.end();
  await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  await other.query(`SET TRANSACTION SNAPSHOT '${identifier}'`);
  await client.query('COMMIT');
  const count = 'SELECT count(*), sum(b) FROM seen';
  assert.deepEqual(await rows(other, count), [['10', '0']]);
  await other.query('COMMIT');
  assert.deepEqual(await rows(other, count), [['5', '5']]);
  await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const gone = other.query(`SET TRANSACTION SNAPSHOT '${identifier}'`);
  await assert.rejects(gone, { code: '22023' });
  await other.query('ROLLBACK');
});

test('the ends of transactions are counted, and known by id', async () => {
  const counters = `SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = 'postgres'`;
  await client.query('CREATE TABLE counted (a int PRIMARY KEY)');
  const [before] = await rows(client, counters);
  await client.query('SELECT a FROM counted WHERE a = 1');
  await client.query('INSERT INTO counted VALUES (1)');
  await client.query('BEGIN');
  const [[id]] = await rows(client, 'SELECT pg_current_xact_id()');
  const status = 'SELECT pg_xact_status($1::text::xid8)';
  assert.deepEqual(await rows(other, status, [id]), [['in progress']]);
  await client.query('ROLLBACK');
  assert.deepEqual(await rows(other, status, [id]), [['aborted']]);
  const [now] = await rows(client, counters);
  // Two statements of this client, the question before, and two of the other.
  assert.equal(Number(now[0]) - Number(before[0]), 5);
  assert.equal(Number(now[1]) - Number(before[1]), 1);
});

test('what a session runs is for its own role and for those who read all statistics', async () => {
  await client.query('CREATE ROLE visitor LOGIN');
  const visitor = await connect(server.port, { user: 'visitor' });
  const [[pid]] = await rows(client, 'SELECT pg_backend_pid()');
  const activity = 'SELECT usename, query, backend_start FROM pg_stat_activity WHERE pid = $1';
  const hidden = [['postgres', '<insufficient privilege>', null]];
  assert.deepEqual(await rows(visitor, activity, [pid]), hidden);
  await client.query('GRANT pg_monitor TO visitor');
  const [[, query]] = await rows(visitor, activity, [pid]);
  assert.equal(query, 'GRANT pg_monitor TO visitor');
  await visitor.end();
});
