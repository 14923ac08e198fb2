// Nested loops, set operations, DISTINCT, LIMIT with ties, recursive WITH, subplans and windows against
// small models, with and without a budget that forces spilling.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Datum, type Expression, TypeOid, sqlType } from '#common';
import type {
  PhysicalNestedLoop,
  PhysicalNode,
  PhysicalPlan,
  PhysicalSetOperation,
  PhysicalWindow,
} from '#planner';
import {
  ascending,
  bool,
  constant,
  input,
  int4,
  multiset,
  nodeFields,
  runNode,
  testContext,
  valuesNode,
} from '../testing/plans.ts';
import { buildOperator } from './build-operator.ts';

const int4eq = 65;
const int4lt = 66;
const int4pl = 177;

function call(functionOid: number, left: Expression, right: Expression, type = bool): Expression {
  return { kind: 'call', functionOid, arguments: [left, right], type };
}

function rowsOf(
  node: PhysicalNode,
  workMemBytes: number,
  extra: Partial<PhysicalPlan> = {},
): Datum[][] {
  return runNode(node, buildOperator, testContext({ workMemBytes, sliceEvery: 4 }), extra);
}

const small = fc.array(fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }), { maxLength: 30 });
const column = (values: readonly Datum[]): Datum[][] => values.map((value) => [value]);
const budgets = [1 << 20, 100];

for (const type of ['inner', 'left', 'semi', 'anti'] as const) {
  for (const bound of [false, true]) {
    test(`nested loop: ${type}${bound ? ', right side started per row' : ''}`, () => {
      fc.assert(
        fc.property(small, small, fc.constantFrom(...budgets), (left, right, budget) => {
          const slot: Expression = { kind: 'slot', slot: 0, type: int4 };
          const inner = valuesNode([int4], column(right));
          const leftOnly = type === 'semi' || type === 'anti';
          const node: PhysicalNestedLoop = {
            kind: 'nestedLoop',
            type,
            left: valuesNode([int4], column(left)),
            right: bound
              ? {
                  kind: 'filter',
                  input: inner,
                  condition: call(int4lt, slot, input(0, int4)),
                  ...nodeFields([int4]),
                }
              : inner,
            bindings: bound ? [{ slot: 0, expression: input(0, int4) }] : [],
            condition: bound ? undefined : call(int4lt, input(0, int4), input(1, int4)),
            ...nodeFields(leftOnly ? [int4] : [int4, int4]),
          };
          const expected: Datum[][] = [];
          for (const l of left) {
            const partners = right.filter((r) => l !== null && r !== null && l < r);
            if (leftOnly) {
              if (partners.length > 0 === (type === 'semi')) expected.push([l]);
            } else if (partners.length === 0 && type === 'left') expected.push([l, null]);
            else for (const r of partners) expected.push([l, r]);
          }
          assert.deepEqual(rowsOf(node, budget, { slotCount: 1 }), expected);
        }),
        { numRuns: 60 },
      );
    });
  }
}

for (const operation of ['intersect', 'except'] as const) {
  for (const all of [false, true]) {
    test(`${operation}${all ? ' all' : ''}`, () => {
      fc.assert(
        fc.property(small, small, (left, right) => {
          const node: PhysicalSetOperation = {
            kind: 'setOperation',
            operation,
            all,
            left: valuesNode([int4], column(left)),
            right: valuesNode([int4], column(right)),
            ...nodeFields([int4]),
          };
          const rest = [...right];
          const seen = new Set<Datum>();
          const expected = left.filter((value) => {
            const at = rest.indexOf(value);
            if (!all) {
              if ((at !== -1) !== (operation === 'intersect') || seen.has(value)) return false;
              seen.add(value);
              return true;
            }
            if (at !== -1) rest.splice(at, 1);
            return (at !== -1) === (operation === 'intersect');
          });
          assert.deepEqual(multiset(rowsOf(node, 1 << 20)), multiset(column(expected)));
        }),
      );
    });
  }
}

test('distinct, in memory and on disk', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 120 }),
      fc.constantFrom(...budgets),
      (values, budget) => {
        const node: PhysicalNode = {
          kind: 'distinct',
          strategy: 'hash',
          on: undefined,
          input: valuesNode([int4], column(values)),
          ...nodeFields([int4]),
        };
        assert.deepEqual(multiset(rowsOf(node, budget)), multiset(column([...new Set(values)])));
      },
    ),
  );
});

test('limit and offset, with ties', () => {
  fc.assert(
    fc.property(small, fc.nat(12), fc.nat(12), fc.boolean(), (values, count, offset, withTies) => {
      const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
      const node: PhysicalNode = {
        kind: 'limit',
        input: valuesNode([int4], column(sorted)),
        count: constant(count, int4),
        offset: constant(offset, int4),
        withTies,
        tieKeys: [ascending(input(0, int4))],
        ...nodeFields([int4]),
      };
      let end = offset + count;
      if (withTies && count > 0)
        while (end < sorted.length && sorted[end] === sorted[end - 1]) end++;
      assert.deepEqual(rowsOf(node, 1 << 20), column(sorted.slice(offset, end)));
    }),
  );
});

for (const all of [true, false]) {
  test(`recursive WITH${all ? ' (UNION ALL)' : ''}`, () => {
    const scan: PhysicalNode = {
      kind: 'cteScan',
      cteId: 1,
      alias: 't',
      columns: [0],
      ...nodeFields([int4]),
    };
    const next = call(int4pl, input(0, int4), constant(1, int4), int4);
    const step: PhysicalNode = {
      kind: 'project',
      input: {
        kind: 'filter',
        input: scan,
        condition: call(int4lt, input(0, int4), constant(100, int4)),
        ...nodeFields([int4]),
      },
      expressions: [next],
      ...nodeFields([int4]),
    };
    const ctes = [{ cteId: 1, name: 't', plan: valuesNode([int4], [[1], [1]]), step, all }];
    const actual = rowsOf(scan, 100, { ctes });
    const expected = [];
    for (let i = 1; i <= 100; i++) expected.push([i], ...(all ? [[i]] : []));
    assert.deepEqual(actual, expected);
  });
}

for (const hashed of [false, true]) {
  test(`= ANY (subplan)${hashed ? ', hashed' : ''}`, () => {
    fc.assert(
      fc.property(small, small, (outer, inner) => {
        const test: Expression = call(int4eq, input(0, int4), {
          kind: 'slot',
          slot: 0,
          type: int4,
        });
        const node: PhysicalNode = {
          kind: 'project',
          input: valuesNode([int4], column(outer)),
          expressions: [
            {
              kind: 'subplan',
              mode: 'any',
              subplan: 0,
              bindings: [],
              outputSlots: [0],
              test,
              hashedKeys: hashed ? [input(0, int4)] : undefined,
              type: bool,
            },
          ],
          ...nodeFields([bool]),
        };
        const expected = outer.map((value) => {
          if (inner.length === 0) return [false];
          if (value === null) return [null];
          if (inner.includes(value)) return [true];
          return [inner.includes(null) ? null : false];
        });
        const extra = { slotCount: 1, subplans: [valuesNode([int4], column(inner))] };
        assert.deepEqual(rowsOf(node, 1 << 20, extra), expected);
      }),
    );
  });
}

test('a scalar subplan with two rows', () => {
  const scalar: Expression = {
    kind: 'subplan',
    mode: 'scalar',
    subplan: 0,
    bindings: [],
    outputSlots: [],
    test: undefined,
    hashedKeys: undefined,
    type: int4,
  };
  const node: PhysicalNode = {
    kind: 'project',
    input: valuesNode([int4], [[1]]),
    expressions: [scalar],
    ...nodeFields([int4]),
  };
  assert.throws(
    () => rowsOf(node, 1 << 20, { subplans: [valuesNode([int4], [[1], [2]])] }),
    /more than one row returned by a subquery/,
  );
  assert.deepEqual(rowsOf(node, 1 << 20, { subplans: [valuesNode([int4], [])] }), [[null]]);
});

type Bound = PhysicalWindow['frame']['start'];
const bounds: readonly Bound['kind'][] = [
  'unboundedPreceding',
  'preceding',
  'currentRow',
  'following',
  'unboundedFollowing',
];

/** Is row `j` in the frame of row `i`, by the definition of each mode? */
function inFrame(
  frame: PhysicalWindow['frame'],
  keys: readonly number[],
  i: number,
  j: number,
): boolean {
  const groups = [...new Set(keys)];
  const place = (at: number): number =>
    frame.mode === 'rows' ? at : frame.mode === 'range' ? keys[at] : groups.indexOf(keys[at]);
  const edge = (bound: Bound): number => {
    switch (bound.kind) {
      case 'unboundedPreceding':
        return -Infinity;
      case 'unboundedFollowing':
        return Infinity;
      case 'currentRow':
        return place(i);
      default:
        return place(i) + (bound.kind === 'preceding' ? -1 : 1) * 2;
    }
  };
  const peers = keys[i] === keys[j];
  if (frame.exclude === 'currentRow' && i === j) return false;
  if (frame.exclude === 'group' && peers) return false;
  if (frame.exclude === 'ties' && peers && i !== j) return false;
  return place(j) >= edge(frame.start) && place(j) <= edge(frame.end);
}

test('aggregates over every kind of frame', () => {
  const frames = fc.record({
    mode: fc.constantFrom('rows', 'range', 'groups' as const),
    start: fc.constantFrom(...bounds.slice(0, 4)),
    end: fc.constantFrom(...bounds.slice(1)),
    exclude: fc.constantFrom('none', 'currentRow', 'group', 'ties' as const),
  });
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 6 })), {
    maxLength: 25,
  });
  fc.assert(
    fc.property(rows, frames, (data, shape) => {
      fc.pre(bounds.indexOf(shape.start) <= bounds.indexOf(shape.end));
      const sorted = data
        .toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
        .map((row, i) => [...row, i + 1]);
      const bound = (kind: Bound['kind']): Bound =>
        kind === 'preceding' || kind === 'following'
          ? { kind, offset: constant(2, int4) }
          : { kind };
      const frame = {
        mode: shape.mode,
        exclude: shape.exclude,
        start: bound(shape.start),
        end: bound(shape.end),
      };
      const int8 = sqlType(TypeOid.int8);
      const node: PhysicalWindow = {
        kind: 'window',
        input: valuesNode([int4, int4, int4], sorted),
        partitionBy: [input(0, int4)],
        orderBy: [ascending(input(1, int4))],
        frame,
        calls: [
          {
            functionOid: 2108,
            isAggregate: true,
            arguments: [input(2, int4)],
            filter: undefined,
            type: int8,
          },
        ],
        ...nodeFields([int4, int4, int4, int8]),
      };
      const expected = sorted.map((row) => {
        const partition = sorted.filter((other) => other[0] === row[0]);
        const keys = partition.map((other) => other[1]);
        const i = partition.indexOf(row);
        const members = partition.filter((_other, j) => inFrame(frame, keys, i, j));
        return [
          ...row,
          members.length === 0 ? null : members.reduce((sum, other) => sum + other[2], 0),
        ];
      });
      assert.deepEqual(rowsOf(node, 1 << 20), expected);
    }),
    { numRuns: 400 },
  );
});
