// graphile-worker and pg-boss: job queues that install schemas with PL/pgSQL and live on SKIP LOCKED,
// LISTEN/NOTIFY and advisory locks. node-pg-migrate: migrations under an advisory lock.

import assert from 'node:assert/strict';
import { Logger, makeWorkerUtils, runMigrations, runOnce } from 'graphile-worker';
import { runner } from 'node-pg-migrate';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PgBoss from 'pg-boss';
import type { Program } from './program.ts';

export const runGraphileWorker: Program = async ({ url }) => {
  const done: unknown[] = [];
  const logger = new Logger(() => () => {});
  const options = {
    connectionString: url,
    logger,
    taskList: {
      greet: (payload: unknown) => {
        done.push(payload);
      },
      fail: () => {
        throw new Error('on purpose');
      },
    },
  };
  await runMigrations(options);
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.addJob('greet', { name: 'Ann' });
  await utils.addJob('greet', { name: 'Bob' }, { jobKey: 'only', priority: -1 });
  await utils.addJob('greet', { name: 'Cid' }, { jobKey: 'only', priority: -1 });
  await utils.addJob('fail', {}, { maxAttempts: 1 });
  await runOnce(options);
  assert.deepEqual(done, [{ name: 'Cid' }, { name: 'Ann' }]);
  await utils.withPgClient(async (client) => {
    const { rows } = await client.query('SELECT last_error, attempts FROM graphile_worker.jobs');
    assert.deepEqual(rows, [{ last_error: 'on purpose', attempts: 1 }]);
  });
  await utils.release();
};

export const runPgBoss: Program = async ({ url }) => {
  const boss = new PgBoss(url);
  const failures: Error[] = [];
  boss.on('error', (error) => failures.push(error));
  await boss.start();
  await boss.createQueue('mail');
  const id = await boss.send('mail', { to: 'ann' });
  const [job] = await boss.fetch<{ to: string }>('mail');
  assert.equal(job.id, id);
  assert.deepEqual(job.data, { to: 'ann' });
  await boss.complete('mail', job.id);
  const received = Promise.withResolvers<unknown>();
  await boss.work('mail', { pollingIntervalSeconds: 0.5 }, ([next]) => {
    received.resolve(next.data);
    return Promise.resolve();
  });
  await boss.send('mail', { to: 'bob' });
  assert.deepEqual(await received.promise, { to: 'bob' });
  await boss.stop({ graceful: false });
  assert.deepEqual(failures, []);
};

export const runNodePgMigrate: Program = async ({ url }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-migrate-'));
  try {
    writeFileSync(
      join(folder, '1700000000000_start.mjs'),
      `export const up = (pgm) => {
  pgm.createType('state', ['open', 'closed']);
  pgm.createTable('ticket', {
    id: 'id',
    title: { type: 'varchar(200)', notNull: true },
    state: { type: 'state', notNull: true, default: 'open' },
    created_at: { type: 'timestamp', notNull: true, default: pgm.func('current_timestamp') },
  });
  pgm.createIndex('ticket', 'title', { method: 'btree' });
  pgm.addConstraint('ticket', 'title_long', { check: 'length(title) > 2' });
  pgm.createView('open_ticket', {}, "SELECT id, title FROM ticket WHERE state = 'open'");
  pgm.sql("COMMENT ON TABLE ticket IS 'work'");
};
export const down = (pgm) => {
  pgm.dropView('open_ticket');
  pgm.dropTable('ticket');
  pgm.dropType('state');
};
`,
    );
    const options = {
      databaseUrl: url,
      dir: folder,
      migrationsTable: 'pgmigrations',
      log: () => {},
    };
    const up = await runner({ ...options, direction: 'up' });
    assert.deepEqual(
      up.map(({ name }) => name),
      ['1700000000000_start'],
    );
    await runner({ ...options, direction: 'down', count: 1 });
    const again = await runner({ ...options, direction: 'up' });
    assert.equal(again.length, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
