// Goal: a statement on several threads can be cancelled, its errors come once, a thread that is lost costs the
// statement and not the pool, and what others commit meanwhile is not seen. Method: real storage and real threads
// over a table of several morsels.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { databaseError } from '#common';
import type { PhysicalNode } from '#planner';
import { tableAccess } from '#storage';
import type { Interrupt } from '../contract.ts';
import { ThreadPool } from '../threads/thread-pool.ts';
import { nodeFields, bool, constant, input, int4, planOf } from '../testing/plans.ts';
import {
  costly,
  aggregateChoices,
  aggregateExpression,
  aggregateOf,
  callOf,
  context,
  countAll,
  id,
  int8,
  label,
  membersOf,
  rowCount,
  rowOf,
  rowsOf,
  scanOf,
  small,
  state,
  threads,
  warmUp,
  useThreads,
} from '../testing/shared-plans.ts';
import { parallelPlanOf } from './parallel-plan.ts';

useThreads();

function endless(): PhysicalNode {
  const never = callOf('int4lt', bool, id, input(7, int4));
  const left = scanOf();
  const right = { ...scanOf(), totalCost: 1 };
  return aggregateOf(
    {
      kind: 'nestedLoop',
      type: 'inner',
      left,
      right,
      bindings: [],
      condition: never,
      ...nodeFields([...left.types, ...right.types]),
      ...costly,
    },
    [],
    [countAll],
  );
}

test('a cancelled statement stops in all threads at once', async () => {
  const cancel: { reason: Error | undefined } = { reason: undefined };
  const interrupt: Interrupt = {
    check: () => {
      if (cancel.reason !== undefined) throw cancel.reason;
    },
    sliceOver: () => false,
  };
  const plan = planOf(endless());
  assert.ok(parallelPlanOf(plan) !== undefined);
  const execution = state.pool.execute(plan, context(interrupt));
  assert.ok(execution.next() instanceof Promise);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(membersOf(state.pool).filter(({ helped }) => helped.size > 0).length, threads - 1);
  cancel.reason = databaseError('queryCanceled', 'canceling statement due to user request');
  assert.throws(() => execution.next(), { sqlState: '57014' });
  const began = performance.now();
  execution.close();
  const isBusy = (): boolean =>
    membersOf(state.pool).some(({ executions, helped }) => executions.size + helped.size > 0);
  while (isBusy()) await new Promise((resolve) => setTimeout(resolve, 1));
  const elapsed = performance.now() - began;
  assert.ok(elapsed < 1000, `the threads were free after ${elapsed.toFixed(0)} ms`);
  await warmUp(state.pool);
});

test('an error of any thread ends the statement with that error', async () => {
  // The last rows only: whichever thread has them.
  const divisor = callOf('int4mi', int4, id, constant(rowCount - 5, int4));
  const quotient = callOf('int4div', int4, constant(1, int4), divisor);
  const plan = planOf(aggregateOf(scanOf(), [], [aggregateExpression('sum', int8, quotient)]));
  assert.ok(parallelPlanOf(plan) !== undefined);
  for (let i = 0; i < 3; i++)
    await assert.rejects(rowsOf(state.pool.execute(plan, context())), { sqlState: '22012' });
  await warmUp(state.pool);
});

test('a lost thread is an error of the statement; the pool goes on', async () => {
  const own = new ThreadPool({
    threads,
    heapMegabytes: 256,
    niceness: 0,
    segmentCacheBytes: 64 << 20,
  });
  try {
    await warmUp(own);
    const execution = own.execute(planOf(endless()), context());
    assert.ok(execution.next() instanceof Promise);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const helper = membersOf(own).find(({ helped }) => helped.size > 0)!;
    await helper.worker.terminate();
    await assert.rejects(rowsOf(execution), { sqlState: '53200' });
    execution.close();
    await warmUp(own);
  } finally {
    await own.close();
  }
});

test('what is committed before the statement is seen by all threads, what comes later is not', async () => {
  const plan = planOf(aggregateOf(scanOf(), [], [countAll]));
  const access = tableAccess(state.table);
  for (let round = 0; round < 12; round++) {
    const writer = state.storage.begin({ isolation: 'read committed', readOnly: false });
    writer.beginStatement();
    access.insertRow(writer, rowOf(rowCount + round));
    writer.commit();
    const open = state.storage.begin({ isolation: 'read committed', readOnly: false });
    open.beginStatement();
    access.insertRow(open, rowOf(2 * rowCount + round));
    const execution = state.pool.execute(plan, context());
    const rows = rowsOf(execution);
    // Written and flushed while the threads open their views.
    open.rollback();
    await new Promise((resolve) => setTimeout(resolve, round % 4));
    const later = state.storage.begin({ isolation: 'read committed', readOnly: false });
    later.beginStatement();
    const key = access.keyOf([rowCount + round]);
    const stored = access.fetchForUpdate(later, key, 3) as Uint8Array;
    access.updateRow(later, key, stored, rowOf(rowCount + round));
    later.commit();
    await state.storage.flush();
    assert.deepEqual(await rows, [[rowCount + round + 1]]);
  }
});

test('files of a statement that spills are gone when it is over', async () => {
  const plan = planOf(aggregateOf(scanOf(), [small, label], aggregateChoices));
  await rowsOf(state.pool.execute(plan, { ...context(), workMemBytes: 64 * 1024 }));
  const files = (() => {
    try {
      return readdirSync(join(state.directory, 'spill'));
    } catch {
      return [];
    }
  })();
  assert.deepEqual(files, []);
});

test('max_parallel_workers_per_gather = 0: one thread', async () => {
  const plan = planOf(aggregateOf(scanOf(), [], [countAll]));
  const made = context();
  Object.assign(made.functions, { setting: () => '0' });
  const execution = state.pool.execute(plan, made, { instrument: true });
  await rowsOf(execution);
  assert.equal(execution.measurements!.get(plan.root.id)!.notes.get('Threads'), undefined);
});
