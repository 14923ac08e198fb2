// Goal: each isolation level forbids what it must and allows what it may. Method: the named anomalies
// (Berenson et al. 1995; Fekete's write skew and read-only anomaly) as scripts, and random
// SERIALIZABLE histories whose result must be that of running the commits one after the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { IsolationLevel } from '../contract.ts';
import { type OpenStorage, openStorage } from '../engine.ts';
import { MemoryPageStore } from '../testing/memory-page-store.ts';
import { SimulatedFiles } from '../testing/simulated-files.ts';
import type { ActiveTransaction } from './transaction.ts';

const tree = 2000;

function open(): Promise<OpenStorage> {
  return openStorage({
    directory: '/simulated',
    files: new SimulatedFiles(),
    pageStore: new MemoryPageStore(),
    onFatal: (error) => {
      throw error;
    },
  });
}

function begin(
  storage: OpenStorage,
  isolation: IsolationLevel,
  readOnly = false,
): ActiveTransaction {
  const transaction = storage.begin({ isolation, readOnly });
  transaction.beginStatement();
  return transaction;
}

function set(transaction: ActiveTransaction, key: string, value: number): void {
  transaction.lock(tree, key, 3);
  transaction.put(tree, key, Buffer.from(String(value)));
}

function read(transaction: ActiveTransaction, key: string): number {
  const value = transaction.get(tree, key);
  return value === undefined ? 0 : Number(Buffer.from(value).toString());
}

function count(transaction: ActiveTransaction): number {
  const cursor = transaction.scan(tree, { lower: undefined, upper: undefined });
  let rows = 0;
  while (cursor.next()) rows++;
  cursor.close();
  return rows;
}

test('READ COMMITTED sees what was committed before each statement, never less, never dirt', async () => {
  const storage = await open();
  const reader = begin(storage, 'read committed');
  const writer = begin(storage, 'read committed');
  set(writer, 'a', 1);
  assert.equal(read(reader, 'a'), 0);
  writer.commit();
  assert.equal(read(reader, 'a'), 0, 'the statement keeps its snapshot');
  reader.beginStatement();
  assert.equal(read(reader, 'a'), 1);
  reader.rollback();
});

test('REPEATABLE READ keeps its snapshot through flushes, and permits write skew', async () => {
  const storage = await open();
  const [a, b] = [begin(storage, 'repeatable read'), begin(storage, 'repeatable read')];
  const other = begin(storage, 'read committed');
  set(other, 'z', 9);
  other.commit();
  await storage.flush();
  a.beginStatement();
  assert.equal(read(a, 'z'), 0);
  assert.equal(count(a), 0);
  assert.equal(read(a, 'y') + read(b, 'x'), 0);
  set(a, 'x', 1);
  set(b, 'y', 1);
  a.commit();
  b.commit();
});

test('SERIALIZABLE refuses write skew on keys', async () => {
  const storage = await open();
  const [a, b] = [begin(storage, 'serializable'), begin(storage, 'serializable')];
  assert.equal(read(a, 'y') + read(b, 'x'), 0);
  set(a, 'x', 1);
  set(b, 'y', 1);
  a.commit();
  assert.throws(() => b.commit(), { sqlState: '40001' });
  const check = begin(storage, 'read committed');
  assert.equal(read(check, 'y'), 0, 'nothing of it is there');
  check.rollback();
});

test('SERIALIZABLE refuses phantoms', async () => {
  const storage = await open();
  const [a, b] = [begin(storage, 'serializable'), begin(storage, 'serializable')];
  set(a, `a${count(a)}`, 1);
  set(b, `b${count(b)}`, 1);
  a.commit();
  assert.throws(() => b.commit(), {
    sqlState: '40001',
    message: 'could not serialize access due to read/write dependencies among transactions',
  });
});

test('SERIALIZABLE: a transaction that only reads never fails', async () => {
  const storage = await open();
  const reader = begin(storage, 'serializable');
  assert.equal(read(reader, 'x'), 0);
  const writer = begin(storage, 'serializable');
  set(writer, 'x', 1);
  writer.commit();
  assert.equal(read(reader, 'x'), 0);
  reader.commit();
});

interface Script {
  readonly reads: readonly string[];
  readonly scans: boolean;
  readonly writes: readonly string[];
}

const key = fc.constantFrom('a', 'b', 'c', 'd');
const script: fc.Arbitrary<Script> = fc.record({
  reads: fc.array(key, { maxLength: 2 }),
  scans: fc.boolean(),
  writes: fc.array(key, { maxLength: 2 }),
});

/** What a script writes depends on everything that it has read. */
function runScript(
  script: Script,
  readOne: (key: string) => number,
  readCount: () => number,
): { writes: Map<string, number>; seen: string } {
  const seen = [...script.reads.map(readOne), script.scans ? readCount() : -1];
  const sum = seen.reduce((left, right) => left * 31 + right, 7) % 1_000_003;
  return { writes: new Map(script.writes.map((at, i) => [at, sum + i])), seen: seen.join() };
}

test('committed SERIALIZABLE histories equal the serial one in the order of commits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(script, { minLength: 2, maxLength: 5 }),
      fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 20 }),
      async (scripts, schedule) => {
        const storage = await open();
        const running = scripts.map((each) => ({
          script: each,
          phase: 0,
          seen: '',
          real: begin(storage, 'serializable'),
        }));
        const serial = new Map<string, number>();
        const advance = (one: (typeof running)[number]): void => {
          if (one.phase > 1) return;
          try {
            if (one.phase === 0) {
              const done = runScript(
                one.script,
                (at) => read(one.real, at),
                () => count(one.real),
              );
              one.seen = done.seen;
              for (const [at, value] of done.writes) {
                one.real.lock(tree, at, 3, { policy: 'nowait' });
                one.real.put(tree, at, Buffer.from(String(value)));
              }
            } else {
              one.real.commit();
              if (one.script.writes.length > 0) {
                const again = runScript(
                  one.script,
                  (at) => serial.get(at) ?? 0,
                  () => serial.size,
                );
                assert.equal(again.seen, one.seen, 'the reads are those of the serial order');
                for (const [at, value] of again.writes) serial.set(at, value);
              }
            }
            one.phase++;
          } catch (error) {
            const { sqlState } = error as { sqlState?: string };
            if (sqlState !== '40001' && sqlState !== '55P03') throw error;
            one.real.rollback();
            one.phase = 3;
          }
        };
        for (const [who, isFlush] of schedule) {
          if (isFlush) await storage.flush();
          advance(running[who % running.length]);
        }
        for (const one of running) {
          advance(one);
          advance(one);
        }
        const check = begin(storage, 'read committed');
        for (const at of ['a', 'b', 'c', 'd']) assert.equal(read(check, at), serial.get(at) ?? 0);
        check.rollback();
      },
    ),
    { numRuns: 300 },
  );
});
