/**
 * Goal: transactions as applications use them: blocks, savepoints, the failed state, implicit transactions,
 * transactional DDL, deferred constraints, and what concurrent sessions may see and do to each other.
 * Method: two or three connections in fixed interleavings, with PostgreSQL's results as expectation.
 */
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { connect, type Client, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();
let one: Client;
let two: Client;

before(async () => {
  one = await connect(server.port);
  two = await connect(server.port);
  await one.query('CREATE TABLE account (id int PRIMARY KEY, owner text, balance int NOT NULL)');
});

beforeEach(async () => {
  await one.query('ROLLBACK; DISCARD TEMP');
  await two.query('ROLLBACK');
  await one.query('DELETE FROM account');
  await one.query("INSERT INTO account VALUES (1, 'ann', 100), (2, 'bob', 100), (3, 'cy', 100)");
});

const balance = async (client: Client, id: number): Promise<string | null | undefined> =>
  (await rows(client, `SELECT balance FROM account WHERE id = ${id}`))[0]?.[0];

/** Resolves to 'waiting' when the promise has not settled by then. */
async function state(promise: Promise<unknown>, ms = 150): Promise<'settled' | 'waiting'> {
  const settled = promise.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  const late = new Promise<'waiting'>((resolve) => setTimeout(() => resolve('waiting'), ms));
  return await Promise.race([settled, late]);
}

/** The outcome of each: 'ok' or its SQLSTATE. */
async function outcomes(...promises: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((result) =>
    result.status === 'fulfilled' ? 'ok' : String((result.reason as { code?: string }).code),
  );
}

test('savepoints nest, roll back and are released', { timeout: 8000 }, async () => {
  await one.query('BEGIN');
  await one.query('UPDATE account SET balance = 1 WHERE id = 1');
  await one.query('SAVEPOINT a');
  await one.query('UPDATE account SET balance = 2 WHERE id = 1');
  await one.query('SAVEPOINT b');
  await one.query('DELETE FROM account WHERE id = 2');
  assert.equal(await balance(one, 2), undefined);
  await one.query('ROLLBACK TO b');
  assert.equal(await balance(one, 2), '100');
  await one.query('ROLLBACK TO SAVEPOINT a');
  assert.equal(await balance(one, 1), '1');
  await assert.rejects(one.query('ROLLBACK TO b'), { code: '3B001' });
  await one.query('ROLLBACK TO a');
  await one.query('RELEASE a');
  await assert.rejects(one.query('RELEASE a'), { code: '3B001' });
  await one.query('ROLLBACK');
  assert.equal(await balance(one, 1), '100');
  await assert.rejects(one.query('SAVEPOINT a'), { code: '25P01' });
});

test(
  'an error fails the block until it ends, or until a savepoint',
  { timeout: 8000 },
  async () => {
    await one.query('BEGIN');
    await one.query('UPDATE account SET balance = 7 WHERE id = 1');
    await one.query('SAVEPOINT s');
    await assert.rejects(one.query('SELECT 1 / 0'), { code: '22012' });
    await assert.rejects(one.query('SELECT 1'), { code: '25P02' });
    await assert.rejects(one.query('SAVEPOINT t'), { code: '25P02' });
    await one.query('ROLLBACK TO s');
    assert.equal(await balance(one, 1), '7');
    await assert.rejects(one.query('SELECT nothing'), { code: '42703' });
    const end = await one.query('COMMIT');
    assert.equal(end.command, 'ROLLBACK');
    assert.equal(await balance(one, 1), '100');
  },
);

test('several statements in one simple query are one transaction', { timeout: 8000 }, async () => {
  await assert.rejects(
    one.query('UPDATE account SET balance = 5 WHERE id = 1; SELECT 1 / 0; SELECT 2'),
    { code: '22012' },
  );
  assert.equal(await balance(one, 1), '100');
  await one.query(
    'UPDATE account SET balance = 5 WHERE id = 1; BEGIN; UPDATE account SET balance = 6 WHERE id = 2',
  );
  await one.query('ROLLBACK');
  assert.equal(await balance(one, 1), '100', 'BEGIN takes the statements before it along');
  await one.query('UPDATE account SET balance = 5 WHERE id = 1; COMMIT; SELECT 1').catch(() => {});
  assert.equal(await balance(one, 1), '5');
});

test('DDL is transactional', { timeout: 8000 }, async () => {
  await one.query('BEGIN');
  await one.query('CREATE TABLE draft (id serial PRIMARY KEY, name text UNIQUE)');
  await one.query("INSERT INTO draft (name) VALUES ('x')");
  await one.query("ALTER TABLE account ADD COLUMN note text DEFAULT 'none'");
  await one.query('CREATE INDEX account_owner ON account (owner)');
  assert.deepEqual(await rows(one, 'SELECT note FROM account WHERE id = 1'), [['none']]);
  await one.query('ROLLBACK');
  await assert.rejects(one.query('SELECT * FROM draft'), { code: '42P01' });
  await assert.rejects(one.query('SELECT note FROM account'), { code: '42703' });
  await one.query('BEGIN; DROP TABLE account');
  await assert.rejects(one.query('SELECT * FROM account'), { code: '42P01' });
  await one.query('ROLLBACK');
  assert.equal((await rows(one, 'SELECT * FROM account')).length, 3);
});

test(
  'READ COMMITTED: an update waits and sees what the other committed',
  { timeout: 8000 },
  async () => {
    await one.query('BEGIN');
    await one.query('UPDATE account SET balance = balance - 30 WHERE id = 1');
    await two.query('BEGIN');
    assert.equal(await balance(two, 1), '100');
    const waiting = two.query(
      'UPDATE account SET balance = balance - 50 WHERE id = 1 AND balance > 0',
    );
    assert.equal(await state(waiting), 'waiting');
    await one.query('COMMIT');
    assert.equal((await waiting).rowCount, 1);
    await two.query('COMMIT');
    assert.equal(await balance(one, 1), '20');
  },
);

test(
  'READ COMMITTED: the condition is checked again after the wait',
  { timeout: 8000 },
  async () => {
    await one.query('BEGIN');
    await one.query('UPDATE account SET balance = 0 WHERE id = 1');
    const waiting = two.query('DELETE FROM account WHERE balance = 100 RETURNING id');
    assert.equal(await state(waiting), 'waiting');
    await one.query('COMMIT');
    const deleted = (await waiting).rows.map((row: { id: string }) => row.id).toSorted();
    assert.deepEqual(deleted, ['2', '3']);
  },
);

test(
  'a unique key that another inserts: waits, then 23505, or goes in when that one rolls back',
  { timeout: 8000 },
  async () => {
    for (const end of ['COMMIT', 'ROLLBACK']) {
      await one.query('BEGIN');
      await one.query("INSERT INTO account VALUES (9, 'new', 1)");
      const waiting = two.query("INSERT INTO account VALUES (9, 'newer', 2)");
      assert.equal(await state(waiting), 'waiting');
      await one.query(end);
      assert.deepEqual(await outcomes(waiting), [end === 'COMMIT' ? '23505' : 'ok']);
      await one.query('DELETE FROM account WHERE id = 9');
    }
  },
);

test(
  'REPEATABLE READ: a stable snapshot, and 40001 for the second updater',
  { timeout: 8000 },
  async () => {
    await one.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    assert.equal(await balance(one, 1), '100');
    await two.query('UPDATE account SET balance = 60 WHERE id = 1');
    await two.query("INSERT INTO account VALUES (4, 'dee', 100)");
    assert.equal(await balance(one, 1), '100');
    assert.equal((await rows(one, 'SELECT id FROM account')).length, 3);
    await assert.rejects(one.query('UPDATE account SET balance = balance - 1 WHERE id = 1'), {
      code: '40001',
      message: 'could not serialize access due to concurrent update',
    });
    await one.query('ROLLBACK');
  },
);

test('SERIALIZABLE: write skew ends in 40001 for one of two', { timeout: 8000 }, async () => {
  for (const client of [one, two]) {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    await rows(client, 'SELECT sum(balance) FROM account WHERE id IN (1, 2)');
  }
  await one.query('UPDATE account SET balance = balance - 150 WHERE id = 1');
  const skewed = await outcomes(
    two
      .query('UPDATE account SET balance = balance - 150 WHERE id = 2')
      .then(() => two.query('COMMIT')),
    one.query('COMMIT'),
  );
  assert.deepEqual(skewed.toSorted(), ['40001', 'ok']);
});

test('SERIALIZABLE: a phantom in a range that was read', { timeout: 8000 }, async () => {
  for (const client of [one, two]) {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM account WHERE id BETWEEN 5 AND 9'), [
      ['0'],
    ]);
  }
  await one.query("INSERT INTO account VALUES (5, 'one', 0)");
  await two.query("INSERT INTO account VALUES (6, 'two', 0)");
  assert.deepEqual((await outcomes(one.query('COMMIT'), two.query('COMMIT'))).toSorted(), [
    '40001',
    'ok',
  ]);
});

test('FOR UPDATE, SKIP LOCKED, NOWAIT, FOR SHARE', { timeout: 8000 }, async () => {
  await one.query('BEGIN');
  await one.query('SELECT * FROM account WHERE id = 1 FOR UPDATE');
  assert.deepEqual(
    await rows(two, 'SELECT id FROM account ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1'),
    [['2']],
  );
  await assert.rejects(two.query('SELECT id FROM account WHERE id = 1 FOR UPDATE NOWAIT'), {
    code: '55P03',
    message: 'could not obtain lock on row in relation "account"',
  });
  await assert.rejects(two.query('SELECT id FROM account WHERE id = 1 FOR SHARE NOWAIT'), {
    code: '55P03',
  });
  assert.equal(await balance(two, 1), '100', 'a plain read does not wait');
  await one.query('COMMIT');
  await one.query('BEGIN; SELECT * FROM account WHERE id = 1 FOR SHARE');
  await two.query('SELECT * FROM account WHERE id = 1 FOR SHARE NOWAIT');
  await assert.rejects(two.query('SELECT * FROM account WHERE id = 1 FOR UPDATE NOWAIT'), {
    code: '55P03',
  });
  await one.query('COMMIT');
});

test('FOR UPDATE returns the row as it is after the wait', { timeout: 8000 }, async () => {
  await one.query('BEGIN; UPDATE account SET balance = 42 WHERE id = 1');
  const waiting = rows(two, 'SELECT balance FROM account WHERE id = 1 FOR UPDATE');
  assert.equal(await state(waiting), 'waiting');
  await one.query('COMMIT');
  assert.deepEqual(await waiting, [['42']]);
});

test('a deadlock ends in 40P01 for exactly one of two', { timeout: 8000 }, async () => {
  await one.query('BEGIN; UPDATE account SET balance = 1 WHERE id = 1');
  await two.query('BEGIN; UPDATE account SET balance = 2 WHERE id = 2');
  const ends = await outcomes(
    one.query('UPDATE account SET balance = 1 WHERE id = 2').then(() => one.query('COMMIT')),
    two
      .query('UPDATE account SET balance = 2 WHERE id = 1')
      .then(() => two.query('COMMIT'))
      .finally(() => void two.query('ROLLBACK')),
    one.query('SELECT 1').finally(() => void one.query('ROLLBACK')),
  );
  assert.deepEqual(ends.slice(0, 2).toSorted(), ['40P01', 'ok']);
});

test('lock_timeout is 55P03 and can be set inside the block', { timeout: 8000 }, async () => {
  await one.query('BEGIN; UPDATE account SET balance = 1 WHERE id = 1');
  for (const begin of [
    "SET lock_timeout = '60ms'; BEGIN",
    'RESET lock_timeout; BEGIN; SET LOCAL lock_timeout = 60',
  ]) {
    for (const part of begin.split('; ')) await two.query(part);
    const started = performance.now();
    await assert.rejects(two.query('UPDATE account SET balance = 2 WHERE id = 1'), {
      code: '55P03',
      message: 'canceling statement due to lock timeout',
    });
    const elapsed = performance.now() - started;
    assert.ok(elapsed > 40 && elapsed < 1000, `${elapsed} ms`);
    await two.query('ROLLBACK');
  }
  await two.query('RESET lock_timeout');
});

test('table locks: DDL waits for readers in a transaction', { timeout: 8000 }, async () => {
  await one.query('BEGIN; SELECT * FROM account');
  const waiting = two.query('ALTER TABLE account ADD COLUMN later int');
  assert.equal(await state(waiting), 'waiting');
  await one.query('COMMIT');
  await waiting;
  await two.query('ALTER TABLE account DROP COLUMN later');
  await one.query('BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
  await assert.rejects(two.query('LOCK TABLE account IN ACCESS SHARE MODE NOWAIT'), {
    code: '25P01',
  });
  await two.query('BEGIN');
  await assert.rejects(two.query('LOCK TABLE account IN ACCESS SHARE MODE NOWAIT'), {
    code: '55P03',
  });
  await two.query('ROLLBACK');
  await one.query('ROLLBACK');
});

test('deferred constraints are checked at commit', { timeout: 8000 }, async () => {
  await one.query('CREATE TABLE parent (id int PRIMARY KEY)');
  await one.query(
    'CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)',
  );
  await one.query('BEGIN; INSERT INTO child VALUES (1, 10)');
  await one.query('INSERT INTO parent VALUES (10); COMMIT');
  await one.query('BEGIN; INSERT INTO child VALUES (2, 20)');
  await assert.rejects(one.query('COMMIT'), { code: '23503' });
  assert.deepEqual(await rows(one, 'SELECT id FROM child'), [['1']]);
  await one.query('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
  await assert.rejects(one.query('INSERT INTO child VALUES (3, 30)'), { code: '23503' });
  await one.query('ROLLBACK; BEGIN; INSERT INTO child VALUES (4, 40)');
  await assert.rejects(one.query('SET CONSTRAINTS ALL IMMEDIATE'), { code: '23503' });
  await one.query('ROLLBACK');
  await assert.rejects(one.query('INSERT INTO child VALUES (5, 50)'), { code: '23503' });
  await one.query('DROP TABLE child, parent');
});

test('read-only transactions refuse writes', { timeout: 8000 }, async () => {
  await one.query('BEGIN READ ONLY');
  assert.equal(await balance(one, 1), '100');
  await assert.rejects(one.query('UPDATE account SET balance = 1'), { code: '25006' });
  await one.query('ROLLBACK; START TRANSACTION READ ONLY');
  await assert.rejects(one.query('CREATE TABLE no (id int)'), { code: '25006' });
  await one.query('ROLLBACK');
});

test(
  'modes are fixed by the first query; COMMIT AND CHAIN keeps them',
  { timeout: 8000 },
  async () => {
    await one.query('BEGIN; SELECT 1');
    await assert.rejects(one.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'), {
      code: '25001',
    });
    await one.query('ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; COMMIT AND CHAIN');
    assert.deepEqual(await rows(one, 'SHOW transaction_isolation'), [['repeatable read']]);
    await one.query('ROLLBACK');
    assert.deepEqual(await rows(one, 'SHOW transaction_isolation'), [['read committed']]);
  },
);

test('READ UNCOMMITTED is shown as such', async () => {
  await one.query('BEGIN ISOLATION LEVEL READ UNCOMMITTED');
  assert.deepEqual(await rows(one, 'SHOW transaction_isolation'), [['read uncommitted']]);
  await one.query('COMMIT');
  assert.deepEqual(await rows(one, 'SHOW transaction_isolation'), [['read committed']]);
});
