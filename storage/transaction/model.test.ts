// Goal: transactions over memory, pages and log behave as a naive model does: reads and scans (both
// ways, all views) under snapshots and savepoints, with flushes at any moment; and after a crash
// exactly a prefix of the commits is there that contains every acknowledged one. Method: random
// histories (fast-check) run against storage and against a list of whole states, on a simulated disk
// that loses what was not synced. Deleting the sync call in file-log.ts makes it fail.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type CommitTimestamp, type ReadView, type VersionCursor, openEnd } from '../contract.ts';
import { type OpenStorage, openStorage } from '../engine.ts';
import { MemoryPageStore } from '../testing/memory-page-store.ts';
import { SimulatedFiles } from '../testing/simulated-files.ts';
import type { ActiveTransaction } from './transaction.ts';

const tree = 2000;
const keys = 'abcdefgh'.split('');
const everything = { lower: undefined, upper: undefined };
const ownFrom = openEnd - 1;

type Rows = ReadonlyMap<string, string>;

interface ModelCommit {
  readonly timestamp: CommitTimestamp;
  readonly position: number;
  readonly rows: Rows;
}

interface ModelTransaction {
  readonly real: ActiveTransaction;
  /** The committed state of the snapshot. */
  snapshot: Rows;
  snapshotAt: CommitTimestamp;
  own: Map<string, string | undefined>;
  savepoints: { readonly real: number; readonly own: Map<string, string | undefined> }[];
}

class Model {
  readonly files = new SimulatedFiles();
  readonly pages = new MemoryPageStore();
  commits: ModelCommit[] = [{ timestamp: 0, position: 0, rows: new Map() }];
  transactions: ModelTransaction[] = [];
  acknowledged = 0;
  storage!: OpenStorage;
  #clock = 1_000_000;

  async open(): Promise<void> {
    this.storage = await openStorage({
      directory: '/simulated',
      files: this.files,
      pageStore: this.pages,
      clock: () => this.#clock++,
      logSegmentBytes: 2048,
      logReserveBytes: 512,
      onFatal: (error) => {
        throw error;
      },
    });
  }

  last(): ModelCommit {
    return this.commits.at(-1) as ModelCommit;
  }

  begin(): void {
    const real = this.storage.begin({ isolation: 'repeatable read', readOnly: false });
    real.beginStatement();
    const { rows, timestamp } = this.last();
    this.transactions.push({
      real,
      snapshot: rows,
      snapshotAt: timestamp,
      own: new Map(),
      savepoints: [],
    });
  }

  visible(transaction: ModelTransaction): Rows {
    return laidOver(transaction.snapshot, transaction.own);
  }

  /** Without locks: the model commits whatever was written, the last one wins. */
  commit(transaction: ModelTransaction): void {
    this.transactions.splice(this.transactions.indexOf(transaction), 1);
    const { timestamp, position } = transaction.real.commit();
    if (timestamp === undefined) return;
    const rows = laidOver(this.last().rows, transaction.own);
    this.commits.push({ timestamp, position, rows });
  }

  async crash(share: number): Promise<void> {
    const { storage } = this;
    this.transactions = [];
    await storage.abandon();
    this.files.crash(share === 0 ? { kind: 'drop' } : { kind: 'torn', share });
    await this.open();
    const survivor = this.storage.begin({ isolation: 'read committed', readOnly: true });
    survivor.beginStatement();
    const found = rowsOf(survivor.scan(tree, everything));
    survivor.rollback();
    const at = survivor.snapshotTimestamp;
    const count = this.commits.findIndex((commit) => commit.timestamp === at) + 1;
    assert.ok(count > 0, 'the state after the crash is that after some commit');
    for (const lost of this.commits.slice(count)) {
      assert.ok(lost.position > this.acknowledged, 'an acknowledged commit survives');
    }
    this.commits = this.commits.slice(0, count);
    assert.deepEqual(found, this.last().rows);
  }
}

function laidOver(rows: Rows, changes: ReadonlyMap<string, string | undefined>): Rows {
  const result = new Map(rows);
  for (const [key, value] of changes) {
    if (value === undefined) result.delete(key);
    else result.set(key, value);
  }
  return new Map([...result].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString('latin1');
}

function rowsOf(cursor: VersionCursor): Rows {
  const rows = new Map<string, string>();
  while (cursor.next()) rows.set(cursor.key, textOf(cursor.value) as string);
  cursor.close();
  return rows;
}

const key = fc.constantFrom(...keys);
const pick = fc.nat(3);

type Step =
  | { readonly kind: 'begin' | 'flush' | 'acknowledge' | 'idle' }
  | { readonly kind: 'commit' | 'rollback' | 'savepoint' | 'rollbackTo'; readonly who: number }
  | { readonly kind: 'put'; readonly who: number; readonly key: string; readonly value: string }
  | { readonly kind: 'remove' | 'get'; readonly who: number; readonly key: string }
  | {
      readonly kind: 'scan';
      readonly who: number;
      readonly lower: string;
      readonly upper: string;
      readonly backward: boolean;
    }
  | { readonly kind: 'past'; readonly who: number; readonly back: number; readonly span: number }
  | { readonly kind: 'crash'; readonly share: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'begin' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'flush' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'acknowledge' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'idle' as const }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('commit' as const), who: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const), who: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('savepoint' as const), who: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollbackTo' as const), who: pick }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      who: pick,
      key,
      value: fc.string({ unit: 'binary-ascii', maxLength: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), who: pick, key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('get' as const), who: pick, key }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      who: pick,
      lower: key,
      upper: key,
      backward: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('past' as const),
      who: pick,
      back: fc.nat(6),
      span: fc.nat(4),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      share: fc.constantFrom(0, 0, 0.3, 0.8, 1),
    }),
  },
);

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function run(model: Model, action: Step): Promise<void> {
  switch (action.kind) {
    case 'begin':
      if (model.transactions.length < 4) model.begin();
      return;
    case 'flush':
      await model.storage.flush();
      return;
    case 'acknowledge': {
      const { position } = model.last();
      await model.storage.whenSynced(position);
      model.acknowledged = Math.max(model.acknowledged, position);
      return;
    }
    case 'idle':
      await turn();
      return;
    case 'crash':
      await model.crash(action.share);
      return;
    default: {
      const transaction = model.transactions[action.who % Math.max(1, model.transactions.length)];
      if (transaction !== undefined) inTransaction(model, transaction, action);
    }
  }
}

function inTransaction(model: Model, transaction: ModelTransaction, action: Step): void {
  const { real, own } = transaction;
  switch (action.kind) {
    case 'commit':
      model.commit(transaction);
      return;
    case 'rollback':
      model.transactions.splice(model.transactions.indexOf(transaction), 1);
      real.rollback();
      return;
    case 'savepoint':
      transaction.savepoints.push({ real: real.savepoint(), own: new Map(own) });
      return;
    case 'rollbackTo': {
      const savepoint = transaction.savepoints.pop();
      if (savepoint === undefined) return;
      real.rollbackTo(savepoint.real);
      transaction.own = savepoint.own;
      return;
    }
    case 'put':
      real.put(tree, action.key, Buffer.from(action.value, 'latin1'));
      own.set(action.key, action.value);
      return;
    case 'remove':
      real.remove(tree, action.key);
      own.set(action.key, undefined);
      return;
    case 'get':
      assert.equal(
        textOf(real.get(tree, action.key)),
        model.visible(transaction).get(action.key),
        'get',
      );
      assert.equal(
        textOf(real.get(tree, action.key, { kind: 'latest' })),
        laidOver(model.last().rows, own).get(action.key),
        'get latest',
      );
      return;
    case 'scan':
      checkScan(model, transaction, action);
      return;
    case 'past':
      checkPast(model, transaction, action);
      return;
    default:
  }
}

function checkScan(
  model: Model,
  transaction: ModelTransaction,
  action: Extract<Step, { kind: 'scan' }>,
): void {
  const { lower, upper, backward } = action;
  const expect = (rows: Rows): Rows => {
    const inside = [...rows].filter(([at]) => at >= lower && at < upper);
    return new Map(backward ? inside.reverse() : inside);
  };
  const { real } = transaction;
  const bounds = { lower, upper };
  const found = rowsOf(real.scan(tree, bounds, { backward }));
  assert.deepEqual([...found], [...expect(model.visible(transaction))]);
  const latest = rowsOf(real.scan(tree, bounds, { backward, view: { kind: 'latest' } }));
  assert.deepEqual([...latest], [...expect(laidOver(model.last().rows, transaction.own))]);
}

/** Every version of every key, from the list of whole states. */
function versionsOf(model: Model, transaction: ModelTransaction): string[][] {
  const versions: string[][] = [];
  const states = model.commits.filter((commit) => commit.timestamp <= transaction.snapshotAt);
  for (const at of keys) {
    let value: string | undefined;
    let from = 0;
    const close = (to: number): void => {
      if (value !== undefined) versions.push([at, value, String(from), String(to)]);
    };
    for (const [ordinal, state] of states.entries()) {
      const next = state.rows.get(at);
      // A commit that wrote the value again made a new version; the model only sees values change.
      if (ordinal === 0 || next === value) continue;
      close(state.timestamp);
      value = next;
      from = state.timestamp;
    }
    close(openEnd);
  }
  return versions;
}

function checkPast(
  model: Model,
  transaction: ModelTransaction,
  { back, span }: Extract<Step, { kind: 'past' }>,
): void {
  const { real, snapshotAt } = transaction;
  const seen = model.commits.filter((commit) => commit.timestamp <= snapshotAt);
  const past = seen.at(-1 - (back % seen.length)) as ModelCommit;
  const view: ReadView = { kind: 'asOf', at: past.timestamp };
  assert.deepEqual(rowsOf(real.scan(tree, everything, { view })), past.rows, 'as of');
  for (const at of keys) {
    assert.equal(textOf(real.get(tree, at, view)), past.rows.get(at), 'get as of');
  }
  const to = past.timestamp + span * 3;
  const range = { kind: 'range', from: past.timestamp, to, inclusive: true } as const;
  const cursor = real.scan(tree, everything, { view: range });
  const found = new Map<string, string[]>();
  while (cursor.next()) {
    if (cursor.from === ownFrom) continue;
    assert.ok(cursor.to > past.timestamp && cursor.from <= to, 'the version overlaps');
    const values = found.get(cursor.key) ?? [];
    values.push(textOf(cursor.value) as string);
    found.set(cursor.key, values);
  }
  cursor.close();
  for (const [at, value, from, end] of versionsOf(model, transaction)) {
    if (Number(end) <= past.timestamp || Number(from) > to) continue;
    assert.ok(found.get(at)?.includes(value), 'every version is found');
  }
}

test('random histories behave as the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const model = new Model();
      await model.open();
      for (const action of steps) await run(model, action);
      await model.crash(0);
      assert.ok(model.pages.openSnapshots < 40, 'page snapshots are released');
    }),
    { numRuns: 400 },
  );
});
