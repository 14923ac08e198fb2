/**
 * Goal: kill -9 loses no acknowledged commit and leaves no half transaction.
 * Method: five kills under the load of 16 clients on one data directory (npm run test:soak: fifty), with
 * a small memtable so that flushes are under way when the server dies.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { killRepeatedly } from './kill.ts';

test('five kills under load', { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-kill-'));
  try {
    const acknowledged = await killRepeatedly({
      directory,
      kills: 5,
      loadMs: (kill) => 300 + kill * 150,
      configuration: 'memtable_size: 1MB\n',
    });
    assert.ok(
      acknowledged.transfers.size > 100,
      `only ${acknowledged.transfers.size} transfers were acknowledged`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
