// Goal: compiled windows put out the same rows as the interpreted operator, in the same order where the order
// tells all rows apart. Method: as in compiled-expressions.test.ts; generated partitions, orders with ties and
// nulls, frames of all kinds, and calls of all functions over columns of all types, in memory and on disk.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Datum, Expression } from '#common';
import type { PhysicalNode, PhysicalWindow } from '#planner';
import { buildOperator } from '../operators/build-operator.ts';
import { agree } from '../testing/agreement.ts';
import { column, float8, int8, numeric } from '../testing/generated-plans.ts';
import {
  aggregating,
  alike,
  frameOf,
  numbering,
  picking,
  ranking,
  shapeOf,
  shifting,
  windowCall,
  windowOf,
} from '../testing/generated-windows.ts';
import { type Build, int4, nodeFields, runNode, testContext, text } from '../testing/plans.ts';
import { RandomBlocks } from '../testing/random-blocks.ts';
import { CompiledOperator } from './compiled-operator.ts';

const seed = fc.integer({ min: 1, max: 1e9 });

test('windows over an order that tells all rows apart agree with the interpreter', () => {
  const call = fc.oneof(ranking, shifting, picking, numbering, aggregating, aggregating);
  const frame = fc.oneof(
    { weight: 3, arbitrary: frameOf(['rows'], true) },
    { weight: 1, arbitrary: frameOf(['groups'], true) },
    { weight: 1, arbitrary: frameOf(['range'], false) },
  );
  fc.assert(
    fc.property(shapeOf({ frame, call, orders: true }), seed, (shape, random) =>
      agree(windowOf(shape), random, { ordered: true }),
    ),
    { numRuns: 300 },
  );
});

test('windows over an order with ties agree with the interpreter', () => {
  const frame = frameOf(['range', 'groups'], false);
  const call = fc.oneof(ranking, aggregating, aggregating);
  fc.assert(
    fc.property(shapeOf({ frame, call, orders: false }), seed, (shape, random) =>
      agree(windowOf({ ...shape, rows: alike(shape.rows) }), random),
    ),
    { numRuns: 300 },
  );
});

test('RANGE with an offset agrees with the interpreter', () => {
  const frame = fc.tuple(frameOf(['range'], true), fc.boolean());
  fc.assert(
    fc.property(
      shapeOf({ frame: frame.map(([one]) => one), call: aggregating, orders: false }),
      fc.boolean(),
      seed,
      (shape, descending, random) => {
        const orderBy = [{ expression: column(int8), descending, nullsFirst: false }];
        agree(windowOf({ ...shape, rows: alike(shape.rows), orderBy }), random);
      },
    ),
    { numRuns: 100 },
  );
});

test('a window above a window, and what is read of it below other steps', () => {
  fc.assert(
    fc.property(
      shapeOf({ frame: frameOf(['rows'], true), call: aggregating, orders: true }),
      shapeOf({ frame: frameOf(['range'], false), call: aggregating, orders: true }),
      seed,
      (shape, above, random) => {
        const inner = { ...windowOf(shape), estimatedRows: 10_000 };
        const node = windowOf({ ...above, orderBy: shape.orderBy });
        const { calls } = node;
        const outer: PhysicalWindow = {
          ...node,
          partitionBy: inner.partitionBy,
          input: inner,
          ...nodeFields([...inner.types, ...calls.map((call) => call.type)]),
        };
        const last = outer.types.length - 1;
        const result: Expression = { kind: 'input', ordinal: last, type: outer.types[last] };
        const expressions = [column(text), result, column(int8)];
        const fields = nodeFields(expressions.map((expression) => expression.type));
        agree({ kind: 'project', input: outer, expressions, ...fields }, random);
      },
    ),
    { numRuns: 100 },
  );
});

test('a cancelled window stops at its next poll', () => {
  const rows = Array.from({ length: 3000 }, (_value, i): Datum[] => {
    return [i % 7, (i * 7919) % 10_007, null, i / 4, `t${i % 50}`, null, 0];
  });
  const average = windowCall('avg', numeric, [column(int4)]);
  const node = windowOf({
    rows,
    partitionBy: [int4],
    orderBy: [{ expression: column(float8), descending: true, nullsFirst: true }],
    frame: {
      mode: 'range',
      start: { kind: 'unboundedPreceding' },
      end: { kind: 'currentRow' },
      exclude: 'none',
    },
    calls: [average, windowCall('rank', int8, [])],
  });
  for (const bytesMax of [1 << 30, 20_000]) {
    const checks = checksOf(node, bytesMax, Infinity);
    assert.ok(checks > 100, `${checks} polls`);
    for (let i = 1; i < 20; i++) {
      const last = Math.floor((checks * i) / 20);
      assert.equal(checksOf(node, bytesMax, last), last);
    }
  }
});

/** Runs the node; the poll of that number cancels. How often it polled. */
function checksOf(node: PhysicalNode, bytesMax: number, last: number): number {
  let checks = 0;
  const check = (): void => {
    if (++checks === last) throw new Error('cancelled');
  };
  const context = { ...testContext(), interrupt: { check, sliceOver: () => false } };
  const build: Build = (root, runtime) =>
    new CompiledOperator(root, runtime, {
      fallback: () => buildOperator(root, runtime),
      interpret: (inner) => buildOperator(inner, runtime),
      sourceOf: (inner) => (inner.kind === 'values' ? new RandomBlocks(inner, 1) : undefined),
      bytesMax,
    });
  if (last === Infinity) runNode(node, build, context);
  else assert.throws(() => runNode(node, build, context), /cancelled/);
  return checks;
}
