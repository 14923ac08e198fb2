/**
 * Goal: whatever makes something large on disk ends with 53100 when the disk is full (or waits for room, where it
 * is the server's own work), nothing committed is lost, nothing half made is left, and all goes on once there is
 * room, also after kill -9.
 * Method: a small memory file system and a file that takes its space away, at once or while the statement runs;
 * COPY, CREATE INDEX, CREATE TABLE AS, materialized views, ALTER TABLE that rewrites, VACUUM, column segments, large
 * transactions, and the growth of LMDB by flushes. Needs the right to mount, so it skips elsewhere.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { type LatticeProcess, startLattice } from '../harness/lattice.ts';
import { fillDisk, mountSmallDisk } from './small-disk.ts';

const directory = mkdtempSync(join(tmpdir(), 'lattice-full-objects-'));
const disk = join(directory, 'disk');
const ballast = join(disk, 'ballast');
mkdirSync(disk);
const isMounted = mountSmallDisk(disk, 160);
const skip = isMounted ? false : 'this process may not mount a file system';
const configuration = 'memtable_size: 4MB\nwork_mem: 256kB\n';
let server: LatticeProcess;
let client: Client;

before(async () => {
  if (!isMounted) return;
  server = await startLattice(disk, { configuration });
  client = await connect(server.port);
  await client.query('CREATE TABLE base (id int PRIMARY KEY, part int, filler text)');
  await client.query(
    "INSERT INTO base SELECT g, g % 100, repeat('b', 60) || g FROM generate_series(1, 60000) g",
  );
  await client.query('CREATE TABLE target (id int PRIMARY KEY, part int, filler text)');
  await client.query("INSERT INTO target VALUES (0, 0, 'before')");
  await client.query('CHECKPOINT');
});

after(async () => {
  if (isMounted) {
    await server.kill();
    execFileSync('umount', [disk]);
  }
  rmSync(directory, { recursive: true, force: true });
});

async function codeOf(sql: string): Promise<string | undefined> {
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

async function assertWhole(): Promise<void> {
  assert.deepEqual(await rows(client, 'SELECT count(*), sum(id), sum(length(filler)) FROM base'), [
    ['60000', '1800030000', '3888894'],
  ]);
  assert.deepEqual(await rows(client, 'SELECT * FROM target WHERE id = 0'), [['0', '0', 'before']]);
}

/** Each with what takes it back after it has succeeded. */
const statements: readonly (readonly [string, string])[] = [
  ['CREATE INDEX made ON base (filler, part)', 'DROP INDEX made'],
  ['CREATE UNIQUE INDEX made ON base (filler)', 'DROP INDEX made'],
  ['CREATE INDEX CONCURRENTLY made ON base (filler)', 'DROP INDEX made'],
  ['CREATE TABLE made AS SELECT id, filler || filler AS twice FROM base', 'DROP TABLE made'],
  ['CREATE MATERIALIZED VIEW made AS SELECT * FROM base', 'DROP MATERIALIZED VIEW made'],
  ['SELECT id, filler INTO made FROM base', 'DROP TABLE made'],
  ['INSERT INTO target SELECT * FROM base', 'DELETE FROM target WHERE id > 0'],
  ['UPDATE base SET filler = upper(filler)', 'UPDATE base SET filler = lower(filler)'],
  [
    "ALTER TABLE base ADD extra text DEFAULT repeat('e', 200) || random()",
    'ALTER TABLE base DROP extra',
  ],
  ['ALTER TABLE base ALTER id TYPE bigint', 'ALTER TABLE base ALTER id TYPE int'],
  ["COPY target FROM '@FILE@'", 'DELETE FROM target WHERE id > 0'],
];

test('statements end with 53100 and leave nothing', { skip, timeout: 300_000 }, async () => {
  const file = join(directory, 'rows.tsv');
  await client.query(`COPY base TO '${file}'`);
  fillDisk(ballast);
  for (const [text] of statements) {
    const sql = text.replace('@FILE@', file);
    assert.equal(await codeOf(sql), '53100', sql);
    assert.deepEqual(await rows(client, "SELECT relname FROM pg_class WHERE relname = 'made'"), []);
    await assertWhole();
  }
  for (const sql of ['VACUUM base', 'ANALYZE base', 'CHECKPOINT'])
    assert.ok([undefined, '53100'].includes(await codeOf(sql)), sql);
  await assertWhole();
  rmSync(ballast);
  for (const [text, back] of statements) {
    const sql = text.replace('@FILE@', file);
    assert.equal(await codeOf(sql), undefined, sql);
    assert.equal(await codeOf(back), undefined, back);
    await codeOf('CHECKPOINT');
    await assertWhole();
  }
});

test('room goes and comes back while statements run', { skip, timeout: 300_000 }, async () => {
  for (let round = 0; round < 6; round++) {
    const running = codeOf(
      'CREATE TABLE made AS SELECT a.id, a.filler || a.part AS twice FROM base a ORDER BY twice',
    );
    await setTimeout(40 + round * 60);
    fillDisk(ballast);
    const code = await running;
    assert.ok([undefined, '53100'].includes(code), code);
    rmSync(ballast);
    const there = await rows(client, "SELECT 1 FROM pg_class WHERE relname = 'made'");
    assert.equal(there.length, code === undefined ? 1 : 0);
    if (code === undefined) {
      assert.deepEqual(await rows(client, 'SELECT count(*) FROM made'), [['60000']]);
      await client.query('DROP TABLE made');
    }
    await assertWhole();
  }
});

test(
  'segments are built when there is room, and none is half there',
  { skip, timeout: 300_000 },
  async () => {
    await client.query('ALTER TABLE base SET (columnar = on)');
    fillDisk(ballast);
    await client.query('VACUUM base').catch((error: unknown) => {
      assert.equal((error as { code?: string }).code, '53100');
    });
    await assertWhole();
    rmSync(ballast);
    await client.query('VACUUM base');
    await assertWhole();
    assert.deepEqual(
      await rows(client, 'SELECT part, count(*) FROM base WHERE part < 2 GROUP BY 1 ORDER BY 1'),
      [
        ['0', '600'],
        ['1', '600'],
      ],
    );
  },
);

test(
  'commits until the disk is full, a crash there, and what was answered is kept',
  { skip, timeout: 300_000 },
  async () => {
    await client.query('CREATE TABLE answered (id int PRIMARY KEY, filler text)');
    await client.query('CHECKPOINT');
    fillDisk(ballast);
    let kept = 0;
    let code: string | undefined;
    while (code === undefined && kept < 5000) {
      code = await codeOf(
        `INSERT INTO answered SELECT ${kept} * 100 + g, repeat('a', 1500) FROM generate_series(1, 100) g`,
      );
      if (code === undefined) kept++;
    }
    assert.equal(code, '53100');
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM answered'), [[String(kept * 100)]]);
    await server.kill();
    // It starts on the full disk and reads, or says that there is no room.
    server = await startLattice(disk, { configuration });
    client = await connect(server.port);
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM answered'), [[String(kept * 100)]]);
    await assertWhole();
    rmSync(ballast);
    await client.query("INSERT INTO answered VALUES (-1, 'after')");
    await client.query('CHECKPOINT');
    await client.end();
    assert.equal(await server.stop(), 0);
    server = await startLattice(disk, { configuration });
    client = await connect(server.port);
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM answered'), [
      [String(kept * 100 + 1)],
    ]);
    await assertWhole();
    assert.equal(server.errorText.includes('internal error'), false, server.errorText);
  },
);
