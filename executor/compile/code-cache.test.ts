// Generated functions are shared by text and kinds of objects: the same for both gives the same function,
// and arrays of another kind get one of their own. Method: ask for functions and compare identities.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeFunctionsMax } from '../limits.ts';
import { functionOf } from './code-cache.ts';

const text = 'let sum = 0; for (let i = from; i < to; i++) sum += B[0][i]; return sum;';

test('one text over objects of the same kinds has one function', () => {
  const one = functionOf(text, [new Int32Array([1, 2])], 1);
  const other = functionOf(text, [new Int32Array([3])], 1);
  assert.equal(one, other);
  assert.equal(one([[4, 5]], 0, 2, undefined), 9);
});

test('arrays of another kind have another function', () => {
  const narrow = functionOf(text, [new Int32Array(1)], 1);
  assert.notEqual(functionOf(text, [new Float64Array(1)], 1), narrow);
  assert.notEqual(functionOf(text, [7], 1), narrow);
  assert.equal(functionOf(text, [7], 1), functionOf(text, [8], 1));
  assert.notEqual(functionOf(text, [7], 1), functionOf(text, [0.5], 1));
  // Objects of an earlier, longer function may still lie behind those that count.
  assert.equal(functionOf(text, [new Int32Array(1), 'rest'], 1), narrow);
});

test('the least recently used function goes', () => {
  const first = functionOf('return 0;', [], 0);
  const second = functionOf('return 1;', [], 0);
  for (let i = 2; i < codeFunctionsMax; i++) functionOf(`return ${i};`, [], 0);
  assert.equal(functionOf('return 0;', [], 0), first);
  functionOf('return -1;', [], 0);
  functionOf('return -2;', [], 0);
  assert.equal(functionOf('return 0;', [], 0), first);
  assert.notEqual(functionOf('return 1;', [], 0), second);
});
