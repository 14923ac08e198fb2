// Goal: row and table locks conflict as PostgreSQL's tables say, are granted first come first served,
// and never leave a deadlock standing. Method: small scripts of transactions on one engine.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type BeginOptions, RowLock, type RowLockMode, type TableLockMode } from '../contract.ts';
import { type OpenStorage, openStorage } from '../engine.ts';
import { MemoryPageStore } from '../testing/memory-page-store.ts';
import { SimulatedFiles } from '../testing/simulated-files.ts';
import { LockWait, StatementRestart } from './lock-wait.ts';
import type { ActiveTransaction } from './transaction.ts';

const tree = 2000;
const readCommitted: BeginOptions = { isolation: 'read committed', readOnly: false };

function open(rowLocksPerTreeMax?: number): Promise<OpenStorage> {
  return openStorage({
    directory: '/simulated',
    files: new SimulatedFiles(),
    pageStore: new MemoryPageStore(),
    onFatal: (error) => {
      throw error;
    },
    ...(rowLocksPerTreeMax !== undefined && { rowLocksPerTreeMax }),
  });
}

function begin(storage: OpenStorage, options = readCommitted): ActiveTransaction {
  const transaction = storage.begin(options);
  transaction.beginStatement();
  return transaction;
}

/** Runs what must wait and returns the wait. */
function waitOf(action: () => unknown): LockWait {
  try {
    action();
  } catch (signal) {
    if (signal instanceof LockWait) return signal;
    throw signal;
  }
  throw new Error('it did not wait');
}

async function isGranted(wait: LockWait): Promise<boolean> {
  let granted = false;
  void wait.granted.then(
    () => {
      granted = true;
    },
    () => {},
  );
  await Promise.resolve();
  await Promise.resolve();
  return granted;
}

/** PostgreSQL manual, table 13.3: row-level lock conflicts, by requested and held mode. */
const rowConflicts = [
  [0, 0, 0, 1],
  [0, 0, 1, 1],
  [0, 1, 1, 1],
  [1, 1, 1, 1],
];

/** Table 13.2: table-level lock conflicts. */
const tableConflicts = [
  [0, 0, 0, 0, 0, 0, 0, 1],
  [0, 0, 0, 0, 0, 0, 1, 1],
  [0, 0, 0, 0, 1, 1, 1, 1],
  [0, 0, 0, 1, 1, 1, 1, 1],
  [0, 0, 1, 1, 0, 1, 1, 1],
  [0, 0, 1, 1, 1, 1, 1, 1],
  [0, 1, 1, 1, 1, 1, 1, 1],
  [1, 1, 1, 1, 1, 1, 1, 1],
];

function conflicts(action: () => unknown): number {
  try {
    action();
    return 0;
  } catch (error) {
    assert.equal((error as { sqlState: string }).sqlState, '55P03');
    return 1;
  }
}

test('row locks conflict as in table 13.3', async () => {
  const storage = await open();
  for (const [requested, row] of rowConflicts.entries()) {
    for (const [held, expected] of row.entries()) {
      const [first, second] = [begin(storage), begin(storage)];
      first.lock(tree, 'k', held as RowLockMode);
      const found = conflicts(() =>
        second.lock(tree, 'k', requested as RowLockMode, { policy: 'nowait' }),
      );
      assert.equal(found, expected, `${requested} against ${held}`);
      first.lock(tree, 'k', held as RowLockMode);
      first.rollback();
      assert.equal(second.lock(tree, 'k', requested as RowLockMode), 'granted');
      second.rollback();
    }
  }
});

test('table locks conflict as in table 13.2', async () => {
  const storage = await open();
  for (const [requested, row] of tableConflicts.entries()) {
    for (const [held, expected] of row.entries()) {
      const [first, second] = [begin(storage), begin(storage)];
      first.lockTable(1, (held + 1) as TableLockMode);
      const found = conflicts(() =>
        second.lockTable(1, (requested + 1) as TableLockMode, 'nowait'),
      );
      assert.equal(found, expected, `${requested + 1} against ${held + 1}`);
      first.rollback();
      second.lockTable(1, (requested + 1) as TableLockMode);
      second.rollback();
    }
  }
});

test('waiters get a row in the order in which they came', async () => {
  const storage = await open();
  const [a, b, c, d] = [begin(storage), begin(storage), begin(storage), begin(storage)];
  a.lock(tree, 'k', RowLock.share);
  const exclusive = waitOf(() => b.lock(tree, 'k', RowLock.update));
  const shared = waitOf(() => c.lock(tree, 'k', RowLock.share));
  assert.equal(d.lock(tree, 'k', RowLock.share, { policy: 'skip' }), 'skipped');
  a.rollback();
  assert.equal(await isGranted(exclusive), true);
  assert.equal(await isGranted(shared), false);
  assert.equal(b.lock(tree, 'k', RowLock.update), 'granted');
  b.rollback();
  assert.equal(await isGranted(shared), true);
  c.rollback();
  d.rollback();
});

test('an upgrade goes ahead of those who only wait', async () => {
  const storage = await open();
  const [a, b, c] = [begin(storage), begin(storage), begin(storage)];
  a.lock(tree, 'k', RowLock.share);
  b.lock(tree, 'k', RowLock.share);
  const waiting = waitOf(() => c.lock(tree, 'k', RowLock.update));
  const upgrade = waitOf(() => a.lock(tree, 'k', RowLock.update));
  b.rollback();
  assert.equal(await isGranted(upgrade), true);
  assert.equal(await isGranted(waiting), false);
  a.rollback();
  assert.equal(await isGranted(waiting), true);
  c.rollback();
});

test('whoever closes a cycle gets 40P01, with the cycle in the detail', async () => {
  const storage = await open();
  const [a, b, c] = [begin(storage), begin(storage), begin(storage)];
  a.lock(tree, 'x', RowLock.update);
  b.lock(tree, 'y', RowLock.update);
  c.lockTable(7, 8);
  const first = waitOf(() => a.lock(tree, 'y', RowLock.update));
  waitOf(() => b.lockTable(7, 1));
  assert.throws(
    () => c.lock(tree, 'x', RowLock.keyShare),
    (error: { sqlState: string; detail: string }) => {
      assert.equal(error.sqlState, '40P01');
      assert.equal(
        error.detail,
        `Process ${c.id} waits for KeyShareLock on tuple of tree 2000; blocked by process ${a.id}.\n` +
          `Process ${a.id} waits for ExclusiveLock on tuple of tree 2000; blocked by process ${b.id}.\n` +
          `Process ${b.id} waits for AccessShareLock on relation 7; blocked by process ${c.id}.`,
      );
      return true;
    },
  );
  c.rollback();
  b.rollback();
  assert.equal(await isGranted(first), true);
  a.rollback();
});

test('two upgrades of a shared lock are a deadlock', async () => {
  const storage = await open();
  const [a, b] = [begin(storage), begin(storage)];
  a.lock(tree, 'x', RowLock.share);
  b.lock(tree, 'x', RowLock.share);
  waitOf(() => a.lock(tree, 'x', RowLock.update));
  assert.throws(() => b.lock(tree, 'x', RowLock.update), { sqlState: '40P01' });
  b.rollback();
  a.rollback();
});

test('lock_timeout and cancel end a wait; those behind go on', async () => {
  const storage = await open();
  const holder = begin(storage);
  holder.lock(tree, 'k', RowLock.share);
  const impatient = begin(storage, { ...readCommitted, lockTimeoutMs: 5 });
  const timedOut = waitOf(() => impatient.lock(tree, 'k', RowLock.update));
  const behind = begin(storage);
  const shared = waitOf(() => behind.lock(tree, 'k', RowLock.share));
  await assert.rejects(timedOut.granted, { sqlState: '55P03' });
  assert.equal(await isGranted(shared), true);
  const cancelled = waitOf(() => impatient.lock(tree, 'k', RowLock.noKeyUpdate));
  cancelled.cancel(new Error('stop'));
  await assert.rejects(cancelled.granted, /stop/);
  for (const transaction of [holder, impatient, behind]) transaction.rollback();
});

test('very many locks become one lock on the tree', async () => {
  const storage = await open(100);
  const [a, b] = [begin(storage), begin(storage)];
  for (let i = 0; i < 250; i++) a.lock(tree, `k${i}`, RowLock.update);
  assert.equal(b.lock(tree, 'other', RowLock.keyShare, { policy: 'skip' }), 'skipped');
  const wait = waitOf(() => b.lock(tree, 'other', RowLock.keyShare));
  assert.equal(b.lock(tree + 1, 'other', RowLock.keyShare), 'granted');
  a.rollback();
  assert.equal(await isGranted(wait), true);
  assert.equal(b.lock(tree, 'other', RowLock.keyShare), 'granted');
  b.rollback();
});

test('no escalation where others hold locks', async () => {
  const storage = await open(100);
  const [a, b] = [begin(storage), begin(storage)];
  b.lock(tree, 'mine', RowLock.keyShare);
  for (let i = 0; i < 250; i++) a.lock(tree, `k${i}`, RowLock.update);
  assert.equal(b.lock(tree, 'other', RowLock.update), 'granted');
  a.rollback();
  b.rollback();
});

test('a row changed since the snapshot: restart under READ COMMITTED, 40001 otherwise', async () => {
  for (const isFlushed of [false, true]) {
    const storage = await open();
    const first = begin(storage);
    first.put(tree, 'k', Buffer.from('1'));
    first.commit();
    const [a, b] = [
      begin(storage),
      begin(storage, { ...readCommitted, isolation: 'repeatable read' }),
    ];
    const writer = begin(storage);
    writer.lock(tree, 'k', RowLock.update);
    const wait = waitOf(() => a.lock(tree, 'k', RowLock.update));
    writer.put(tree, 'k', Buffer.from('2'));
    writer.commit();
    if (isFlushed) await storage.flush();
    await wait.granted;
    assert.throws(
      () => a.lock(tree, 'k', RowLock.update),
      (signal) => signal instanceof StatementRestart,
    );
    a.beginStatement();
    assert.equal(a.lock(tree, 'k', RowLock.update), 'granted');
    assert.equal(a.lock(tree, 'k', RowLock.update, { checkSnapshot: false }), 'granted');
    a.rollback();
    assert.throws(() => b.lock(tree, 'k', RowLock.update), { sqlState: '40001' });
    assert.equal(b.lock(tree, 'k', RowLock.update, { checkSnapshot: false }), 'granted');
    b.rollback();
  }
});

test('a transaction that has ended locks nothing: nobody would release it', async () => {
  const storage = await open();
  for (const end of ['commit', 'rollback'] as const) {
    const ended = begin(storage);
    ended[end]();
    assert.throws(() => ended.lockTable(1, 1), { sqlState: '57014' });
    assert.throws(() => ended.lock(tree, 'key', RowLock.update), { sqlState: '57014' });
    const next = begin(storage);
    next.lockTable(1, 8);
    next.lock(tree, 'key', RowLock.update);
    next.rollback();
  }
  await storage.close();
});
