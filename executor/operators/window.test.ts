// Goal: a partition that does not fit in memory has the same results as one that does, whatever the frames and calls.
// Method: generated windows (testing/generated-windows.ts), run with plenty of memory and with next to none, where
// pages of eight rows come and go.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Datum } from '#common';
import type { PhysicalNode } from '#planner';
import { column, float8, int8, types } from '../testing/generated-plans.ts';
import {
  aggregating,
  frameOf,
  numbering,
  picking,
  ranking,
  shapeOf,
  shifting,
  windowOf,
} from '../testing/generated-windows.ts';
import { runNode, testContext } from '../testing/plans.ts';
import { buildOperator } from './build-operator.ts';

function rowsWith(
  node: PhysicalNode,
  workMemBytes: number,
): readonly (readonly Datum[])[] | string {
  try {
    return runNode(node, buildOperator, testContext({ workMemBytes, sliceEvery: 50 }));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Rows that differ in their floats, of which one is null and one NaN. */
function withoutTies(rows: readonly (readonly Datum[])[]): Datum[][] {
  const place = types.indexOf(float8);
  return rows.map((row, i) =>
    row.with(place, i === 5 ? null : i === 9 ? NaN : ((i * 37) % 151) / 4),
  );
}

const call = fc.oneof(ranking, shifting, picking, numbering, aggregating, aggregating);

test('partitions on disk agree with partitions in memory', () => {
  const frame = fc.oneof(
    frameOf(['rows', 'groups'], true),
    frameOf(['range', 'rows', 'groups'], false),
  );
  fc.assert(
    fc.property(shapeOf({ frame, call, orders: true, rowsMax: 150 }), (shape) => {
      const node = windowOf(shape);
      assert.deepEqual(rowsWith(node, 1), rowsWith(node, 1 << 22));
    }),
    { numRuns: 60 },
  );
});

test('so do RANGE frames with an offset', () => {
  const keys = fc.constantFrom(int8, float8);
  fc.assert(
    fc.property(
      shapeOf({ frame: frameOf(['range'], true), call, orders: false, rowsMax: 150 }),
      keys,
      fc.boolean(),
      (generated, key, descending) => {
        const shape = { ...generated, rows: withoutTies(generated.rows) };
        const offset = (bound: (typeof shape.frame)['start']) =>
          bound.offset === undefined || key !== float8
            ? bound
            : { ...bound, offset: { ...bound.offset, type: float8 } };
        const { start, end } = shape.frame;
        const frame = { ...shape.frame, start: offset(start), end: offset(end) };
        const orderBy = [{ expression: column(key), descending, nullsFirst: descending }];
        const node = windowOf({ ...shape, frame, orderBy });
        assert.deepEqual(rowsWith(node, 1), rowsWith(node, 1 << 22));
      },
    ),
    { numRuns: 60 },
  );
});
