/**
 * Goal: whatever changes a table while it is scanned, a scan sees it as it was at one moment; cancelled, timed out
 * and dropped statements leave nothing behind, and nothing waits for ever.
 * Method: readers on every path through the executor (main thread, compiled, threads; rows and segments) sum tables
 * whose sum and number of rows every committed change keeps, while changers move amounts, delete and insert,
 * truncate and fill, change columns' types, add and drop columns and indexes, rebuild segments, VACUUM, ANALYZE,
 * CLUSTER and REINDEX. Readers are cancelled, time out, or vanish at random. Only errors that tell of a
 * cancellation or a conflict may arise. TEST_SEED repeats the choices (not the timing); CHAOS_SECONDS runs longer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';
import { testSeed } from '../harness/seeds.ts';
import { type Random, seededGenerator } from '../sql/query-generator.ts';

const seconds = Number(process.env['CHAOS_SECONDS'] ?? 6);
const rowCount = 12_000;
const server = await testServer({
  configuration: 'executor_threads: 2\nmemtable_size: 2MB\n',
});

/** Canceled, conflicts, and a prepared statement whose columns have other types now. */
const allowedCodes = new Set(['57014', '40001', '40P01', '55P03', '0A000']);

async function fill(client: Client): Promise<void> {
  for (const table of ['account', 'kept']) {
    await client.query(
      `CREATE TABLE ${table} (id int PRIMARY KEY, v bigint NOT NULL, kind int, pad text) WITH (columnar = on)`,
    );
    await client.query(
      `INSERT INTO ${table} SELECT g, 100, g % 7, 'pad ' || g % 50 FROM generate_series(1, ${rowCount}) g`,
    );
    await client.query(`VACUUM ${table}`);
  }
  await client.query('CREATE TABLE copy AS TABLE account');
}

const sum = String(rowCount * 100);
const count = String(rowCount);
const threads = ['-1', '0', '1000'];

/** Queries of one row: the number of rows and the sum of amounts, in some way. */
const readings = [
  'SELECT count(*), sum(v) FROM $t',
  'SELECT sum(n), sum(s) FROM (SELECT kind, count(*) AS n, sum(v) AS s FROM $t GROUP BY kind) g',
  'SELECT count(*), sum(a.v) FROM $t a JOIN $t b ON a.id = b.id',
  'SELECT count(*), sum(v) FROM (SELECT v FROM $t ORDER BY v DESC, pad OFFSET 0) o',
  'SELECT count(*), sum(v) FROM (SELECT v, row_number() OVER (PARTITION BY kind ORDER BY id) FROM $t) w',
  'SELECT count(*), sum(v) FROM (SELECT * FROM $t WHERE id % 2 = 0 UNION ALL SELECT * FROM $t WHERE id % 2 <> 0) u',
];

class Reader {
  readonly random: Random;
  readonly failures: string[];
  private client: Client | undefined;
  private processId = 0;
  done = 0;

  constructor(random: Random, failures: string[]) {
    this.random = random;
    this.failures = failures;
  }

  private async open(): Promise<Client> {
    if (this.client !== undefined) return this.client;
    const client = await connect(server.port);
    for (const part of ['compile', 'thread', 'parallel', 'rewrite'])
      await client.query(`SET lattice.${part}_cost_min = ${threads[this.random(threads.length)]}`);
    this.processId = Number((await rows(client, 'SELECT pg_backend_pid()'))[0][0]);
    this.client = client;
    return client;
  }

  async step(moments: readonly string[], control: Client): Promise<void> {
    const { random } = this;
    const client = await this.open();
    const moment = moments[random(moments.length)];
    // What is truncated has no past.
    const table = random(3) === 0 ? `kept FOR SYSTEM_TIME AS OF '${moment}'` : 'account';
    const sql = readings[random(readings.length)].replaceAll('$t', table);
    const disturbance = random(8);
    try {
      if (disturbance === 0) await client.query(`SET statement_timeout = ${1 + random(40)}`);
      if (disturbance === 3) {
        await this.twice(client, sql);
        return;
      }
      const reading = rows(client, sql);
      reading.catch(() => {});
      if (disturbance === 1) {
        await sleep(random(20));
        await control.query(`SELECT pg_cancel_backend(${this.processId})`);
      }
      if (disturbance === 2) {
        await sleep(random(20));
        (
          client as unknown as { connection: { stream: { destroy(): void } } }
        ).connection.stream.destroy();
        this.client = undefined;
        return;
      }
      this.compare(await reading, sql);
    } catch (error) {
      this.failed(error, sql);
    } finally {
      if (disturbance === 0) await client.query('RESET statement_timeout').catch(() => {});
    }
  }

  /** A snapshot shows the same twice, with a cursor in between. */
  private async twice(client: Client, sql: string): Promise<void> {
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      this.compare(await rows(client, sql), sql);
      await client.query('DECLARE c CURSOR FOR SELECT id, v FROM kept ORDER BY id');
      const fetched = await rows(client, 'FETCH ALL FROM c');
      this.compare(
        [[String(fetched.length), String(fetched.reduce((total, [, v]) => total + Number(v), 0))]],
        'cursor',
      );
      this.compare(await rows(client, sql), `again: ${sql}`);
    } finally {
      await client.query('ROLLBACK').catch(() => {});
    }
  }

  private compare(found: (string | null)[][], sql: string): void {
    this.done++;
    if (found.length !== 1 || found[0][0] !== count || found[0][1] !== sum)
      this.failures.push(`${sql}: ${JSON.stringify(found)}`);
  }

  private failed(error: unknown, sql: string): void {
    const { code, message } = error as { code?: string; message: string };
    if (!allowedCodes.has(code ?? '')) this.failures.push(`${sql}: ${code} ${message}`);
  }

  async end(): Promise<void> {
    await this.client?.end();
  }
}

/** Changes that keep the number of rows and the sum. */
function change(random: Random): string[] {
  const table = ['account', 'kept'][random(2)];
  const first = 1 + random(rowCount - 400);
  const some = `id BETWEEN ${first} AND ${first + random(300)}`;
  const forms: (() => string[])[] = [
    () => [
      'BEGIN',
      `UPDATE ${table} SET v = v + CASE WHEN id % 2 = 0 THEN 1 ELSE -1 END WHERE id BETWEEN ${(first * 2) % 9000} AND ${((first * 2) % 9000) + 199}`,
      `UPDATE ${table} SET pad = 'p' || id WHERE ${some}`,
      'COMMIT',
    ],
    () => [
      'BEGIN',
      `UPDATE ${table} SET v = v - 5 WHERE id = ${first}`,
      `UPDATE ${table} SET v = v + 5 WHERE id = ${first + 1}`,
      'COMMIT',
    ],
    () => [
      'BEGIN',
      `CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT id, v, kind, pad FROM ${table} WHERE ${some} FOR UPDATE`,
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM moved)`,
      `INSERT INTO ${table} (id, v, kind, pad) SELECT id, v, kind, pad FROM moved`,
      'COMMIT',
    ],
    () => ['BEGIN', `DELETE FROM ${table} WHERE ${some}`, 'ROLLBACK'],
    () => [
      'BEGIN',
      'TRUNCATE account',
      'INSERT INTO account (id, v, kind, pad) SELECT id, v, kind, pad FROM copy',
      random(3) === 0 ? 'ROLLBACK' : 'COMMIT',
    ],
    () => [`ALTER TABLE account ALTER COLUMN v TYPE ${['bigint', 'numeric', 'int'][random(3)]}`],
    () => ['ALTER TABLE account ADD COLUMN IF NOT EXISTS extra int DEFAULT 3'],
    () => ['ALTER TABLE account DROP COLUMN IF EXISTS extra'],
    () => ['CREATE INDEX IF NOT EXISTS account_kind ON account (kind, v)'],
    () => ['DROP INDEX IF EXISTS account_kind'],
    () => [`REINDEX TABLE ${table}`],
    () => [`VACUUM ${table}`],
    () => [`VACUUM ${table}`],
    () => ['VACUUM FULL account'],
    () => [`ANALYZE ${table}`],
    () => ['CLUSTER account USING account_pkey'],
    () => [`ALTER TABLE account SET (columnar = ${['on', 'off', 'auto'][random(3)]})`],
    () => ['CHECKPOINT'],
  ];
  return forms[random(forms.length)]();
}

async function runChange(client: Client, random: Random, failures: string[]): Promise<void> {
  const statements = change(random);
  for (const sql of statements) {
    try {
      await client.query(sql);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (!allowedCodes.has(code ?? '')) failures.push(`${sql}: ${code} ${message}`);
      await client.query('ROLLBACK');
      return;
    }
  }
}

test(
  'scans beside changes of all kinds',
  { timeout: 120_000 + seconds * 1000 },
  async (context) => {
    const seed = testSeed(context);
    const control = await connect(server.port);
    await fill(control);
    const moments: string[] = [];
    const note = async (): Promise<void> => {
      moments.push((await rows(control, 'SELECT clock_timestamp()::text'))[0][0]!);
    };
    await note();
    const failures: string[] = [];
    const end = performance.now() + seconds * 1000;
    const goesOn = (): boolean => performance.now() < end && failures.length === 0;
    const readers = Array.from(
      { length: 4 },
      (_, at) => new Reader(seededGenerator(seed + at), failures),
    );
    let changes = 0;
    const changing = [0, 1, 2].map(async (at) => {
      const random = seededGenerator(seed + 100 + at);
      const client = await connect(server.port);
      while (goesOn()) {
        await runChange(client, random, failures);
        changes++;
        await sleep(random(10));
        if (at === 0) await note();
      }
      await client.end();
    });
    const reading = readers.map(async (reader) => {
      const own = await connect(server.port);
      while (goesOn()) await reader.step(moments, own);
      await own.end();
      await reader.end();
    });
    const isOver = Promise.all([...changing, ...reading]).then(() => true);
    const patience = sleep((seconds + 60) * 1000, false, { ref: false });
    if (!(await Promise.race([isOver, patience]))) {
      const observer = await connect(server.port);
      const activity = await rows(
        observer,
        "SELECT pid, state, wait_event, now() - query_start, left(query, 150) FROM pg_stat_activity WHERE state <> 'idle'",
      );
      const locks = await rows(
        observer,
        'SELECT pid, locktype, relation::regclass, mode, granted FROM pg_locks',
      );
      assert.fail(
        `still at work:\n${activity.join('\n')}\n${locks.join('\n')}\n${failures.join('\n')}`,
      );
    }
    context.diagnostic(
      `${changes} changes, ${readers.reduce((total, { done }) => total + done, 0)} sums`,
    );
    assert.deepEqual(failures, []);
    for (const table of ['account', 'kept'])
      assert.deepEqual(await rows(control, `SELECT count(*), sum(v) FROM ${table}`), [
        [count, sum],
      ]);
    await control.end();
    assert.doesNotMatch(server.process.errorText, /internal error/);
  },
);
