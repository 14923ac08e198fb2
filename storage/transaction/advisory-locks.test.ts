// Goal: advisory locks conflict, count, queue and end as PostgreSQL's do, and their deadlocks are found.
// Method: scripts of sessions with transactions of one engine.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '../contract.ts';
import { type OpenStorage, openStorage } from '../engine.ts';
import { MemoryPageStore } from '../testing/memory-page-store.ts';
import { SimulatedFiles } from '../testing/simulated-files.ts';
import { AdvisoryLocks, type AdvisoryMode, type AdvisoryScope } from './advisory-locks.ts';
import { LockWait } from './lock-wait.ts';

class TestSession {
  transaction: Transaction | undefined;
  readonly locks: AdvisoryLocks;
  readonly storage: OpenStorage;

  constructor(locks: AdvisoryLocks, storage: OpenStorage) {
    this.locks = locks;
    this.storage = storage;
    this.begin();
  }
  begin(): void {
    this.transaction = this.storage.begin({ isolation: 'read committed', readOnly: false });
    this.transaction.beginStatement();
  }
  lock(key: string, mode: AdvisoryMode = 'exclusive', scope: AdvisoryScope = 'session'): boolean {
    return this.locks.acquire(this, { key, mode, scope }, 'wait');
  }
  tries(key: string, mode: AdvisoryMode = 'exclusive', scope: AdvisoryScope = 'session'): boolean {
    return this.locks.acquire(this, { key, mode, scope }, 'skip');
  }
  waits(key: string, mode: AdvisoryMode = 'exclusive'): LockWait {
    try {
      this.lock(key, mode);
    } catch (signal) {
      if (signal instanceof LockWait) return signal;
      throw signal;
    }
    throw new Error('it did not wait');
  }
}

async function sessions(count: number): Promise<TestSession[]> {
  const storage = await openStorage({
    directory: '/simulated',
    files: new SimulatedFiles(),
    pageStore: new MemoryPageStore(),
    onFatal: (error) => {
      throw error;
    },
  });
  const locks = new AdvisoryLocks();
  return Array.from({ length: count }, () => new TestSession(locks, storage));
}

test('modes conflict, holds are counted, a session never blocks itself', async () => {
  const [a, b] = await sessions(2);
  assert.equal(a.lock('k'), true);
  assert.equal(a.lock('k'), true);
  assert.equal(a.lock('k', 'shared'), true);
  assert.equal(b.tries('k', 'shared'), false);
  assert.equal(a.locks.release(a, 'k', 'exclusive'), true);
  assert.equal(b.tries('k', 'shared'), false);
  assert.equal(a.locks.release(a, 'k', 'exclusive'), true);
  assert.equal(a.locks.release(a, 'k', 'exclusive'), false);
  assert.equal(b.tries('k', 'shared'), true);
  assert.equal(b.tries('k'), false);
  a.locks.releaseSession(a);
  assert.equal(b.tries('k'), true);
});

test('a transaction lets go when it ends, a rollback keeps what the session holds', async () => {
  const [a, b] = await sessions(2);
  a.lock('t', 'exclusive', 'transaction');
  a.lock('s');
  assert.equal(b.tries('t'), false);
  a.transaction?.rollback();
  assert.equal(b.tries('t'), true);
  assert.equal(b.tries('s'), false);
  a.begin();
  a.lock('u', 'shared', 'transaction');
  assert.equal(a.locks.release(a, 'u', 'shared'), false);
  a.transaction?.commit();
  assert.equal(b.tries('u'), true);
});

test('who waited holds it once, although the statement asks again', async () => {
  const [a, b, c] = await sessions(3);
  a.lock('k');
  const wait = b.waits('k');
  const second = c.waits('k', 'shared');
  a.locks.release(a, 'k', 'exclusive');
  await wait.granted;
  assert.equal(b.lock('k'), true);
  assert.equal(b.locks.release(b, 'k', 'exclusive'), true);
  assert.equal(b.locks.release(b, 'k', 'exclusive'), false);
  await second.granted;
});

test('a cycle is a deadlock', async () => {
  const [a, b] = await sessions(2);
  a.lock('x');
  b.lock('y');
  const wait = a.waits('y');
  assert.throws(() => b.lock('x'), { sqlState: '40P01' });
  b.locks.releaseSession(b);
  await wait.granted;
});
