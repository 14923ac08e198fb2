// Goal: results that differ are told apart, and differences of form only are not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultDifference } from './compare-results.ts';

const result = (rows: (string | null)[][], float = false) => ({
  rows,
  floatColumns: rows.length === 0 ? [] : rows[0].map(() => float),
  milliseconds: 0,
});

test('decimals are equal by value, at any number of digits', () => {
  const [exact, longer] = [
    result([['0.50', '12345678901234567890.10']]),
    result([['0.5', '12345678901234567890.1']]),
  ];
  assert.equal(resultDifference(exact, longer), undefined);
  assert.match(
    resultDifference(exact, result([['0.5', '12345678901234567890.2']])) ?? '',
    /row 1, column 2/,
  );
  assert.notEqual(resultDifference(result([['100']]), result([['1']])), undefined);
});

test('a float on one side allows the last digits to differ', () => {
  const exact = result([['0.3333333333333333']]);
  assert.equal(resultDifference(exact, result([['0.33333333333333331']], true)), undefined);
  assert.notEqual(resultDifference(exact, result([['0.33333333333333331']])), undefined);
  assert.notEqual(resultDifference(exact, result([['0.33333333334']], true)), undefined);
});

test('padding is no difference; nulls, rows and their number are', () => {
  assert.equal(resultDifference(result([['FRANCE   ']]), result([['FRANCE']])), undefined);
  assert.notEqual(resultDifference(result([[null]]), result([['']])), undefined);
  assert.match(resultDifference(result([]), result([['1']])) ?? '', /0 rows against 1/);
});
