// Goal: sync() of the real file layer really asks the disk, and ends only when the disk has answered.
// Method: fdatasync is replaced by one that records and delays.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { realFiles } from './file-layer.ts';

test('sync() waits for fdatasync and passes its failure on', async (context) => {
  const directory = fs.mkdtempSync(join(tmpdir(), 'lattice-files-'));
  const file = realFiles.open(join(directory, 'file'));
  file.write(Buffer.from('hello'), 5, 0);
  const waiting: ((error: NodeJS.ErrnoException | null) => void)[] = [];
  context.mock.method(fs, 'fdatasync', (_descriptor: number, done: (error: null) => void) => {
    waiting.push(done as (error: NodeJS.ErrnoException | null) => void);
  });
  let isDone = false;
  const synced = file.sync().then(() => {
    isDone = true;
  });
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  assert.equal(waiting.length, 1);
  assert.equal(isDone, false);
  waiting.pop()?.(null);
  await synced;
  const failed = file.sync();
  waiting.pop()?.(new Error('EIO'));
  await assert.rejects(failed, /EIO/);
  file.close();
  fs.rmSync(directory, { recursive: true });
});
