// Writes on the real engine: values and counts, constraint errors in PostgreSQL's words, foreign key
// actions, ON CONFLICT, and that an UPDATE does not see its own changes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  type ConstraintDescriptor,
  DatabaseError,
  type Datum,
  type Expression,
  type ForeignKeyAction,
  type TableDescriptor,
} from '#common';
import type { PhysicalInsert, PhysicalNode, PhysicalPlan, PhysicalScan } from '#planner';
import type { OpenStorage } from '#storage';
import {
  bool,
  constant,
  input,
  int4,
  nodeFields,
  planOf,
  text,
  valuesNode,
} from '../testing/plans.ts';
import { begin, contextOf, makeTable, noTime, run, withStorage } from '../testing/tables.ts';

const int4pl = 177;
const int4gt = 147;

function scanOf(table: TableDescriptor, keys?: readonly Expression[]): PhysicalScan {
  return {
    kind: 'scan',
    table,
    alias: table.name,
    sources: [
      ...table.columns.map(({ attributeNumber }) => ({
        kind: 'attribute' as const,
        attributeNumber,
      })),
      { kind: 'rowKey' as const },
    ],
    access:
      keys === undefined
        ? { kind: 'full' }
        : {
            kind: 'key',
            unique: true,
            range: { equal: keys, anyOf: undefined, lower: undefined, upper: undefined },
          },
    backward: false,
    filter: undefined,
    temporal: noTime,
    ...nodeFields([...table.columns.map(({ type }) => type), text]),
  };
}

function writing(root: PhysicalNode, command: PhysicalPlan['command']): PhysicalPlan {
  return planOf(root, { command, readOnly: false, relations: [] });
}

function insertOf(
  table: TableDescriptor,
  rows: readonly (readonly Datum[])[],
  extra: Partial<PhysicalInsert> = {},
): PhysicalPlan {
  const types = table.columns.map(({ type }) => type);
  return writing(
    {
      kind: 'insert',
      table,
      source: valuesNode(types, rows),
      assignments: table.columns.map(({ attributeNumber, type }, i) => ({
        attributeNumber,
        value: input(i, type),
      })),
      onConflict: undefined,
      checks: [],
      returning: undefined,
      ...nodeFields([]),
      ...extra,
    },
    'INSERT',
  );
}

function updateOf(
  table: TableDescriptor,
  attributeNumber: number,
  value: Expression,
  keys?: readonly Expression[],
): PhysicalPlan {
  return writing(
    {
      kind: 'update',
      table,
      source: scanOf(table, keys),
      rowKey: table.columns.length,
      assignments: [{ attributeNumber, value }],
      checks: [],
      returning: undefined,
      ...nodeFields([]),
    },
    'UPDATE',
  );
}

function deleteOf(table: TableDescriptor, keys?: readonly Expression[]): PhysicalPlan {
  return writing(
    {
      kind: 'delete',
      table,
      source: scanOf(table, keys),
      rowKey: table.columns.length,
      returning: undefined,
      ...nodeFields([]),
    },
    'DELETE',
  );
}

function plus(left: Expression, right: Expression): Expression {
  return { kind: 'call', functionOid: int4pl, arguments: [left, right], type: int4 };
}

function rowsOf(table: TableDescriptor, context: Parameters<typeof run>[1]): Datum[][] {
  return run(planOf(scanOf(table)), context).rows.map((row) => row.slice(0, table.columns.length));
}

function failure(action: () => unknown): DatabaseError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof DatabaseError, String(error));
    return error;
  }
  throw new Error('no error');
}

function pair(
  storage: OpenStorage,
  onDelete: ForeignKeyAction,
): { parent: TableDescriptor; child: TableDescriptor } {
  const parentOid = storage.allocateOid();
  const childOid = storage.allocateOid();
  const constraintOid = storage.allocateOid();
  const parent = makeTable(storage, {
    oid: parentOid,
    name: 'parent',
    columns: [{ name: 'id', type: int4 }],
    key: [1],
    referencedBy: [{ tableOid: childOid, constraintOid }],
  });
  const constraint: ConstraintDescriptor = {
    kind: 'constraint',
    oid: constraintOid,
    name: 'child_parent_fkey',
    tableOid: childOid,
    columns: [2],
    deferrable: false,
    initiallyDeferred: false,
    validated: true,
    type: 'foreign',
    referencedTable: parentOid,
    referencedColumns: [1],
    referencedIndex: parent.indexes[0].oid,
    match: 'simple',
    onDelete,
    onUpdate: 'cascade',
  };
  const child = makeTable(storage, {
    oid: childOid,
    name: 'child',
    columns: [
      { name: 'id', type: int4 },
      { name: 'parent', type: int4 },
    ],
    key: [1],
    constraints: [constraint],
  });
  return { parent, child };
}

test('insert, update and delete', () =>
  withStorage((storage) => {
    const table = makeTable(storage, {
      name: 't',
      columns: [
        { name: 'id', type: int4 },
        { name: 'n', type: int4 },
      ],
      key: [1],
    });
    const context = contextOf(storage, begin(storage), [table], [5]);
    assert.equal(
      run(
        insertOf(table, [
          [1, 10],
          [2, 20],
          [3, null],
        ]),
        context,
      ).count,
      3,
    );
    assert.equal(
      run(updateOf(table, 2, plus(input(1, int4), constant(1, int4))), context).count,
      3,
    );
    assert.deepEqual(rowsOf(table, context), [
      [1, 11],
      [2, 21],
      [3, null],
    ]);
    const parameter: Expression = { kind: 'parameter', index: 0, type: int4 };
    const byKey = updateOf(table, 2, plus(input(1, int4), parameter), [constant(2, int4)]);
    assert.equal(run(byKey, context).count, 1);
    assert.equal(run(byKey, context).count, 1);
    assert.equal(run(deleteOf(table, [constant(3, int4)]), context).count, 1);
    assert.equal(run(deleteOf(table, [constant(3, int4)]), context).count, 0);
    assert.deepEqual(rowsOf(table, context), [
      [1, 11],
      [2, 31],
    ]);
    context.transaction.commit();
    const later = contextOf(storage, begin(storage), [table]);
    assert.deepEqual(rowsOf(table, later), [
      [1, 11],
      [2, 31],
    ]);
    later.transaction.rollback();
  }));

test('an update of the key does not meet its own rows again', () =>
  withStorage((storage) => {
    const table = makeTable(storage, {
      name: 't',
      columns: [{ name: 'id', type: int4 }],
      key: [1],
    });
    const context = contextOf(storage, begin(storage), [table]);
    run(insertOf(table, [[1], [2], [3]]), context);
    assert.equal(
      run(updateOf(table, 1, plus(input(0, int4), constant(100, int4))), context).count,
      3,
    );
    assert.deepEqual(rowsOf(table, context), [[101], [102], [103]]);
    context.transaction.rollback();
  }));

test('NOT NULL, CHECK and unique violations', () =>
  withStorage((storage) => {
    const table = makeTable(storage, {
      name: 't',
      columns: [
        { name: 'id', type: int4 },
        { name: 'n', type: int4, notNull: true },
        { name: 'note', type: text },
      ],
      key: [1],
    });
    const check = {
      constraintName: 't_n_check',
      attributes: [2],
      condition: {
        kind: 'call',
        functionOid: int4gt,
        arguments: [input(0, int4), constant(0, int4)],
        type: bool,
      } as Expression,
    };
    const context = contextOf(storage, begin(storage), [table]);
    const missing = failure(() => run(insertOf(table, [[1, null, 'x']]), context));
    assert.equal(missing.sqlState, '23502');
    assert.equal(
      missing.message,
      'null value in column "n" of relation "t" violates not-null constraint',
    );
    assert.equal(missing.detail, 'Failing row contains (1, null, x).');
    const failing = failure(() =>
      run(insertOf(table, [[1, 0, null]], { checks: [check] }), context),
    );
    assert.equal(failing.sqlState, '23514');
    assert.equal(failing.message, 'new row for relation "t" violates check constraint "t_n_check"');
    assert.equal(failing.detail, 'Failing row contains (1, 0, null).');
    run(insertOf(table, [[1, 1, null]], { checks: [check] }), context);
    assert.equal(failure(() => run(insertOf(table, [[1, 1, null]]), context)).sqlState, '23505');
    context.transaction.rollback();
  }));

test('ON CONFLICT', () =>
  withStorage((storage) => {
    const table = makeTable(storage, {
      name: 't',
      columns: [
        { name: 'id', type: int4 },
        { name: 'n', type: int4 },
      ],
      key: [1],
    });
    const context = contextOf(storage, begin(storage), [table]);
    run(insertOf(table, [[1, 10]]), context);
    const nothing = {
      arbiterIndexes: [],
      action: 'nothing',
      existingSources: [],
      excludedAttributes: [],
      assignments: [],
      where: undefined,
    } as const;
    assert.equal(
      run(
        insertOf(
          table,
          [
            [1, 99],
            [2, 20],
          ],
          { onConflict: nothing },
        ),
        context,
      ).count,
      1,
    );
    const update = {
      ...nothing,
      action: 'update',
      arbiterIndexes: [table.indexes[0].oid],
      existingSources: [{ kind: 'attribute', attributeNumber: 2 }],
      excludedAttributes: [2],
      assignments: [{ attributeNumber: 2, value: plus(input(0, int4), input(1, int4)) }],
    } as const;
    assert.equal(
      run(
        insertOf(
          table,
          [
            [1, 5],
            [3, 30],
          ],
          { onConflict: update },
        ),
        context,
      ).count,
      2,
    );
    assert.deepEqual(rowsOf(table, context), [
      [1, 15],
      [2, 20],
      [3, 30],
    ]);
    const twice = failure(() =>
      run(
        insertOf(
          table,
          [
            [4, 1],
            [4, 2],
          ],
          { onConflict: update },
        ),
        context,
      ),
    );
    assert.equal(twice.sqlState, '21000');
    context.transaction.rollback();
  }));

test('foreign keys: missing and still referenced rows', () =>
  withStorage((storage) => {
    const { parent, child } = pair(storage, 'no action');
    const context = contextOf(storage, begin(storage), [parent, child]);
    run(insertOf(parent, [[1], [2]]), context);
    run(
      insertOf(child, [
        [10, 1],
        [11, null],
      ]),
      context,
    );
    const missing = failure(() => run(insertOf(child, [[12, 7]]), context));
    assert.equal(missing.sqlState, '23503');
    assert.equal(
      missing.message,
      'insert or update on table "child" violates foreign key constraint "child_parent_fkey"',
    );
    assert.equal(missing.detail, 'Key (parent)=(7) is not present in table "parent".');
    const used = failure(() => run(deleteOf(parent, [constant(1, int4)]), context));
    assert.equal(
      used.message,
      'update or delete on table "parent" violates foreign key constraint "child_parent_fkey" on table "child"',
    );
    assert.equal(used.detail, 'Key (id)=(1) is still referenced from table "child".');
    assert.equal(run(deleteOf(parent, [constant(2, int4)]), context).count, 1);
    context.transaction.rollback();
  }));

for (const [action, expected] of [
  ['cascade', [[11, 2]]],
  [
    'set null',
    [
      [10, null],
      [11, 2],
    ],
  ],
] as const) {
  test(`foreign keys: ON DELETE ${action}, ON UPDATE CASCADE`, () =>
    withStorage((storage) => {
      const { parent, child } = pair(storage, action);
      const context = contextOf(storage, begin(storage), [parent, child]);
      run(insertOf(parent, [[1], [2]]), context);
      run(
        insertOf(child, [
          [10, 1],
          [11, 2],
        ]),
        context,
      );
      assert.equal(run(deleteOf(parent, [constant(1, int4)]), context).count, 1);
      assert.deepEqual(rowsOf(child, context), expected);
      run(updateOf(parent, 1, constant(5, int4)), context);
      assert.deepEqual(rowsOf(child, context).at(-1), [11, 5]);
      context.transaction.rollback();
    }));
}
