// Goal: large objects read and write any range, and are cut and filled as files are.
// Method: random writes, truncations and reads against a plain array of bytes (property).

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { StorageEngine } from '../contract.ts';
import { openStorage } from '../engine.ts';
import { LargeObjects } from './large-objects.ts';

let directory: string;
let storage: StorageEngine;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lattice-large-objects-'));
  storage = await openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
});
after(async () => {
  await storage.close();
  rmSync(directory, { recursive: true, force: true });
});

test('ranges of bytes are as in a file', () => {
  const offset = fc.integer({ min: 0, max: 9000 });
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('write' as const),
      offset,
      bytes: fc.uint8Array({ maxLength: 5000 }),
    }),
    fc.record({ kind: fc.constant('truncate' as const), offset }),
  );
  let oid = 100;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), offset, fc.nat(5000), (steps, from, length) => {
      const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
      transaction.beginStatement();
      const objects = new LargeObjects(transaction, 5);
      oid++;
      objects.put(oid, { owner: 10 });
      let file: Buffer = Buffer.alloc(0);
      const grown = (size: number): Buffer =>
        Buffer.concat([file, Buffer.alloc(Math.max(0, size - file.length))]);
      for (const each of steps) {
        if (each.kind === 'truncate') {
          objects.truncate(oid, each.offset);
          file = grown(each.offset).subarray(0, each.offset);
        } else {
          objects.write(oid, each.offset, each.bytes);
          if (each.bytes.length === 0) continue;
          file = Buffer.from(grown(each.offset + each.bytes.length));
          file.set(each.bytes, each.offset);
        }
      }
      assert.equal(objects.size(oid), file.length);
      const expected = file.subarray(from, from + length);
      assert.deepEqual(Buffer.from(objects.read(oid, from, length)), Buffer.from(expected));
      objects.remove(oid);
      assert.equal(objects.size(oid), 0);
      assert.equal(objects.find(oid), undefined);
      transaction.commit();
    }),
    { numRuns: 60 },
  );
});
