// Goal: scans over column segments give exactly the rows of the row store, at every moment, whatever
// happened since the segments were built. Method: random inserts, updates, deletes, flushes, builds and
// rebuilds over tables with a primary key (whole numbers, or text and numeric) and without; after each
// step shared snapshots, fresh ones and old ones, are scanned both ways, now and as of past commits.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Block, blockRows, type Datum, type TableDescriptor } from '#common';
import type { SharedSnapshot, Transaction } from '../contract.ts';
import { type OpenStorage, openStorage } from '../engine.ts';
import { limits } from '../limits.ts';
import { openSharedSnapshot } from '../shared-snapshot.ts';
import type { RowReader, TableAccess } from '../table/contract.ts';
import { tableAccess } from '../table/table-access.ts';
import { forgetSegments, useSegmentCache } from './block-cache.ts';
import { openColumnScan } from './column-scan.ts';
import type { BlockCondition } from './contract.ts';
import { DamagedSegment } from './damaged-segment.ts';
import { SegmentFile } from './segment-file.ts';
import {
  allSources,
  columnRows,
  rowArbitrary,
  type ScanWish,
  storedRows,
  wideTable,
} from './testing.ts';

interface Opened {
  readonly storage: OpenStorage;
  readonly directory: string;
  readonly warnings: string[];
}

async function withStorage(run: (opened: Opened) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'segments-'));
  const warnings: string[] = [];
  const storage = await openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
    onWarning: (message) => warnings.push(message),
  });
  try {
    await run({ storage, directory, warnings });
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
}

/** Sources that segments can give. */
const sources = allSources.filter(
  (source) =>
    source.kind === 'attribute' ||
    (source.kind === 'pseudo' && source.name !== '_tx_to' && source.name !== 'ctid'),
);

async function share(storage: OpenStorage): Promise<SharedSnapshot> {
  const transaction = storage.begin({ isolation: 'repeatable read', readOnly: true });
  const shared = await storage.shareSnapshot(transaction);
  transaction.rollback();
  return shared;
}

/** In the main thread, with writes that nobody else sees. */
function compareInTransaction(
  storage: OpenStorage,
  access: TableAccess,
  times: readonly number[],
): void {
  const transaction = storage.begin({ isolation: 'repeatable read', readOnly: false });
  transaction.beginStatement();
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(
      columnRows(transaction, access, { sources }),
      storedRows(transaction, access, { sources }),
    );
    for (const at of times) {
      const wish = { sources, view: { kind: 'asOf', at } } as const;
      assert.deepEqual(
        columnRows(transaction, access, wish),
        storedRows(transaction, access, wish),
      );
    }
    const keys = access.openScan(transaction, {
      access: { kind: 'full' },
      sources: [{ kind: 'rowKey' }],
    });
    const batch = keys.nextBatch(50);
    keys.close();
    for (let row = 0; row < (batch?.length ?? 0); row += 3) {
      const key = batch!.columns[0].values[row] as string;
      const old = access.fetchForUpdate(transaction, key, 3);
      if (!(old instanceof Uint8Array)) continue;
      const values = access.decodeRow(Buffer.from(old));
      if (row % 2 === 0) access.deleteRow(transaction, key, old);
      else access.updateRow(transaction, key, old, values.with(8, 5));
    }
  }
  transaction.rollback();
}

function compare(shared: SharedSnapshot, access: TableAccess, times: readonly number[]): void {
  const reader = openSharedSnapshot(shared);
  assert.deepEqual(
    columnRows(reader, access, { sources }),
    storedRows(reader, access, { sources }),
  );
  for (const at of times) {
    const wish = { sources, view: { kind: 'asOf', at } } as const;
    assert.deepEqual(columnRows(reader, access, wish), storedRows(reader, access, wish));
    compareWanted(reader, access, wish);
  }
  compareWanted(reader, access, { sources });
  reader.close();
}

/** Rows with some values of the first column, which further scans look up in an index. */
function compareWanted(reader: RowReader, access: TableAccess, wish: ScanWish): void {
  const wanted = [{ column: 0, values: Int32Array.of(7, 30) }];
  const isWanted = (row: string): boolean => /^(?:7|30) /u.test(row);
  for (let round = 0; round < 3; round++) {
    const rows = columnRows(reader, access, { ...wish, wanted });
    assert.deepEqual(rows.filter(isWanted), storedRows(reader, access, wish).filter(isWanted));
  }
}

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      rows: fc.array(rowArbitrary(fc.nat(60)), { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.nat(60) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('flush' as const, 'share' as const) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('build' as const) }) },
);

function write(
  storage: OpenStorage,
  act: (transaction: ReturnType<OpenStorage['begin']>) => void,
): number | undefined {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  act(transaction);
  return transaction.commit().timestamp;
}

/** Puts rows under their key; without a key, each is a new row. */
function put(
  access: TableAccess,
  storage: OpenStorage,
  rows: readonly Datum[][],
): number | undefined {
  const { keyColumns } = access.table;
  return write(storage, (transaction) => {
    for (const row of rows) {
      if (keyColumns.some((number) => row[number - 1] === null)) continue;
      const key = keyColumns.length === 0 ? undefined : access.rowKey(row);
      const old = key === undefined ? undefined : access.fetchForUpdate(transaction, key, 3);
      if (key !== undefined && old instanceof Uint8Array)
        access.updateRow(transaction, key, old, row);
      else access.insertRow(transaction, row);
    }
  });
}
function remove(access: TableAccess, storage: OpenStorage, number: number): number | undefined {
  return write(storage, (transaction) => {
    const scan = access.openScan(transaction, {
      access: { kind: 'full' },
      sources: [{ kind: 'attribute', attributeNumber: 1 }, { kind: 'rowKey' }],
    });
    const keys: string[] = [];
    for (let batch = scan.nextBatch(100); batch !== undefined; batch = scan.nextBatch(100)) {
      for (let row = 0; row < batch.length; row++) {
        if (batch.columns[0].values[row] === number)
          keys.push(batch.columns[1].values[row] as string);
      }
    }
    scan.close();
    for (const key of keys) {
      const old = access.fetchForUpdate(transaction, key, 3);
      if (old instanceof Uint8Array) access.deleteRow(transaction, key, old);
    }
  });
}

for (const keyColumns of [[1], [7, 6], []]) {
  test(`scans over segments and row scans agree (key ${keyColumns.join(', ') || 'hidden'})`, async () => {
    await withStorage(async ({ storage, warnings }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const access = tableAccess(wideTable(storage, keyColumns));
          const times: number[] = [];
          const shared: SharedSnapshot[] = [];
          const old: Transaction[] = [];
          for (const change of steps) {
            let time: number | undefined;
            if (change.kind === 'put') time = put(access, storage, change.rows);
            else if (change.kind === 'delete') time = remove(access, storage, change.key);
            else if (change.kind === 'build') await storage.buildSegments(access.table);
            else if (change.kind === 'flush') await storage.flush();
            else {
              shared.push(await share(storage));
              old.push(storage.begin({ isolation: 'repeatable read', readOnly: true }));
              old.at(-1)!.beginStatement();
            }
            if (time !== undefined) times.push(time);
            if (change.kind === 'flush' || change.kind === 'build') {
              const fresh = await share(storage);
              compare(fresh, access, times.slice(-4));
              compareInTransaction(storage, access, times.slice(-2));
              storage.releaseSnapshot(fresh);
            }
          }
          for (const snapshot of [...shared, await share(storage)]) {
            compare(snapshot, access, [...times.slice(0, 3), ...times.slice(-3)]);
          }
          for (const snapshot of shared) storage.releaseSnapshot(snapshot);
          for (const reader of old) {
            const rows = storedRows(reader, access, { sources });
            assert.deepEqual(columnRows(reader, access, { sources }), rows);
            reader.rollback();
          }
        }),
        { numRuns: 50 },
      );
      assert.deepEqual(warnings, []);
    });
  });
}

async function filledTable(storage: OpenStorage, rows: number): Promise<TableAccess> {
  const access = tableAccess(wideTable(storage, [1]));
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  const load = access.openBulkLoad(transaction, { fresh: true, lastStatement: true });
  assert.ok(load !== undefined);
  for (let i = 0; i < rows; i++) {
    load.addRow([i, i % 7, i * 2, i / 3, i % 2 === 0, null, `t${i % 9}`, i, i, null, null, `${i}`]);
    if (load.backlogBytes > 1 << 24) await load.whenTaken();
  }
  await load.finish();
  transaction.commit();
  return access;
}
const firstTwo = allSources.slice(0, 2);

test('a large table: segments, changes, incremental rebuilds, pruned blocks', async () => {
  await withStorage(async ({ storage, directory, warnings }) => {
    const access = await filledTable(storage, 160_000);
    const summary = await storage.buildSegments(access.table);
    assert.equal(summary?.rows, 160_000);
    assert.equal(summary.segments, 3);
    const files = readdirSync(join(directory, 'segments'));
    const row = (key: number): Datum[] => [
      key,
      1,
      2,
      3,
      true,
      null,
      'changed',
      1,
      1,
      null,
      null,
      null,
    ];
    put(access, storage, [row(5), row(70_000), row(159_999), row(-1), row(300_000)]);
    remove(access, storage, 131_072);
    const first = await share(storage);
    compare(first, access, []);
    assert.equal(storage.segmentSummary(access.table.treeId)?.changedKeys, 6);

    put(
      access,
      storage,
      Array.from({ length: 3000 }, (_, i) => row(70_000 + i)),
    );
    const rebuilt = await storage.buildSegments(access.table);
    assert.equal(rebuilt?.segments, 3);
    assert.equal(rebuilt.changedKeys, 5);
    const kept = readdirSync(join(directory, 'segments')).filter((file) => files.includes(file));
    assert.equal(kept.length, 3, 'the first snapshot may still read all of the old files');
    compare(first, access, []);
    storage.releaseSnapshot(first);
    const left = readdirSync(join(directory, 'segments')).filter((file) => files.includes(file));
    assert.equal(left.length, 2);

    const shared = await share(storage);
    compare(shared, access, []);
    const reader = openSharedSnapshot(shared);
    const conditions: BlockCondition[] = [
      { column: 0, comparison: '>=', value: 100_000 },
      { column: 0, comparison: '<', value: 101_000 },
    ];
    const scan = openColumnScan(reader, access, { sources: firstTwo, conditions });
    const seen = new Set<number>();
    for (let morsel = 0; morsel < scan.morselCount; morsel++) {
      const cursor = scan.openMorsel(morsel);
      for (let block = cursor.nextBlock(); block !== undefined; block = cursor.nextBlock()) {
        const keys = block.vector(0);
        assert.equal(keys.kind, 'integer');
        if (keys.kind === 'integer')
          for (let i = 0; i < block.length; i++) seen.add(keys.values[i]);
      }
    }
    for (let key = 100_000; key < 101_000; key++) assert.ok(seen.has(key));
    assert.ok(scan.statistics.blocksPruned > 15);
    assert.ok(scan.statistics.rowsFromRowStore < 10);
    const { min, max } = scan.boundsOf(0)!;
    assert.ok(min >= 0 && min <= 1 && max >= 159_998 && max < 160_000, `${min} ${max}`);
    scan.close();
    reader.close();
    storage.releaseSnapshot(shared);
    assert.deepEqual(warnings, []);
  });
});

test('a scan that wants few values looks them up, once that was asked for before', async () => {
  await withStorage(async ({ storage }) => {
    const access = await filledTable(storage, 30_000);
    await storage.buildSegments(access.table);
    const shared = await share(storage);
    const reader = openSharedSnapshot(shared);
    const sources = allSources.slice(0, 3);
    // Another column that has too many wanted values is passed over.
    const wanted = [
      { column: 1, values: Int32Array.from({ length: 7 }, (_, i) => i) },
      { column: 2, values: Int32Array.of(-4, 200, 33_000, 33_001, 59_998, 60_000) },
    ].toReversed();
    const notWanted = Array.from({ length: 4 }, () => {
      const scan = openColumnScan(reader, access, { sources, conditions: [], wanted });
      const seen: number[] = [];
      for (let morsel = 0; morsel < scan.morselCount; morsel++) {
        const cursor = scan.openMorsel(morsel);
        for (let block = cursor.nextBlock(); block !== undefined; block = cursor.nextBlock()) {
          const keys = block.vector(0);
          assert.ok(keys.kind === 'integer');
          for (let i = 0; i < block.selected; i++)
            seen.push(keys.values[block.selection?.[i] ?? i]);
        }
      }
      scan.close();
      for (const key of [100, 16_500, 29_999]) assert.ok(seen.includes(key));
      return scan.statistics.rowsNotWanted;
    });
    assert.deepEqual(notWanted, [0, 29_997, 29_997, 29_997]);
    reader.close();
    storage.releaseSnapshot(shared);
  });
});

test('without a cache rows are the same, and arrays are used again once a block is released', async () => {
  await withStorage(async ({ storage }) => {
    const access = await filledTable(storage, 20_000);
    await storage.buildSegments(access.table);
    const shared = await share(storage);
    const reader = openSharedSnapshot(shared);
    useSegmentCache(0);
    try {
      compare(shared, access, []);
      const scan = openColumnScan(reader, access, { sources: firstTwo, conditions: [] });
      const cursor = scan.openMorsel(0);
      const valuesOf = (block: Block): unknown => {
        const vector = block.vector(0);
        assert.ok(vector.kind === 'integer' && vector.values[1] - vector.values[0] === 1);
        return vector.values;
      };
      const first = cursor.nextBlock()!;
      const kept = valuesOf(first);
      const second = cursor.nextBlock()!;
      assert.notEqual(valuesOf(second), kept);
      second.release?.();
      first.release?.();
      assert.ok(first.length === blockRows && second.length === blockRows);
      assert.equal(valuesOf(first), kept);
      scan.close();
    } finally {
      useSegmentCache(limits.segmentCacheBytes);
      reader.close();
      storage.releaseSnapshot(shared);
    }
  });
});

test('a damaged file is found, read around, and built anew', async () => {
  await withStorage(async ({ storage, directory, warnings }) => {
    const access = await filledTable(storage, 70_000);
    await storage.buildSegments(access.table);
    storage.noteTableUse(access.table);
    const folder = join(directory, 'segments');
    const damage: ((path: string) => void)[] = [
      (path) => writeFileSync(path, readFileSync(path).subarray(0, 1000)),
      (path) => {
        const bytes = readFileSync(path);
        for (let at = 100; at < bytes.length / 2; at += 500) bytes[at] ^= 0xff;
        writeFileSync(path, bytes);
      },
      (path) => rmSync(path),
      // Whole, but another file.
      (path) => writeFileSync(path, whole.get(path)!),
    ];
    const whole = new Map<string, Buffer>();
    assert.throws(() => new SegmentFile(folder), DamagedSegment, 'a directory');
    for (const spoil of damage) {
      const before = new Set(readdirSync(folder));
      const paths = [...before].map((name) => join(folder, name));
      assert.ok(paths.length > 1);
      for (const [n, path] of paths.entries()) whole.set(path, readFileSync(paths.at(n - 1)!));
      for (const name of before) spoil(join(folder, name));
      const shared = await share(storage);
      // Another thread has read none of it yet: this one forgets.
      forgetSegments();
      compare(shared, access, []);
      storage.releaseSnapshot(shared);
      for (let waited = 0; waited < 200; waited++) {
        const now = readdirSync(folder);
        if (now.length === before.size && now.every((name) => !before.has(name))) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const after = readdirSync(folder);
      assert.ok(after.length === before.size && after.every((name) => !before.has(name)));
      const again = await share(storage);
      compare(again, access, []);
      storage.releaseSnapshot(again);
    }
    assert.ok(warnings.length >= 4 && warnings.every((message) => message.includes('damaged')));
  });
});

test('segments survive a restart; leftovers of a crash do not; dropped trees take theirs along', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'segments-'));
  const open = (): Promise<OpenStorage> =>
    openStorage({
      directory,
      onFatal: (error) => {
        throw error;
      },
    });
  try {
    let storage = await open();
    const access = await filledTable(storage, 20_000);
    const { treeId } = access.table;
    const built = await storage.buildSegments(access.table);
    await storage.close();
    const folder = join(directory, 'segments');
    writeFileSync(join(folder, '9-9-0.segment'), 'half of a file');
    storage = await open();
    assert.deepEqual(storage.segmentSummary(treeId), built);
    assert.equal(readdirSync(folder).length, built?.segments);
    let shared = await share(storage);
    compare(shared, access, []);
    storage.releaseSnapshot(shared);
    write(storage, (transaction) => transaction.dropTree(treeId));
    await storage.flush();
    assert.equal(storage.segmentSummary(treeId), undefined);
    assert.deepEqual(readdirSync(folder), []);
    shared = await share(storage);
    compare(shared, access, []);
    storage.releaseSnapshot(shared);
    await storage.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('rows of a table that has got another column have its default', async () => {
  await withStorage(async ({ storage }) => {
    const access = await filledTable(storage, 10_000);
    await storage.buildSegments(access.table);
    const { table } = access;
    const added = {
      name: 'added',
      attributeNumber: table.columns.length + 1,
      type: { oid: 23, typmod: -1 },
      notNull: false,
      dropped: false,
      missingValue: '42',
    };
    const columns = [...table.columns, added];
    const tupleVersions = [...table.tupleVersions, { version: 2, columns }];
    const wider: TableDescriptor = { ...table, columns, tupleVersions };
    const widerAccess = tableAccess(wider);
    put(widerAccess, storage, [[3, 1, 2, 3, true, null, 'x', 1, 1, null, null, null, 7]]);
    const shared = await share(storage);
    const reader = openSharedSnapshot(shared);
    const wish = { sources: [...sources, { kind: 'attribute', attributeNumber: 13 } as const] };
    assert.deepEqual(columnRows(reader, widerAccess, wish), storedRows(reader, widerAccess, wish));
    reader.close();
    storage.releaseSnapshot(shared);
  });
});

test('segments that nobody scans go when many of their rows have changed', async () => {
  await withStorage(async ({ storage }) => {
    const access = await filledTable(storage, 3000);
    const { treeId } = access.table;
    const row = (key: number): Datum[] => [key, 1, 2, 3, true, null, 'x', 1, 1, null, null, null];
    const change = async (): Promise<void> => {
      put(
        access,
        storage,
        Array.from({ length: 1000 }, (_, i) => row(i)),
      );
      await storage.flush();
      // A build of nothing waits for what goes on.
      await storage.buildSegments({ ...access.table, treeId: 1 });
    };
    await storage.buildSegments(access.table);
    await change();
    assert.equal(storage.segmentSummary(treeId), undefined);
    await storage.buildSegments(access.table);
    storage.noteTableUse(access.table);
    await change();
    assert.notEqual(storage.segmentSummary(treeId), undefined);
  });
});
