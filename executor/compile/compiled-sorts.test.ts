// Goal: compiled sorts, first rows of an order and DISTINCT put out the same rows as the interpreter, sorts in
// the same order. Method: as in compiled-expressions.test.ts, with keys of all types, both
// directions, nulls first and last; the first rows also of more input than is kept at a time.

import { test } from 'node:test';

import fc from 'fast-check';

import type { Datum, OrderKey } from '#common';
import type { PhysicalSort } from '#planner';
import { agree } from '../testing/agreement.ts';
import {
  column,
  expressionOf,
  float8,
  int8,
  rowsOf,
  scanOf,
  types,
} from '../testing/generated-plans.ts';
import { bool, constant, int4, nodeFields, text } from '../testing/plans.ts';

const orderKey: fc.Arbitrary<OrderKey> = fc.record({
  expression: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...types).map((type) => column(type)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...types).chain((type) => expressionOf(type, 2)),
    },
  ),
  descending: fc.boolean(),
  nullsFirst: fc.boolean(),
});

/** The last key is different in all rows. */
function sortOf(
  rows: readonly (readonly Datum[])[],
  keys: readonly OrderKey[],
  limit: number | undefined,
): PhysicalSort {
  const place = types.indexOf(int8);
  const numbered = rows.map((row, i) => row.with(place, (i * 7919) % 10_007));
  return {
    kind: 'sort',
    input: { ...scanOf(numbered), estimatedRows: 10_000 },
    keys: [...keys, { expression: column(int8), descending: false, nullsFirst: false }],
    limit: limit === undefined ? undefined : constant(limit, int8),
    ...nodeFields(types),
  };
}

test('sorts agree with the interpreter, order included', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      fc.array(orderKey, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, keys, seed) => agree(sortOf(rows, keys, undefined), seed, { ordered: true }),
    ),
    { numRuns: 200 },
  );
});

test('the first rows of an order agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      fc.array(orderKey, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, keys, limit, times, seed) => {
        const many = Array.from({ length: times }, () => rows).flat();
        agree(sortOf(many, keys, limit), seed, { ordered: true, first: limit });
      },
    ),
    { numRuns: 100 },
  );
});

test('rows that keep coming below the bound are kept', () => {
  for (const descending of [false, true]) {
    const rows = Array.from({ length: 3000 }, (_value, i): Datum[] => {
      const number = descending ? i : -i;
      return [number % 7 === 0 ? null : number, i, null, number / 4, `t${i % 50}`, null, 0];
    });
    for (const type of [int4, float8, text]) {
      const key = { expression: column(type), descending, nullsFirst: descending };
      agree(sortOf(rows, [key], 10), 7, { ordered: true, first: 10 });
    }
  }
});

test('DISTINCT agrees with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      fc.subarray([...types], { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, kept, seed) => {
        const fields = nodeFields(kept);
        agree(
          {
            kind: 'distinct',
            strategy: 'hash',
            on: undefined,
            input: {
              kind: 'project',
              input: scanOf(rows),
              expressions: kept.map((type) => column(type)),
              ...fields,
              estimatedRows: 10_000,
            },
            ...fields,
          },
          seed,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('a sort below other steps keeps its order', () => {
  fc.assert(
    fc.property(rowsOf(40), orderKey, fc.integer({ min: 1, max: 1e9 }), (rows, key, seed) => {
      const sorted = sortOf(rows, [key], undefined);
      agree(
        {
          kind: 'project',
          input: {
            kind: 'filter',
            input: sorted,
            condition: {
              kind: 'isNull',
              argument: column(int4),
              negated: true,
              rowwise: false,
              type: bool,
            },
            ...nodeFields(types),
          },
          expressions: [column(int8), column(int4)],
          ...nodeFields([int8, int4]),
        },
        seed,
        { ordered: true },
      );
    }),
    { numRuns: 100 },
  );
});
