// Hash joins of all types against a nested-loop model over random rows with nulls and duplicates, in
// memory and with a budget so small that both sides are partitioned to disk, and with time slices that
// end all the time.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Datum, Expression } from '#common';
import type { PhysicalHashJoin, PhysicalNode } from '#planner';
import type { Runtime } from '../runtime.ts';
import {
  bool,
  input,
  int4,
  multiset,
  nodeFields,
  runNode,
  testContext,
  text,
  valuesNode,
} from '../testing/plans.ts';
import { HashJoinOperator } from './hash-join.ts';
import type { Operator } from './operator.ts';
import { ValuesOperator } from './simple-operators.ts';

const types = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
const int4lt = 66;
const int4eq = 65;

function build(node: PhysicalNode, runtime: Runtime): Operator {
  if (node.kind === 'values') return new ValuesOperator(node, runtime);
  if (node.kind === 'hashJoin') return new HashJoinOperator(node, runtime);
  throw new Error(node.kind);
}

const row = fc.tuple(
  fc.option(fc.integer({ min: 0, max: 6 }), { nil: null }),
  fc.option(fc.string({ maxLength: 3 }), { nil: null }),
);

function model(
  type: (typeof types)[number],
  left: readonly Datum[][],
  right: readonly Datum[][],
  narrowed: boolean,
): Datum[][] {
  const matches = (l: Datum[], r: Datum[]): boolean =>
    l[0] !== null && l[0] === r[0] && (!narrowed || textOf(l[1]).length < textOf(r[1]).length);
  const rows: Datum[][] = [];
  const usedRight = new Set<Datum[]>();
  for (const l of left) {
    const partners = right.filter((r) => matches(l, r));
    for (const r of partners) usedRight.add(r);
    if (type === 'semi' ? partners.length > 0 : type === 'anti' && partners.length === 0)
      rows.push(l);
    if (type === 'semi' || type === 'anti') continue;
    for (const r of partners) rows.push([...l, ...r]);
    if (partners.length === 0 && (type === 'left' || type === 'full'))
      rows.push([...l, null, null, null]);
  }
  if (type === 'right' || type === 'full') {
    for (const r of right) if (!usedRight.has(r)) rows.push([null, null, null, ...r]);
  }
  return rows;
}

function joinNode(
  type: (typeof types)[number],
  left: readonly Datum[][],
  right: readonly Datum[][],
  narrowed: boolean,
): PhysicalHashJoin {
  const columns = [int4, text, int4];
  const leftOnly = type === 'semi' || type === 'anti';
  const condition: Expression | undefined = narrowed
    ? { kind: 'call', functionOid: int4lt, arguments: [input(2, int4), input(5, int4)], type: bool }
    : undefined;
  return {
    kind: 'hashJoin',
    type,
    left: valuesNode(columns, left),
    right: valuesNode(columns, right),
    leftKeys: [input(0, int4)],
    rightKeys: [input(0, int4)],
    equalityOids: [int4eq],
    condition,
    ...nodeFields(leftOnly ? columns : [...columns, ...columns]),
  };
}

/** Texts and nulls are all that the second column holds. */
function textOf(value: Datum): string {
  return value === null ? 'null' : (value as string);
}

/** The third column is the length of the text, which the extra condition compares. */
function withLength(rows: readonly (readonly Datum[])[]): Datum[][] {
  return rows.map(([key, value]) => [key!, value!, textOf(value).length]);
}

for (const type of types) {
  for (const workMemBytes of [1 << 20, 200]) {
    test(`${type} join, work_mem ${workMemBytes}`, () => {
      fc.assert(
        fc.property(
          fc.array(row, { maxLength: 40 }),
          fc.array(row, { maxLength: 40 }),
          fc.boolean(),
          (leftRows, rightRows, narrowed) => {
            const left = withLength(leftRows);
            const right = withLength(rightRows);
            const node = joinNode(type, left, right, narrowed);
            const actual = runNode(node, build, testContext({ workMemBytes, sliceEvery: 3 }));
            assert.deepEqual(multiset(actual), multiset(model(type, left, right, narrowed)));
          },
        ),
        { numRuns: 60 },
      );
    });
  }
}
