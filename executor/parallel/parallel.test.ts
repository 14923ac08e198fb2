// Goal: a statement that several threads share gives what one thread gives; it can be cancelled, its errors
// come once, a thread that is lost costs the statement and not the pool, and what others commit meanwhile is
// not seen. Method: real storage and real threads over a table of several morsels; random plans and rows.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import {
  type AggregateExpression,
  type Batch,
  type Datum,
  type Expression,
  Numeric,
  type SqlType,
  type TableDescriptor,
  TypeOid,
  databaseError,
  sqlType,
} from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalAggregate, PhysicalNode, PhysicalPlan, PhysicalScan } from '#planner';
import { type OpenStorage, openStorage, tableAccess } from '#storage';
import { type ExecutionContext, type Interrupt, again } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import {
  batchRowsOf,
  bool,
  constant,
  input,
  int4,
  multiset,
  nodeFields,
  planOf,
  text,
  valuesNode,
} from '../testing/plans.ts';
import { contextOf, makeTable, noTime } from '../testing/tables.ts';
import type { Operator } from '../operators/operator.ts';
import type { PoolThread } from '../threads/pool-thread.ts';
import type { ThreadExecution } from '../threads/thread-execution.ts';
import { ThreadPool } from '../threads/thread-pool.ts';
import type { HandedRows } from './contract.ts';
import { HandedInput } from './handed-input.ts';
import { parallelPlanOf } from './parallel-plan.ts';

const int8 = sqlType(TypeOid.int8);
const float8 = sqlType(TypeOid.float8);
const numeric = sqlType(TypeOid.numeric);
const columns: readonly { readonly name: string; readonly type: SqlType }[] = [
  { name: 'id', type: int4 },
  { name: 'small', type: int4 },
  { name: 'big', type: int8 },
  { name: 'price', type: numeric },
  { name: 'ratio', type: float8 },
  { name: 'label', type: text },
  { name: 'flag', type: bool },
];
const [id, small, big, price, ratio, label, flag] = columns.map(({ type }, i) => input(i, type));
const rowCount = 140_000;
const threads = 3;
const costly = { totalCost: 1e6, estimatedRows: 10 };

let directory: string;
let storage: OpenStorage;
let table: TableDescriptor;
let pool: ThreadPool;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lattice-parallel-'));
  storage = await openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  table = makeTable(storage, { name: 't', columns, key: [1] });
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  const load = tableAccess(table).openBulkLoad(transaction, { fresh: true, lastStatement: true })!;
  for (let row = 0; row < rowCount; row++) {
    load.addRow(rowOf(row));
    if (load.backlogBytes > 1 << 24) await load.whenTaken();
  }
  await load.finish();
  transaction.commit();
  pool = new ThreadPool({ threads, heapMegabytes: 256, niceness: 0 });
  await warmUp(pool);
});

after(async () => {
  await pool.close();
  await storage.close();
  rmSync(directory, { recursive: true });
});

function rowOf(row: number): Datum[] {
  const mixed = Math.imul(row, 2654435761) >>> 0;
  return [
    row,
    mixed % 11 === 0 ? null : (mixed >>> 3) % 40,
    mixed % 5 === 0 ? 9_007_199_254_740_993n : row * 1000,
    mixed % 7 === 0 ? null : new Numeric(mixed % 100_000, 2),
    mixed % 13 === 0 ? null : (mixed % 1000) / 8,
    mixed % 17 === 0 ? null : `label ${mixed % 23}`,
    mixed % 3 === 0,
  ];
}

/** Threads that have not started yet cannot help; statements start them. */
async function warmUp(started: ThreadPool): Promise<void> {
  const plan = planOf(aggregateOf(scanOf(), [], [countAll]));
  const deadline = performance.now() + 120_000;
  for (;;) {
    await rowsOf(started.execute(plan, context()));
    const members = membersOf(started);
    if (members.length === threads && members.every(({ ready }) => ready)) return;
    assert.ok(performance.now() < deadline, 'the threads start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function membersOf(of: ThreadPool): readonly PoolThread[] {
  return [...(of as unknown as { readonly threads: Set<PoolThread> }).threads];
}

function scanOf(filter?: Expression, of = table): PhysicalScan {
  return {
    kind: 'scan',
    table: of,
    alias: of.name,
    sources: of.columns.map(({ attributeNumber }) => ({ kind: 'attribute', attributeNumber })),
    access: { kind: 'full' },
    backward: false,
    filter,
    temporal: noTime,
    ...nodeFields(of.columns.map(({ type }) => type)),
    ...costly,
  };
}

function functionOid(name: string, ...types: readonly number[]): number {
  const found = functionRegistry
    .functionsNamed(name)
    .find(({ argumentTypes }) => types.join() === argumentTypes.join());
  return found!.oid;
}

function callOf(name: string, type: SqlType, ...args: readonly Expression[]): Expression {
  const oid = functionOid(name, ...args.map((argument) => argument.type.oid));
  return { kind: 'call', functionOid: oid, arguments: args, type };
}

function aggregateExpression(
  name: string,
  type: SqlType,
  argument: Expression,
): AggregateExpression {
  const oid = name === 'count' ? 2147 : functionOid(name, argument.type.oid);
  return {
    kind: 'aggregate',
    functionOid: oid,
    arguments: [argument],
    distinct: false,
    orderBy: [],
    filter: undefined,
    star: false,
    type,
  };
}

const countAll: AggregateExpression = {
  ...aggregateExpression('count', int8, id),
  functionOid: 2803,
  arguments: [],
  star: true,
};

const aggregateChoices: readonly AggregateExpression[] = [
  countAll,
  aggregateExpression('count', int8, price),
  aggregateExpression('sum', int8, small),
  aggregateExpression('sum', numeric, big),
  aggregateExpression('sum', numeric, price),
  aggregateExpression('sum', float8, ratio),
  aggregateExpression('avg', numeric, small),
  aggregateExpression('avg', numeric, big),
  aggregateExpression('avg', numeric, price),
  aggregateExpression('avg', float8, ratio),
  aggregateExpression('min', text, label),
  aggregateExpression('max', numeric, price),
  aggregateExpression('max', float8, ratio),
  aggregateExpression('bool_and', bool, flag),
  { ...aggregateExpression('sum', numeric, price), filter: flag },
  { ...aggregateExpression('avg', numeric, small), filter: flag },
];

function aggregateOf(
  from: PhysicalNode,
  groupKeys: readonly Expression[],
  aggregates: readonly AggregateExpression[],
  groupingSets?: readonly (readonly number[])[],
): PhysicalAggregate {
  const bits = groupingSets === undefined ? [] : groupKeys.map(() => int4);
  const types = [...groupKeys, ...aggregates].map(({ type }) => type);
  return {
    kind: 'aggregate',
    strategy: groupKeys.length === 0 ? 'plain' : 'hash',
    input: from,
    groupKeys,
    aggregates,
    groupingSets,
    ...nodeFields([...types, ...bits]),
    ...costly,
  };
}

function context(interrupt?: Interrupt): ExecutionContext {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: true });
  transaction.beginStatement();
  const made = contextOf(storage, transaction, [table]);
  const functions = { ...made.functions, backendPid: 1, transactionId: () => 1 };
  Object.assign(functions, { setting: () => undefined });
  return {
    ...made,
    functions,
    interrupt: interrupt ?? made.interrupt,
    spillDirectory: join(directory, 'spill'),
  };
}

async function nextOf(execution: ThreadExecution): Promise<Batch | undefined> {
  for (;;) {
    const pulled = execution.next();
    if (!(pulled instanceof Promise)) return pulled;
    await pulled;
  }
}

async function rowsOf(execution: ThreadExecution): Promise<Datum[][]> {
  const rows: Datum[][] = [];
  for (let batch = await nextOf(execution); batch !== undefined; batch = await nextOf(execution))
    rows.push(...batchRowsOf(batch));
  execution.close();
  return rows;
}

function inOneThread(plan: PhysicalPlan): Datum[][] {
  const execution = executePlan(plan, context());
  const rows: Datum[][] = [];
  for (let pulled = execution.next(); pulled !== undefined; pulled = execution.next())
    if (pulled !== again) rows.push(...batchRowsOf(pulled));
  execution.close();
  return rows;
}

function shown(rows: readonly (readonly Datum[])[]): string[] {
  // Sums of floats may differ in their last digits.
  const rounded = rows.map((row) =>
    row.map((value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
  );
  return multiset(rounded);
}

async function agrees(root: PhysicalNode): Promise<void> {
  const plan = planOf(root);
  assert.ok(parallelPlanOf(plan) !== undefined, 'the plan is shared');
  assert.deepEqual(shown(await rowsOf(pool.execute(plan, context()))), shown(inOneThread(plan)));
}

const filters = fc.oneof(
  fc.constant(undefined),
  fc
    .integer({ min: -1, max: 45 })
    .map((value) => callOf('int4lt', bool, small, constant(value, int4))),
  fc
    .integer({ min: 0, max: rowCount })
    .map((value) => callOf('int4ge', bool, id, constant(value, int4))),
  fc.constant(flag),
);

function project(from: PhysicalNode, expressions: readonly Expression[]): PhysicalNode {
  const types = expressions.map(({ type }) => type);
  return { kind: 'project', input: from, expressions, ...nodeFields(types), ...costly };
}

const names = valuesNode(
  [int4, text],
  Array.from({ length: 30 }, (_value, i) => [i < 28 ? i % 20 : null, `name ${i}`]),
);

type JoinType = 'inner' | 'left' | 'semi' | 'anti';

function joinOf(type: JoinType, from: PhysicalNode, right: PhysicalNode = names): PhysicalNode {
  const isHalf = type === 'semi' || type === 'anti';
  return {
    kind: 'hashJoin',
    type,
    left: from,
    right,
    leftKeys: [small],
    rightKeys: [input(0, int4)],
    equalityOids: [65],
    condition: undefined,
    ...nodeFields(isHalf ? from.types : [...from.types, ...right.types]),
    ...costly,
    totalCost: from.totalCost + 2 * right.totalCost,
  };
}

const lines: fc.Arbitrary<PhysicalNode> = fc
  .tuple(filters, fc.constantFrom('none', 'inner', 'left', 'semi', 'anti'))
  .map(([filter, join]) => (join === 'none' ? scanOf(filter) : joinOf(join, scanOf(filter))));

test('aggregates, with and without keys', async () => {
  const keys = fc.subarray([small, label, flag]);
  const aggregates = fc.subarray([...aggregateChoices], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(lines, keys, aggregates, async (line, groupKeys, chosen) => {
      await agrees(aggregateOf(line, groupKeys, chosen));
    }),
    { numRuns: 10 },
  );
});

test('grouping sets', async () => {
  const sets = [[0, 1], [1], []];
  await agrees(aggregateOf(scanOf(), [label, flag], aggregateChoices.slice(0, 8), sets));
});

/** Computed once for all threads: costly, or (first rows in no order) not the same in each. */
const costlySides: fc.Arbitrary<() => PhysicalNode> = fc.constantFrom(
  () => aggregateOf(scanOf(flag), [small, label], [countAll, ...aggregateChoices.slice(4, 6)]),
  (): PhysicalNode => {
    const rows = project(scanOf(), [small, id, price, label, flag]);
    const count = constant(3000, int8);
    const order = [{ expression: input(1, int4), descending: true, nullsFirst: false }];
    const fields = { ...nodeFields(rows.types), ...costly };
    const sort: PhysicalNode = { kind: 'sort', input: rows, keys: order, limit: count, ...fields };
    const rest = { offset: undefined, withTies: false, tieKeys: [] };
    return { kind: 'limit', input: sort, count, ...rest, ...fields };
  },
  (): PhysicalNode => ({
    kind: 'distinct',
    strategy: 'hash',
    on: undefined,
    input: project(scanOf(), [small, label]),
    ...nodeFields([int4, text]),
    ...costly,
  }),
);

test('joins whose right side is computed once and handed to all threads', async () => {
  const types = fc.constantFrom<JoinType>('inner', 'left', 'semi', 'anti');
  await fc.assert(
    fc.asyncProperty(filters, types, costlySides, async (filter, type, right) => {
      const join = joinOf(type, scanOf(filter), right());
      const sum = aggregateExpression('sum', int8, small);
      await agrees(aggregateOf(join, [label], [countAll, sum]));
    }),
    { numRuns: 6 },
  );
});

test('rows that are too many to be handed on are computed by the coordinator alone', () => {
  const batches: Batch[] = [0, 1, 2].map(() => ({
    length: 2,
    columns: [{ values: new Int32Array([1, 2]), nulls: undefined, boolean: false }],
  }));
  let position = 0;
  const operator: Operator = {
    open: () => (position = 0),
    next: () => batches[position++],
    close: () => {},
  };
  const handedOf = (bytesMax: number): HandedRows => {
    const made = new HandedInput(operator, 1, bytesMax);
    made.open();
    assert.equal(made.read(), undefined);
    return made.rows;
  };
  assert.equal(handedOf(100), operator);
  assert.equal((handedOf(10_000) as readonly unknown[]).length, 3);
});

test('the first rows of an order, and distinct rows', async () => {
  await fc.assert(
    fc.asyncProperty(lines, fc.boolean(), async (line, descending) => {
      // A joined row's name decides between rows of one id.
      const name = line.types.length > columns.length ? [input(columns.length + 1, text)] : [];
      const order = [small, label, id, ...name].map((expression) => ({
        expression,
        descending,
        nullsFirst: descending,
      }));
      const count = constant(25, int8);
      const fields = { ...nodeFields(line.types), ...costly };
      await agrees({
        kind: 'limit',
        input: { kind: 'sort', input: line, keys: order, limit: count, ...fields },
        count,
        offset: undefined,
        withTies: false,
        tieKeys: [],
        ...fields,
      });
      await agrees({
        kind: 'distinct',
        strategy: 'hash',
        on: undefined,
        input: project(line, [small, flag]),
        ...nodeFields([int4, bool]),
        ...costly,
      });
    }),
    { numRuns: 5 },
  );
});

test('rows as they come, more than threads send ahead', async () => {
  const mod = callOf('mod', int4, id, constant(3, int4));
  const third = callOf('int4eq', bool, mod, constant(0, int4));
  await agrees(project(scanOf(third), [id, label, price, big]));
});

test('an aggregate over values that pipelines give up starts over with the same morsels', async () => {
  // Numeric keys of different scales and infinities have no exact representation as numbers.
  const key: Expression = {
    kind: 'case',
    operand: undefined,
    branches: [{ when: flag, then: price }],
    otherwise: constant(Numeric.infinity, numeric),
    type: numeric,
  };
  const round = callOf('round', numeric, key, constant(0, int4));
  await agrees(aggregateOf(scanOf(), [round, flag], [countAll]));
});

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
  const state: { reason: Error | undefined } = { reason: undefined };
  const interrupt: Interrupt = {
    check: () => {
      if (state.reason !== undefined) throw state.reason;
    },
    sliceOver: () => false,
  };
  const plan = planOf(endless());
  assert.ok(parallelPlanOf(plan) !== undefined);
  const execution = pool.execute(plan, context(interrupt));
  assert.ok(execution.next() instanceof Promise);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(membersOf(pool).filter(({ helped }) => helped.size > 0).length, threads - 1);
  state.reason = databaseError('queryCanceled', 'canceling statement due to user request');
  assert.throws(() => execution.next(), { sqlState: '57014' });
  const began = performance.now();
  execution.close();
  const isBusy = (): boolean =>
    membersOf(pool).some(({ executions, helped }) => executions.size + helped.size > 0);
  while (isBusy()) await new Promise((resolve) => setTimeout(resolve, 1));
  const elapsed = performance.now() - began;
  assert.ok(elapsed < 1000, `the threads were free after ${elapsed.toFixed(0)} ms`);
  await warmUp(pool);
});

test('an error of any thread ends the statement with that error', async () => {
  // The last rows only: whichever thread has them.
  const divisor = callOf('int4mi', int4, id, constant(rowCount - 5, int4));
  const quotient = callOf('int4div', int4, constant(1, int4), divisor);
  const plan = planOf(aggregateOf(scanOf(), [], [aggregateExpression('sum', int8, quotient)]));
  assert.ok(parallelPlanOf(plan) !== undefined);
  for (let i = 0; i < 3; i++)
    await assert.rejects(rowsOf(pool.execute(plan, context())), { sqlState: '22012' });
  await warmUp(pool);
});

test('a lost thread is an error of the statement; the pool goes on', async () => {
  const own = new ThreadPool({ threads, heapMegabytes: 256, niceness: 0 });
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
  const access = tableAccess(table);
  for (let round = 0; round < 12; round++) {
    const writer = storage.begin({ isolation: 'read committed', readOnly: false });
    writer.beginStatement();
    access.insertRow(writer, rowOf(rowCount + round));
    writer.commit();
    const open = storage.begin({ isolation: 'read committed', readOnly: false });
    open.beginStatement();
    access.insertRow(open, rowOf(2 * rowCount + round));
    const execution = pool.execute(plan, context());
    const rows = rowsOf(execution);
    // Written and flushed while the threads open their views.
    open.rollback();
    await new Promise((resolve) => setTimeout(resolve, round % 4));
    const later = storage.begin({ isolation: 'read committed', readOnly: false });
    later.beginStatement();
    const key = access.keyOf([rowCount + round]);
    const stored = access.fetchForUpdate(later, key, 3) as Uint8Array;
    access.updateRow(later, key, stored, rowOf(rowCount + round));
    later.commit();
    await storage.flush();
    assert.deepEqual(await rows, [[rowCount + round + 1]]);
  }
});

test('files of a statement that spills are gone when it is over', async () => {
  const plan = planOf(aggregateOf(scanOf(), [small, label], aggregateChoices));
  await rowsOf(pool.execute(plan, { ...context(), workMemBytes: 64 * 1024 }));
  const files = (() => {
    try {
      return readdirSync(join(directory, 'spill'));
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
  const execution = pool.execute(plan, made, { instrument: true });
  await rowsOf(execution);
  assert.equal(execution.measurements!.get(plan.root.id)!.notes.get('Threads'), undefined);
});
