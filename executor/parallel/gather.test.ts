// Goal: rows that threads send to their coordinator arrive, each once. Method: real threads over a table of several
// morsels; first rows of random orders, distinct rows, and more rows than threads send ahead.

import { test } from 'node:test';

import fc from 'fast-check';

import { nodeFields, bool, constant, input, int4, text } from '../testing/plans.ts';
import {
  costly,
  agrees,
  big,
  callOf,
  columns,
  flag,
  id,
  int8,
  label,
  lines,
  price,
  project,
  scanOf,
  small,
  useThreads,
} from '../testing/shared-plans.ts';

useThreads();

test('the first rows of an order, and distinct rows', async () => {
  await fc.assert(
    fc.asyncProperty(lines, fc.boolean(), async (line, descending) => {
      // A joined row's name decides between rows of one id.
      const name = line.types.length > columns.length ? [input(columns.length + 1, text)] : [];
      const order = [small, label, id, ...name].map((expression) => ({
        expression,
        descending,
        nullsFirst: descending,
      }));
      const count = constant(25, int8);
      const fields = { ...nodeFields(line.types), ...costly };
      await agrees({
        kind: 'limit',
        input: { kind: 'sort', input: line, keys: order, limit: count, ...fields },
        count,
        offset: undefined,
        withTies: false,
        tieKeys: [],
        ...fields,
      });
      await agrees({
        kind: 'distinct',
        strategy: 'hash',
        on: undefined,
        input: project(line, [small, flag]),
        ...nodeFields([int4, bool]),
        ...costly,
      });
    }),
    { numRuns: 5 },
  );
});

test('rows as they come, more than threads send ahead', async () => {
  const mod = callOf('mod', int4, id, constant(3, int4));
  const third = callOf('int4eq', bool, mod, constant(0, int4));
  await agrees(project(scanOf(third), [id, label, price, big]));
});
