// Goal: an index gives the rows of the wanted values, block by block. Method: random blocks with nulls, of few
// and of many different values, against a search through the values.

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blockRows, type IntegerVector } from '#common';
import { ValueIndex, markedRows, wordsPerBlock } from './value-index.ts';
import { intersected } from './wanted-rows.ts';

const valueMax = 1000;

function vectorOf(values: readonly (number | null)[]): IntegerVector {
  return {
    kind: 'integer',
    values: Int32Array.from(values, (value) => value ?? 0),
    scale: 0,
    min: -valueMax,
    max: valueMax,
    nulls: values.includes(null)
      ? Uint8Array.from(values, (value) => (value === null ? 1 : 0))
      : undefined,
  };
}

const valueArbitrary = fc.option(fc.integer({ min: -valueMax, max: valueMax }), { freq: 8 });
const blockArbitrary = fc.oneof(
  fc.array(valueArbitrary, { maxLength: 40 }),
  fc
    .tuple(valueArbitrary, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: blockRows }))
    .map(([first, step, length]) =>
      Array.from({ length }, (_, i) => (first === null ? null : (first + i * step) % valueMax)),
    ),
);

test('marks are those of the wanted values', () => {
  fc.assert(
    fc.property(
      fc.array(blockArbitrary, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(fc.integer({ min: -valueMax, max: valueMax }), { maxLength: 20 }),
      (blocks, keys) => {
        const index = ValueIndex.of(blocks.map(vectorOf))!;
        const wanted = Int32Array.from(keys).sort();
        const marks = new Int32Array(blocks.length * wordsPerBlock);
        index.mark(wanted, { from: 0, to: wanted.length }, marks);
        blocks.forEach((values, block) =>
          deepEqual(
            [...markedRows(marks, block)],
            values.flatMap((value, row) => (value !== null && keys.includes(value) ? [row] : [])),
          ),
        );
      },
    ),
  );
});

test('other columns have no index', () => {
  const floats = { kind: 'float', values: new Float64Array(3), nulls: undefined } as const;
  equal(ValueIndex.of([vectorOf([1]), floats]), undefined);
  const wide = { ...vectorOf([1]), values: new Float64Array(1) };
  equal(ValueIndex.of([wide]), undefined);
});

test('rows in both lists', () => {
  const rows = fc.uniqueArray(fc.nat(40)).map((list) => Int32Array.from(list).sort());
  fc.assert(
    fc.property(rows, rows, (one, other) =>
      deepEqual(
        [...intersected(one, other)],
        [...one].filter((row) => other.includes(row)),
      ),
    ),
  );
});
