/**
 * Goal: the extended protocol as its document describes it, message by message.
 * Method: raw messages, often many in one write, and the exact sequence of replies.
 */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import { testServer } from '../harness/test-server.ts';
import * as message from './extended-messages.ts';
import { errorFields, frame, type Message, RawConnection } from './raw-connection.ts';

const limit = { timeout: 5000 };
const server = await testServer();
let connection: RawConnection;

before(async () => {
  const setup = await RawConnection.login(server.port);
  setup.socket.write(
    message.query(
      'CREATE TABLE thing (id int PRIMARY KEY, name text NOT NULL, size int CONSTRAINT positive CHECK (size > 0));' +
        "INSERT INTO thing SELECT g, 'thing ' || g, g FROM generate_series(1, 5) g;" +
        'CREATE TABLE part (id int PRIMARY KEY, thing_id int REFERENCES thing)',
    ),
  );
  assert.ok(!message.kinds(await setup.until('Z')).includes('E'));
  setup.destroy();
});

beforeEach(async () => {
  connection = await RawConnection.login(server.port);
});

afterEach(() => connection.destroy());

/** Sends all in one write and returns the replies up to ReadyForQuery. */
async function exchange(...messages: Buffer[]): Promise<Message[]> {
  connection.socket.write(Buffer.concat(messages));
  return await connection.until('Z');
}

function textRows(messages: readonly Message[]): (string | null)[][] {
  return messages
    .filter(({ type }) => type === 'D')
    .map((row) => message.dataRow(row).map((value) => value?.toString() ?? null));
}

function errorOf(messages: readonly Message[]): Record<string, string> {
  const found = messages.find(({ type }) => type === 'E');
  assert.ok(found !== undefined, `no error in ${message.kinds(messages)}`);
  return errorFields(found);
}

const transactionState = (messages: readonly Message[]): string | undefined =>
  messages.at(-1)?.body.toString();

test('parse, bind, describe, execute, close, sync', limit, async () => {
  const replies = await exchange(
    message.parse('SELECT id, name FROM thing WHERE id = $1', { name: 's' }),
    message.describe('S', 's'),
    message.bind({ statement: 's', portal: 'p', values: ['2'] }),
    message.describe('P', 'p'),
    message.execute('p'),
    message.close('P', 'p'),
    message.close('S', 's'),
    message.sync,
  );
  assert.equal(message.kinds(replies), '1tT2TDC33Z');
  assert.deepEqual(textRows(replies), [['2', 'thing 2']]);
  assert.deepEqual([...(replies[1]?.body ?? [])], [0, 1, 0, 0, 0, 23]);
  const description = replies[2]?.body;
  assert.equal(description?.readInt16BE(0), 2);
  assert.equal(description?.toString('latin1', 2, 4), 'id');
  assert.equal(replies.at(-4)?.body.toString(), 'SELECT 1\0');
});

test('a hundred statements in one write are answered in order', limit, async () => {
  const messages = [message.parse('SELECT $1::int * 2', { name: 'double' })];
  for (let count = 0; count < 100; count++)
    messages.push(message.bind({ statement: 'double', values: [`${count}`] }), message.execute());
  const replies = await exchange(...messages, message.sync);
  assert.deepEqual(
    textRows(replies),
    Array.from({ length: 100 }, (_, count) => [`${count * 2}`]),
  );
  connection.socket.write(
    Buffer.concat([
      message.query('SELECT 1'),
      message.query('SELECT 2'),
      message.query('SELECT 3'),
    ]),
  );
  for (const expected of ['1', '2', '3'])
    assert.deepEqual(textRows(await connection.until('Z')), [[expected]]);
});

test('a pipeline up to Sync is one transaction; an error skips to Sync', limit, async () => {
  const replies = await exchange(
    message.parse('UPDATE thing SET size = 99 WHERE id = 1'),
    message.bind(),
    message.execute(),
    message.parse('SELECT 1 / 0'),
    message.bind(),
    message.execute(),
    message.parse('UPDATE thing SET size = 98 WHERE id = 2'),
    message.bind(),
    message.execute(),
    message.sync,
  );
  assert.match(message.kinds(replies), /^12C12?EZ$/);
  assert.equal(errorOf(replies)['C'], '22012');
  assert.equal(transactionState(replies), 'I');
  const check = await exchange(message.query('SELECT size FROM thing WHERE id < 3 ORDER BY id'));
  assert.deepEqual(textRows(check), [['1'], ['2']]);
});

test('after an error in a block the state is E until ROLLBACK', limit, async () => {
  assert.equal(transactionState(await exchange(message.query('BEGIN'))), 'T');
  const failed = await exchange(message.parse('SELECT nothing'), message.bind(), message.sync);
  assert.equal(message.kinds(failed), 'EZ');
  assert.equal(transactionState(failed), 'E');
  const refused = await exchange(message.parse('SELECT 1'), message.sync);
  assert.equal(errorOf(refused)['C'], '25P02');
  const ended = await exchange(
    message.parse('ROLLBACK'),
    message.bind(),
    message.execute(),
    message.sync,
  );
  assert.equal(transactionState(ended), 'I');
});

test('row limits suspend a portal, and it goes on', limit, async () => {
  const replies = await exchange(
    message.parse('SELECT id FROM thing ORDER BY id'),
    message.bind({ portal: 'slow' }),
    message.execute('slow', 2),
    message.execute('slow', 2),
    message.execute('slow', 2),
    message.execute('slow', 2),
    message.sync,
  );
  assert.equal(message.kinds(replies), '12DDsDDsDCCZ');
  assert.deepEqual(textRows(replies).flat(), ['1', '2', '3', '4', '5']);
});

test('a limit of one row for statements that give one row', limit, async () => {
  for (const sql of ['SELECT 7', "SELECT size + 2 FROM thing WHERE id = '5'"]) {
    const replies = await exchange(
      message.parse(sql),
      message.bind({ portal: 'one' }),
      message.execute('one', 1),
      message.execute('one', 1),
      message.sync,
    );
    assert.equal(message.kinds(replies), '12DsCZ', sql);
    assert.deepEqual(textRows(replies), [['7']]);
  }
});

test('an error goes out before Sync comes', limit, async () => {
  connection.socket.write(message.parse('SELECT nowhere'));
  assert.equal((await connection.next())?.type, 'E');
  connection.socket.write(message.sync);
  await connection.until('Z');
});

test('portals end with their transaction, and live through a block', limit, async () => {
  await exchange(message.parse('SELECT id FROM thing ORDER BY id', { name: 'all' }), message.sync);
  await exchange(
    message.bind({ statement: 'all', portal: 'q' }),
    message.execute('q', 1),
    message.sync,
  );
  assert.equal(errorOf(await exchange(message.execute('q', 1), message.sync))['C'], '34000');
  await exchange(message.query('BEGIN'));
  await exchange(
    message.bind({ statement: 'all', portal: 'q' }),
    message.execute('q', 1),
    message.sync,
  );
  const more = await exchange(message.execute('q', 2), message.sync);
  assert.deepEqual(textRows(more), [['2'], ['3']]);
  const twice = await exchange(message.bind({ statement: 'all', portal: 'q' }), message.sync);
  assert.equal(errorOf(twice)['C'], '42P03');
  await exchange(message.query('ROLLBACK'));
});

test(
  'a read of one row by its key: no transaction is left, but what it has to wait for is',
  limit,
  async () => {
    const read = [
      message.bind({ statement: 'one', portal: 'p', values: ['3'] }),
      message.execute('p'),
      message.sync,
    ];
    const parse = message.parse('SELECT name FROM thing WHERE id = $1', { name: 'one' });
    const first = await exchange(parse, ...read);
    assert.deepEqual(textRows(first), [['thing 3']]);
    assert.equal(errorOf(await exchange(message.execute('p'), message.sync)).C, '34000');

    const other = await RawConnection.login(server.port);
    other.socket.write(message.query('BEGIN; LOCK TABLE thing IN ACCESS EXCLUSIVE MODE'));
    await other.until('Z');
    let answered = false;
    const waiting = exchange(...read).then((replies) => {
      answered = true;
      return replies;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(answered, false, 'the table is locked');
    other.socket.write(message.query("UPDATE thing SET name = 'new' WHERE id = 3; COMMIT"));
    await other.until('Z');
    assert.deepEqual(textRows(await waiting), [['new']]);
    other.socket.write(message.query("UPDATE thing SET name = 'thing 3' WHERE id = 3"));
    await other.until('Z');
    other.destroy();

    await exchange(message.query('BEGIN ISOLATION LEVEL REPEATABLE READ'));
    assert.deepEqual(textRows(await exchange(...read)), [['thing 3']]);
    assert.equal(transactionState(await exchange(message.query('COMMIT'))), 'I');
  },
);

test('Flush brings the replies so far without Sync', limit, async () => {
  connection.socket.write(Buffer.concat([message.parse('SELECT 1'), message.flush]));
  assert.equal((await connection.next())?.type, '1');
  connection.socket.write(Buffer.concat([message.bind(), message.execute(), message.flush]));
  assert.equal(message.kinds(await connection.until('C')), '2DC');
  connection.socket.write(message.sync);
  await connection.until('Z');
});

test('empty queries, no data, NULL in both directions', limit, async () => {
  assert.equal(message.kinds(await exchange(message.query(''))), 'IZ');
  assert.equal(message.kinds(await exchange(message.query(' ; -- nothing\n;'))), 'IZ');
  const empty = await exchange(
    message.parse(''),
    message.bind(),
    message.describe('P'),
    message.execute(),
    message.sync,
  );
  assert.equal(message.kinds(empty), '12nIZ');
  const update = await exchange(
    message.parse('UPDATE thing SET size = $1 WHERE false'),
    message.describe('S'),
    message.bind({ values: [null] }),
    message.execute(),
    message.sync,
  );
  assert.equal(message.kinds(update), '1tn2CZ');
  const nulls = await exchange(
    message.parse("SELECT $1::text, $2::text IS NULL, ''"),
    message.bind({ values: [null, null] }),
    message.execute(),
    message.sync,
  );
  assert.deepEqual(textRows(nulls), [[null, 't', '']]);
});

test('names that are wrong: SQLSTATEs of the protocol', limit, async () => {
  const cases: [Buffer[], string][] = [
    [[message.bind({ statement: 'absent' })], '26000'],
    [[message.execute('absent')], '34000'],
    [[message.describe('S', 'absent')], '26000'],
    [[message.parse('SELECT $1::int'), message.bind()], '08P01'],
    [[message.parse('SELECT 1; SELECT 2')], '42601'],
    [[message.parse('SELECT $1::int'), message.bind({ values: ['x'] })], '22P02'],
    [[message.parse('SELECT $1::int'), message.bind({ values: [Buffer.alloc(3)] })], '08P01'],
    [[message.parse('SELECT $1::int'), message.bind({ values: [Buffer.alloc(5)] })], '22P03'],
    [[message.parse('SELECT $1')], ''],
    [[message.parse('SELECT 1', { name: 'd' }), message.parse('SELECT 1', { name: 'd' })], '42P05'],
    [[frame('D', Buffer.from('Xx\0'))], '08P01'],
  ];
  for (const [messages, sqlState] of cases) {
    const replies = await exchange(...messages, message.sync);
    if (sqlState === '') assert.ok(!message.kinds(replies).includes('E'));
    else assert.equal(errorOf(replies)['C'], sqlState, message.kinds(replies));
  }
});

test("errors' fields: position, detail, hint, and names of what was violated", limit, async () => {
  const unknown = errorOf(await exchange(message.query('SELECT id, nmae FROM thing')));
  assert.deepEqual(
    [unknown['S'], unknown['V'], unknown['C'], unknown['P']],
    ['ERROR', 'ERROR', '42703', '12'],
  );
  assert.equal(unknown['M'], 'column "nmae" does not exist');
  assert.equal(unknown['H'], 'Perhaps you meant to reference the column "thing.name".');
  const position = errorOf(await exchange(message.query("SELECT 'äöü☂', nothing")));
  assert.equal(position['P'], '16', 'characters, not bytes');
  const duplicate = errorOf(await exchange(message.query("INSERT INTO thing VALUES (1, 'x', 1)")));
  assert.deepEqual(
    ['C', 's', 't', 'n', 'D'].map((field) => duplicate[field]),
    ['23505', 'public', 'thing', 'thing_pkey', 'Key (id)=(1) already exists.'],
  );
  const notNull = errorOf(await exchange(message.query('INSERT INTO thing VALUES (9, NULL, 1)')));
  assert.deepEqual(
    ['C', 's', 't', 'c', 'D'].map((field) => notNull[field]),
    ['23502', 'public', 'thing', 'name', 'Failing row contains (9, null, 1).'],
  );
  const check = errorOf(await exchange(message.query("INSERT INTO thing VALUES (9, 'x', -1)")));
  assert.deepEqual(
    ['C', 's', 't', 'n'].map((field) => check[field]),
    ['23514', 'public', 'thing', 'positive'],
  );
  const foreign = errorOf(await exchange(message.query('INSERT INTO part VALUES (1, 77)')));
  assert.deepEqual(
    ['C', 't', 'n', 'D'].map((field) => foreign[field]),
    ['23503', 'part', 'part_thing_id_fkey', 'Key (thing_id)=(77) is not present in table "thing".'],
  );
});

test('ParameterStatus follows SET, and its rollback', limit, async () => {
  const statuses = (messages: readonly Message[]): string[] =>
    messages.filter(({ type }) => type === 'S').map(({ body }) => body.toString());
  const set = await exchange(message.query("SET application_name = 'mine'; SET TimeZone = 'UTC'"));
  assert.deepEqual(statuses(set), ['application_name\0mine\0', 'TimeZone\0UTC\0']);
  await exchange(message.query("BEGIN; SET DateStyle = 'German'"));
  assert.deepEqual(statuses(await exchange(message.query('ROLLBACK'))), ['DateStyle\0ISO, MDY\0']);
  assert.deepEqual(statuses(await exchange(message.query('SET work_mem = 4096'))), []);
});

test('notices', limit, async () => {
  const replies = await exchange(message.query('DROP TABLE IF EXISTS absent'));
  assert.equal(message.kinds(replies), 'NCZ');
  const notice = errorFields(replies[0]);
  assert.deepEqual(
    [notice['S'], notice['C'], notice['M']],
    ['NOTICE', '00000', 'table "absent" does not exist, skipping'],
  );
  const quiet = await exchange(
    message.query("SET client_min_messages = 'warning'; DROP TABLE IF EXISTS absent"),
  );
  assert.equal(message.kinds(quiet), 'CCZ');
});
