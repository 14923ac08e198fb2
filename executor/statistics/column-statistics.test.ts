// Goal: statistics say what is true of the rows. Method: columns of known shape, whose figures were taken
// from PostgreSQL 15's pg_stats over the same rows, and properties over random ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ColumnDescriptor, type ColumnStatistics, type Datum, TypeOid } from '#common';
import { columnStatistics } from './column-statistics.ts';
import { commonValueCount, estimateDistinct } from './common-values.ts';
import { sortInSlices } from './sliced-sort.ts';

const target = 100;

function describe(values: readonly Datum[], totalRows = values.length): ColumnStatistics {
  const column: ColumnDescriptor = {
    name: 'a',
    attributeNumber: 1,
    type: { oid: TypeOid.int4, typmod: -1 },
    notNull: false,
    dropped: false,
  };
  const work = columnStatistics(column, { values, totalRows, target });
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

test('a unique column has a histogram and no common values', () => {
  const found = describe(Array.from({ length: 10_000 }, (_, i) => i + 1));
  assert.equal(found.distinct, -1);
  assert.deepEqual(found.commonValues, []);
  assert.equal(found.histogram.length, 101);
  assert.deepEqual(found.histogram.slice(0, 3), ['1', '100', '200']);
  assert.equal(found.correlation, 1);
});

test('a column of few values lists them all, most frequent first', () => {
  const found = describe(Array.from({ length: 10_000 }, (_, i) => (i + 1) % 7));
  assert.equal(found.distinct, 7);
  assert.deepEqual(found.commonValues, ['1', '2', '3', '4', '0', '5', '6']);
  assert.equal(found.commonFrequencies[0], 0.1429);
  assert.deepEqual(found.histogram, []);
});

test('nulls are counted and nothing else', () => {
  const found = describe([1, null, null, 4]);
  assert.equal(found.nullFraction, 0.5);
  assert.equal(found.distinct, -0.5);
  assert.equal(describe([null, null]).distinct, 0);
  assert.deepEqual(describe([null, null]).histogram, []);
});

test('a sample of a large table is extrapolated', () => {
  // Haas and Stokes' Duj1: n d / (n - f1 + f1 n / N).
  const facts = { totalRows: 1_000_000, sampleRows: 30_000, nullRows: 0 };
  assert.equal(estimateDistinct({ distinct: 20_000, repeated: 8000 }, facts), 32_680);
  assert.equal(estimateDistinct({ distinct: 500, repeated: 500 }, facts), 500);
  const sample = { ...facts, distinct: 32_680, seenDistinct: 20_000, max: target };
  assert.equal(commonValueCount([500, 400, 3, 2, 2], sample), 2);
});

test('frequencies, nulls and the histogram account for all rows', () => {
  const value = fc.option(fc.integer({ min: 0, max: 400 }), { freq: 10 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3000 }), (values) => {
      const found = describe(values);
      const common = found.commonFrequencies.reduce((sum, each) => sum + each, 0);
      assert.ok(common + found.nullFraction <= 1 + 1e-9);
      const numbers = found.histogram.map(Number);
      assert.deepEqual(
        numbers,
        numbers.toSorted((left, right) => left - right),
      );
      const different = new Set(values.filter((each) => each !== null)).size;
      const distinct = found.distinct < 0 ? -found.distinct * values.length : found.distinct;
      assert.ok(Math.abs(distinct - different) < 1e-6 * values.length + 1e-9);
    }),
  );
});

test('the sliced sort sorts, and keeps equal items in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (keys) => {
      const items = keys.map((key, at) => ({ key, at }));
      const sorted = items.toSorted((left, right) => left.key - right.key);
      const work = sortInSlices(items, (left, right) => left.key - right.key);
      while (work.next().done !== true);
      assert.deepEqual(items, sorted);
    }),
  );
});
