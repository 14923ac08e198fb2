// Goal: what an executor thread reads through a shared snapshot is what the transaction that shared it
// sees, whatever is committed and flushed afterwards. Method: the real page store, in one thread.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { VersionCursor } from './contract.ts';
import { type OpenStorage, openStorage } from './engine.ts';
import { openSharedSnapshot } from './shared-snapshot.ts';

const tree = 2000;
const everything = { lower: undefined, upper: undefined };

function write(storage: OpenStorage, changes: Record<string, string | null>): number {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) transaction.remove(tree, key);
    else transaction.put(tree, key, Buffer.from(value));
  }
  return transaction.commit().timestamp as number;
}

function rowsOf(cursor: VersionCursor): string[] {
  const rows: string[] = [];
  while (cursor.next()) rows.push(`${cursor.key}=${Buffer.from(cursor.value).toString()}`);
  cursor.close();
  return rows;
}

test('a shared snapshot stays as it was', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-shared-'));
  const storage = await openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  const first = write(storage, { a: '1', b: '2', c: '3' });
  write(storage, { a: '10' });
  const transaction = storage.begin({ isolation: 'repeatable read', readOnly: true });
  transaction.beginStatement();
  const shared = await storage.shareSnapshot(transaction);
  const early = openSharedSnapshot(shared);
  write(storage, { a: null, b: '20', d: '4' });
  await storage.flush();
  const late = openSharedSnapshot(shared);
  for (const reader of [early, late]) {
    assert.deepEqual(rowsOf(reader.scan(tree, everything)), ['a=10', 'b=2', 'c=3']);
    const backward = rowsOf(reader.scan(tree, everything, { backward: true }));
    assert.deepEqual(backward, ['c=3', 'b=2', 'a=10']);
    const past = { kind: 'asOf', at: first } as const;
    assert.deepEqual(rowsOf(reader.scan(tree, everything, { view: past })), ['a=1', 'b=2', 'c=3']);
    assert.equal(Buffer.from(reader.get(tree, 'b') ?? []).toString(), '2');
    assert.equal(Buffer.from(reader.get(tree, 'a') ?? []).toString(), '10');
    assert.equal(reader.get(tree, 'd'), undefined);
    reader.close();
  }
  assert.deepEqual(rowsOf(transaction.scan(tree, everything)), ['a=10', 'b=2', 'c=3']);
  storage.releaseSnapshot(shared);
  transaction.rollback();
  await storage.close();
  rmSync(directory, { recursive: true });
});
