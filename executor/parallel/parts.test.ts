// Goal: groups and windows that threads divide by keys are those that one thread makes, and so are different values: with
// DISTINCT, in aggregates without groups, in unions. Method: real threads over a table of several morsels; random keys, all in
// any part, and each form of DISTINCT, run on one thread and on all.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { AggregateExpression, Expression, OrderKey } from '#common';
import type { PhysicalNode, PhysicalWindow } from '#planner';
import { constant, input, int4, nodeFields, planOf } from '../testing/plans.ts';
import {
  agrees,
  aggregateExpression,
  aggregateOf,
  big,
  callOf,
  context,
  countAll,
  filters,
  flag,
  functionOid,
  id,
  inOneThread,
  int8,
  label,
  numeric,
  price,
  project,
  ratio,
  rowsOf,
  scanOf,
  shown,
  small,
  state,
  useThreads,
} from '../testing/shared-plans.ts';

useThreads();

/** What is done within the keys costs more than reading the rows. */
const within = { totalCost: 4e6, estimatedRows: 1000 };

const keyLists = fc.constantFrom<readonly Expression[]>(
  [small],
  [label],
  [big],
  [flag, small],
  [price, label],
);

const distinctCount = (of: Expression): AggregateExpression => ({
  ...aggregateExpression('count', int8, of),
  distinct: true,
});

test('aggregates that have no stages', async () => {
  await fc.assert(
    fc.asyncProperty(keyLists, async (keys) => {
      const sum = { ...aggregateExpression('sum', numeric, price), distinct: true };
      const aggregates = [distinctCount(ratio), sum, countAll, distinctCount(label)];
      await agrees({ ...aggregateOf(scanOf(), keys, aggregates), ...within });
    }),
    { numRuns: 3 },
  );
});

function windowOf(
  from: PhysicalNode,
  partitionBy: readonly Expression[],
  orderBy: readonly OrderKey[],
): PhysicalWindow {
  const keys = [
    ...partitionBy.map((expression) => ({ expression, descending: false, nullsFirst: false })),
    ...orderBy,
  ];
  const fields = { ...nodeFields(from.types), ...within };
  const sort: PhysicalNode = { kind: 'sort', input: from, keys, limit: undefined, ...fields };
  const call = (name: string, ...args: readonly Expression[]): PhysicalWindow['calls'][number] => ({
    functionOid: functionOid(name, ...args.map(({ type }) => type.oid)),
    isAggregate: name === 'sum',
    arguments: args,
    filter: undefined,
    type: int8,
  });
  const calls = [call('row_number'), call('sum', small)];
  return {
    kind: 'window',
    input: sort,
    partitionBy,
    orderBy,
    frame: {
      mode: 'rows',
      start: { kind: 'unboundedPreceding' },
      end: { kind: 'currentRow' },
      exclude: 'none',
    },
    calls,
    ...nodeFields([...from.types, int8, int8]),
    ...within,
  };
}

const byId: readonly OrderKey[] = [{ expression: id, descending: true, nullsFirst: false }];

test('windows, one and two over each other', async () => {
  await fc.assert(
    fc.asyncProperty(keyLists, fc.boolean(), async (keys, isTwice) => {
      const first = windowOf(scanOf(), keys, byId);
      const window = isTwice ? windowOf(first, keys.slice(0, 1), byId) : first;
      const width = window.types.length;
      const max = aggregateExpression('max', int8, input(width - 1, int8));
      const sum = aggregateExpression('sum', numeric, input(width - 2, int8));
      if (keys.length === 1 || !isTwice || keys[0] === small)
        await agrees({ ...aggregateOf(window, [flag], [max, sum, countAll]), ...within });
    }),
    { numRuns: 4 },
  );
});

test('a table is built of groups that threads divide', async () => {
  const groups = { ...aggregateOf(scanOf(), [small], [countAll, distinctCount(id)]), ...within };
  const left = scanOf(callOf('int4lt', flag.type, id, constant(5000, int4)));
  const join: PhysicalNode = {
    kind: 'hashJoin',
    type: 'left',
    left,
    right: groups,
    leftKeys: [small],
    rightKeys: [input(0, int4)],
    equalityOids: [65],
    condition: undefined,
    ...nodeFields([...left.types, ...groups.types]),
    ...within,
  };
  const sum = aggregateExpression('sum', numeric, input(left.types.length + 1, int8));
  await agrees({ ...aggregateOf(join, [label], [countAll, sum]), ...within });
});

test('parts that spill, and errors in one of them', async () => {
  const counted = { ...aggregateOf(scanOf(flag), [id], [distinctCount(label)]), ...within };
  const plan = planOf({ ...aggregateOf(counted, [], [countAll]), ...within });
  const little = { ...context(), workMemBytes: 256 * 1024 };
  assert.deepEqual(shown(await rowsOf(state.pool.execute(plan, little))), shown(inOneThread(plan)));
  const divisor = callOf('int4mi', int4, small, constant(39, int4));
  const quotient = callOf('int4div', int4, constant(1, int4), divisor);
  const failing = { ...aggregateOf(scanOf(), [small], [distinctCount(quotient)]), ...within };
  await assert.rejects(rowsOf(state.pool.execute(planOf(failing), context())), {
    sqlState: '22012',
  });
});

function distinct(name: string, argument: Expression, filter?: Expression): AggregateExpression {
  const isCount = name === 'count';
  const type = isCount ? int8 : name === 'sum' && argument === small ? int8 : numeric;
  const result = name === 'max' ? argument.type : type;
  return { ...aggregateExpression(name, result, argument), distinct: true, filter };
}

const others: readonly AggregateExpression[] = [
  countAll,
  aggregateExpression('sum', numeric, price),
  aggregateExpression('avg', numeric, big),
  { ...aggregateExpression('count', int8, ratio), filter: flag },
];

const choices: fc.Arbitrary<readonly AggregateExpression[]> = fc.constantFrom(
  [distinct('count', small), distinct('sum', small), distinct('avg', small)],
  [distinct('count', label), distinct('max', label)],
  [distinct('count', price)],
  // Values that aggregates see differ, so threads divide them.
  [distinct('count', small, flag), distinct('sum', small)],
  [distinct('count', label, flag), distinct('max', label)],
  [distinct('count', id, flag), distinct('sum', id)],
);

test('aggregates of different values without groups', async () => {
  await fc.assert(
    fc.asyncProperty(choices, filters, async (aggregates, filter) => {
      await agrees({
        ...aggregateOf(scanOf(filter), [], [...aggregates, ...others]),
        ...within,
        estimatedRows: 1,
      });
    }),
    { numRuns: 4 },
  );
});

test('no rows have no values', async () => {
  const none = callOf('int4lt', flag.type, id, constant(-1, int4));
  for (const filter of [undefined, flag])
    await agrees({
      ...aggregateOf(scanOf(none), [], [distinct('count', small, filter), ...others]),
      ...within,
      estimatedRows: 1,
    });
});

function distinctRows(of: PhysicalNode): PhysicalNode {
  const fields = { ...nodeFields(of.types), totalCost: 4e6, estimatedRows: 100_000 };
  return { kind: 'distinct', strategy: 'hash', on: undefined, input: of, ...fields };
}

const cheap = { totalCost: 1000, estimatedRows: 140_000 };

test('many different rows, also on disk', async () => {
  const rows = (): PhysicalNode => ({
    ...project({ ...scanOf(), ...cheap }, [id, label, flag]),
    ...cheap,
  });
  await agrees(distinctRows(rows()));
  const plan = planOf({ ...aggregateOf(distinctRows(rows()), [], [countAll]), totalCost: 5e6 });
  const little = { ...context(), workMemBytes: 256 * 1024 };
  assert.deepEqual(shown(await rowsOf(state.pool.execute(plan, little))), shown(inOneThread(plan)));
});

test('a union', async () => {
  const sides = [flag, callOf('int4lt', flag.type, small, constant(20, int4))].map((filter) =>
    project(scanOf(filter), [small, flag]),
  );
  const append: PhysicalNode = {
    kind: 'append',
    inputs: sides,
    ...nodeFields(sides[0].types),
    ...cheap,
  };
  await agrees({ ...distinctRows(append), estimatedRows: 80 });
  await agrees(distinctRows(append));
  await agrees(aggregateOf({ ...append, totalCost: 1e6 }, [input(0, int4)], [countAll]));
});
