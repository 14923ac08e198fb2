/**
 * Goal: a routine that does not end can be cancelled wherever it is called, and others go on meanwhile.
 * Method: endless routines in target lists, assignments, RETURN and triggers; another session that answers.
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
    CREATE TABLE item (id int PRIMARY KEY);
    INSERT INTO item SELECT generate_series(1, 3);
    CREATE FUNCTION endless(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN LOOP END LOOP; END $$;
    CREATE FUNCTION assigns(i int) RETURNS int LANGUAGE plpgsql AS
      $$ DECLARE x int; BEGIN x := endless(i); RETURN x; END $$;
    CREATE FUNCTION returns(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN endless(i); END $$;
    CREATE FUNCTION twice(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 2 * i; END $$;
    CREATE FUNCTION endless_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN LOOP END LOOP; END $$;
    CREATE TABLE watched (id int);
    CREATE TRIGGER watch BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION endless_trigger()`);
});

const long = '(SELECT count(*) FROM generate_series(1, 1000000000000))';
const endlessStatements = [
  'SELECT endless(id) FROM item',
  'SELECT id + endless(endless(id)) FROM item',
  'SELECT assigns(id) FROM item',
  'SELECT returns(id) FROM item',
  'SELECT returns(1)',
  'INSERT INTO item SELECT endless(id) FROM item',
  `SELECT ${long} FROM item`,
  `UPDATE item SET id = ${long}`,
  `DO $$ DECLARE x bigint; BEGIN x := ${long}; END $$`,
  'DO $$ DECLARE x int; BEGIN x := endless(1); END $$',
];

for (const sql of endlessStatements) {
  test(`others go on, and a cancel arrives: ${sql}`, { timeout: 30_000 }, async () => {
    const [[pid]] = await rows(client, 'SELECT pg_backend_pid()');
    const running = assert.rejects(client.query(sql), { code: '57014' });
    for (let round = 0; round < 5; round++)
      assert.deepEqual(await rows(other, 'SELECT count(*) FROM item'), [['3']]);
    assert.deepEqual(await rows(other, `SELECT pg_cancel_backend(${pid})`), [['t']]);
    await running;
  });
}

test('what cannot give way ends after lattice.hold_timeout', { timeout: 30_000 }, async () => {
  await client.query("SET lattice.hold_timeout = '300ms'");
  const held = { code: '57014', message: /has kept the server from other sessions for 0\.3 s/ };
  await assert.rejects(client.query('INSERT INTO watched VALUES (1)'), held);
  await assert.rejects(client.query('SELECT id FROM item WHERE endless(id) = 1'), held);
  await client.query('RESET lattice.hold_timeout');
});

test('waiting does not count as holding the server', { timeout: 30_000 }, async () => {
  await client.query("SET lattice.hold_timeout = '200ms'");
  await client.query('SELECT pg_sleep(0.6)');
  await client.query('DO $$ BEGIN PERFORM pg_sleep(0.6); END $$');
  await other.query('BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE');
  const reads = rows(client, 'SELECT count(*) FROM item');
  await new Promise((resolve) => setTimeout(resolve, 600));
  await other.query('COMMIT; BEGIN; UPDATE item SET id = id WHERE id = 1');
  assert.deepEqual(await reads, [['3']]);
  const writes = client.query('UPDATE item SET id = id WHERE id = 1');
  await new Promise((resolve) => setTimeout(resolve, 600));
  await other.query('COMMIT');
  await writes;
  await other.query('BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE');
  const index = client.query('CREATE INDEX item_again ON item (id)');
  await new Promise((resolve) => setTimeout(resolve, 600));
  await other.query('COMMIT');
  await index;
  await client.query('RESET lattice.hold_timeout');
});

test('a session that cancels or ends itself gets the error, not the row', async () => {
  await assert.rejects(client.query('SELECT pg_cancel_backend(pg_backend_pid())'), {
    code: '57014',
  });
  const mortal = await connect(server.port);
  await assert.rejects(mortal.query('SELECT pg_terminate_backend(pg_backend_pid())'), {
    code: '57P01',
  });
});

test('calls of a target list have their values, row by row', async () => {
  assert.deepEqual(
    await rows(
      client,
      `SELECT id, twice(id), twice(twice(id)) + 1, CASE WHEN id > 2 THEN twice(id) END, twice(NULL)
       FROM item ORDER BY id`,
    ),
    [
      ['1', '2', '5', null, null],
      ['2', '4', '9', null, null],
      ['3', '6', '13', '6', null],
    ],
  );
});
