// Goal: filters and projections of compiled pipelines put out the same rows as the interpreter, whatever
// representation the blocks have. Method: generated expressions over generated rows, in blocks of random
// length whose vectors are typed, from dictionaries or plain datums at random, with random selections.

import { test } from 'node:test';

import fc from 'fast-check';

import { type Datum, type Expression, Numeric } from '#common';
import { agree } from '../testing/agreement.ts';
import {
  call,
  column,
  expressionOf,
  filterOf,
  numeric,
  rowsOf,
  scanOf,
  types,
} from '../testing/generated-plans.ts';
import { bool, constant, int4, nodeFields } from '../testing/plans.ts';

test('a nullable CASE with branches of different scales shows the scale of the branch taken', () => {
  const product = call('numeric_mul', numeric, column(numeric), column(numeric));
  const expression: Expression = {
    kind: 'case',
    branches: [{ when: column(bool), then: product }],
    otherwise: constant(new Numeric(0, 2), numeric),
    type: numeric,
  };
  const rows = [true, false, null].map((when): Datum[] => [
    0,
    0,
    new Numeric(0, 2),
    0,
    '',
    when,
    0,
  ]);
  rows.push([0, 0, null, 0, '', true, 0]);
  for (let seed = 1; seed < 20; seed++) {
    agree(
      {
        kind: 'project',
        input: scanOf(rows),
        expressions: [expression, column(int4)],
        ...nodeFields([numeric, int4]),
      },
      seed,
    );
  }
});

test('filters and projections agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(40),
      expressionOf(bool, 3),
      fc.constantFrom(...types).chain((type) => expressionOf(type, 3)),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, condition, expression, seed) => {
        agree(
          {
            kind: 'project',
            input: filterOf(scanOf(rows), condition),
            expressions: [expression, column(int4)],
            ...nodeFields([expression.type, int4]),
          },
          seed,
        );
      },
    ),
    { numRuns: 300 },
  );
});
