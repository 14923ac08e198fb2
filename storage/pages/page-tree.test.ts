// Goal: a PageStore behaves like a sorted map with history, whatever keys, values and batches it gets.
// Method: random batches (fast-check) are applied to the store and to a model; then point reads,
// history reads, range scans in both directions and page sizes are compared.

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openEnd } from '../contract.ts';
import type { FlushedKey, FlushMetadata, PageCursor } from '../page-store.ts';
import { type LmdbPageStore, openPageStore } from './page-store.ts';
import { pageBytesMax } from './page-format.ts';

export const emptyMetadata: FlushMetadata = {
  position: 1,
  lastCommit: 1,
  nextTreeId: 10,
  nextOid: 20000,
  counters: [],
  rowIds: [],
};

interface Version {
  from: number;
  to: number;
  value: Uint8Array;
}
type Model = Map<string, Version[]>;

const tree = 7;

async function withStore(
  run: (store: LmdbPageStore, directory: string) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'pages-'));
  const store = await openPageStore(directory);
  try {
    await run(store, directory);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
}

/** One batch on the model; returns it as the store wants it. */
function applyToModel(
  model: Model,
  batch: readonly { key: string; value: Uint8Array | undefined; repeat: number }[],
  clock: { now: number },
): FlushedKey[] {
  const changes = new Map<string, { from: number; value: Uint8Array | undefined }[]>();
  for (const { key, value, repeat } of batch) {
    for (let n = 0; n < repeat; n++) {
      const from = ++clock.now;
      const versions = model.get(key) ?? [];
      model.set(key, versions);
      const last = versions.at(-1);
      if (last !== undefined && last.to === openEnd) last.to = from;
      if (value !== undefined) versions.push({ from, to: openEnd, value });
      const list = changes.get(key) ?? [];
      changes.set(key, list);
      list.unshift({ from, value });
    }
  }
  return [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, versions]) => ({ tree, key, versions }));
}

function collect(cursor: PageCursor): [string, number, number, string][] {
  const rows: [string, number, number, string][] = [];
  while (cursor.next()) {
    rows.push([cursor.key, cursor.from, cursor.to, Buffer.from(cursor.value).toString('latin1')]);
  }
  cursor.close();
  return rows;
}
function expected(
  model: Model,
  current: boolean,
  lower: string | undefined,
  upper: string | undefined,
) {
  const rows: [string, number, number, string][] = [];
  const keys = [...model.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (const key of keys) {
    if ((lower !== undefined && key < lower) || (upper !== undefined && key >= upper)) continue;
    for (const version of model.get(key)!.toReversed()) {
      if ((version.to === openEnd) !== current) continue;
      rows.push([key, version.from, version.to, Buffer.from(version.value).toString('latin1')]);
    }
  }
  return rows;
}
function groupedBackward(
  rows: [string, number, number, string][],
): [string, number, number, string][] {
  const keys = [...new Set(rows.map(([key]) => key))].toReversed();
  return keys.flatMap((key) => rows.filter(([other]) => other === key));
}

const keyArbitrary = fc.oneof(
  fc.string({ unit: fc.constantFrom('\0', '\x01', 'a', 'b', '\xff'), minLength: 1, maxLength: 6 }),
  fc.nat(3000).map((n) => 'key/' + String(n).padStart(5, '0')),
  fc.nat(40).map((n) => 'long/' + 'x'.repeat(2600) + String(n)),
);
const valueArbitrary = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  { weight: 1, arbitrary: fc.nat(200_000).map((n) => new Uint8Array(n).fill(n % 251)) },
);
const batchArbitrary = fc.array(
  fc.record({
    key: keyArbitrary,
    value: fc.option(valueArbitrary, { nil: undefined, freq: 3 }),
    repeat: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 150 },
);

test('page trees agree with a model over random batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(batchArbitrary, { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.option(keyArbitrary), fc.option(keyArbitrary)), { maxLength: 4 }),
      async (batches, ranges) => {
        await withStore(async (store) => {
          const model: Model = new Map();
          const clock = { now: 1_700_000_000_000_000 };
          for (const batch of batches) {
            await store.apply(applyToModel(model, batch, clock), [], emptyMetadata);
            compare(store, model, [[null, null], ...ranges]);
          }
        });
      },
    ),
    { numRuns: 25 },
  );
});

function compare(
  store: LmdbPageStore,
  model: Model,
  ranges: (readonly [string | null, string | null])[],
): void {
  const snapshot = store.snapshot();
  for (const [low, high] of ranges) {
    const bounds = { lower: low ?? undefined, upper: high ?? undefined };
    for (const current of [true, false]) {
      const rows = expected(model, current, bounds.lower, bounds.upper);
      const scan = (backward: boolean) =>
        current
          ? snapshot.scanCurrent(tree, bounds, backward)
          : snapshot.scanHistory(tree, bounds, backward);
      assert.deepEqual(collect(scan(false)), rows);
      assert.deepEqual(collect(scan(true)), groupedBackward(rows));
    }
  }
  for (const [key, versions] of model) {
    const last = versions.at(-1);
    const found = snapshot.getCurrent(tree, key);
    if (last === undefined || last.to !== openEnd) assert.equal(found, undefined);
    else {
      assert.deepEqual(Buffer.from(found!), Buffer.from(last.value));
      assert.equal(snapshot.from, last.from);
    }
    for (const version of versions.slice(-3)) {
      if (version.to === openEnd) continue;
      for (const at of [version.from, version.to - 1]) {
        const old = snapshot.getHistory(tree, key, at);
        assert.deepEqual(Buffer.from(old!), Buffer.from(version.value));
        assert.deepEqual([snapshot.from, snapshot.to], [version.from, version.to]);
      }
    }
    const first = versions[0];
    if (first !== undefined)
      assert.equal(snapshot.getHistory(tree, key, first.from - 1), undefined);
  }
  assert.equal(snapshot.estimate(tree).rows, expected(model, true, undefined, undefined).length);
  snapshot.release();
}

test('pages of ordinary rows never pass the size limit and are well filled', async () => {
  await withStore(async (store) => {
    const value = new Uint8Array(104);
    const rows = (first: number, count: number): FlushedKey[] =>
      Array.from({ length: count }, (_, i) => ({
        tree,
        key:
          '\x80' +
          String.fromCharCode(0, (first + i) >>> 16, ((first + i) >>> 8) & 255, (first + i) & 255),
        versions: [{ from: 1_700_000_000_000_000, value }],
      }));
    await store.apply(rows(0, 20_000), [], emptyMetadata);
    await store.apply(rows(20_000, 20_000), [], emptyMetadata);
    const snapshot = store.snapshot();
    const leaves = snapshot.scanLeaves(tree, { lower: undefined, upper: undefined }, false);
    let pages = 0;
    let count = 0;
    for (let leaf = leaves.nextLeaf(); leaf !== undefined; leaf = leaves.nextLeaf()) {
      pages++;
      count += leaf.end - leaf.first;
      assert.ok(leaf.valueEnd(leaf.count - 1) <= pageBytesMax);
    }
    snapshot.release();
    assert.equal(count, 40_000);
    assert.ok(count / pages > 34, `${count / pages} rows a page`);
  });
});

test('an old snapshot keeps its view over later flushes and drops', async () => {
  await withStore(async (store) => {
    const model: Model = new Map();
    const clock = { now: 1000 };
    const batch = (value: number) =>
      Array.from({ length: 3000 }, (_, i) => ({
        key: String(i).padStart(6, '0'),
        value: new Uint8Array([value]),
        repeat: 1,
      }));
    await store.apply(applyToModel(model, batch(1), clock), [], emptyMetadata);
    const old = store.snapshot();
    const before = collect(old.scanCurrent(tree, { lower: undefined, upper: undefined }, false));
    await store.apply(applyToModel(model, batch(2), clock), [], emptyMetadata);
    await store.apply([], [tree], emptyMetadata);
    assert.deepEqual(
      collect(old.scanCurrent(tree, { lower: undefined, upper: undefined }, false)),
      before,
    );
    assert.equal(old.getCurrent(tree, '000001')![0], 1);
    old.release();
    const latest = store.snapshot();
    assert.equal(latest.getCurrent(tree, '000001'), undefined);
    assert.equal(latest.getHistory(tree, '000001', 1500), undefined);
    latest.release();
  });
});

test('pruning history removes only versions that ended before the time', async () => {
  await withStore(async (store) => {
    const model: Model = new Map();
    const clock = { now: 1000 };
    const batch = Array.from({ length: 200 }, (_, i) => ({
      key: `k${i}`,
      value: new Uint8Array([i]),
      repeat: 3,
    }));
    await store.apply(applyToModel(model, batch, clock), [], emptyMetadata);
    const before = 1300;
    const ended = [...model.values()].flat().filter((version) => version.to <= before).length;
    assert.equal(await store.pruneHistory(tree, before), ended);
    for (const [key, versions] of model)
      model.set(
        key,
        versions.filter((version) => version.to > before),
      );
    const snapshot = store.snapshot();
    const rows = collect(snapshot.scanHistory(tree, { lower: undefined, upper: undefined }, false));
    snapshot.release();
    assert.deepEqual(rows, expected(model, false, undefined, undefined));
  });
});
