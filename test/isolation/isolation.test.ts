/**
 * Goal: no level shows an anomaly that it forbids.
 * Method: clients run random list-append transactions on few keys at each level, some of which roll
 * back; the checker (checker.ts, itself tested on planted anomalies) searches the history. The seed is
 * printed; repeat with TEST_SEED. A second test provokes phantoms, which lists cannot show.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';
import { testSeed } from '../harness/seeds.ts';
import { seededGenerator } from '../sql/query-generator.ts';
import { findAnomalies, type Level } from './checker.ts';
import type { HistoryTransaction, Operation } from './history.ts';

const clientCount = 8;
const transactionsPerClient = 150;
const keyCount = 6;
const server = await testServer({ configuration: 'memtable_size: 1MB\n' });

interface Run {
  readonly level: Level;
  readonly table: string;
  readonly random: (limit: number) => number;
  readonly history: HistoryTransaction[];
  clock: number;
  nextValue: number;
}

/** A transaction of one to five operations; errors that the level allows abort it. */
async function runTransaction(client: Client, run: Run): Promise<void> {
  const { random, table } = run;
  const operations: Operation[] = [];
  const began = run.clock++;
  let outcome: HistoryTransaction['outcome'] = 'aborted';
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${run.level}`);
    for (let count = 1 + random(5); count > 0; count--) {
      const key = random(keyCount);
      if (random(2) === 0) {
        const value = run.nextValue++;
        operations.push({ kind: 'append', key, value });
        await client.query(`UPDATE ${table} SET v = v || $1::int WHERE k = $2`, [value, key]);
      } else {
        const [[list]] = await rows(client, `SELECT v FROM ${table} WHERE k = $1`, [key]);
        const values =
          list === '{}' || list === null ? [] : list.slice(1, -1).split(',').map(Number);
        operations.push({ kind: 'read', key, values });
      }
    }
    const commit = random(10) > 0;
    await client.query(commit ? 'COMMIT' : 'ROLLBACK');
    outcome = commit ? 'committed' : 'aborted';
  } catch (error) {
    const { code } = error as { code?: string };
    assert.ok(
      code === '40001' || code === '40P01',
      `unexpected error ${code}: ${(error as Error).message}`,
    );
    await client.query('ROLLBACK');
  }
  run.history.push({ id: run.history.length, outcome, operations, began, ended: run.clock++ });
}

for (const level of ['read committed', 'repeatable read', 'serializable'] as const) {
  test(`${level}: no forbidden anomaly`, { timeout: 120_000 }, async (context) => {
    const seed = testSeed(context);
    const table = `list_${level.replace(' ', '_')}`;
    const setup = await connect(server.port);
    await setup.query(`CREATE TABLE ${table} (k int PRIMARY KEY, v int[] NOT NULL)`);
    await setup.query(
      `INSERT INTO ${table} SELECT g, '{}' FROM generate_series(0, ${keyCount - 1}) g`,
    );
    const run: Run = {
      level,
      table,
      random: seededGenerator(seed),
      history: [],
      clock: 0,
      nextValue: 1,
    };
    const clients = await Promise.all(
      Array.from({ length: clientCount }, () => connect(server.port)),
    );
    await Promise.all(
      clients.map(async (client) => {
        for (let count = 0; count < transactionsPerClient; count++)
          await runTransaction(client, run);
        await client.end();
      }),
    );
    // The final state, so that the order of all versions is known.
    const final: Operation[] = (await rows(setup, `SELECT k, v FROM ${table}`)).map(
      ([key, list]) => ({
        kind: 'read',
        key: Number(key),
        values: list === '{}' ? [] : list!.slice(1, -1).split(',').map(Number),
      }),
    );
    run.history.push({
      id: run.history.length,
      outcome: 'committed',
      operations: final,
      began: run.clock++,
      ended: run.clock++,
    });
    await setup.end();
    const committed = run.history.filter(
      (transaction) => transaction.outcome === 'committed',
    ).length;
    context.diagnostic(`${committed} of ${run.history.length} transactions committed`);
    assert.ok(committed > clientCount * 10, 'too few transactions committed for a verdict');
    assert.deepEqual(findAnomalies(run.history, level), []);
  });
}

test('serializable: predicates are protected (no phantoms)', { timeout: 60_000 }, async () => {
  const setup = await connect(server.port);
  await setup.query('CREATE TABLE booking (id serial PRIMARY KEY, room int, slot int)');
  const clients = await Promise.all(Array.from({ length: 6 }, () => connect(server.port)));
  const book = async (client: Client, room: number, slot: number): Promise<void> => {
    try {
      await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      const [[taken]] = await rows(
        client,
        'SELECT count(*) FROM booking WHERE room = $1 AND slot = $2',
        [room, slot],
      );
      if (taken === '0')
        await client.query('INSERT INTO booking (room, slot) VALUES ($1, $2)', [room, slot]);
      await client.query('COMMIT');
    } catch (error) {
      assert.equal((error as { code?: string }).code, '40001');
      await client.query('ROLLBACK');
    }
  };
  for (let slot = 0; slot < 30; slot++) {
    await Promise.all(clients.map((client, index) => book(client, index % 2, slot)));
  }
  assert.deepEqual(
    await rows(setup, 'SELECT room, slot FROM booking GROUP BY room, slot HAVING count(*) > 1'),
    [],
  );
  await Promise.all([...clients, setup].map((client) => client.end()));
});
