// Goal: joins whose few keys a scan looks up in its segments give the rows that they give without. Method: a table
// with segments, in which some rows have changed since, joined with small lists by one column and by two, over
// and over, because only later scans find an index.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Datum, type TableDescriptor } from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalHashJoin, PhysicalNode, PhysicalScan } from '#planner';
import { tableAccess } from '#storage';
import { input, int4, multiset, nodeFields, planOf, valuesNode } from '../testing/plans.ts';
import { begin, contextOf, makeTable, noTime, run, withStorage } from '../testing/tables.ts';

const rowCount = 30_000;
const costly = { totalCost: 1e6 };
const rowOf = (id: number): Datum[] => [id, id % 5 === 0 ? null : (id * 7919) % 3000, id % 400];

function scanOf(table: TableDescriptor): PhysicalScan {
  return {
    kind: 'scan',
    table,
    alias: 't',
    sources: table.columns.map(({ attributeNumber }) => ({ kind: 'attribute', attributeNumber })),
    access: { kind: 'full' },
    backward: false,
    filter: undefined,
    temporal: noTime,
    ...nodeFields(table.columns.map((column) => column.type)),
    ...costly,
  };
}

function joined(left: PhysicalNode, column: number, keys: readonly number[]): PhysicalHashJoin {
  return {
    kind: 'hashJoin',
    type: 'semi',
    left,
    right: valuesNode(
      [int4],
      keys.map((key) => [key]),
    ),
    leftKeys: [input(column, int4)],
    rightKeys: [input(0, int4)],
    equalityOids: [functionRegistry.functionsNamed('int4eq')[0].oid],
    condition: undefined,
    ...nodeFields(left.types),
    ...costly,
  };
}

test('few keys', async () => {
  await withStorage(async (storage) => {
    const columns = ['id', 'a', 'b'].map((name) => ({ name, type: int4 }));
    const table = makeTable(storage, { name: 't', columns, key: [1] });
    const access = tableAccess(table);
    const writer = begin(storage);
    for (let id = 0; id < rowCount; id++) access.insertRow(writer, rowOf(id));
    writer.commit();
    await storage.flush();
    await storage.buildSegments(table);
    const expected = Array.from({ length: rowCount }, (_row, id) => rowOf(id));
    const changer = begin(storage);
    for (let id = 3; id < rowCount; id += 2000) {
      const key = access.keyOf([id]);
      const old = access.fetchForUpdate(changer, key, 3);
      assert.ok(old instanceof Uint8Array);
      access.updateRow(changer, key, old, (expected[id] = [id, 17, 8]));
    }
    changer.commit();
    const someA = [17, 18, 500, 2999, 3001, 90_000];
    const someB = [8, 9, 399, 12_000];
    const byA = joined(scanOf(table), 1, someA);
    for (const [plan, isWanted] of [
      [planOf(byA), ([, a]: Datum[]) => someA.includes(Number(a ?? -1))],
      [
        planOf(joined(byA, 2, someB)),
        ([, a, b]: Datum[]) => someA.includes(Number(a ?? -1)) && someB.includes(Number(b)),
      ],
    ] as const) {
      for (let round = 0; round < 4; round++) {
        const transaction = begin(storage);
        const { rows } = run(plan, contextOf(storage, transaction, [table]));
        transaction.rollback();
        assert.deepEqual(multiset(rows), multiset(expected.filter((row) => isWanted(row))));
        assert.ok(rows.length > 10);
      }
    }
  });
});
