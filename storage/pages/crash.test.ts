// Goal: a crash in mid-flush leaves exactly one whole state, not older than the last one reported.
// Method: a child flushes numbered states and is killed at random moments; after each kill the store
// is opened, and every key must have the value of the state that the metadata names, with the state
// before it in history.

import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPageStore } from './page-store.ts';

const child = new URL('crash-child.ts', import.meta.url).pathname;

/** Runs the child until it has reported a few states, kills it, and returns the last one reported. */
async function runAndKill(directory: string, delayMs: number): Promise<number> {
  const process_ = spawn(process.execPath, [child, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 0;
  const exited = new Promise((resolve) => process_.once('exit', resolve));
  await new Promise<void>((resolve) => {
    process_.stdout.on('data', (data: Buffer) => {
      if (last === 0) setTimeout(resolve, delayMs);
      for (const line of data.toString().split('\n')) if (line !== '') last = Number(line);
    });
  });
  process_.kill('SIGKILL');
  await exited;
  return last;
}

test('a killed flush leaves a whole state', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'crash-'));
  for (let round = 0; round < 4; round++) {
    const reported = await runAndKill(directory, 20 + round * 37);
    const store = await openPageStore(directory);
    const state = store.appliedPosition;
    assert.ok(state >= reported, `state ${state} is durable, ${reported} was reported`);
    const snapshot = store.snapshot();
    const cursor = snapshot.scanCurrent(9, { lower: undefined, upper: undefined }, false);
    let keys = 0;
    for (; cursor.next(); keys++) {
      assert.equal(Buffer.from(cursor.value).readUInt32LE(), state);
      assert.equal(cursor.from, state * 1000);
    }
    assert.equal(keys, 2000);
    for (const key of state > 1 ? ['000000', '001000', '001999'] : []) {
      const old = snapshot.getHistory(9, key, (state - 1) * 1000);
      assert.equal(Buffer.from(old!).readUInt32LE(), state - 1);
    }
    snapshot.release();
    await store.close();
  }
  rmSync(directory, { recursive: true });
});
