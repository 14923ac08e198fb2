// Goal: a plan gives on an executor thread what it gives in the main thread; cancelling it takes effect
// at once; a reader who does not read stops it; a thread that dies takes nobody along but the statement
// that killed it. Method: real storage and real threads, over a table with a column of every kind of
// value.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  ArrayValue,
  type Batch,
  DatabaseError,
  type Datum,
  type Expression,
  Interval,
  Jsonb,
  Numeric,
  RecordValue,
  TimeTz,
  TypeOid,
  type TableDescriptor,
  databaseError,
  sqlType,
} from '#common';
import type { PhysicalNode, PhysicalPlan, PhysicalScan } from '#planner';
import { type OpenStorage, openStorage, tableAccess } from '#storage';
import { type ExecutionContext, type Interrupt, again } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import { threadBatchesAhead } from '../limits.ts';
import { batchRowsOf, constant, input, int4, nodeFields, planOf } from '../testing/plans.ts';
import { contextOf, makeTable, noTime } from '../testing/tables.ts';
import { planSuitability } from './plan-suitability.ts';
import type { ThreadExecution } from './thread-execution.ts';
import { ThreadPool } from './thread-pool.ts';
import { decodePlan, encodePlan } from './value-transfer.ts';

const float8 = sqlType(TypeOid.float8);
const bool = sqlType(TypeOid.bool);

const kinds: readonly { readonly type: number; readonly values: readonly Datum[] }[] = [
  { type: TypeOid.int4, values: [1, -7, null] },
  { type: TypeOid.bool, values: [true, false, null] },
  { type: TypeOid.int8, values: [5, 9007199254740993n, -9223372036854775808n, null] },
  { type: TypeOid.float8, values: [1.5, -0, Number.NaN, Infinity, null] },
  {
    type: TypeOid.numeric,
    values: [
      Numeric.parse('1.50'),
      Numeric.parse('123456789012345678901234567890.12'),
      Numeric.nan,
      Numeric.infinity,
      null,
    ],
  },
  { type: TypeOid.text, values: ['', 'a', 'zażółć 🐘', null] },
  { type: TypeOid.bytea, values: [new Uint8Array([0, 255, 7]), new Uint8Array(), null] },
  { type: TypeOid.timestamptz, values: [0, 700000000000000, Infinity, -Infinity, null] },
  { type: TypeOid.date, values: [0, 8000, Infinity, null] },
  { type: TypeOid.interval, values: [new Interval(14, -3, 5000), null] },
  { type: TypeOid.timetz, values: [new TimeTz(3600000000, 7200), null] },
  { type: TypeOid.uuid, values: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', null] },
  { type: TypeOid.jsonb, values: [Jsonb.parse('{"a": [1, null, "x"]}'), null] },
  {
    type: TypeOid.numericArray,
    values: [ArrayValue.of(TypeOid.numeric, [Numeric.parse('1.0'), null]), null],
  },
];

const rowCount = 30_000;
let directory: string;
let storage: OpenStorage;
let table: TableDescriptor;
let pool: ThreadPool;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lattice-threads-'));
  storage = await openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  table = makeTable(storage, {
    name: 'everything',
    columns: [
      { name: 'id', type: int4, notNull: true },
      ...kinds.map(({ type }, i) => ({ name: `c${i}`, type: sqlType(type) })),
    ],
    key: [1],
  });
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  const access = tableAccess(table);
  for (let id = 0; id < rowCount; id++) {
    access.insertRow(transaction, [id, ...kinds.map(({ values }) => values[id % values.length]!)]);
  }
  transaction.commit();
  pool = new ThreadPool({
    threads: 1,
    heapMegabytes: 128,
    niceness: 0,
    segmentCacheBytes: 64 << 20,
  });
});

after(async () => {
  await pool.close();
  await storage.close();
  rmSync(directory, { recursive: true });
});

function scan(filter?: Expression): PhysicalScan {
  return {
    kind: 'scan',
    table,
    alias: table.name,
    sources: table.columns.map(({ attributeNumber }) => ({ kind: 'attribute', attributeNumber })),
    access: { kind: 'full' },
    backward: false,
    filter,
    temporal: noTime,
    ...nodeFields(table.columns.map(({ type }) => type)),
  };
}

/** Every row with every row: never ends by itself. */
function endless(): PhysicalNode {
  const types = [...scan().types, ...scan().types];
  const condition: Expression = {
    kind: 'isNull',
    argument: input(0, int4),
    negated: false,
    type: bool,
  } as Expression;
  return {
    kind: 'nestedLoop',
    type: 'inner',
    left: scan(),
    right: scan(),
    bindings: [],
    condition,
    ...nodeFields(types),
  };
}

function open(
  plan: PhysicalPlan,
  options: { readonly parameters?: readonly Datum[]; readonly interrupt?: Interrupt } = {},
): ThreadExecution {
  return pool.execute(plan, context(options));
}

function context(options: {
  readonly parameters?: readonly Datum[];
  readonly interrupt?: Interrupt;
}): ExecutionContext {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: true });
  transaction.beginStatement();
  const made = contextOf(storage, transaction, [table], options.parameters);
  const functions = { ...made.functions, backendPid: 1, transactionId: () => 1 };
  const { interrupt = made.interrupt } = options;
  return { ...made, functions, interrupt };
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

function inMainThread(plan: PhysicalPlan, parameters: readonly Datum[] = []): Datum[][] {
  const execution = executePlan(plan, context({ parameters }));
  const rows: Datum[][] = [];
  for (;;) {
    const pulled = execution.next();
    if (pulled === undefined) break;
    if (pulled !== again) rows.push(...batchRowsOf(pulled));
  }
  execution.close();
  return rows;
}

test('every kind of value: columns, constants and parameters', async () => {
  const all = scan();
  const constants = kinds.flatMap(({ type, values }) =>
    values.map((value) => constant(value, sqlType(type))),
  );
  const record = new RecordValue([TypeOid.numeric], [Numeric.parse('2.5')], ['n']);
  const parameters = [Numeric.parse('9.90'), record, 'text', null];
  const parameterTypes = [TypeOid.numeric, TypeOid.record, TypeOid.text, TypeOid.int4].map((oid) =>
    sqlType(oid),
  );
  const expressions: Expression[] = [
    ...all.types.map((type, i) => input(i, type)),
    ...constants,
    ...parameterTypes.map((type, index): Expression => ({ kind: 'parameter', index, type })),
  ];
  const node: PhysicalNode = {
    kind: 'project',
    input: all,
    expressions,
    ...nodeFields(expressions.map(({ type }) => type)),
  };
  const plan = planOf(node, { parameterTypes });
  assert.equal(pool.takes(plan), true);
  const found = await rowsOf(open(plan, { parameters }));
  const expected = inMainThread(plan, parameters);
  assert.equal(found.length, rowCount);
  for (const i of [0, 1, 2, 3, 4, 5, rowCount - 1]) {
    // Texts of jsonb are made when first asked for.
    assert.deepEqual(found[i].map(comparable), expected[i].map(comparable));
  }
});

function comparable(value: Datum): unknown {
  return value instanceof Jsonb ? ['jsonb', value.toString()] : value;
}

test('sort, aggregate and join', async () => {
  const sort: PhysicalNode = {
    kind: 'sort',
    input: scan(),
    keys: [{ expression: input(4, float8), descending: true, nullsFirst: false }],
    limit: undefined,
    ...nodeFields(scan().types),
  };
  const count: PhysicalNode = {
    kind: 'aggregate',
    strategy: 'hash',
    input: scan(),
    groupKeys: [input(6, sqlType(TypeOid.text))],
    aggregates: [
      {
        kind: 'aggregate',
        functionOid: 2803,
        arguments: [],
        distinct: false,
        orderBy: [],
        filter: undefined,
        star: true,
        type: sqlType(TypeOid.int8),
      },
    ],
    groupingSets: undefined,
    ...nodeFields([sqlType(TypeOid.text), sqlType(TypeOid.int8)]),
  };
  const join: PhysicalNode = {
    kind: 'hashJoin',
    type: 'inner',
    left: scan(),
    right: scan(),
    leftKeys: [input(0, int4)],
    rightKeys: [input(0, int4)],
    equalityOids: [65],
    condition: undefined,
    ...nodeFields([...scan().types, ...scan().types]),
  };
  for (const node of [sort, count, join]) {
    const plan = planOf(node);
    const found = (await rowsOf(open(plan))).map((row) => row.map(comparable));
    const expected = inMainThread(plan).map((row) => row.map(comparable));
    assert.equal(found.length, expected.length);
    assert.deepEqual(found.slice(0, 200), expected.slice(0, 200));
  }
});

test('what is committed while the statement waits for its thread is seen, later commits are not', async () => {
  const plan = planOf(scan());
  const execution = open(plan);
  const first = await nextOf(execution);
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  const row = [rowCount + 1, ...kinds.map(() => null)];
  const key = tableAccess(table).insertRow(transaction, row);
  transaction.commit();
  assert.equal((await rowsOf(execution)).length + first!.length, rowCount);
  assert.equal((await rowsOf(open(plan))).length, rowCount + 1);
  const undo = storage.begin({ isolation: 'read committed', readOnly: false });
  undo.beginStatement();
  const access = tableAccess(table);
  access.deleteRow(undo, key, access.fetchForUpdate(undo, key, 3) as Uint8Array);
  undo.commit();
});

test('an error arrives with its fields', async () => {
  const division: Expression = {
    kind: 'call',
    functionOid: 154,
    arguments: [input(0, int4), constant(0, int4)],
    type: int4,
    position: 7,
  };
  const node: PhysicalNode = {
    kind: 'project',
    input: scan(),
    expressions: [division],
    ...nodeFields([int4]),
  };
  await assert.rejects(rowsOf(open(planOf(node))), (error: unknown) => {
    assert.ok(error instanceof DatabaseError);
    return error.sqlState === '22012' && error.message === 'division by zero';
  });
});

test('a cancelled statement stops at once, and its thread is free again', async () => {
  const cancelled: { reason: Error | undefined } = { reason: undefined };
  const interrupt: Interrupt = {
    check: () => {
      if (cancelled.reason !== undefined) throw cancelled.reason;
    },
    sliceOver: () => false,
  };
  const execution = open(planOf(endless()), { interrupt });
  const waiting = execution.next();
  assert.ok(waiting instanceof Promise);
  await new Promise((resolve) => setTimeout(resolve, 300));
  cancelled.reason = databaseError('queryCanceled', 'canceling statement due to user request');
  const began = performance.now();
  assert.throws(() => execution.next(), { sqlState: '57014' });
  execution.close();
  assert.equal((await rowsOf(open(planOf(scan())))).length, rowCount);
  assert.ok(performance.now() - began < 1000, 'the thread went on with the next statement');
});

test('a statement that is cancelled while it waits in line never starts', async () => {
  const running = open(planOf(endless()));
  const queued = Array.from({ length: 20 }, () => open(planOf(scan())));
  for (const execution of queued) execution.close();
  const last = open(planOf(scan()));
  running.close();
  assert.equal((await rowsOf(last)).length, rowCount);
});

test('long statements take turns', async () => {
  const long = open(planOf(endless()));
  const began = performance.now();
  assert.equal((await rowsOf(open(planOf(scan())))).length, rowCount);
  assert.ok(performance.now() - began < 5000);
  long.close();
});

test('a reader who stops reading stops the scan', async () => {
  const execution = open(planOf(scan()));
  const first = await nextOf(execution);
  const deadline = performance.now() + 20_000;
  while (execution.credits > 1 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(execution.credits <= 1, `${execution.credits} credits are left`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(execution.credits >= 0);
  // Others are not in its way, however many there are of it.
  const idle = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const other = open(planOf(scan()));
      await nextOf(other);
      return other;
    }),
  );
  assert.equal((await rowsOf(open(planOf(scan())))).length, rowCount);
  for (const other of idle) other.close();
  assert.equal((await rowsOf(execution)).length + first!.length, rowCount);
  assert.ok(
    threadBatchesAhead * 1024 < rowCount,
    'the table is larger than what a thread sends ahead',
  );
});

test('a thread whose heap fills up fails the statement that fills it; the others go on', async () => {
  const ids: PhysicalScan = { ...scan(), sources: scan().sources.slice(0, 1), types: [int4] };
  const gather: PhysicalNode = {
    kind: 'aggregate',
    strategy: 'plain',
    input: {
      kind: 'nestedLoop',
      type: 'inner',
      left: ids,
      right: ids,
      bindings: [],
      condition: undefined,
      ...nodeFields([int4, int4]),
    },
    groupKeys: [],
    // array_agg keeps all that it is given.
    aggregates: [
      {
        kind: 'aggregate',
        functionOid: 2335,
        arguments: [input(0, int4)],
        distinct: false,
        orderBy: [],
        filter: undefined,
        star: false,
        type: sqlType(TypeOid.int4Array),
      },
    ],
    groupingSets: undefined,
    ...nodeFields([sqlType(TypeOid.int4Array)]),
  };
  const small = new ThreadPool({
    threads: 1,
    heapMegabytes: 256,
    niceness: 0,
    segmentCacheBytes: 64 << 20,
  });
  try {
    const greedy = small.execute(planOf(gather), context({}));
    const innocent = small.execute(planOf(endless()), context({}));
    await assert.rejects(rowsOf(greedy), { sqlState: '53200' });
    // The thread lives, and the other statement has not noticed.
    innocent.close();
    const later = small.execute(planOf(scan()), context({}));
    assert.equal((await rowsOf(later)).length, rowCount);
  } finally {
    await small.close();
  }
});

test('plans that need the main thread are recognised', () => {
  const call = (functionOid: number): PhysicalPlan =>
    planOf({
      kind: 'project',
      input: scan(),
      expressions: [{ kind: 'call', functionOid, arguments: [], type: float8 }],
      ...nodeFields([float8]),
    });
  const nextval = 1574;
  const random = 1598;
  const clockTimestamp = 2649;
  assert.equal(planSuitability(call(nextval)).possible, false);
  assert.equal(planSuitability(call(random)).possible, false);
  assert.equal(planSuitability(call(clockTimestamp)).possible, true);
  const asRegclass: Expression = {
    kind: 'cast',
    method: 'io',
    argument: input(5, sqlType(TypeOid.text)),
    explicit: true,
    type: sqlType(TypeOid.regclass),
  };
  const casting = planOf({
    kind: 'project',
    input: scan(),
    expressions: [asRegclass],
    ...nodeFields([asRegclass.type]),
  });
  assert.equal(planSuitability(casting).possible, false);
  assert.equal(planSuitability(planOf(scan(), { readOnly: false })).possible, false);
});

test('a plan keeps the identity of its tables', () => {
  const plan = planOf(endless());
  const copy = decodePlan(encodePlan(plan)!);
  assert.equal(copy.root.kind, 'nestedLoop');
  const { left, right } = copy.root as { left: PhysicalScan; right: PhysicalScan };
  assert.equal(left.table, right.table);
});
