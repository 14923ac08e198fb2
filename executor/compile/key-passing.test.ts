// Goal: rows that join keys drop at their source, below projections and other joins or while another table
// is built, are none that a result needs. Method: generated pairs of joins of every type, one above the
// other, over rows with nulls and few values, as pipelines and interpreted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { type Datum, type Expression, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalHashJoin, PhysicalNode, PhysicalValues } from '#planner';
import { buildOperator } from '../operators/build-operator.ts';
import {
  input,
  int4,
  multiset,
  nodeFields,
  runNode,
  testContext,
  valuesNode,
} from '../testing/plans.ts';
import { CompiledOperator } from './compiled-operator.ts';

const joinTypes = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
const equality = functionRegistry.ordering(TypeOid.int4)!.equalityOid;
const width = 2;

function relation(rows: readonly (readonly Datum[])[], estimatedRows: number): PhysicalValues {
  return { ...valuesNode([int4, int4], rows), estimatedRows };
}

function join(
  type: PhysicalHashJoin['type'],
  left: PhysicalNode,
  right: PhysicalNode,
  keys: readonly (readonly [number, number])[],
): PhysicalHashJoin {
  const leftOnly = type === 'semi' || type === 'anti';
  return {
    kind: 'hashJoin',
    type,
    left,
    right,
    leftKeys: keys.map(([ordinal]) => input(ordinal, int4)),
    rightKeys: keys.map(([, ordinal]) => input(ordinal, int4)),
    equalityOids: keys.map(() => equality),
    condition: undefined,
    ...nodeFields(leftOnly ? left.types : [...left.types, ...right.types]),
    estimatedRows: left.estimatedRows,
  };
}

/** The columns of a node in another order. */
function turned(node: PhysicalNode): PhysicalNode {
  const expressions = node.types.map((type, i): Expression =>
    input(node.types.length - 1 - i, type),
  );
  return { kind: 'project', input: node, expressions, ...nodeFields(node.types) };
}

function compiled(node: PhysicalNode): Datum[][] {
  return runNode(
    node,
    (root, runtime) =>
      new CompiledOperator(root, runtime, {
        fallback: () => assert.fail('the plan is compiled'),
        interpret: (inner) => buildOperator(inner, runtime),
      }),
    testContext(),
  );
}

const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant(-1) },
);
const rows = fc.array(fc.tuple(value, value), { maxLength: 30 });
const size = fc.constantFrom(1, 10, 1000);

test('joins above joins agree with the interpreter', () => {
  fc.assert(
    fc.property(
      fc.tuple(rows, rows, rows),
      fc.tuple(size, size, size),
      fc.constantFrom(...joinTypes),
      fc.constantFrom(...joinTypes),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 2, maxLength: 3 }),
      fc.boolean(),
      // Tables over close keys, over keys further apart, and over keys too far apart for an array.
      fc.constantFrom(1, 3001, 40_000_000),
      (tables, sizes, innerType, outerType, places, isTurned, distance) => {
        const [first, second, third] = tables.map((each, i) =>
          relation(
            each.map((row) => row.map((key) => (key === null ? null : key * distance))),
            sizes[i],
          ),
        );
        const inner = join(innerType, first, second, [
          [places[0][0] % width, places[0][1] % width],
        ]);
        const left = isTurned ? turned(inner) : inner;
        const keys = places
          .slice(1)
          .map(([one, other]): [number, number] => [one % left.types.length, other % width]);
        const node = join(outerType, left, third, keys);
        const expected = runNode(node, buildOperator, testContext());
        assert.deepEqual(multiset(compiled(node)), multiset(expected));
      },
    ),
    { numRuns: 1000 },
  );
});
