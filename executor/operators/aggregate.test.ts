// Aggregation against a model over random rows with nulls: plain, by hashing in memory and with groups
// that go to disk, over grouped input, with DISTINCT, FILTER, and grouping sets.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type AggregateExpression, type Datum, TypeOid, sqlType } from '#common';
import type { PhysicalAggregate, PhysicalNode } from '#planner';
import type { Runtime } from '../runtime.ts';
import {
  bool,
  constant,
  input,
  int4,
  multiset,
  nodeFields,
  runNode,
  testContext,
  text,
  valuesNode,
} from '../testing/plans.ts';
import { AggregateOperator } from './aggregate.ts';
import type { Operator } from './operator.ts';
import { ValuesOperator } from './simple-operators.ts';

const int8 = sqlType(TypeOid.int8);
const countStar = 2803;
const count = 2147;
const sumInt4 = 2108;
const maxInt4 = 2116;
const int4gt = 147;

function build(node: PhysicalNode, runtime: Runtime): Operator {
  if (node.kind === 'values') return new ValuesOperator(node, runtime);
  if (node.kind === 'aggregate') return new AggregateOperator(node, runtime);
  throw new Error(node.kind);
}

function aggregate(
  functionOid: number,
  options: Partial<AggregateExpression> = {},
): AggregateExpression {
  return {
    kind: 'aggregate',
    functionOid,
    arguments: functionOid === countStar ? [] : [input(1, int4)],
    distinct: false,
    orderBy: [],
    filter: undefined,
    star: functionOid === countStar,
    type: int8,
    ...options,
  };
}

const aggregates: readonly AggregateExpression[] = [
  aggregate(countStar),
  aggregate(count),
  aggregate(count, { distinct: true }),
  aggregate(sumInt4),
  aggregate(maxInt4, {
    type: int4,
    filter: {
      kind: 'call',
      functionOid: int4gt,
      arguments: [input(1, int4), constant(0, int4)],
      type: bool,
    },
  }),
];

function results(rows: readonly (readonly Datum[])[]): Datum[] {
  const values = rows.map((row) => row[1]).filter((value) => value !== null) as number[];
  const positive = values.filter((value) => value > 0);
  return [
    rows.length,
    values.length,
    new Set(values).size,
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0),
    positive.length === 0 ? null : Math.max(...positive),
  ];
}

function model(rows: readonly (readonly Datum[])[], set: readonly number[]): Datum[][] {
  const groups = new Map<string, Datum[][]>();
  if (set.length === 0) groups.set('[]', []);
  for (const row of rows) {
    const key = JSON.stringify(set.map((position) => row[position === 0 ? 0 : 2]));
    groups.set(key, [...(groups.get(key) ?? []), row as Datum[]]);
  }
  return [...groups].map(([key, members]) => {
    const values = JSON.parse(key) as Datum[];
    const keys = [0, 1].map((position) =>
      set.includes(position) ? values[set.indexOf(position)]! : null,
    );
    return [...keys, ...results(members)];
  });
}

const rowsArbitrary = fc.array(
  fc.tuple(
    fc.option(fc.integer({ min: 0, max: 20 }), { nil: null }),
    fc.option(fc.integer({ min: -4, max: 4 }), { nil: null }),
    fc.option(fc.string({ maxLength: 1 }), { nil: null }),
  ),
  { maxLength: 80 },
);

function aggregateNode(
  rows: readonly (readonly Datum[])[],
  extra: Pick<PhysicalAggregate, 'strategy' | 'groupingSets'>,
): PhysicalAggregate {
  return {
    kind: 'aggregate',
    input: valuesNode([int4, int4, text], rows),
    groupKeys: [input(0, int4), input(2, text)],
    aggregates,
    ...extra,
    ...nodeFields([int4, text, int8, int8, int8, int8, int4]),
  };
}

for (const workMemBytes of [1 << 20, 300]) {
  test(`hash aggregation, work_mem ${workMemBytes}`, () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const node = aggregateNode(rows, { strategy: 'hash', groupingSets: undefined });
        const actual = runNode(node, build, testContext({ workMemBytes, sliceEvery: 2 }));
        assert.deepEqual(multiset(actual), multiset(model(rows, [0, 1])));
      }),
      { numRuns: 80 },
    );
  });
  test(`grouping sets, work_mem ${workMemBytes}`, () => {
    const sets = [[0, 1], [0], [1], []];
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const node = aggregateNode(rows, { strategy: 'hash', groupingSets: sets });
        const actual = runNode(node, build, testContext({ workMemBytes }));
        assert.deepEqual(multiset(actual), multiset(sets.flatMap((set) => model(rows, set))));
      }),
      { numRuns: 60 },
    );
  });
}

test('aggregation of grouped input keeps its order', () => {
  const rows: Datum[][] = [];
  for (let i = 0; i < 9000; i++) rows.push([i >> 1, i % 7, 'x']);
  const node = aggregateNode(rows, { strategy: 'sorted', groupingSets: undefined });
  const actual = runNode(node, build, testContext());
  assert.deepEqual(
    actual.map((row) => row[0]),
    rows.filter((_row, i) => i % 2 === 0).map((row) => row[0]),
  );
  assert.deepEqual(multiset(actual), multiset(model(rows, [0, 1])));
});
