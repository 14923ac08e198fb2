// Goal: the table layer keeps rows, indexes and history consistent on the real engine.
// Method: random inserts, updates and deletes are mirrored in a plain array; after every transaction
// (and after flushes) full scans, key scans and index scans are compared with it. Special cases below.

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  columnValue,
  DatabaseError,
  type Datum,
  type IndexDescriptor,
  type TableDescriptor,
  TypeOid,
} from '#common';
import { type OpenStorage, openStorage } from '../engine.ts';
import type { Transaction } from '../contract.ts';
import { openSharedSnapshot } from '../shared-snapshot.ts';
import type { RowAccess, RowSource, TableAccess, TableScan } from './contract.ts';
import { tableAccess } from './table-access.ts';

async function withStorage(run: (storage: OpenStorage) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'table-'));
  const storage = await openStorage({
    directory,
    onFatal: (error: Error) => {
      throw error;
    },
  });
  try {
    await run(storage);
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
}

const types = [TypeOid.int4, TypeOid.text, TypeOid.int4] as const;
const names = ['a', 'b', 'c'];

interface TableShape {
  keyColumns?: number[];
  indexes?: { columns: number[]; unique?: boolean; descending?: boolean }[];
}
let nextOid = 30_000;

function makeTable(storage: OpenStorage, shape: TableShape): TableDescriptor {
  const oid = nextOid++;
  const indexes = (shape.indexes ?? []).map((index) => makeIndex(storage, oid, index));
  if (shape.keyColumns !== undefined) {
    indexes.unshift({
      ...makeIndex(storage, oid, { columns: shape.keyColumns, unique: true }),
      name: 't_pkey',
      primary: true,
      clustered: true,
    });
  }
  return {
    kind: 'table',
    oid,
    name: 't',
    schemaOid: 2200,
    owner: 10,
    treeId: storage.allocateTreeId(),
    persistence: 'permanent',
    columns: types.map((type, i) => ({
      name: names[i],
      attributeNumber: i + 1,
      type: { oid: type, typmod: -1 },
      notNull: false,
      dropped: false,
    })),
    tupleVersions: [
      {
        version: 1,
        columns: types.map((type, i) => ({
          attributeNumber: i + 1,
          type: { oid: type, typmod: -1 },
        })),
      },
    ],
    keyColumns: shape.keyColumns ?? [],
    rowTypeOid: 0,
    indexes,
    constraints: [],
    referencedBy: [],
  };
}
function makeIndex(
  storage: OpenStorage,
  tableOid: number,
  index: { columns: number[]; unique?: boolean; descending?: boolean },
): IndexDescriptor {
  const oid = nextOid++;
  return {
    kind: 'index',
    oid,
    name: `t_${index.columns.map((number) => names[number - 1]).join('_')}_idx`,
    schemaOid: 2200,
    tableOid,
    treeId: storage.allocateTreeId(),
    method: 'btree',
    unique: index.unique ?? false,
    nullsNotDistinct: false,
    primary: false,
    clustered: false,
    columns: index.columns.map((attributeNumber) => ({
      attributeNumber,
      descending: index.descending ?? false,
      nullsFirst: index.descending ?? false,
    })),
    included: [],
    valid: true,
  };
}

const attributes: RowSource[] = [1, 2, 3].map((attributeNumber) => ({
  kind: 'attribute',
  attributeNumber,
}));
const withKey: RowSource[] = [...attributes, { kind: 'rowKey' }];

function drain(scan: TableScan, width: number, maxRows = 7): Datum[][] {
  const rows: Datum[][] = [];
  for (let batch = scan.nextBatch(maxRows); batch !== undefined; batch = scan.nextBatch(maxRows)) {
    assert.ok(batch.length > 0 && batch.length <= maxRows);
    for (let row = 0; row < batch.length; row++) {
      rows.push(Array.from({ length: width }, (_, i) => columnValue(batch.columns[i], row)));
    }
  }
  scan.close();
  return rows;
}
function begin(storage: OpenStorage): Transaction {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  return transaction;
}
function scanAll(
  access: TableAccess,
  transaction: Transaction,
  path: RowAccess,
  backward = false,
): Datum[][] {
  return drain(access.openScan(transaction, { access: path, sources: attributes, backward }), 3);
}

type Step = {
  kind: 'insert' | 'update' | 'delete';
  a: number;
  b: string | null;
  c: number | null;
  pick: number;
};
const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'update', 'delete'),
  a: fc.nat(60),
  b: fc.option(fc.constantFrom('x', 'yy', 'ü', 'z'.repeat(2000)), { nil: null }),
  c: fc.option(fc.nat(20), { nil: null }),
  pick: fc.nat(1000),
});

for (const keyed of [true, false]) {
  test(`scans agree with a model (${keyed ? 'primary key' : 'hidden row id'})`, async () => {
    await withStorage(async (storage) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(stepArbitrary, { maxLength: 25 }), { maxLength: 5 }),
          async (rounds) => {
            const table = makeTable(storage, {
              ...(keyed ? { keyColumns: [1] } : {}),
              indexes: [
                { columns: [3] },
                { columns: [2, 3], descending: true },
                { columns: [1], unique: true },
              ],
            });
            let model: Datum[][] = [];
            for (const [round, steps] of rounds.entries()) {
              const transaction = begin(storage);
              for (const step of steps)
                model = applyStep(tableAccess(table), transaction, model, step);
              compare(table, transaction, model);
              transaction.commit();
              if (round % 2 === 1) await storage.flush();
              const reader = begin(storage);
              compare(table, reader, model);
              reader.rollback();
            }
          },
        ),
        { numRuns: 30 },
      );
    });
  });
}

function applyStep(
  access: TableAccess,
  transaction: Transaction,
  model: Datum[][],
  step: Step,
): Datum[][] {
  const row = [step.a, step.b, step.c];
  if (step.kind === 'insert') {
    if (model.some(([a]) => a === step.a)) {
      assert.throws(() => access.insertRow(transaction, row), isDuplicate);
      const conflict = access.insertOrConflict(transaction, row, undefined);
      assert.ok(typeof conflict === 'object' && conflict.existing.length > 0);
      return model;
    }
    access.insertRow(transaction, row);
    return [...model, row];
  }
  if (model.length === 0) return model;
  const victim = model[step.pick % model.length];
  const key = drain(
    access.openScan(transaction, { access: { kind: 'full' }, sources: withKey }),
    4,
  ).find(([a]) => a === victim[0])![3] as string;
  const old = access.fetchForUpdate(transaction, key, 3);
  assert.ok(old instanceof Uint8Array);
  assert.deepEqual(access.decodeRow(old), victim);
  const rest = model.filter((other) => other !== victim);
  if (step.kind === 'delete') {
    access.deleteRow(transaction, key, old);
    return rest;
  }
  if (rest.some(([a]) => a === step.a)) {
    assert.throws(() => access.updateRow(transaction, key, old, row), isDuplicate);
    return model;
  }
  access.updateRow(transaction, key, old, row);
  return [...rest, row];
}
function isDuplicate(error: unknown): boolean {
  return error instanceof DatabaseError && error.sqlState === '23505';
}
function compare(table: TableDescriptor, transaction: Transaction, model: Datum[][]): void {
  const access = tableAccess(table);
  const sorted = (rows: Datum[][]) => rows.map((row) => JSON.stringify(row)).toSorted();
  const full = scanAll(access, transaction, { kind: 'full' });
  assert.deepEqual(sorted(full), sorted(model));
  assert.deepEqual(scanAll(access, transaction, { kind: 'full' }, true), full.toReversed());
  for (const index of table.indexes) {
    if (index.clustered) continue;
    const bounds = access.indexBounds(index.oid, { equal: [] })!;
    const path: RowAccess = { kind: 'index', indexOid: index.oid, bounds };
    const rows = scanAll(access, transaction, path);
    assert.deepEqual(sorted(rows), sorted(model));
    assert.deepEqual(scanAll(access, transaction, path, true), rows.toReversed());
  }
  const byC = table.indexes.find(
    (index) => index.columns.length === 1 && index.columns[0].attributeNumber === 3,
  )!;
  const range = access.indexBounds(byC.oid, {
    equal: [],
    lower: { value: 5, inclusive: false },
    upper: { value: 15, inclusive: true },
  })!;
  const found = scanAll(access, transaction, { kind: 'index', indexOid: byC.oid, bounds: range });
  assert.deepEqual(
    sorted(found),
    sorted(model.filter(([, , c]) => c !== null && (c as number) > 5 && (c as number) <= 15)),
  );
  const times = found.map(([, , c]) => c as number);
  assert.deepEqual(
    times,
    times.toSorted((x, y) => x - y),
  );
}

test('duplicate keys are reported as PostgreSQL does', async () => {
  await withStorage(async (storage) => {
    const table = makeTable(storage, { keyColumns: [1, 2] });
    const access = tableAccess(table);
    const transaction = begin(storage);
    access.insertRow(transaction, [1, 'x', null]);
    assert.throws(
      () => access.insertRow(transaction, [1, 'x', 3]),
      (error: DatabaseError) => {
        assert.equal(error.message, 'duplicate key value violates unique constraint "t_pkey"');
        assert.equal(error.detail, 'Key (a, b)=(1, x) already exists.');
        assert.equal(error.constraint, 't_pkey');
        return true;
      },
    );
    transaction.rollback();
  });
});

test('as-of scans through an index see the past, also from before the index', async () => {
  await withStorage(async (storage) => {
    const plain = makeTable(storage, { keyColumns: [1] });
    let transaction = begin(storage);
    for (let a = 0; a < 10; a++) tableAccess(plain).insertRow(transaction, [a, null, a * 10]);
    const first = transaction.commit().timestamp!;
    const index = makeIndex(storage, plain.oid, { columns: [3] });
    const table = { ...plain, indexes: [...plain.indexes, index] };
    const access = tableAccess(table);
    transaction = begin(storage);
    const build = access.buildIndex(transaction, index);
    while (!build.step(3)) await new Promise(setImmediate);
    build.close();
    transaction.commit();
    transaction = begin(storage);
    const key = access.keyOf([4]);
    const old = access.fetchForUpdate(transaction, key, 3) as Uint8Array;
    access.updateRow(transaction, key, old, [4, null, 999]);
    transaction.commit();
    for (const flushed of [false, true]) {
      if (flushed) await storage.flush();
      transaction = begin(storage);
      const bounds = access.indexBounds(index.oid, { equal: [40] })!;
      const path: RowAccess = { kind: 'index', indexOid: index.oid, bounds };
      const past = access.openScan(transaction, {
        access: path,
        sources: attributes,
        view: { kind: 'asOf', at: first },
      });
      assert.deepEqual(drain(past, 3), [[4, null, 40]]);
      assert.deepEqual(scanAll(access, transaction, path), []);
      const sources: RowSource[] = [
        { kind: 'pseudo', name: '_tx_from' },
        { kind: 'pseudo', name: '_tx_to' },
        { kind: 'pseudo', name: '_valid_to' },
      ];
      const out: Datum[] = [];
      assert.ok(access.readColumns(transaction, key, sources, out, { kind: 'asOf', at: first }));
      assert.equal(out[0], first - 946_684_800_000_000);
      assert.notEqual(out[1], Infinity);
      assert.equal(out[2], Infinity);
      transaction.rollback();
    }
  });
});

test('a snapshot from before an index was built does not trust it', async () => {
  await withStorage(async (storage) => {
    const plain = makeTable(storage, { keyColumns: [1] });
    let transaction = begin(storage);
    for (let a = 0; a < 10; a++) tableAccess(plain).insertRow(transaction, [a, null, a % 3]);
    transaction.commit();
    const old = storage.begin({ isolation: 'repeatable read', readOnly: true });
    old.beginStatement();
    transaction = begin(storage);
    const key = tableAccess(plain).keyOf([4]);
    const tuple = tableAccess(plain).fetchForUpdate(transaction, key, 3) as Uint8Array;
    tableAccess(plain).deleteRow(transaction, key, tuple);
    transaction.commit();
    const index = makeIndex(storage, plain.oid, { columns: [3] });
    const access = tableAccess({ ...plain, indexes: [...plain.indexes, index] });
    transaction = begin(storage);
    const build = access.buildIndex(transaction, index);
    while (!build.step(100)) await new Promise(setImmediate);
    build.close();
    transaction.commit();
    const bounds = access.indexBounds(index.oid, { equal: [1] })!;
    const path: RowAccess = { kind: 'index', indexOid: index.oid, bounds };
    assert.deepEqual(
      scanAll(access, old, path).map(([a]) => a),
      [1, 4, 7],
    );
    old.rollback();
    const now = begin(storage);
    assert.deepEqual(
      scanAll(access, now, path).map(([a]) => a),
      [1, 7],
    );
    now.rollback();
  });
});

for (const order of ['ascending', 'scattered']) {
  test(`bulk load, ${order}: rows and indexes appear at commit, survive a restart`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'table-'));
    const options = {
      directory,
      onFatal: (error: Error) => {
        throw error;
      },
    };
    let storage = await openStorage(options);
    const table = makeTable(storage, { keyColumns: [1], indexes: [{ columns: [3] }] });
    const access = tableAccess(table);
    const count = 20_000;
    let transaction = begin(storage);
    const load = access.openBulkLoad(transaction, { fresh: false, lastStatement: true })!;
    for (let i = 0; i < count; i++) {
      const a = order === 'ascending' ? i : (i * 7919) % count;
      load.addRow([a, 'row', a % 100]);
    }
    await load.finish();
    const other = begin(storage);
    assert.deepEqual(scanAll(access, other, { kind: 'full' }), []);
    other.rollback();
    const { timestamp, position } = transaction.commit();
    await storage.whenSynced(position);
    transaction = begin(storage);
    const shared = openSharedSnapshot(await storage.shareSnapshot(transaction));
    const inThread = access.openScan(shared, { access: { kind: 'full' }, sources: attributes });
    assert.equal(drain(inThread, 3, 1000).length, count);
    shared.close();
    transaction.rollback();
    transaction = begin(storage);
    const key = access.keyOf([5]);
    access.updateRow(transaction, key, access.fetchForUpdate(transaction, key, 3) as Uint8Array, [
      5,
      'new',
      77,
    ]);
    await storage.whenSynced(transaction.commit().position);
    for (const round of ['memory', 'flushed', 'reopened']) {
      if (round === 'flushed') await storage.flush();
      if (round === 'reopened') {
        await storage.close();
        storage = await openStorage(options);
      }
      transaction = begin(storage);
      const rows = scanAll(access, transaction, { kind: 'full' });
      assert.equal(rows.length, count);
      assert.deepEqual(rows[5], [5, 'new', 77]);
      assert.deepEqual(rows[6], [6, 'row', 6]);
      const bounds = access.indexBounds(table.indexes[1].oid, { equal: [77] })!;
      const path: RowAccess = { kind: 'index', indexOid: table.indexes[1].oid, bounds };
      assert.equal(scanAll(access, transaction, path).length, count / 100 + 1);
      const out: Datum[] = [];
      access.readColumns(
        transaction,
        access.keyOf([6]),
        [{ kind: 'pseudo', name: '_tx_from' }],
        out,
      );
      assert.equal(out[0], timestamp! - 946_684_800_000_000);
      transaction.rollback();
    }
    await storage.close();
    rmSync(directory, { recursive: true });
  });
}

test('a bulk load with a duplicate fails and leaves the table empty', async () => {
  await withStorage(async (storage) => {
    const table = makeTable(storage, { keyColumns: [1] });
    const access = tableAccess(table);
    let transaction = begin(storage);
    const load = access.openBulkLoad(transaction, { fresh: true, lastStatement: false })!;
    for (let a = 0; a < 5000; a++) load.addRow([a === 4000 ? 17 : a, null, null]);
    await assert.rejects(load.finish(), (error: DatabaseError) => {
      assert.equal(error.detail, 'Key (a)=(17) already exists.');
      return isDuplicate(error);
    });
    transaction.rollback();
    transaction = begin(storage);
    assert.deepEqual(scanAll(access, transaction, { kind: 'full' }), []);
    transaction.rollback();
  });
});

test('rewriting re-keys a table', async () => {
  await withStorage(async (storage) => {
    const source = makeTable(storage, {});
    let transaction = begin(storage);
    for (let i = 0; i < 5000; i++)
      tableAccess(source).insertRow(transaction, [(i * 17) % 5000, 'v', i]);
    transaction.commit();
    const target = makeTable(storage, {
      keyColumns: [1],
      indexes: [{ columns: [3], unique: true }],
    });
    transaction = begin(storage);
    const build = tableAccess(source).rewriteInto(transaction, tableAccess(target));
    while (!build.step(500)) await new Promise(setImmediate);
    build.close();
    transaction.commit();
    transaction = begin(storage);
    const rows = scanAll(tableAccess(target), transaction, { kind: 'full' });
    assert.deepEqual(
      rows.map(([a]) => a),
      Array.from({ length: 5000 }, (_, i) => i),
    );
    const { oid } = target.indexes[1];
    assert.ok(tableAccess(target).existsByIndex(transaction, oid, [4999]));
    assert.ok(!tableAccess(target).existsByIndex(transaction, oid, [5000]));
    transaction.rollback();
  });
});
