// Goal: joins on several threads give what one thread gives, whoever builds their tables. Method: real threads over a
// table of several morsels; random lines of rows and right sides, each run on one thread and on all.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Batch } from '#common';
import type { PhysicalNode } from '#planner';
import type { Operator } from '../operators/operator.ts';
import { nodeFields, bool, constant, input, int4, planOf, text } from '../testing/plans.ts';
import {
  aggregateChoices,
  type JoinType,
  aggregateExpression,
  aggregateOf,
  agrees,
  big,
  callOf,
  context,
  costly,
  countAll,
  filters,
  flag,
  id,
  inOneThread,
  int8,
  joinOf,
  label,
  numeric,
  price,
  project,
  rowCount,
  rowsOf,
  scanOf,
  shown,
  small,
  state,
  warmUp,
  useThreads,
} from '../testing/shared-plans.ts';
import type { HandedRows } from './contract.ts';
import { HandedInput } from './handed-input.ts';

useThreads();

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

/** Rows of the table again, as another side; ids that are multiples of a number. */
function otherSide(multiple: number): PhysicalNode {
  const rest = callOf('mod', int4, id, constant(multiple, int4));
  const chosen = callOf('int4eq', bool, rest, constant(0, int4));
  return { ...scanOf(chosen), estimatedRows: rowCount / multiple };
}

type TableJoin = Extract<PhysicalNode, { readonly kind: 'hashJoin' }>;

function tableJoin(type: TableJoin['type'], left: PhysicalNode, right: PhysicalNode): TableJoin {
  const isHalf = type === 'semi' || type === 'anti';
  const width = left.types.length;
  return {
    kind: 'hashJoin',
    type,
    left,
    right,
    leftKeys: [id],
    rightKeys: [id],
    equalityOids: [65],
    condition: isHalf ? undefined : callOf('booleq', bool, flag, input(width + 6, bool)),
    ...nodeFields(isHalf ? left.types : [...left.types, ...right.types]),
    ...costly,
    totalCost: left.totalCost + right.totalCost,
  };
}

const tableJoins = fc.record({
  type: fc.constantFrom<TableJoin['type']>('inner', 'left', 'right', 'full', 'semi', 'anti'),
  left: fc.integer({ min: 1, max: 300 }),
  right: fc.integer({ min: 1, max: 300 }),
});

test('joins of every type whose table all threads build', async () => {
  await fc.assert(
    fc.asyncProperty(tableJoins, fc.boolean(), async ({ type, left, right }, isNested) => {
      const join = tableJoin(type, otherSide(left), otherSide(right));
      const node = isNested ? tableJoin('inner', otherSide(3), join) : join;
      const last = input(node.types.length - 2, text);
      const keys = node.types.length > 7 ? [label, last] : [label];
      const max = aggregateExpression('max', numeric, price);
      await agrees(aggregateOf(node, keys, [countAll, max]));
      await agrees(project(node, [id, label, price, ...(keys.length > 1 ? [last] : [])]));
    }),
    { numRuns: 12 },
  );
});

test('a table that outgrows memory is built by one thread, on disk', async () => {
  for (const type of ['inner', 'full', 'anti'] as const) {
    const plan = planOf(
      aggregateOf(tableJoin(type, otherSide(1), otherSide(1)), [flag], [countAll]),
    );
    const little = { ...context(), workMemBytes: 64 * 1024 };
    const execution = state.pool.execute(plan, little, { instrument: true });
    assert.deepEqual(shown(await rowsOf(execution)), shown(inOneThread(plan)));
    const notes = [...execution.measurements!.values()];
    assert.ok(notes.some(({ spilledBytes }) => spilledBytes > 0));
  }
});

test('keys without a number of their own are compared by one thread', async () => {
  const wide = { ...tableJoin('inner', otherSide(2), otherSide(3)), condition: undefined };
  const join = { ...wide, leftKeys: [big], rightKeys: [big], equalityOids: [467] };
  await agrees(aggregateOf({ ...join, left: scanOf(flag) }, [flag], [countAll]));
});

test('an error while a table is built is the error of the statement', async () => {
  const divisor = callOf('int4mi', int4, id, constant(rowCount - 5, int4));
  const quotient = callOf('int4div', int4, constant(1, int4), divisor);
  const right = scanOf(callOf('int4ge', bool, quotient, constant(-5, int4)));
  const plan = planOf(aggregateOf(tableJoin('full', otherSide(2), right), [flag], [countAll]));
  for (let i = 0; i < 3; i++)
    await assert.rejects(rowsOf(state.pool.execute(plan, context())), { sqlState: '22012' });
  await warmUp(state.pool);
});
