// Goal: a column scan gives exactly the rows of a row scan. Method: random transactions over a table
// with every kind of column, with flushes between them; both scans are compared at every snapshot still
// open and at past moments.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type OpenStorage, openStorage } from '../engine.ts';
import { tableAccess } from '../table/table-access.ts';
import { openColumnScan } from './column-scan.ts';
import { allSources, columnRows, rowArbitrary, storedRows, wideTable } from './testing.ts';

async function withStorage(run: (storage: OpenStorage) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'columns-'));
  const onFatal = (error: Error): void => {
    throw error;
  };
  const storage = await openStorage({ directory, onFatal });
  try {
    await run(storage);
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
}

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('put' as const), row: rowArbitrary(fc.nat(40)) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.nat(40) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'flush' as const) }),
  },
);

test('column scans and row scans agree', async () => {
  await withStorage(async (storage) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const access = tableAccess(wideTable(storage, [1]));
        const times: number[] = [];
        let transaction = storage.begin({ isolation: 'repeatable read', readOnly: false });
        transaction.beginStatement();
        const compare = (): void => {
          assert.deepEqual(columnRows(transaction, access), storedRows(transaction, access));
          for (const at of times.slice(-3)) {
            const wish = { view: { kind: 'asOf', at } } as const;
            assert.deepEqual(
              columnRows(transaction, access, wish),
              storedRows(transaction, access, wish),
            );
          }
        };
        for (const change of steps) {
          if (change.kind === 'put' || change.kind === 'delete') {
            const key = access.keyOf([change.kind === 'put' ? change.row[0] : change.key]);
            const old = access.fetchForUpdate(transaction, key, 3);
            if (change.kind === 'delete') {
              if (old instanceof Uint8Array) access.deleteRow(transaction, key, old);
            } else if (old instanceof Uint8Array)
              access.updateRow(transaction, key, old, change.row);
            else access.insertRow(transaction, change.row);
            continue;
          }
          compare();
          const { timestamp } = transaction.commit();
          if (timestamp !== undefined) times.push(timestamp);
          if (change.kind === 'flush') await storage.flush();
          transaction = storage.begin({ isolation: 'repeatable read', readOnly: false });
          transaction.beginStatement();
        }
        compare();
        transaction.rollback();
      }),
      { numRuns: 40 },
    );
  });
});

test('a large table has several morsels, which together are the table', async () => {
  await withStorage(async (storage) => {
    const access = tableAccess(wideTable(storage, [1]));
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    const load = access.openBulkLoad(transaction, { fresh: true, lastStatement: true });
    assert.ok(load !== undefined);
    const rows = 150_000;
    for (let i = 0; i < rows; i++) {
      load.addRow([i, 1, i * 2, i / 3, true, null, `t${i % 9}`, i, i, null, null, null]);
      if (load.backlogBytes > 1 << 24) await load.whenTaken();
    }
    await load.finish();
    transaction.commit();
    const reader = storage.begin({ isolation: 'read committed', readOnly: true });
    reader.beginStatement();
    const scan = openColumnScan(reader, access, {
      sources: allSources.slice(0, 3),
      conditions: [],
    });
    assert.ok(scan.morselCount >= 2);
    const seen = new Uint8Array(rows);
    for (let morsel = scan.morselCount - 1; morsel >= 0; morsel--) {
      const cursor = scan.openMorsel(morsel);
      for (let block = cursor.nextBlock(); block !== undefined; block = cursor.nextBlock()) {
        const keys = block.vector(0);
        assert.equal(keys.kind, 'integer');
        if (keys.kind === 'integer') for (let i = 0; i < block.length; i++) seen[keys.values[i]]++;
      }
    }
    scan.close();
    reader.rollback();
    assert.ok(seen.every((times) => times === 1));
  });
});
