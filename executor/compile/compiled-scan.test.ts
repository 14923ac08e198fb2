// Goal: compiled pipelines over real tables: through executePlan(), with parameters that change from
// execution to execution, past their memory, and cancelled. Method: a table of some thousand rows and
// plans made by hand that are estimated costly.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  type AggregateExpression,
  type Datum,
  type Expression,
  type TableDescriptor,
  TypeOid,
  databaseError,
  sqlType,
} from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalAggregate, PhysicalHashJoin, PhysicalNode, PhysicalScan } from '#planner';
import { tableAccess } from '#storage';
import { again } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import { buildOperator } from '../operators/build-operator.ts';
import {
  bool,
  input,
  int4,
  multiset,
  nodeFields,
  planOf,
  runNode,
  testContext,
  text,
  valuesNode,
} from '../testing/plans.ts';
import { begin, contextOf, makeTable, noTime, run, withStorage } from '../testing/tables.ts';
import { CompiledOperator } from './compiled-operator.ts';

const int8 = sqlType(TypeOid.int8);
const rowCount = 5000;
const costly = { totalCost: 1e6 };

function functionOid(name: string): number {
  return functionRegistry.functionsNamed(name)[0].oid;
}

const count: AggregateExpression = {
  kind: 'aggregate',
  functionOid: 2803,
  arguments: [],
  distinct: false,
  orderBy: [],
  filter: undefined,
  star: true,
  type: int8,
};
const sumOf = (argument: Expression): AggregateExpression => ({
  ...count,
  functionOid: 2108,
  arguments: [argument],
  star: false,
});

function scanOf(table: TableDescriptor, filter?: Expression): PhysicalScan {
  return {
    kind: 'scan',
    table,
    alias: 't',
    sources: table.columns.map(({ attributeNumber }) => ({ kind: 'attribute', attributeNumber })),
    access: { kind: 'full' },
    backward: false,
    filter,
    temporal: noTime,
    ...nodeFields(table.columns.map((column) => column.type)),
    ...costly,
  };
}

function groupsOf(node: PhysicalNode, keys: readonly Expression[]): PhysicalAggregate {
  return {
    kind: 'aggregate',
    strategy: 'hash',
    input: node,
    groupKeys: keys,
    aggregates: [count, sumOf(input(0, int4))],
    groupingSets: undefined,
    ...nodeFields([...keys.map((key) => key.type), int8, int8]),
    ...costly,
  };
}

test('a scan, its filter and groups, for one parameter after another', async () => {
  await withStorage((storage) => {
    const table = makeTable(storage, {
      name: 't',
      columns: [
        { name: 'id', type: int4 },
        { name: 'name', type: text },
      ],
      key: [1],
    });
    const writer = begin(storage);
    for (let id = 0; id < rowCount; id++)
      tableAccess(table).insertRow(writer, [id, id % 7 === 0 ? null : `name ${id % 3}`]);
    writer.commit();
    const below: Expression = {
      kind: 'call',
      functionOid: functionOid('int4lt'),
      arguments: [input(0, int4), { kind: 'parameter', index: 0, type: int4 }],
      type: bool,
    };
    const plan = planOf(groupsOf(scanOf(table, below), [input(1, text)]));
    for (const limit of [rowCount, 10, 0, -5, 2_147_483_647, null]) {
      const transaction = begin(storage);
      const { rows } = run(plan, contextOf(storage, transaction, [table], [limit]));
      transaction.rollback();
      assert.deepEqual(multiset(rows), multiset(expectedGroups(limit)), String(limit));
    }
  });
});

function expectedGroups(limit: number | null): Datum[][] {
  const groups = new Map<string | null, [number, number]>();
  for (let id = 0; id < Math.min(rowCount, limit ?? 0); id++) {
    const name = id % 7 === 0 ? null : `name ${id % 3}`;
    const group = groups.get(name) ?? [0, 0];
    groups.set(name, [group[0] + 1, group[1] + id]);
  }
  return [...groups].map(([name, [rows, sum]]) => [name, rows, sum]);
}

test('a cancelled statement stops between blocks', async () => {
  await withStorage((storage) => {
    const table = makeTable(storage, {
      name: 't',
      columns: [{ name: 'id', type: int4 }],
      key: [1],
    });
    const writer = begin(storage);
    for (let id = 0; id < rowCount; id++) tableAccess(table).insertRow(writer, [id]);
    writer.commit();
    const transaction = begin(storage);
    let polls = 0;
    const context = {
      ...contextOf(storage, transaction, [table]),
      interrupt: {
        check: () => {
          if (++polls > 2) throw databaseError('queryCanceled', 'canceling statement');
        },
        sliceOver: () => false,
      },
    };
    const execution = executePlan(planOf(groupsOf(scanOf(table), [input(0, int4)])), context);
    assert.throws(() => {
      while (execution.next() === again);
    }, /canceling statement/);
    execution.close();
    transaction.rollback();
  });
});

test('past its memory a join goes to disk, and stays compiled', () => {
  const rows = Array.from({ length: 3000 }, (_value, i): Datum[] => [i % 1000, `row ${i}`]);
  const side = (): PhysicalNode => valuesNode([int4, text], rows);
  const join: PhysicalHashJoin = {
    kind: 'hashJoin',
    type: 'inner',
    left: side(),
    right: side(),
    leftKeys: [input(0, int4)],
    rightKeys: [input(0, int4)],
    equalityOids: [functionOid('int4eq')],
    condition: undefined,
    ...nodeFields([int4, text, int4, text]),
  };
  const outcome = (bytesMax: number): { readonly rows: string[]; readonly fallbacks: number } => {
    let fallbacks = 0;
    const found = runNode(
      join,
      (root, runtime) =>
        new CompiledOperator(root, runtime, {
          fallback: () => {
            fallbacks++;
            return buildOperator(root, runtime);
          },
          interpret: (inner) => buildOperator(inner, runtime),
          bytesMax,
        }),
      testContext({ workMemBytes: 20_000 }),
    );
    return { rows: multiset(found), fallbacks };
  };
  const roomy = outcome(1 << 30);
  const tight = outcome(50_000);
  assert.equal(roomy.fallbacks, 0);
  assert.equal(tight.fallbacks, 0);
  assert.equal(roomy.rows.length, 9000);
  assert.deepEqual(tight.rows, roomy.rows);
});

test('keys that the primary key determines are shown as they are', async () => {
  await withStorage((storage) => {
    const table = makeTable(storage, {
      name: 't',
      columns: [
        { name: 'id', type: int4 },
        { name: 'name', type: text },
        { name: 'size', type: int4 },
      ],
      key: [1],
    });
    const rows: Datum[][] = [];
    for (let id = 0; id < 3000; id++) rows.push([id, id % 3 === 0 ? null : `n${id % 5}`, id % 4]);
    const writer = begin(storage);
    for (const row of rows) tableAccess(table).insertRow(writer, row);
    writer.commit();
    const join: PhysicalHashJoin = {
      kind: 'hashJoin',
      type: 'left',
      left: valuesNode([int4], [[1], [2], [2], [3], [99999], [null]]),
      right: scanOf(table),
      leftKeys: [input(0, int4)],
      rightKeys: [input(0, int4)],
      equalityOids: [functionOid('int4eq')],
      condition: undefined,
      ...nodeFields([int4, int4, text, int4]),
      ...costly,
    };
    const keys = [input(2, text), input(1, int4), input(3, int4)];
    const plan = planOf(groupsOf(join, keys));
    for (let round = 0; round < 2; round++) {
      const transaction = begin(storage);
      const found = run(plan, contextOf(storage, transaction, [table])).rows;
      transaction.rollback();
      assert.deepEqual(
        multiset(found),
        multiset([
          ['n1', 1, 1, 1, 1],
          ['n2', 2, 2, 2, 4],
          [null, 3, 3, 1, 3],
          [null, null, null, 2, 99999],
        ]),
      );
    }
  });
});
