/**
 * Goal: a bulk statement that meets a full disk ends with 53100 and leaves nothing behind; a server that is killed in
 * the middle of one keeps nothing of it, and no temporary file.
 * Method: a small memory file system filled up for sorts, joins and groups on disk, segments, COPY and
 * INSERT … SELECT (needs the right to mount, so it skips elsewhere); kill -9 while INSERT … SELECT runs.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { startLattice } from '../harness/lattice.ts';
import { fillDisk, mountSmallDisk } from './small-disk.ts';

async function codeOf(client: Client, sql: string): Promise<string | undefined> {
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** Where the server keeps temporary files. */
function spilled(directory: string): readonly string[] {
  return readdirSync(join(directory, 'data', 'spill'));
}

/** They need some ten megabytes of disk each. */
const onDisk: readonly string[] = [
  'SELECT count(*) FROM (SELECT filler FROM large ORDER BY filler OFFSET 0) s',
  'SELECT count(*) FROM (SELECT DISTINCT filler FROM large OFFSET 0) s',
  'SELECT count(*) FROM large a JOIN large b USING (filler)',
  'SELECT count(*) FROM (SELECT filler, count(*) FROM large GROUP BY filler OFFSET 0) s',
  'WITH w AS MATERIALIZED (SELECT * FROM large) SELECT count(*) FROM w a, (SELECT 1 FROM w LIMIT 1) b',
];

test('a full disk under bulk statements', { timeout: 180_000 }, async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-bulk-full-'));
  const disk = join(directory, 'disk');
  mkdirSync(disk);
  if (!mountSmallDisk(disk, 160)) {
    rmSync(directory, { recursive: true, force: true });
    return context.skip('this process may not mount a file system');
  }
  const server = await startLattice(disk, { configuration: 'work_mem: 64kB\n' });
  try {
    const client = await connect(server.port);
    await client.query(
      'CREATE TABLE large (id int PRIMARY KEY, filler text) WITH (columnar = off)',
    );
    await client.query(
      "INSERT INTO large SELECT g, repeat('l', 100) || g FROM generate_series(1, 100000) g",
    );
    await client.query('CREATE TABLE copied (id int PRIMARY KEY, filler text)');
    await client.query('CHECKPOINT');
    const ballast = join(disk, 'ballast');
    fillDisk(ballast);
    for (const sql of onDisk) assert.equal(await codeOf(client, sql), '53100', sql);
    assert.equal(await codeOf(client, 'INSERT INTO copied SELECT * FROM large'), '53100');
    assert.equal(await codeOf(client, 'CREATE TABLE more AS SELECT * FROM large'), '53100');
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM copied'), [['0']]);
    assert.equal(await codeOf(client, 'SELECT 1 FROM more'), '42P01');
    assert.deepEqual(spilled(disk), []);

    rmSync(ballast);
    for (const sql of onDisk) assert.equal(await codeOf(client, sql), undefined, sql);
    assert.equal(await codeOf(client, 'INSERT INTO copied SELECT * FROM large'), undefined);
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM copied'), [['100000']]);
    await client.end();
  } finally {
    await server.kill();
    execFileSync('umount', [disk]);
    rmSync(directory, { recursive: true, force: true });
  }
});

test('kill -9 in the middle of INSERT … SELECT', { timeout: 180_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-bulk-kill-'));
  let server = await startLattice(directory, { configuration: 'work_mem: 64kB\n' });
  try {
    let client = await connect(server.port);
    await client.query('CREATE TABLE filled (id int PRIMARY KEY, filler text)');
    await client.query("INSERT INTO filled VALUES (0, 'before')");
    for (const wait of [50, 300, 900]) {
      const running = client
        .query(
          "INSERT INTO filled SELECT g, repeat('f', 100) || g FROM generate_series(1, 3000000) g ORDER BY g DESC",
        )
        .then(
          () => true,
          () => false,
        );
      await setTimeout(wait);
      await server.kill();
      assert.equal(await running, false, 'it ended before the kill');
      server = await startLattice(directory, { configuration: 'work_mem: 64kB\n' });
      assert.deepEqual(spilled(directory), []);
      client = await connect(server.port);
      assert.deepEqual(await rows(client, 'SELECT id, filler FROM filled'), [['0', 'before']]);
    }
    await client.end();
    await server.stop();
  } finally {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
});
