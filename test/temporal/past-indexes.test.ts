// Goal: reads of the past through secondary and inverted indexes give what reads of the rows give, whenever
// the index was made. Method: one table with indexes made at different times (one at first, one in the middle
// of the history, one rebuilt), a twin without indexes, the same random changes to both (a seeded generator);
// at every remembered moment the same conditions, and a look at the plans that indexes are used at all.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();
let client: Client;

before(async () => {
  client = await connect(server.port);
});

const seed = 4711;
/** Lehmer's generator. */
function randomNumbers(): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}
const random = randomNumbers();

async function both(sql: string): Promise<void> {
  for (const table of ['indexed', 'plain']) await client.query(sql.replaceAll('$t', table));
}

async function moment(): Promise<string> {
  return (await rows(client, 'SELECT clock_timestamp()::text'))[0][0]!;
}

async function change(): Promise<void> {
  const first = random(1200);
  await both(`UPDATE $t SET a = a + 1 WHERE id BETWEEN ${first} AND ${first + random(100)}`);
  await both(
    `UPDATE $t SET tags = ARRAY[${random(20)}, ${random(20)}] WHERE id % 97 = ${random(97)}`,
  );
  await both(`DELETE FROM $t WHERE id % 211 = ${random(211)}`);
  await both(
    `INSERT INTO $t SELECT i, i % 50, 'b' || i % 30, ARRAY[i % 20, i % 7] FROM generate_series(${10000 + random(1000000)}, ${10000 + random(1000000)}, 20011) i ON CONFLICT DO NOTHING`,
  );
}

const conditions = [
  'a = 7',
  'a BETWEEN 48 AND 51',
  `b = 'b3' AND a > 20`,
  `b IN ('b1', 'b29')`,
  'tags @> ARRAY[3]',
];

async function compare(at: string): Promise<void> {
  const clause = `FOR SYSTEM_TIME AS OF '${at}'`;
  for (const condition of conditions) {
    for (const columns of ['id, a, b, tags', 'a, b', "id, _tx_from, _tx_to = 'infinity'"]) {
      // Commits of the twins differ in time.
      const shown = columns.replace('_tx_from', `_tx_from <= '${at}'`);
      const ask = (table: string): string =>
        `SELECT ${shown} FROM ${table} ${clause} WHERE ${condition} ORDER BY 1, 2`;
      assert.deepEqual(
        await rows(client, ask('indexed')),
        await rows(client, ask('plain')),
        `${condition} at ${at}`,
      );
    }
  }
}

test('reads of the past through indexes see what the rows say', async () => {
  await client.query('CREATE TABLE indexed (id int PRIMARY KEY, a int, b text, tags int[])');
  await client.query('CREATE TABLE plain (id int PRIMARY KEY, a int, b text, tags int[])');
  await client.query('CREATE INDEX indexed_a ON indexed (a)');
  await both(
    `INSERT INTO $t SELECT i, i % 50, 'b' || i % 30, ARRAY[i % 20, i % 7] FROM generate_series(1, 1200) i`,
  );
  const moments = [await moment()];
  for (let round = 0; round < 3; round++) {
    await change();
    moments.push(await moment());
    if (round === 1) {
      await client.query('CREATE INDEX indexed_b ON indexed (b, a)');
      await client.query('CREATE INDEX indexed_tags ON indexed USING gin (tags)');
    }
    if (round === 0) await client.query('CHECKPOINT');
    if (round === 2) await client.query('REINDEX TABLE indexed');
  }
  moments.push(await moment());
  await change();
  for (const at of moments) await compare(at);
  await server.restart();
  client = await connect(server.port);
  for (const at of moments) await compare(at);
  await client.query('BEGIN');
  await change();
  await client.query('CREATE INDEX indexed_late ON indexed (tags, a)');
  for (const at of moments.slice(-2)) await compare(at);
  await client.query('ROLLBACK');
});

test('REINDEX builds the entries anew', async () => {
  await client.query('REINDEX INDEX indexed_a');
  await client.query('REINDEX (CONCURRENTLY) TABLE indexed');
  await client.query('REINDEX SCHEMA public');
  await client.query('REINDEX DATABASE postgres');
  await assert.rejects(client.query('REINDEX DATABASE other'), { code: '0A000' });
  const ask = (table: string): string => `SELECT id, b FROM ${table} WHERE a = 7 ORDER BY id`;
  assert.deepEqual(await rows(client, ask('indexed')), await rows(client, ask('plain')));
  await client.query('BEGIN');
  await assert.rejects(client.query('REINDEX SCHEMA public'), { code: '25001' });
  await client.query('ROLLBACK');
  await client.query('BEGIN');
  await client.query('REINDEX TABLE indexed');
  await both('UPDATE $t SET a = 7 WHERE id < 20');
  assert.deepEqual(await rows(client, ask('indexed')), await rows(client, ask('plain')));
  await client.query('ROLLBACK');
  assert.deepEqual(await rows(client, ask('indexed')), await rows(client, ask('plain')));
});
