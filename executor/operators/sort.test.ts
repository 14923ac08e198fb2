// Sorts against Array.prototype.sort over random rows with nulls: in memory, through sorted runs on
// disk, and with a limit; every order and place of nulls.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Datum, compareText } from '#common';
import type { PhysicalNode, PhysicalSort } from '#planner';
import type { Runtime } from '../runtime.ts';
import {
  constant,
  input,
  int4,
  nodeFields,
  runNode,
  testContext,
  text,
  valuesNode,
} from '../testing/plans.ts';
import type { Operator } from './operator.ts';
import { ValuesOperator } from './simple-operators.ts';
import { SortOperator } from './sort.ts';

function build(node: PhysicalNode, runtime: Runtime): Operator {
  if (node.kind === 'values') return new ValuesOperator(node, runtime);
  if (node.kind === 'sort') return new SortOperator(node, runtime);
  throw new Error(node.kind);
}

interface Direction {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

function compare(left: Datum, right: Datum, { descending, nullsFirst }: Direction): number {
  if (left === null || right === null) {
    if (left === right) return 0;
    return (left === null) === nullsFirst ? -1 : 1;
  }
  const order =
    typeof left === 'string' ? compareText(left, right as string) : Number(left) - Number(right);
  return descending ? -order : order;
}

/** Rows with equal keys may come in any order. */
function assertSameKeys(
  actual: readonly (readonly Datum[])[],
  expected: readonly (readonly Datum[])[],
  keyCount: number,
): void {
  const keys = (rowList: readonly (readonly Datum[])[]): string =>
    JSON.stringify(rowList.map((row) => row.slice(0, keyCount)));
  assert.ok(keys(actual) === keys(expected), 'the keys are in order');
}

/** The last column numbers the rows. */
function assertSameRows(
  actual: readonly (readonly Datum[])[],
  expected: readonly (readonly Datum[])[],
): void {
  const byNumber = actual.toSorted((left, right) => Number(left.at(-1)) - Number(right.at(-1)));
  assert.ok(JSON.stringify(byNumber) === JSON.stringify(expected), 'each row is there once');
}

const direction = fc.record({ descending: fc.boolean(), nullsFirst: fc.boolean() });
const rows = fc.array(
  fc.tuple(
    fc.option(fc.integer({ min: -5, max: 5 }), { nil: null }),
    fc.option(fc.string({ maxLength: 2 }), { nil: null }),
  ),
  { maxLength: 80 },
);

for (const workMemBytes of [1 << 20, 300]) {
  test(`sort by two keys, work_mem ${workMemBytes}`, () => {
    fc.assert(
      fc.property(
        rows,
        direction,
        direction,
        fc.option(fc.nat(90), { nil: undefined }),
        (data, first, second, limit) => {
          const numbered = data.map((row, i) => [...row, i] as Datum[]);
          const node: PhysicalSort = {
            kind: 'sort',
            input: valuesNode([int4, text, int4], numbered),
            keys: [
              { expression: input(0, int4), ...first },
              { expression: input(1, text), ...second },
            ],
            limit: limit === undefined ? undefined : constant(limit, int4),
            ...nodeFields([int4, text, int4]),
          };
          const expected = numbered.toSorted(
            (left, right) =>
              compare(left[0], right[0], first) || compare(left[1], right[1], second),
          );
          const actual = runNode(node, build, testContext({ workMemBytes, sliceEvery: 2 }));
          const wanted = limit ?? expected.length;
          assertSameKeys(actual.slice(0, wanted), expected.slice(0, wanted), 2);
          if (limit === undefined) assertSameRows(actual, numbered);
        },
      ),
      { numRuns: 150 },
    );
  });
}

test('top rows come from all chunks of the input', () => {
  const data: Datum[][] = [];
  for (let i = 0; i < 5000; i++) data.push([(i * 7919) % 5000, i]);
  const node: PhysicalSort = {
    kind: 'sort',
    input: valuesNode([int4, int4], data),
    keys: [{ expression: input(0, int4), descending: true, nullsFirst: true }],
    limit: constant(4, int4),
    ...nodeFields([int4, int4]),
  };
  const actual = runNode(node, build, testContext()).slice(0, 4);
  assert.deepEqual(
    actual.map(([key]) => key),
    [4999, 4998, 4997, 4996],
  );
});

for (const workMemBytes of [1 << 24, 100_000]) {
  test(`many rows in chunks, work_mem ${workMemBytes}`, () => {
    const data: Datum[][] = [];
    for (let i = 0; i < 30_000; i++) data.push([(i * 7919) % 1000, i]);
    const node: PhysicalSort = {
      kind: 'sort',
      input: valuesNode([int4, int4], data),
      keys: [{ expression: input(0, int4), descending: false, nullsFirst: false }],
      limit: undefined,
      ...nodeFields([int4, int4]),
    };
    const actual = runNode(node, build, testContext({ workMemBytes, sliceEvery: 5 }));
    const expected = data.toSorted((left, right) => Number(left[0]) - Number(right[0]));
    assertSameKeys(actual, expected, 1);
    assertSameRows(actual, data);
  });
}
