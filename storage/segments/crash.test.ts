// Goal: a crash in the middle of a build, or of naming what was built, loses nothing and leaves nothing.
// Method: a child changes rows and builds segments over and over and is killed at random moments; after
// each kill the storage is opened, segment scans must equal row scans, now and as of the past, and the
// folder must hold exactly the files that are named. A build that cannot write changes nothing either.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type OpenStorage, openStorage } from '../engine.ts';
import { openSharedSnapshot } from '../shared-snapshot.ts';
import { tableAccess } from '../table/table-access.ts';
import { forgetSegments } from './block-cache.ts';
import { columnRows, crashTable, storedRows } from './testing.ts';

const child = new URL('crash-child.ts', import.meta.url).pathname;
const access = tableAccess(crashTable);
const sources = [1, 3, 4, 7].map(
  (attributeNumber) => ({ kind: 'attribute', attributeNumber }) as const,
);

async function runAndKill(directory: string, delayMs: number): Promise<void> {
  const process_ = spawn(process.execPath, [child, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => process_.once('exit', resolve));
  await new Promise<void>((resolve) => {
    process_.stdout.once('data', () => setTimeout(resolve, delayMs));
  });
  process_.kill('SIGKILL');
  await exited;
}

async function open(directory: string, warnings: string[]): Promise<OpenStorage> {
  return openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
    onWarning: (message) => warnings.push(message),
  });
}

async function compare(storage: OpenStorage, times: readonly number[]): Promise<void> {
  const transaction = storage.begin({ isolation: 'repeatable read', readOnly: true });
  const shared = await storage.shareSnapshot(transaction);
  const reader = openSharedSnapshot(shared);
  assert.deepEqual(
    columnRows(reader, access, { sources }),
    storedRows(reader, access, { sources }),
  );
  for (const at of times) {
    const wish = { sources, view: { kind: 'asOf', at } } as const;
    assert.deepEqual(columnRows(reader, access, wish), storedRows(reader, access, wish));
  }
  reader.close();
  transaction.rollback();
  storage.releaseSnapshot(shared);
}

function namedFiles(storage: OpenStorage): string[] {
  return storage
    .segmentFiles(crashTable.treeId)
    .map(({ file }) => file)
    .toSorted();
}

test('killed builds lose nothing and leave nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'segment-crash-'));
  try {
    for (let round = 0; round < 4; round++) {
      await runAndKill(directory, 5 + ((round * 91) % 250));
      const warnings: string[] = [];
      const storage = await open(directory, warnings);
      forgetSegments();
      const files = readdirSync(join(directory, 'segments')).toSorted();
      assert.deepEqual(namedFiles(storage), files);
      const time = storage.segmentFiles(crashTable.treeId)[0]?.builtAt;
      await compare(storage, time === undefined ? [] : [time, time - 1, time - 200_000]);
      assert.deepEqual(warnings, []);
      await storage.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a build that cannot write is reported, and changes nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'segment-crash-'));
  const warnings: string[] = [];
  const storage = await open(directory, warnings);
  try {
    const write = (from: number, count: number): void => {
      const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
      transaction.beginStatement();
      for (let key = from; key < from + count; key++) {
        const row = [key, 1, key, key / 7, true, null, 'text', 1, 1, null, null, null];
        access.insertRow(transaction, row);
      }
      transaction.commit();
    };
    const folder = join(directory, 'segments');
    write(0, 1000);
    rmSync(folder, { recursive: true });
    // Where the folder should be there is something that no file can be written into.
    writeFileSync(folder, '');
    assert.equal(await storage.buildSegments(crashTable), undefined);
    assert.equal(warnings.length, 1);
    await compare(storage, []);
    rmSync(folder);
    mkdirSync(folder);
    assert.equal((await storage.buildSegments(crashTable))?.rows, 1000);
    const before = namedFiles(storage);
    write(1000, 1000);
    // What the next build's file will be called is taken.
    const built = Number(before[0].split('-')[1]);
    for (let sequence = built + 1; sequence < built + 100; sequence++) {
      mkdirSync(join(folder, `${crashTable.treeId}-${sequence}-0.segment`));
    }
    const summary = await storage.buildSegments(crashTable);
    assert.equal(warnings.length, 2);
    assert.deepEqual(namedFiles(storage), before);
    assert.ok(summary !== undefined && summary.changedKeys >= 1000);
    await compare(storage, []);
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
});

test('storage closes in the middle of a build', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'segment-crash-'));
  try {
    for (const waitMs of [0, 5, 100, 400]) {
      const warnings: string[] = [];
      const storage = await open(directory, warnings);
      const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
      transaction.beginStatement();
      for (let n = 0; n < 20_000; n++) {
        const key = waitMs * 100_000 + n;
        const row = [key, 1, key, key / 7, true, null, 'text', 1, 1, null, null, null];
        access.insertRow(transaction, row);
      }
      transaction.commit();
      const building = storage.buildSegments(crashTable);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await storage.close();
      await building.catch(() => {});
      assert.deepEqual(warnings, []);
    }
    const storage = await open(directory, []);
    forgetSegments();
    await compare(storage, []);
    await storage.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
