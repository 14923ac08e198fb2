/**
 * Goal: what a session keeps: cursors, prepared statements, settings, notifications, temporary tables; and
 * the timeouts that end it.
 * Method: statements over node-postgres with PostgreSQL's results as expectation.
 */
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { connect, type Client, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const limit = { timeout: 4000 };
const server = await testServer({ configuration: 'max_connections: 6\n' });
let client: Client;

before(async () => {
  client = await connect(server.port);
  await client.query('CREATE TABLE item (id int PRIMARY KEY, name text)');
  await client.query("INSERT INTO item SELECT g, 'item ' || g FROM generate_series(1, 10) g");
});

beforeEach(async () => {
  await client.query('ROLLBACK');
  await client.query('DISCARD ALL');
});

const column = async (sql: string): Promise<(string | null)[]> =>
  (await rows(client, sql)).map((row) => row[0] ?? null);

/** The error that ends a connection. */
function ending(connection: Client): Promise<{ code?: string; message: string }> {
  return new Promise((resolve) => connection.once('error', resolve));
}

test('cursors: FETCH and MOVE in every direction', limit, async () => {
  await client.query('BEGIN; DECLARE c SCROLL CURSOR FOR SELECT id FROM item ORDER BY id');
  assert.deepEqual(await column('FETCH c'), ['1']);
  assert.deepEqual(await column('FETCH 3 FROM c'), ['2', '3', '4']);
  assert.deepEqual(await column('FETCH PRIOR FROM c'), ['3']);
  assert.deepEqual(await column('FETCH BACKWARD 5 FROM c'), ['2', '1']);
  assert.deepEqual(await column('FETCH ABSOLUTE 7 FROM c'), ['7']);
  assert.deepEqual(await column('FETCH RELATIVE -2 FROM c'), ['5']);
  assert.deepEqual(await column('FETCH LAST FROM c'), ['10']);
  assert.deepEqual(await column('FETCH FORWARD ALL FROM c'), []);
  assert.equal((await client.query('MOVE BACKWARD 4 FROM c')).rowCount, 4);
  assert.deepEqual(await column('FETCH c'), ['8']);
  assert.deepEqual(await column('FETCH FIRST FROM c'), ['1']);
  await client.query('CLOSE c');
  await assert.rejects(client.query('FETCH c'), { code: '34000' });
  await client.query('ROLLBACK');
});

test('cursors: NO SCROLL, WITH HOLD, outside a block', limit, async () => {
  await assert.rejects(client.query('DECLARE c CURSOR FOR SELECT 1'), { code: '25P01' });
  await client.query('BEGIN; DECLARE c NO SCROLL CURSOR FOR SELECT id FROM item ORDER BY id');
  assert.deepEqual(await column('FETCH 2 FROM c'), ['1', '2']);
  await assert.rejects(client.query('FETCH PRIOR FROM c'), { code: '55000' });
  await client.query('ROLLBACK');
  await client.query('DECLARE kept CURSOR WITH HOLD FOR SELECT id FROM item ORDER BY id DESC');
  await client.query('DELETE FROM item WHERE id = 9');
  assert.deepEqual(await column('FETCH 2 FROM kept'), ['10', '9']);
  await client.query("CLOSE kept; INSERT INTO item VALUES (9, 'item 9')");
});

test('a cursor shows the rows of the moment when it was declared', limit, async () => {
  const select = 'SELECT name FROM item WHERE id <= 3 ORDER BY id';
  await client.query(`BEGIN; DECLARE a CURSOR FOR ${select}; DECLARE b CURSOR FOR ${select}`);
  await client.query('DECLARE point CURSOR FOR SELECT name FROM item WHERE id = 3');
  assert.deepEqual(await column('FETCH 1 FROM b'), ['item 1']);
  await client.query("UPDATE item SET name = 'changed' WHERE id <= 3");
  const other = await connect(server.port);
  await other.query("INSERT INTO item VALUES (0, 'zero')");
  assert.deepEqual(await column('FETCH ALL FROM a'), ['item 1', 'item 2', 'item 3']);
  assert.deepEqual(await column('FETCH ALL FROM b'), ['item 2', 'item 3']);
  assert.deepEqual(await column('FETCH ALL FROM point'), ['item 3']);
  await client.query('ROLLBACK');
  await other.query('DELETE FROM item WHERE id = 0');
  await other.end();
  await client.query(`BEGIN; DECLARE h CURSOR WITH HOLD FOR ${select}; UPDATE item SET name = 'y'`);
  await client.query('ROLLBACK');
  await assert.rejects(client.query('FETCH h'), { code: '34000' });
});

test('PREPARE, EXECUTE, DEALLOCATE', limit, async () => {
  await client.query('PREPARE by_id (int) AS SELECT name FROM item WHERE id = $1');
  assert.deepEqual(await column('EXECUTE by_id(3)'), ['item 3']);
  assert.deepEqual(await column('EXECUTE by_id(1 + 1)'), ['item 2']);
  await assert.rejects(client.query('EXECUTE by_id'), { code: '42601' });
  await assert.rejects(client.query('PREPARE by_id AS SELECT 1'), { code: '42P05' });
  await client.query('ALTER TABLE item ADD COLUMN extra int');
  assert.deepEqual(await column('EXECUTE by_id(3)'), ['item 3']);
  await client.query('ALTER TABLE item DROP COLUMN extra');
  await client.query('PREPARE everything AS SELECT * FROM item WHERE id = 1');
  await rows(client, 'EXECUTE everything');
  await client.query('ALTER TABLE item ADD COLUMN extra int');
  await assert.rejects(client.query('EXECUTE everything'), {
    code: '0A000',
    message: 'cached plan must not change result type',
  });
  await client.query('ALTER TABLE item DROP COLUMN extra');
  await client.query('DEALLOCATE by_id');
  await assert.rejects(client.query('EXECUTE by_id(1)'), { code: '26000' });
});

test('a Parse of a known text knows the table as it is', limit, async () => {
  const read = (): Promise<unknown[][]> => rows(client, 'SELECT * FROM item WHERE id = $1', [3]);
  const before = await read();
  await client.query('ALTER TABLE item ADD COLUMN extra int DEFAULT 7');
  assert.deepEqual(await read(), [[...before[0], '7']]);
  await client.query('ALTER TABLE item DROP COLUMN extra');
  assert.deepEqual(await read(), before);
  const named = { name: 'named', text: 'SELECT * FROM item WHERE id = 3' };
  await client.query(named);
  await client.query('ALTER TABLE item ADD COLUMN extra int');
  await assert.rejects(client.query(named), { code: '0A000', routine: 'RevalidateCachedQuery' });
  await client.query('ALTER TABLE item DROP COLUMN extra');
});

test('SET, SET LOCAL, RESET and what a rollback undoes', limit, async () => {
  await client.query("SET search_path = 'pg_catalog'; BEGIN; SET LOCAL search_path = 'public'");
  assert.deepEqual(await column('SHOW search_path'), ['public']);
  await client.query('COMMIT');
  assert.deepEqual(await column('SHOW search_path'), ['pg_catalog']);
  await client.query("BEGIN; SET search_path = 'other'; ROLLBACK");
  assert.deepEqual(await column('SHOW search_path'), ['pg_catalog']);
  await client.query('RESET search_path');
  assert.deepEqual(await column('SHOW search_path'), ['"$user", public']);
  await client.query("SET my.own = 'x'");
  assert.deepEqual(await column("SELECT current_setting('my.own')"), ['x']);
  assert.deepEqual(await column("SELECT set_config('my.own', 'y', false)"), ['y']);
  await assert.rejects(client.query("SET no_such_setting = 'x'"), { code: '42704' });
  await assert.rejects(client.query("SET work_mem = 'much'"), { code: '22023' });
  assert.match((await column('SHOW server_version'))[0] ?? '', /^15\./);
});

test('LISTEN and NOTIFY', limit, async () => {
  const listener = await connect(server.port);
  const received: { readonly channel: string; readonly payload?: string | undefined }[] = [];
  listener.on('notification', (notification) => received.push(notification));
  await listener.query('LISTEN news; LISTEN "Other"');
  await client.query("BEGIN; NOTIFY news, 'one'; NOTIFY news, 'one'; NOTIFY news, 'two'");
  await listener.query('SELECT 1');
  assert.equal(received.length, 0, 'nothing before the commit');
  await client.query("SELECT pg_notify('Other', 'three'); COMMIT");
  await client.query("BEGIN; NOTIFY news, 'never'; ROLLBACK");
  await listener.query('SELECT 1');
  assert.deepEqual(
    received.map((notification) => [notification.channel, notification.payload]),
    [
      ['news', 'one'],
      ['news', 'two'],
      ['Other', 'three'],
    ],
  );
  await listener.query('UNLISTEN *');
  await client.query('NOTIFY news');
  await listener.query('SELECT 1');
  assert.equal(received.length, 3);
  await listener.end();
});

test('DISCARD ALL forgets everything', limit, async () => {
  await client.query("SET work_mem = '7MB'; PREPARE p AS SELECT 1; LISTEN l");
  await client.query('CREATE TEMP TABLE scratch (id int)');
  await client.query('DECLARE c CURSOR WITH HOLD FOR SELECT 1');
  await client.query('DISCARD ALL');
  assert.notDeepEqual(await column('SHOW work_mem'), ['7MB']);
  await assert.rejects(client.query('EXECUTE p'), { code: '26000' });
  await assert.rejects(client.query('SELECT * FROM scratch'), { code: '42P01' });
  await assert.rejects(client.query('FETCH c'), { code: '34000' });
  await client.query('BEGIN');
  await assert.rejects(client.query('DISCARD ALL'), { code: '25001' });
});

test('temporary tables: own to the session, first in the path, gone with it', limit, async () => {
  const other = await connect(server.port);
  await other.query('CREATE TEMP TABLE item (note text)');
  await other.query("INSERT INTO item VALUES ('temporary')");
  assert.deepEqual(await rows(other, 'SELECT * FROM item'), [['temporary']]);
  assert.equal((await rows(other, 'SELECT * FROM public.item')).length, 10);
  assert.equal((await rows(client, 'SELECT * FROM item')).length, 10);
  await other.end();
  const third = await connect(server.port);
  assert.equal((await rows(third, 'SELECT * FROM item')).length, 10);
  await third.query('BEGIN; CREATE TEMP TABLE brief (id int) ON COMMIT DROP; COMMIT');
  await assert.rejects(third.query('SELECT * FROM brief'), { code: '42P01' });
  await third.query('CREATE TEMP TABLE emptied (id int) ON COMMIT DELETE ROWS');
  await third.query('BEGIN; INSERT INTO emptied VALUES (1); COMMIT');
  assert.deepEqual(await rows(third, 'SELECT * FROM emptied'), []);
  await third.end();
});

test('statement_timeout stops what computes, what waits and what sleeps', limit, async () => {
  const blocker = await connect(server.port);
  await blocker.query('BEGIN; UPDATE item SET name = name WHERE id = 1');
  await client.query("SET statement_timeout = '80ms'");
  const statements = [
    'SELECT pg_sleep(5)',
    'SELECT count(*) FROM generate_series(1, 20000) a, generate_series(1, 20000) b',
    'UPDATE item SET name = name WHERE id = 1',
  ];
  for (const statement of statements) {
    const started = performance.now();
    await assert.rejects(client.query(statement), {
      code: '57014',
      message: 'canceling statement due to statement timeout',
    });
    const elapsed = performance.now() - started;
    assert.ok(elapsed > 60 && elapsed < 800, `${statement}: ${elapsed} ms`);
  }
  await blocker.query('ROLLBACK');
  await blocker.end();
});

test(
  'idle_in_transaction_session_timeout is 25P03, idle_session_timeout is 57P05',
  limit,
  async () => {
    const idle = await connect(server.port);
    await idle.query('SET idle_in_transaction_session_timeout = 60');
    await new Promise((resolve) => setTimeout(resolve, 150));
    await idle.query("BEGIN; UPDATE item SET name = 'held' WHERE id = 2");
    assert.equal((await ending(idle)).code, '25P03');
    await client.query("SET lock_timeout = '1s'");
    await client.query("UPDATE item SET name = 'item 2' WHERE id = 2");
    const unused = await connect(server.port);
    await unused.query('SET idle_session_timeout = 60');
    const end = await ending(unused);
    assert.equal(end.code, '57P05');
    assert.equal(end.message, 'terminating connection due to idle-session timeout');
  },
);

test('too many connections: 53300, and room again when one leaves', limit, async () => {
  const crowd: Client[] = [];
  for (let count = 0; count < 5; count++) crowd.push(await connect(server.port));
  await assert.rejects(connect(server.port), {
    code: '53300',
    message: 'sorry, too many clients already',
  });
  assert.equal((await rows(client, 'SELECT 1')).length, 1);
  await crowd.pop()?.end();
  await new Promise((resolve) => setTimeout(resolve, 50));
  crowd.push(await connect(server.port));
  for (const member of crowd) await member.end();
});

test('pg_terminate_backend and pg_cancel_backend', limit, async () => {
  const victim = await connect(server.port);
  const [pid] = (await rows(victim, 'SELECT pg_backend_pid()'))[0] ?? [];
  const sleeping = victim.query('SELECT pg_sleep(5)');
  const cancelled = assert.rejects(sleeping, { code: '57014' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await column(`SELECT pg_cancel_backend(${pid})`), ['t']);
  await cancelled;
  const ended = ending(victim);
  assert.deepEqual(await column(`SELECT pg_terminate_backend(${pid})`), ['t']);
  assert.equal((await ended).code, '57P01');
});
