// Goal: a filter of several comparisons, which runs in two loops, lets the same rows pass as the interpreter.
// Method: as in compiled-expressions.test.ts, over conjunctions of comparisons of columns and constants.

import { test } from 'node:test';

import fc from 'fast-check';

import type { Expression, SqlType } from '#common';
import { agree } from '../testing/agreement.ts';
import {
  call,
  column,
  date,
  filterOf,
  float8,
  int8,
  rowsOf,
  scanOf,
} from '../testing/generated-plans.ts';
import { bool, constant, int4 } from '../testing/plans.ts';

const compared: readonly (readonly [string, SqlType])[] = [
  ['int4', int4],
  ['int8', int8],
  ['float8', float8],
  ['date_', date],
];

const comparison = fc
  .record({
    type: fc.constantFrom(...compared),
    name: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
    value: fc.option(fc.integer({ min: -3, max: 3 }), { freq: 5 }),
  })
  .map(({ type: [prefix, type], name, value }): Expression => {
    const other = value === null ? column(type) : constant(value, type);
    return call(prefix + name, bool, column(type), other);
  });

test('conjunctions of comparisons agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      fc.array(comparison, { minLength: 3, maxLength: 6 }),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, parts, seed) => {
        agree(filterOf(scanOf(rows), { kind: 'and', arguments: parts, type: bool }), seed);
      },
    ),
    { numRuns: 200 },
  );
});
