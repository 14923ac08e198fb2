/**
 * Goal: one client cannot hurt another: large results take bounded memory, also when their reader is slow,
 * a long aggregate does not hold up point reads, and statements that kill a stock parser are refused
 * without harm.
 * Method: one server; its memory (RssAnon + RssShmem) is sampled while results stream, latencies are
 * measured with prepared point reads. Bounds are generous, because other tests share the machine; the
 * figures themselves are printed, and measured strictly by npm run bench:oltp.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { before, test } from 'node:test';
import { connect, type Client, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';
import { query } from '../protocol/extended-messages.ts';
import { RawConnection } from '../protocol/raw-connection.ts';

const limit = { timeout: 60_000 };
const tableRows = 200_000;
const server = await testServer();
let client: Client;

before(async () => {
  client = await connect(server.port);
  await client.query('CREATE TABLE big (id int PRIMARY KEY, amount int, filler text)');
  await client.query(
    `INSERT INTO big SELECT g, g % 1000, repeat('x', 80) FROM generate_series(1, ${tableRows}) g`,
  );
  // Column segments are built now, not while growth is measured.
  await client.query('VACUUM big');
});

/** Highest growth of the server's memory over its value before, until the action ends. */
async function memoryGrowth(action: Promise<unknown>): Promise<number> {
  const base = server.process.memoryBytes();
  let highest = 0;
  let running = true;
  const ended = action.finally(() => (running = false));
  while (running) {
    highest = Math.max(highest, server.process.memoryBytes() - base);
    await Promise.race([ended, sleep(50)]);
  }
  await ended;
  return highest;
}

/** Reads everything without keeping it; returns the bytes. */
async function drain(sql: string): Promise<number> {
  const connection = await RawConnection.login(server.port);
  let bytes = 0;
  let last = Buffer.alloc(0);
  connection.socket.removeAllListeners('data');
  const finished = new Promise<void>((resolve) => {
    connection.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      last = Buffer.concat([last, chunk]).subarray(-6);
      // ReadyForQuery: 'Z', length 5, 'I'.
      if (last[0] === 90 && last[4] === 5 && last[5] === 73) resolve();
    });
  });
  connection.socket.write(query(sql));
  await finished;
  connection.destroy();
  return bytes;
}

const boundBytes = 150 << 20;

test('ten million rows stream in bounded memory', limit, async (context) => {
  let bytes = 0;
  const reading = drain('SELECT g FROM generate_series(1, 10000000) g').then(
    (read) => (bytes = read),
  );
  const growth = await memoryGrowth(reading);
  context.diagnostic(`${bytes >> 20} MB read, memory grew by ${growth >> 20} MB`);
  assert.ok(bytes > 170_000_000, `${bytes} bytes`);
  assert.ok(growth < boundBytes, `${growth >> 20} MB`);
});

test('a slow reader of a table stops the scan, not the server', limit, async (context) => {
  const slow = await RawConnection.login(server.port);
  slow.socket.removeAllListeners('data');
  let bytes = 0;
  slow.socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    slow.socket.pause();
    setTimeout(() => slow.socket.resume(), 5);
  });
  slow.socket.write(query('SELECT big.*, g FROM generate_series(1, 50) g, big'));
  const growth = await memoryGrowth(sleep(2500));
  const started = performance.now();
  assert.deepEqual(await rows(client, 'SELECT amount FROM big WHERE id = 77'), [['77']]);
  assert.ok(performance.now() - started < 1000);
  slow.destroy();
  context.diagnostic(`${bytes >> 20} MB read, memory grew by ${growth >> 20} MB`);
  assert.ok(bytes > 1 << 20, `${bytes} bytes`);
  assert.ok(growth < boundBytes, `${growth >> 20} MB`);
});

test('a long aggregate does not stall the point reads of others', limit, async (context) => {
  const analyst = await connect(server.port);
  const readers = await Promise.all(Array.from({ length: 8 }, () => connect(server.port)));
  let running = true;
  let aggregates = 0;
  const analysis = (async () => {
    for (; running; aggregates++) {
      await analyst.query(
        'SELECT a.amount, count(*), sum(b.amount * 2), avg(length(a.filler)) FROM big a JOIN big b USING (id) GROUP BY a.amount',
      );
    }
  })();
  await sleep(100);
  const latencies: number[] = [];
  const until = performance.now() + 3000;
  await Promise.all(
    readers.map(async (reader, ordinal) => {
      for (let count = ordinal; performance.now() < until; count += 7919) {
        const started = performance.now();
        const id = (count % tableRows) + 1;
        const text = 'SELECT amount FROM big WHERE id = $1';
        const result = await reader.query({ name: 'point', text, values: [id], rowMode: 'array' });
        latencies.push(performance.now() - started);
        assert.equal((result.rows as string[][])[0]?.[0], `${id % 1000}`);
      }
    }),
  );
  running = false;
  await analysis;
  latencies.sort((a, b) => a - b);
  const percentile = (share: number): number => latencies[Math.floor(latencies.length * share)];
  context.diagnostic(
    `${latencies.length} reads beside ${aggregates} aggregates: p50 ${percentile(0.5).toFixed(2)} ms, p95 ${percentile(0.95).toFixed(2)} ms, p99 ${percentile(0.99).toFixed(2)} ms`,
  );
  assert.ok(aggregates > 0);
  assert.ok(percentile(0.95) < 40, `p95 ${percentile(0.95)} ms`);
  for (const reader of [...readers, analyst]) await reader.end();
});

test('forty kilobytes of nested operators, thirty times', limit, async (context) => {
  const killers = [
    `SELECT ${'NOT '.repeat(10_000)}true`,
    `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
    `SELECT ${'-'.repeat(3).split('').join(' ')} ${'- '.repeat(20_000)}1`,
    `SELECT ${'1 + ('.repeat(8000)}1${')'.repeat(8000)}`,
    `SELECT ${'ARRAY['.repeat(6000)}1${']'.repeat(6000)}`,
    `SELECT ${'CASE WHEN true THEN '.repeat(2000)}1${' END'.repeat(2000)}`,
  ];
  const speed = async (): Promise<number> => {
    const started = performance.now();
    for (let count = 0; count < 300; count++)
      await client.query(`SELECT ${count} + amount FROM big WHERE id = 1`);
    return performance.now() - started;
  };
  await speed();
  const before = await speed();
  const victim = await connect(server.port);
  for (let round = 0; round < 5; round++) {
    for (const killer of killers)
      await assert.rejects(victim.query(killer), { code: '54001' }, killer.slice(0, 40));
  }
  assert.deepEqual(await rows(victim, 'SELECT 1'), [['1']]);
  await victim.end();
  const afterwards = await speed();
  context.diagnostic(
    `300 statements: ${before.toFixed(0)} ms before, ${afterwards.toFixed(0)} ms after`,
  );
  assert.ok(afterwards < before * 3 + 200, `${before} ms before, ${afterwards} ms after`);
});

test('a long flat expression is not nested', limit, async () => {
  const sum = Array.from({ length: 900 }, () => '1').join(' + ');
  assert.deepEqual(await rows(client, `SELECT ${sum}`), [['900']]);
  const list = Array.from({ length: 5000 }, (_, value) => value).join(', ');
  assert.deepEqual(await rows(client, `SELECT count(*) FROM big WHERE id IN (${list})`), [
    ['4999'],
  ]);
});
