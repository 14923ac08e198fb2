// Goal: the parts work together on a real directory with the real page store: what was acknowledged is
// there after a restart, with or without a clean end; counters never go back; a second server is kept
// out; a full disk refuses commits without effect. Method: open, write, abandon or close, open again.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { type OpenStorage, type StorageOptions, openStorage } from './engine.ts';
import { MemoryPageStore } from './testing/memory-page-store.ts';
import { SimulatedFiles } from './testing/simulated-files.ts';
import type { ActiveTransaction } from './transaction/transaction.ts';

const tree = 2000;

function newDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-engine-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function open(directory: string, options: Partial<StorageOptions> = {}): Promise<OpenStorage> {
  return openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });
}

function begin(storage: OpenStorage): ActiveTransaction {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  return transaction;
}

async function set(storage: OpenStorage, rows: Record<string, string>): Promise<void> {
  const transaction = begin(storage);
  for (const [key, value] of Object.entries(rows)) transaction.put(tree, key, Buffer.from(value));
  await storage.whenSynced(transaction.commit().position);
}

function read(storage: OpenStorage, key: string): string | undefined {
  const transaction = begin(storage);
  const value = transaction.get(tree, key);
  const text = value === undefined ? undefined : Buffer.from(value).toString();
  transaction.rollback();
  return text;
}

test('acknowledged commits are there after a crash, after a flush, and after a clean end', async (context) => {
  const directory = newDirectory(context);
  let storage = await open(directory);
  await set(storage, { a: '1' });
  await storage.flush();
  await set(storage, { a: '2', b: '1' });
  await storage.abandon();
  storage = await open(directory);
  assert.equal(read(storage, 'a'), '2');
  assert.equal(read(storage, 'b'), '1');
  await set(storage, { c: '1' });
  await storage.close();
  storage = await open(directory);
  assert.deepEqual([read(storage, 'a'), read(storage, 'b'), read(storage, 'c')], ['2', '1', '1']);
  await storage.close();
});

test('a transaction larger than a chunk is all there or not at all', async (context) => {
  const directory = newDirectory(context);
  let storage = await open(directory);
  const rows: Record<string, string> = {};
  for (let i = 0; i < 300; i++) rows[`k${i}`] = 'x'.repeat(20_000);
  await set(storage, rows);
  const small = begin(storage);
  small.put(tree, 'after', Buffer.from('1'));
  await storage.whenSynced(small.commit().position);
  await storage.abandon();
  storage = await open(directory);
  const transaction = begin(storage);
  for (const key of Object.keys(rows)) assert.equal(transaction.get(tree, key)?.length, 20_000);
  assert.equal(read(storage, 'after'), '1');
  transaction.rollback();
  await storage.close();
});

test('counters, row ids and object ids never go back', async (context) => {
  const directory = newDirectory(context);
  let storage = await open(directory);
  const trees = [storage.allocateTreeId()];
  const oids = [storage.allocateOid()];
  const rowIds = [storage.nextRowId(tree), storage.nextRowId(tree)];
  storage.writeCounter(7, { lastValue: 1n, isCalled: true }, 33n);
  storage.writeCounter(7, { lastValue: 2n, isCalled: true }, 34n);
  storage.writeCounter(8, { lastValue: -5n, isCalled: false });
  assert.deepEqual(storage.readCounter(7), { lastValue: 2n, isCalled: true });
  for (const isClean of [false, true, false]) {
    await set(storage, { a: '1' });
    if (isClean) await storage.close();
    else await storage.abandon();
    storage = await open(directory);
    trees.push(storage.allocateTreeId());
    oids.push(storage.allocateOid());
    rowIds.push(storage.nextRowId(tree));
    assert.ok((storage.readCounter(7)?.lastValue ?? 0n) >= 2n);
    assert.deepEqual(storage.readCounter(8), { lastValue: -5n, isCalled: false });
  }
  for (const ids of [trees, oids, rowIds]) {
    const ascending = [...new Set(ids)].sort((left, right) => left - right);
    assert.deepEqual(ids, ascending, 'ascending and never twice');
  }
  await storage.close();
});

test('a second server is kept out, a dead one is not in the way', async (context) => {
  const directory = newDirectory(context);
  const storage = await open(directory);
  await assert.rejects(open(directory), {
    sqlState: '55006',
    message: `data directory "${directory}" is in use by another server (process ${process.pid})`,
  });
  await storage.close();
  const next = await open(directory);
  await next.close();
});

test('a directory of another format is refused', async (context) => {
  const directory = newDirectory(context);
  await (await open(directory)).close();
  writeFileSync(join(directory, 'FORMAT'), 'latticedb 99\n');
  await assert.rejects(open(directory), { sqlState: '55000' });
});

test('a full disk refuses the commit without effect, and the engine goes on with room', async () => {
  const files = new SimulatedFiles();
  const pageStore = new MemoryPageStore();
  const options = { files, pageStore, logReserveBytes: 1024 };
  const storage = await open('/simulated', options);
  await set(storage, { a: '1' });
  files.capacityBytes = files.usedBytes;
  const refused = begin(storage);
  refused.lock(tree, 'a', 3);
  refused.put(tree, 'a', Buffer.alloc(5000));
  assert.throws(() => refused.commit(), { sqlState: '53100' });
  assert.equal(read(storage, 'a'), '1');
  files.capacityBytes = Infinity;
  const next = begin(storage);
  next.lock(tree, 'a', 3, { policy: 'nowait' });
  next.put(tree, 'a', Buffer.from('2'));
  await storage.whenSynced(next.commit().position);
  await storage.abandon();
  files.crash({ kind: 'drop' });
  const reopened = await open('/simulated', options);
  assert.equal(read(reopened, 'a'), '2');
  await reopened.abandon();
});

test('a failed flush (disk full) is tried again; reads go on meanwhile', async () => {
  const pageStore = new MemoryPageStore();
  const storage = await open('/simulated', { files: new SimulatedFiles(), pageStore });
  await set(storage, { a: '1' });
  pageStore.failure = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  await assert.rejects(storage.flush(), /disk full/);
  await set(storage, { a: '2' });
  assert.equal(read(storage, 'a'), '2');
  await storage.flush();
  assert.equal(read(storage, 'a'), '2');
  assert.equal(storage.statistics().memtableVersions, 0);
  await storage.abandon();
});

test('whoever reads what is not durable yet depends on its position', async () => {
  const storage = await open('/simulated', {
    files: new SimulatedFiles(),
    pageStore: new MemoryPageStore(),
  });
  await set(storage, { old: '1' });
  const writer = begin(storage);
  writer.put(tree, 'new', Buffer.from('1'));
  const { position } = writer.commit();
  const everything = { lower: undefined, upper: undefined };
  const [byKey, byScan, other] = [begin(storage), begin(storage), begin(storage)];
  byKey.get(tree, 'new');
  byScan.scan(tree, everything).close();
  other.get(tree, 'old');
  assert.deepEqual([byKey.dependsOn, byScan.dependsOn, other.dependsOn], [position, position, 0]);
  assert.equal(byKey.commit().position, position);
  await storage.whenSynced(position);
  const later = begin(storage);
  later.get(tree, 'new');
  assert.equal(later.dependsOn, 0);
  for (const transaction of [byScan, other, later]) transaction.rollback();
  await storage.abandon();
});
