// Goal: the catalog in memory is what the committed rows say, whatever commits, rolls back and restarts.
// Method: persistent maps against a plain Map under random changes; then transactions on real storage,
// read back through a store that was opened anew.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { BuiltinOid, type SchemaDescriptor } from '#common';
import { type OpenStorage, openStorage } from '../engine.ts';
import { type CatalogStore, openCatalog } from './catalog-store.ts';
import { PersistentMap } from './persistent-map.ts';

test('a persistent map is a map, and its earlier versions stay as they were', () => {
  const change = fc.tuple(fc.nat(200), fc.option(fc.nat(1000), { nil: undefined }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      let map = new PersistentMap<number, number>();
      const model = new Map<number, number>();
      const versions: [PersistentMap<number, number>, Map<number, number>][] = [];
      for (const [key, value] of changes) {
        map = map.with(key, value);
        if (value === undefined) model.delete(key);
        else model.set(key, value);
        versions.push([map, new Map(model)]);
      }
      for (const [version, expected] of versions.filter((_version, index) => index % 37 === 0)) {
        const sorted = (values: Iterable<number>): number[] =>
          [...values].toSorted((a, b) => a - b);
        assert.deepEqual(sorted(version.values()), sorted(expected.values()));
        for (let key = 0; key <= 200; key++) assert.equal(version.get(key), expected.get(key));
      }
    }),
  );
});

const { postgresDatabase } = BuiltinOid;

function schema(oid: number, name: string): SchemaDescriptor {
  return { kind: 'schema', oid, name, owner: BuiltinOid.bootstrapRole };
}

async function withCatalog(
  run: (
    storage: OpenStorage,
    store: CatalogStore,
    reopen: () => Promise<CatalogStore>,
  ) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'catalog-'));
  const onFatal = (error: Error): void => {
    throw error;
  };
  let storage = await openStorage({ directory, onFatal });
  try {
    await run(storage, await openCatalog(storage), async () => {
      await storage.close();
      storage = await openStorage({ directory, onFatal });
      return openCatalog(storage);
    });
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
}

test('changes are seen by their transaction alone until it commits', () =>
  withCatalog(async (storage, store, reopen) => {
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    transaction.beginStatement();
    const changes = store.forTransaction(transaction, postgresDatabase);
    const before = store.snapshot(postgresDatabase);
    changes.put(schema(20_000, 's'));
    assert.equal(changes.state.schemaNamed('s')?.oid, 20_000);
    assert.notEqual(changes.state.version, before.version);
    assert.equal(store.snapshot(postgresDatabase), before);
    transaction.commit();
    assert.equal(store.snapshot(postgresDatabase).schemaNamed('s')?.oid, 20_000);
    assert.equal(before.schemaNamed('s'), undefined);
    assert.equal((await reopen()).snapshot(postgresDatabase).schemaNamed('s')?.oid, 20_000);
  }));

test('a rollback to a savepoint takes back what came after it, also the first change', () =>
  withCatalog(async (storage, store) => {
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    transaction.beginStatement();
    const changes = store.forTransaction(transaction, postgresDatabase);
    const start = transaction.savepoint();
    changes.put(schema(20_000, 'first'));
    transaction.rollbackTo(start);
    assert.equal(changes.isEmpty, true);
    changes.put(schema(20_001, 'second'));
    const middle = transaction.savepoint();
    changes.put(schema(20_001, 'renamed'));
    changes.remove(schema(20_001, 'renamed'));
    transaction.rollbackTo(middle);
    assert.equal(changes.state.schemaNamed('second')?.oid, 20_001);
    transaction.commit();
    const state = store.snapshot(postgresDatabase);
    assert.deepEqual(
      ['first', 'second', 'renamed'].map((name) => state.schemaNamed(name)?.oid),
      [undefined, 20_001, undefined],
    );
  }));

test('the newest committed state shows through a transaction with changes of its own', () =>
  withCatalog(async (storage, store) => {
    const begin = () => storage.begin({ isolation: 'repeatable read', readOnly: false });
    const first = begin();
    first.beginStatement();
    const own = store.forTransaction(first, postgresDatabase);
    own.put(schema(20_000, 'own'));
    const second = begin();
    second.beginStatement();
    store.forTransaction(second, postgresDatabase).put(schema(20_001, 'other'));
    second.commit();
    assert.equal(own.state.schemaNamed('other')?.oid, 20_001);
    assert.equal(own.state.schemaNamed('own')?.oid, 20_000);
    first.rollback();
    assert.equal(store.snapshot(postgresDatabase).schemaNamed('own'), undefined);
  }));

test('temporary schemas that a crash left behind are gone after a restart', () =>
  withCatalog(async (storage, store, reopen) => {
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    transaction.beginStatement();
    store.forTransaction(transaction, postgresDatabase).put(schema(20_000, 'pg_temp_7'));
    transaction.commit();
    const reopened = await reopen();
    assert.equal(reopened.snapshot(postgresDatabase).schemaNamed('pg_temp_7'), undefined);
    assert.equal(
      reopened.snapshot(postgresDatabase).schemaNamed('public')?.oid,
      BuiltinOid.publicSchema,
    );
  }));
