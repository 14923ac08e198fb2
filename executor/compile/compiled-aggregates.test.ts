// Goal: compiled aggregates put out the same groups as the interpreter: with grouping sets, DISTINCT and
// FILTER, below a join that needs only some of the groups, and past the budget of memory. Method: as in
// compiled-expressions.test.ts.

import { test } from 'node:test';

import fc from 'fast-check';

import { type AggregateExpression, type Expression, Numeric } from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalNode } from '#planner';
import { agree } from '../testing/agreement.ts';
import {
  aggregate,
  call,
  column,
  date,
  float8,
  int8,
  numeric,
  rowsOf,
  scanOf,
  types,
} from '../testing/generated-plans.ts';
import { bool, constant, input, int4, nodeFields, text } from '../testing/plans.ts';

const joinTypes = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;

const ordered = (expression: Expression): Pick<AggregateExpression, 'orderBy'> => ({
  orderBy: [{ expression, descending: expression.type === float8, nullsFirst: false }],
});
const whole = call('float8', float8, column(int4));

const aggregates: readonly AggregateExpression[] = [
  aggregate('count', int8, []),
  aggregate('count', int8, [column(text)]),
  aggregate('sum', int8, [column(int4)]),
  aggregate('sum', numeric, [column(int8)]),
  aggregate('sum', numeric, [column(numeric)]),
  aggregate('avg', numeric, [column(numeric)]),
  aggregate('avg', numeric, [column(int4)]),
  aggregate('avg', numeric, [column(int8)]),
  aggregate('min', date, [column(date)]),
  aggregate('max', numeric, [column(numeric)]),
  aggregate('min', int8, [column(int8)]),
  aggregate('max', text, [column(text)]),
  aggregate('max', float8, [column(float8)]),
  aggregate('min', float8, [column(float8)]),
  aggregate('sum', float8, [column(float8)]),
  aggregate('avg', float8, [column(float8)]),
  aggregate('percentile_cont', float8, [constant(0.3, float8), whole], ordered(whole)),
  aggregate(
    'percentile_disc',
    numeric,
    [constant(0.5, float8), column(numeric)],
    ordered(column(numeric)),
  ),
  aggregate('mode', int4, [column(int4)], ordered(column(int4))),
  aggregate('string_agg', text, [column(text), column(text)], ordered(column(text))),
  aggregate('stddev_pop', float8, [column(float8)], { filter: column(bool) }),
  aggregate('sum', int8, [column(int4)], { distinct: true }),
  aggregate('count', int8, [column(text)], { distinct: true }),
  aggregate('count', int8, [column(int4)], { distinct: true }),
  aggregate('sum', int8, [column(int4)], { filter: column(bool) }),
  aggregate('count', int8, [], { filter: column(bool) }),
  aggregate('sum', numeric, [
    {
      kind: 'case',
      branches: [{ when: column(bool), then: column(numeric) }],
      otherwise: constant(Numeric.zero, numeric),
      type: numeric,
    },
  ]),
];

test('aggregates agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      fc.subarray([...types], { maxLength: 3 }),
      fc.subarray([...aggregates], { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, keys, calls, asSets, seed) => {
        const sets = asSets && keys.length > 1 ? [[0], [1, 0], []] : undefined;
        agree(
          {
            kind: 'aggregate',
            strategy: keys.length === 0 ? 'plain' : 'hash',
            input: scanOf(rows),
            groupKeys: keys.map((key) => column(key)),
            aggregates: calls,
            groupingSets: sets,
            ...nodeFields([
              ...keys,
              ...calls.map((aggregateCall) => aggregateCall.type),
              ...(sets === undefined ? [] : keys.map(() => int4)),
            ]),
          },
          seed,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('aggregates that read only rows with a partner agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      rowsOf(10),
      fc.constantFrom(...joinTypes),
      fc.subarray([...types], { minLength: 1, maxLength: 3 }),
      fc.subarray([...aggregates], { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 1e9 }),
      (leftRows, rightRows, type, keys, calls, seed) => {
        const groups: PhysicalNode = {
          kind: 'aggregate',
          strategy: 'hash',
          input: scanOf(leftRows),
          groupKeys: keys.map((key) => column(key)),
          aggregates: calls,
          groupingSets: undefined,
          ...nodeFields([...keys, ...calls.map((aggregateCall) => aggregateCall.type)]),
          estimatedRows: 1000,
        };
        const joined = keys.slice(0, 1 + (seed % keys.length));
        const leftOnly = type === 'semi' || type === 'anti';
        agree(
          {
            kind: 'hashJoin',
            type,
            left: groups,
            right: { ...scanOf(rightRows), estimatedRows: 1 },
            leftKeys: joined.map((key, i) => input(i, key)),
            rightKeys: joined.map((key) => column(key)),
            equalityOids: joined.map((key) => functionRegistry.ordering(key.oid)!.equalityOid),
            condition: undefined,
            ...nodeFields(leftOnly ? groups.types : [...groups.types, ...types]),
          },
          seed,
        );
      },
    ),
    { numRuns: 300 },
  );
});
