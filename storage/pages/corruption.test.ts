// Goal: damage on disk is reported as XX001, never read as data.
// Method: rows and a large value with recognisable bytes are flushed; one of those bytes is changed in
// LMDB's file; after reopening, the damaged page or value refuses and the others still read.

import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DatabaseError } from '#common';
import { openPageStore } from './page-store.ts';

const tree = 3;
const metadata = {
  position: 1,
  lastCommit: 1,
  nextTreeId: 10,
  nextOid: 20_000,
  counters: [],
  rowIds: [],
};

test('a flipped byte in a page or a large value is noticed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'corruption-'));
  let store = await openPageStore(directory);
  const rows = Array.from({ length: 500 }, (_, i) => ({
    tree,
    key: `key${String(i).padStart(4, '0')}`,
    versions: [{ from: 1000, value: Buffer.from(`row number ${i}!`.padEnd(60, '.')) }],
  }));
  const large = Buffer.alloc(150_000, 'x');
  large.write('needle in the large value', 100_000);
  const versions = [{ from: 1000, value: large }];
  await store.apply([...rows, { tree, key: 'large', versions }], [], metadata);
  await store.close();

  const path = join(directory, 'data.mdb');
  const file = readFileSync(path);
  for (const needle of ['row number 250!', 'needle in the large value']) {
    for (let at = file.indexOf(needle); at >= 0; at = file.indexOf(needle, at + 1))
      file[at + 4] ^= 1;
  }
  writeFileSync(path, file);

  store = await openPageStore(directory);
  const snapshot = store.snapshot();
  const isDamage = (error: DatabaseError): boolean => error.sqlState === 'XX001';
  assert.throws(() => snapshot.getCurrent(tree, 'key0250'), isDamage);
  assert.throws(() => snapshot.getCurrent(tree, 'large'), isDamage);
  assert.equal(
    Buffer.from(snapshot.getCurrent(tree, 'key0001')!).toString().slice(0, 13),
    'row number 1!',
  );
  snapshot.release();
  await store.close();
  rmSync(directory, { recursive: true });
});
