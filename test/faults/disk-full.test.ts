/**
 * Goal: when the disk is full a statement fails with 53100, what was there stays, and the server goes on
 * once there is space again.
 * Method: the data directory is on a small memory file system with a file that takes the space away, and
 * is removed later. Needs the right to mount, so it skips elsewhere.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, rows } from '../harness/client.ts';
import { startLattice } from '../harness/lattice.ts';
import { fillDisk, mountSmallDisk } from './small-disk.ts';

test('a full disk', { timeout: 60_000 }, async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-full-'));
  const disk = join(directory, 'disk');
  mkdirSync(disk);
  if (!mountSmallDisk(disk, 96)) {
    rmSync(directory, { recursive: true, force: true });
    return context.skip('this process may not mount a file system');
  }
  let server = await startLattice(disk, { configuration: 'memtable_size: 8MB\n' });
  try {
    let client = await connect(server.port);
    await client.query('CREATE TABLE kept (id int PRIMARY KEY, filler text)');
    await client.query(
      "INSERT INTO kept SELECT g, repeat('k', 100) FROM generate_series(1, 1000) g",
    );

    const ballast = join(disk, 'ballast');
    fillDisk(ballast);
    const failures: unknown[] = [];
    for (let id = 10_000; failures.length < 3 && id < 12_000; id++) {
      await client
        .query(
          "INSERT INTO kept SELECT $1 * 100 + g, repeat('x', 3000) FROM generate_series(1, 20) g",
          [id],
        )
        .catch((error: unknown) => failures.push(error));
    }
    assert.equal(failures.length, 3, 'the disk was never full');
    for (const failure of failures) assert.equal((failure as { code?: string }).code, '53100');
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM kept WHERE id <= 1000'), [['1000']]);
    const there = await rows(client, 'SELECT count(*) FROM kept');

    rmSync(ballast);
    await client.query("INSERT INTO kept VALUES (5000, 'after')");
    assert.deepEqual(await rows(client, "SELECT id FROM kept WHERE filler = 'after'"), [['5000']]);
    await server.kill();
    server = await startLattice(disk);
    client = await connect(server.port);
    const expected = String(Number(there[0]?.[0]) + 1);
    assert.deepEqual(await rows(client, 'SELECT count(*) FROM kept'), [[expected]]);
    await client.end();
    assert.equal(await server.stop(), 0);
  } finally {
    await server.kill();
    execFileSync('umount', [disk]);
    rmSync(directory, { recursive: true, force: true });
  }
});
