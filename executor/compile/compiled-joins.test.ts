// Goal: compiled hash joins of every type put out the same rows as the interpreter. Method: generated rows,
// keys and conditions, as in compiled-expressions.test.ts; the last rounds go to disk.

import { test } from 'node:test';

import fc from 'fast-check';

import { functionRegistry } from '#functions';
import type { PhysicalHashJoin } from '#planner';
import { agree } from '../testing/agreement.ts';
import { call, column, expressionOf, rowsOf, scanOf, types } from '../testing/generated-plans.ts';
import { bool, input, int4, nodeFields } from '../testing/plans.ts';

const joinTypes = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;

test('joins of every type agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(25),
      rowsOf(25),
      fc.constantFrom(...joinTypes),
      fc.subarray([...types], { minLength: 1, maxLength: 2 }),
      fc.option(expressionOf(bool, 2), { nil: undefined }),
      fc.integer({ min: 1, max: 1e9 }),
      (leftRows, rightRows, type, keyTypes, condition, seed) => {
        const left = scanOf(leftRows);
        // A right side that is estimated larger makes semi and anti joins build their left.
        const right = { ...scanOf(rightRows), estimatedRows: seed % 2 === 0 ? 1 : 100 };
        const leftOnly = type === 'semi' || type === 'anti';
        const join: PhysicalHashJoin = {
          kind: 'hashJoin',
          type,
          left,
          right,
          leftKeys: keyTypes.map((key) => column(key)),
          rightKeys: keyTypes.map((key) => column(key)),
          equalityOids: keyTypes.map((key) => functionRegistry.ordering(key.oid)!.equalityOid),
          condition:
            condition === undefined
              ? undefined
              : {
                  kind: 'and',
                  type: bool,
                  arguments: [
                    condition,
                    call('int4le', bool, column(int4), input(types.length, int4)),
                  ],
                },
          ...nodeFields(leftOnly ? types : [...types, ...types]),
        };
        agree(join, seed);
      },
    ),
    { numRuns: 300 },
  );
});
