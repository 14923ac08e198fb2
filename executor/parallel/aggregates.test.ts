// Goal: groups that several threads make are those that one makes. Method: real threads over a table of several
// morsels; random lines of rows, keys and aggregates.

import { test } from 'node:test';

import fc from 'fast-check';

import { type Expression, Numeric } from '#common';
import { constant, int4 } from '../testing/plans.ts';
import {
  aggregateChoices,
  aggregateOf,
  agrees,
  callOf,
  countAll,
  flag,
  label,
  lines,
  numeric,
  price,
  scanOf,
  small,
  useThreads,
} from '../testing/shared-plans.ts';

useThreads();

test('aggregates, with and without keys', async () => {
  const keys = fc.subarray([small, label, flag]);
  const aggregates = fc.subarray([...aggregateChoices], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(lines, keys, aggregates, async (line, groupKeys, chosen) => {
      await agrees(aggregateOf(line, groupKeys, chosen));
    }),
    { numRuns: 10 },
  );
});

test('grouping sets', async () => {
  const sets = [[0, 1], [1], []];
  await agrees(aggregateOf(scanOf(), [label, flag], aggregateChoices.slice(0, 8), sets));
});

test('an aggregate over values that pipelines give up starts over with the same morsels', async () => {
  // Numeric keys of different scales and infinities have no exact representation as numbers.
  const key: Expression = {
    kind: 'case',
    operand: undefined,
    branches: [{ when: flag, then: price }],
    otherwise: constant(Numeric.infinity, numeric),
    type: numeric,
  };
  const round = callOf('round', numeric, key, constant(0, int4));
  await agrees(aggregateOf(scanOf(), [round, flag], [countAll]));
});
