/**
 * Goal: COPY over the protocol in each format, also when it fails midway, and cancel requests that stop
 * whatever runs within 100 ms or so.
 * Method: raw messages; the cancel request comes over a connection of its own.
 */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import { connect, type Client, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';
import * as message from './extended-messages.ts';
import {
  errorFields,
  frame,
  type Message,
  RawConnection,
  startupPacket,
} from './raw-connection.ts';

const limit = { timeout: 8000 };
const server = await testServer();
let client: Client;
let connection: RawConnection;

before(async () => {
  client = await connect(server.port);
  await client.query('CREATE TABLE load (id int PRIMARY KEY, name text, price numeric(8, 2))');
});

beforeEach(async () => {
  connection = await RawConnection.login(server.port);
  await client.query('DELETE FROM load');
});

afterEach(() => connection.destroy());

async function copyIn(
  sql: string,
  pieces: readonly (string | Buffer)[],
  end: Buffer,
): Promise<Message[]> {
  connection.socket.write(message.query(sql));
  const start = await connection.until('G');
  assert.equal(start.at(-1)?.type, 'G', message.kinds(start));
  for (const piece of pieces) connection.send('d', Buffer.from(piece));
  connection.socket.write(end);
  return await connection.until('Z');
}

async function copyOut(sql: string): Promise<Buffer> {
  connection.socket.write(message.query(sql));
  const replies = await connection.until('Z');
  assert.match(message.kinds(replies), /^Hd*cCZ$/);
  return Buffer.concat(replies.filter(({ type }) => type === 'd').map(({ body }) => body));
}

const done = frame('c', Buffer.alloc(0));
const tag = (replies: readonly Message[]): string | undefined =>
  replies.find(({ type }) => type === 'C')?.body.toString();

function stateOf(replies: readonly Message[]): string {
  const error = replies.find(({ type }) => type === 'E');
  return error === undefined ? 'no error' : errorFields(error)['C'];
}

test('COPY in text, cut at any byte', limit, async () => {
  const data = '1\tänne\t1.50\n2\ttab\\there\t\\N\n3\t\\\\N\t0\n\\.\n';
  const bytes = Buffer.from(data);
  const pieces = [...bytes].map((byte) => Buffer.from([byte]));
  assert.equal(tag(await copyIn('COPY load FROM STDIN', pieces, done)), 'COPY 3\0');
  assert.deepEqual(await rows(client, 'SELECT * FROM load ORDER BY id'), [
    ['1', 'änne', '1.50'],
    ['2', 'tab\there', null],
    ['3', '\\N', '0.00'],
  ]);
  const out = await copyOut('COPY (SELECT * FROM load ORDER BY id) TO STDOUT');
  assert.equal(out.toString(), '1\tänne\t1.50\n2\ttab\\there\t\\N\n3\t\\\\N\t0.00\n');
});

test('COPY in csv with a header, quotes and NULL', limit, async () => {
  const data = 'id,price,name\n1,2.5,"a ""b"", c\nd"\n2,,""\n3,1,\n';
  const sql = 'COPY load (id, price, name) FROM STDIN (FORMAT csv, HEADER)';
  assert.equal(tag(await copyIn(sql, [data], done)), 'COPY 3\0');
  const out = await copyOut(
    "COPY (SELECT * FROM load ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER true, NULL 'nil', DELIMITER ';')",
  );
  assert.equal(out.toString(), 'id;name;price\n1;"a ""b"", c\nd";2.50\n2;;nil\n3;nil;1.00\n');
});

test('COPY in binary brings back what it wrote', limit, async () => {
  await client.query("INSERT INTO load VALUES (1, 'one', 1.25), (2, NULL, NULL)");
  const bytes = await copyOut('COPY load TO STDOUT (FORMAT binary)');
  assert.equal(bytes.toString('latin1', 0, 11), 'PGCOPY\n\xff\r\n\0');
  await client.query('DELETE FROM load');
  const pieces = [bytes.subarray(0, 13), bytes.subarray(13, 30), bytes.subarray(30)];
  assert.equal(tag(await copyIn('COPY load FROM STDIN BINARY', pieces, done)), 'COPY 2\0');
  assert.deepEqual(await rows(client, 'SELECT * FROM load ORDER BY id'), [
    ['1', 'one', '1.25'],
    ['2', null, null],
  ]);
  const broken = Buffer.concat([Buffer.from('PGCOPX'), bytes.subarray(6)]);
  assert.equal(stateOf(await copyIn('COPY load FROM STDIN BINARY', [broken], done)), '22P04');
});

test('CopyFail, bad data and duplicates leave nothing behind', limit, async () => {
  const fail = frame('f', Buffer.from('changed my mind\0'));
  const failed = await copyIn('COPY load FROM STDIN', ['1\tx\t1\n'], fail);
  assert.equal(stateOf(failed), '57014');
  const bad = await copyIn('COPY load FROM STDIN', ['1\tx\t1\n', 'two\tx\t1\n', '3\tx\t1\n'], done);
  const error = errorFields(bad.find(({ type }) => type === 'E') as Message);
  assert.equal(error['C'], '22P02');
  assert.equal(error['W'], 'COPY load, line 2, column id: "two"');
  assert.equal(stateOf(await copyIn('COPY load FROM STDIN', ['1\tx\n'], done)), '22P04');
  assert.equal(stateOf(await copyIn('COPY load FROM STDIN', ['1\t\t1\n1\t\t1\n'], done)), '23505');
  assert.deepEqual(await rows(client, 'SELECT count(*) FROM load'), [['0']]);
  connection.socket.write(message.query('SELECT 1'));
  assert.equal(message.kinds(await connection.until('Z')), 'TDCZ');
});

test('COPY through the extended protocol', limit, async () => {
  connection.socket.write(
    Buffer.concat([
      message.parse('COPY load FROM STDIN'),
      message.bind(),
      message.execute(),
      message.flush,
    ]),
  );
  assert.equal(message.kinds(await connection.until('G')), '12G');
  connection.send('d', '7\tseven\t7\n');
  connection.socket.write(Buffer.concat([done, message.sync]));
  assert.equal(message.kinds(await connection.until('Z')), 'CZ');
  assert.deepEqual(await rows(client, 'SELECT name FROM load'), [['seven']]);
});

/** Connects and returns the key for cancel requests too. */
async function loginWithKey(): Promise<{ target: RawConnection; key: Buffer }> {
  const target = await RawConnection.open(server.port);
  target.socket.write(startupPacket({ user: 'postgres', database: 'postgres' }));
  const greeting = await target.until('Z');
  const key = greeting.find(({ type }) => type === 'K')?.body;
  assert.ok(key !== undefined);
  return { target, key: Buffer.from(key) };
}

async function cancel(key: Buffer): Promise<void> {
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(80_877_102, 4);
  key.copy(packet, 8);
  const request = await RawConnection.open(server.port);
  request.socket.write(packet);
  await request.until('never');
}

const longStatements = [
  'SELECT sum(g) FROM generate_series(1, 2000000000) g',
  'SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b WHERE a + b < 0',
  'SELECT pg_sleep(30)',
  'UPDATE load SET name = name WHERE id = 1',
  'SELECT count(*) FROM (SELECT a, row_number() OVER (ORDER BY a DESC) FROM generate_series(1, 30000000) a) s',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r',
];

for (const statement of longStatements) {
  test(`cancel: ${statement}`, limit, async () => {
    await client.query("INSERT INTO load VALUES (1, 'locked', 0)");
    await client.query('BEGIN; UPDATE load SET price = 1 WHERE id = 1');
    const { target, key } = await loginWithKey();
    try {
      target.socket.write(message.query(statement));
      await new Promise((resolve) => setTimeout(resolve, 150));
      const started = performance.now();
      await cancel(key);
      const replies = await target.until('Z');
      const elapsed = performance.now() - started;
      assert.equal(stateOf(replies), '57014');
      assert.ok(elapsed < 500, `${elapsed} ms (100 on an idle machine)`);
      target.socket.write(message.query('SELECT 1'));
      assert.equal(message.kinds(await target.until('Z')), 'TDCZ');
    } finally {
      target.destroy();
      await client.query('ROLLBACK');
    }
  });
}

test('a cancel request with a wrong key does nothing', limit, async () => {
  const { target, key } = await loginWithKey();
  target.socket.write(message.query('SELECT pg_sleep(0.3)'));
  key[7] ^= 1;
  await cancel(key);
  assert.equal(stateOf(await target.until('Z')), 'no error');
  target.destroy();
});
