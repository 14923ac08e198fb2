// Threads over a table of several morsels, plans over it, and the check that several threads find what one
// finds. A test file calls useThreads() once; it then has its own pool of threads.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
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
  sqlType,
} from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalAggregate, PhysicalNode, PhysicalPlan, PhysicalScan } from '#planner';
import { type OpenStorage, openStorage, tableAccess } from '#storage';
import { type ExecutionContext, type Interrupt, again } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import { parallelPlanOf } from '../parallel/parallel-plan.ts';
import type { PoolThread } from '../threads/pool-thread.ts';
import type { ThreadExecution } from '../threads/thread-execution.ts';
import { ThreadPool } from '../threads/thread-pool.ts';
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
} from './plans.ts';
import { contextOf, makeTable, noTime } from './tables.ts';

export const int8 = sqlType(TypeOid.int8);
export const float8 = sqlType(TypeOid.float8);
export const numeric = sqlType(TypeOid.numeric);
export const columns: readonly { readonly name: string; readonly type: SqlType }[] = [
  { name: 'id', type: int4 },
  { name: 'small', type: int4 },
  { name: 'big', type: int8 },
  { name: 'price', type: numeric },
  { name: 'ratio', type: float8 },
  { name: 'label', type: text },
  { name: 'flag', type: bool },
];
export const [id, small, big, price, ratio, label, flag] = columns.map(({ type }, i) =>
  input(i, type),
);
export const rowCount = 140_000;
export const threads = 3;
export const costly = { totalCost: 1e6, estimatedRows: 10 };

/** Made by useThreads(). */
export const state: {
  directory: string;
  storage: OpenStorage;
  table: TableDescriptor;
  pool: ThreadPool;
} = {} as never;

export function useThreads(): void {
  before(async () => {
    state.directory = mkdtempSync(join(tmpdir(), 'lattice-parallel-'));
    state.storage = await openStorage({
      directory: state.directory,
      onFatal: (error) => {
        throw error;
      },
    });
    state.table = makeTable(state.storage, { name: 't', columns, key: [1] });
    const transaction = state.storage.begin({ isolation: 'read committed', readOnly: false });
    const load = tableAccess(state.table).openBulkLoad(transaction, {
      fresh: true,
      lastStatement: true,
    })!;
    for (let row = 0; row < rowCount; row++) {
      load.addRow(rowOf(row));
      if (load.backlogBytes > 1 << 24) await load.whenTaken();
    }
    await load.finish();
    transaction.commit();
    state.pool = new ThreadPool({
      threads,
      heapMegabytes: 256,
      niceness: 0,
      segmentCacheBytes: 64 << 20,
    });
    await warmUp(state.pool);
  });

  after(async () => {
    await state.pool.close();
    await state.storage.close();
    rmSync(state.directory, { recursive: true });
  });
}

export function rowOf(row: number): Datum[] {
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
export async function warmUp(started: ThreadPool): Promise<void> {
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

export function membersOf(of: ThreadPool): readonly PoolThread[] {
  return [...(of as unknown as { readonly threads: Set<PoolThread> }).threads];
}

export function scanOf(filter?: Expression, of = state.table): PhysicalScan {
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

export function functionOid(name: string, ...types: readonly number[]): number {
  const found = functionRegistry
    .functionsNamed(name)
    .find(({ argumentTypes }) => types.join() === argumentTypes.join());
  return found!.oid;
}

export function callOf(name: string, type: SqlType, ...args: readonly Expression[]): Expression {
  const oid = functionOid(name, ...args.map((argument) => argument.type.oid));
  return { kind: 'call', functionOid: oid, arguments: args, type };
}

export function aggregateExpression(
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

export const countAll: AggregateExpression = {
  ...aggregateExpression('count', int8, id),
  functionOid: 2803,
  arguments: [],
  star: true,
};

export const aggregateChoices: readonly AggregateExpression[] = [
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

export function aggregateOf(
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

export function context(interrupt?: Interrupt): ExecutionContext {
  const transaction = state.storage.begin({ isolation: 'read committed', readOnly: true });
  transaction.beginStatement();
  const made = contextOf(state.storage, transaction, [state.table]);
  const functions = { ...made.functions, backendPid: 1, transactionId: () => 1 };
  Object.assign(functions, { setting: () => undefined });
  return {
    ...made,
    functions,
    interrupt: interrupt ?? made.interrupt,
    spillDirectory: join(state.directory, 'spill'),
  };
}

export async function nextOf(execution: ThreadExecution): Promise<Batch | undefined> {
  for (;;) {
    const pulled = execution.next();
    if (!(pulled instanceof Promise)) return pulled;
    await pulled;
  }
}

export async function rowsOf(execution: ThreadExecution): Promise<Datum[][]> {
  const rows: Datum[][] = [];
  for (let batch = await nextOf(execution); batch !== undefined; batch = await nextOf(execution))
    rows.push(...batchRowsOf(batch));
  execution.close();
  return rows;
}

export function inOneThread(plan: PhysicalPlan): Datum[][] {
  const execution = executePlan(plan, context());
  const rows: Datum[][] = [];
  for (let pulled = execution.next(); pulled !== undefined; pulled = execution.next())
    if (pulled !== again) rows.push(...batchRowsOf(pulled));
  execution.close();
  return rows;
}

export function shown(rows: readonly (readonly Datum[])[]): string[] {
  // Sums of floats may differ in their last digits.
  const rounded = rows.map((row) =>
    row.map((value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
  );
  return multiset(rounded);
}

export async function agrees(root: PhysicalNode): Promise<void> {
  const plan = planOf(root);
  assert.ok(parallelPlanOf(plan) !== undefined, 'the plan is shared');
  assert.deepEqual(
    shown(await rowsOf(state.pool.execute(plan, context()))),
    shown(inOneThread(plan)),
  );
}

export const filters = fc.oneof(
  fc.constant(undefined),
  fc
    .integer({ min: -1, max: 45 })
    .map((value) => callOf('int4lt', bool, small, constant(value, int4))),
  fc
    .integer({ min: 0, max: rowCount })
    .map((value) => callOf('int4ge', bool, id, constant(value, int4))),
  fc.constant(flag),
);

export function project(from: PhysicalNode, expressions: readonly Expression[]): PhysicalNode {
  const types = expressions.map(({ type }) => type);
  return { kind: 'project', input: from, expressions, ...nodeFields(types), ...costly };
}

export const names = valuesNode(
  [int4, text],
  Array.from({ length: 30 }, (_value, i) => [i < 28 ? i % 20 : null, `name ${i}`]),
);

export type JoinType = 'inner' | 'left' | 'semi' | 'anti';

export function joinOf(
  type: JoinType,
  from: PhysicalNode,
  right: PhysicalNode = names,
): PhysicalNode {
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

export const lines: fc.Arbitrary<PhysicalNode> = fc
  .tuple(filters, fc.constantFrom('none', 'inner', 'left', 'semi', 'anti'))
  .map(([filter, join]) => (join === 'none' ? scanOf(filter) : joinOf(join, scanOf(filter))));
