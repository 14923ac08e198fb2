// Goal: rows that threads send to their coordinator arrive, each once; those that they have sorted come as one thread sorts
// them, equal ones included, and so do windows over the whole order. Method: real threads over a table of several morsels;
// random keys and lines of rows, in memory and on disk; first rows of random orders, distinct rows, and more rows than
// threads send ahead.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { OrderKey } from '#common';
import type { PhysicalNode, PhysicalSort } from '#planner';
import type { ExecutionContext } from '../contract.ts';
import { bool, constant, input, int4, nodeFields, planOf, text } from '../testing/plans.ts';
import {
  agrees,
  big,
  callOf,
  columns,
  context,
  costly,
  flag,
  functionOid,
  id,
  inOneThread,
  int8,
  label,
  lines,
  price,
  project,
  ratio,
  rowCount,
  rowsOf,
  scanOf,
  small,
  state,
  useThreads,
} from '../testing/shared-plans.ts';
import { parallelPlanOf } from './parallel-plan.ts';

useThreads();

const many = { estimatedRows: rowCount };

const keyOf = (from: PhysicalNode): fc.Arbitrary<OrderKey> =>
  fc
    .record({
      expression: fc.constantFrom(
        small,
        big,
        price,
        ratio,
        label,
        flag,
        callOf('int4mod', int4, small, constant(7, int4)),
        ...(from.types.length > columns.length ? [input(columns.length + 1, text)] : []),
      ),
      descending: fc.boolean(),
      nullsFirst: fc.boolean(),
    })
    .map((key) => ({ ...key }));

function sortOf(from: PhysicalNode, keys: readonly OrderKey[]): PhysicalSort {
  const fields = { ...nodeFields(from.types), ...costly, startupCost: 2e6, ...many };
  return { kind: 'sort', input: { ...from, ...many }, keys, limit: undefined, ...fields };
}

/** Which rows come, in their order; of joined rows also the name. */
function ids(from: PhysicalNode): PhysicalNode {
  const names = from.types.length > columns.length ? [input(columns.length + 1, text)] : [];
  return { ...project(from, [id, ...names]), ...many };
}

const sorts = lines.chain((line) =>
  fc.array(keyOf(line), { minLength: 1, maxLength: 3 }).map((keys) => sortOf(line, keys)),
);

async function comesInOrder(root: PhysicalNode, made?: ExecutionContext): Promise<void> {
  const plan = planOf(root);
  const shared = parallelPlanOf(plan);
  assert.ok(shared !== undefined, 'the plan is shared');
  const rows = await rowsOf(state.pool.execute(plan, made ?? context()));
  assert.deepEqual(rows.map(String), inOneThread(plan).map(String));
}

test('all rows in any order', async () => {
  await fc.assert(
    fc.asyncProperty(sorts, async (sort) => comesInOrder(ids(sort))),
    { numRuns: 2 },
  );
});

test('runs on disk', async () => {
  const keys = [label, price].map((expression) => ({
    expression,
    descending: true,
    nullsFirst: false,
  }));
  const little = { ...context(), workMemBytes: 256 * 1024 };
  await comesInOrder(
    sortOf(project(scanOf(), [small, price, label, id]), [
      { ...keys[0], expression: input(2, text) },
      { ...keys[1], expression: input(1, price.type) },
    ]),
    little,
  );
});

test('windows without partitions', async () => {
  const key = { expression: small, descending: false, nullsFirst: true };
  const sort = sortOf(scanOf(flag), [key]);
  await comesInOrder({
    kind: 'window',
    input: sort,
    partitionBy: [],
    orderBy: [key],
    frame: {
      mode: 'range',
      start: { kind: 'unboundedPreceding' },
      end: { kind: 'currentRow' },
      exclude: 'none',
    },
    calls: [
      { name: 'row_number', args: [] },
      { name: 'rank', args: [] },
      { name: 'sum', args: [id] },
    ].map(({ name, args }) => ({
      functionOid: functionOid(name, ...args.map(({ type }) => type.oid)),
      isAggregate: name === 'sum',
      arguments: args,
      filter: undefined,
      type: int8,
    })),
    ...nodeFields([...sort.types, int8, int8, int8]),
    ...costly,
    ...many,
  });
});

test('rows of several tables, one after another', async () => {
  const inputs = [scanOf(flag), scanOf(callOf('int4lt', flag.type, id, constant(9000, int4)))];
  const append: PhysicalNode = {
    kind: 'append',
    inputs,
    ...nodeFields(inputs[0].types),
    ...costly,
  };
  const keys = [small, id].map((expression) => ({
    expression,
    descending: false,
    nullsFirst: false,
  }));
  await comesInOrder(ids(sortOf(append, keys)));
});

test('an error of a key, and a reader who stops early', async () => {
  const divisor = callOf('int4mi', int4, id, constant(rowCount - 5, int4));
  const quotient = callOf('int4div', int4, constant(1, int4), divisor);
  const keys = [{ expression: quotient, descending: false, nullsFirst: false }];
  await assert.rejects(rowsOf(state.pool.execute(planOf(sortOf(scanOf(), keys)), context())), {
    sqlState: '22012',
  });
  const sort = sortOf(scanOf(), [{ expression: big, descending: true, nullsFirst: false }]);
  const execution = state.pool.execute(planOf(sort), context());
  await execution.next();
  execution.close();
  await comesInOrder(ids(sort));
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
    { numRuns: 3 },
  );
});

test('rows as they come, more than threads send ahead', async () => {
  const mod = callOf('mod', int4, id, constant(3, int4));
  const third = callOf('int4eq', bool, mod, constant(0, int4));
  await agrees(project(scanOf(third), [id, label, price, big]));
});
