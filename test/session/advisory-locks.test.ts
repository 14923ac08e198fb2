/**
 * Goal: the functions of advisory locks block, time out, count and show as PostgreSQL's do.
 * Method: two sessions; what must wait is checked to be waiting (pg_locks, pg_blocking_pids).
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connect, type Client, rows, untilLockWait } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();
let first: Client;
let second: Client;

before(async () => {
  first = await connect(server.port);
  second = await connect(server.port);
});

const value = async (client: Client, sql: string): Promise<string | null> =>
  (await rows(client, sql))[0][0];

test('a session waits for another, and the views show it', async () => {
  await first.query('SELECT pg_advisory_lock(7), pg_advisory_lock(7)');
  const waiting = second.query('SELECT pg_advisory_lock(7)');
  await untilLockWait(first);
  const shown =
    'SELECT granted, mode, classid, objid, objsubid FROM pg_locks WHERE locktype = $$advisory$$ ORDER BY 1 DESC';
  assert.deepEqual(await rows(first, shown), [
    ['t', 'ExclusiveLock', '0', '7', '1'],
    ['f', 'ExclusiveLock', '0', '7', '1'],
  ]);
  const blocked =
    "SELECT pg_blocking_pids(pid) = ARRAY[pg_backend_pid()] FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
  assert.equal(await value(first, blocked), 't');
  assert.equal(await value(first, 'SELECT pg_advisory_unlock(7)'), 't');
  assert.equal(await value(first, 'SELECT pg_advisory_unlock(7)'), 't');
  await waiting;
  assert.equal(await value(second, 'SELECT pg_advisory_unlock(7)'), 't');
  assert.equal(await value(second, 'SELECT pg_advisory_unlock(7)'), 'f');
});

test('locks of a transaction end with it; two integers are another name than one bigint', async () => {
  await first.query('BEGIN; SELECT pg_advisory_xact_lock(1, 2), pg_advisory_lock_shared(5)');
  assert.equal(await value(second, 'SELECT pg_try_advisory_lock(1, 2)'), 'f');
  assert.equal(await value(second, 'SELECT pg_try_advisory_lock(4294967298)'), 't');
  assert.equal(await value(second, 'SELECT pg_try_advisory_lock_shared(5)'), 't');
  assert.equal(await value(second, 'SELECT pg_try_advisory_xact_lock(5)'), 'f');
  await first.query('ROLLBACK');
  assert.equal(await value(second, 'SELECT pg_try_advisory_lock(1, 2)'), 't');
  await second.query('SELECT pg_advisory_unlock_all()');
  assert.equal(await value(second, 'SELECT pg_try_advisory_xact_lock(5)'), 'f');
  await first.query('DISCARD ALL');
  assert.equal(await value(second, 'SELECT pg_try_advisory_xact_lock(5)'), 't');
});

test('lock_timeout, cancellation by the end of the holder, deadlock', async () => {
  const holder = await connect(server.port);
  await holder.query('SELECT pg_advisory_lock(11)');
  await second.query("SET lock_timeout = '50ms'");
  await assert.rejects(second.query('SELECT pg_advisory_lock(11)'), { code: '55P03' });
  await second.query('SET lock_timeout = 0');
  const waiting = second.query('SELECT pg_advisory_lock(11)');
  await untilLockWait(first);
  await holder.end();
  await waiting;
  await first.query('BEGIN; SELECT pg_advisory_lock(12)');
  await second.query('BEGIN');
  const cycle = second.query('SELECT pg_advisory_lock(12)');
  await untilLockWait(first);
  await assert.rejects(first.query('SELECT pg_advisory_lock(11)'), { code: '40P01' });
  await first.query('ROLLBACK; SELECT pg_advisory_unlock_all()');
  await cycle;
  await second.query('ROLLBACK; SELECT pg_advisory_unlock_all()');
});
