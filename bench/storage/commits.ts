// Commits through the real log: how many a second, and how long each waits, at 1, 8 and 32 writers;
// and what a point read and a commit of four rows cost the main thread, without the disk.
//
//   ./node24 bench/storage/commits.ts [directory]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type OpenStorage, openStorage } from '#storage';

const readCommitted = { isolation: 'read committed', readOnly: false } as const;
const tree = 2000;
const rows = 100_000;
const value = Buffer.alloc(100, 7);

function keyOf(i: number): string {
  return String.fromCharCode(0x80, (i >>> 16) & 255, (i >>> 8) & 255, i & 255);
}

function commitFour(storage: OpenStorage, seed: number): number {
  const transaction = storage.begin(readCommitted);
  transaction.beginStatement();
  for (let row = 0; row < 4; row++) {
    const key = keyOf((seed * 7919 + row * 31) % rows);
    transaction.lock(tree, key, 3);
    transaction.get(tree, key);
    transaction.put(tree, key, value);
  }
  return transaction.commit().position;
}

async function writers(storage: OpenStorage, count: number, milliseconds: number): Promise<void> {
  const latencies: number[] = [];
  const end = performance.now() + milliseconds;
  const syncsBefore = storage.statistics().logSyncs;
  let seed = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now();
      await storage.whenSynced(commitFour(storage, seed++));
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: count }, writer));
  latencies.sort((left, right) => left - right);
  const perSecond = Math.round((latencies.length * 1000) / milliseconds);
  const p50 = latencies[latencies.length >> 1].toFixed(3);
  const p99 = latencies[Math.floor(latencies.length * 0.99)].toFixed(3);
  const syncs = storage.statistics().logSyncs - syncsBefore;
  console.log(
    `${count} writers: ${perSecond} commits/s, p50 ${p50} ms, p99 ${p99} ms, ${syncs} syncs`,
  );
}

function mainThreadCosts(storage: OpenStorage): void {
  const count = 20_000;
  let begun = performance.now();
  for (let i = 0; i < count; i++) commitFour(storage, i);
  console.log(`commit of 4 rows: ${(((performance.now() - begun) * 1000) / count).toFixed(2)} µs`);
  begun = performance.now();
  for (let i = 0; i < count * 10; i++) {
    const transaction = storage.begin(readCommitted);
    transaction.beginStatement();
    transaction.get(tree, keyOf((i * 7919) % rows));
    transaction.commit();
  }
  const each = ((performance.now() - begun) * 1000) / (count * 10);
  console.log(`transaction with one point read: ${each.toFixed(2)} µs`);
}

function fullScan(storage: OpenStorage, label: string): void {
  const transaction = storage.begin(readCommitted);
  transaction.beginStatement();
  for (let round = 0; round < 3; round++) {
    const begun = performance.now();
    const cursor = transaction.scan(tree, { lower: undefined, upper: undefined });
    let count = 0;
    let bytes = 0;
    while (cursor.next()) {
      count++;
      bytes += cursor.value.length;
    }
    const each = ((performance.now() - begun) * 1e6) / count;
    if (round === 2)
      console.log(`scan ${label}: ${count} rows, ${bytes} bytes, ${each.toFixed(0)} ns a row`);
  }
  transaction.commit();
}

async function main(): Promise<void> {
  const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'bench-storage-'));
  const storage = await openStorage({
    directory,
    onFatal: (error) => {
      console.error(error);
      process.exit(1);
    },
  });
  const load = storage.begin(readCommitted);
  load.beginStatement();
  for (let i = 0; i < rows; i++) load.put(tree, keyOf(i), value);
  const { position } = load.commit();
  await storage.whenSynced(position);
  fullScan(storage, 'of the memtable');
  await storage.flush();
  fullScan(storage, 'of the pages');
  mainThreadCosts(storage);
  fullScan(storage, 'of pages under a memtable');
  await storage.whenSynced(storage.appendedPosition);
  mainThreadCosts(storage);
  await storage.whenSynced(storage.appendedPosition);
  for (const count of [1, 8, 32, 1, 8, 32]) await writers(storage, count, 1500);
  await storage.close();
  if (process.argv[2] === undefined) rmSync(directory, { recursive: true });
}

await main();
