// Arrays that are used again: they are as if made anew, have one owner at a time, and stay within the budget.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptArrayBytesMax } from '../limits.ts';
import {
  bytesInUse,
  countBytes,
  newServerMemory,
  useServerMemory,
} from '../memory/server-memory.ts';
import { giveBack, longerFloats, zeroBytes, zeroFloats, zeroWholes } from './array-pool.ts';

const many = 100_000;

test('an array comes back as zeros, in another type as well', () => {
  const first = zeroFloats(many).fill(1.5);
  const { buffer } = first;
  giveBack(first);
  const second = zeroWholes(many * 2);
  assert.equal(second.buffer, buffer);
  assert.equal(second.length, many * 2);
  assert.ok(second.every((value) => value === 0));
  second.fill(-1);
  giveBack(second);
  const third = zeroBytes(many * 8);
  assert.equal(third.buffer, buffer);
  assert.ok(third.every((value) => value === 0));
});

test('what is given back twice has one new owner', () => {
  const array = zeroFloats(many);
  giveBack(array);
  giveBack(array);
  assert.notEqual(zeroFloats(many).buffer, zeroFloats(many).buffer);
});

test('arrays of others, and small ones, are left alone', () => {
  const own = new Float64Array(many);
  giveBack(own);
  assert.notEqual(zeroFloats(many).buffer, own.buffer);
  const small = zeroFloats(8);
  giveBack(small);
  assert.notEqual(zeroFloats(8).buffer, small.buffer);
  giveBack(undefined);
});

test('a longer array has the values, and the filling behind them', () => {
  giveBack(zeroFloats(many * 2).fill(7));
  const longer = longerFloats(zeroFloats(many).fill(3), many * 2, Infinity);
  assert.ok(longer.subarray(0, many).every((value) => value === 3));
  assert.ok(longer.subarray(many).every((value) => value === Infinity));
  giveBack(longer);
  const other = longerFloats(new Float64Array([1, 2]), many * 2);
  assert.deepEqual([...other.subarray(0, 4)], [1, 2, 0, 0]);
  assert.ok(other.subarray(2).every((value) => value === 0));
  assert.deepEqual([...longerFloats(other, 1)], [1]);
});

test('past the budget the sizes that were used longest ago go', () => {
  const old = zeroFloats(many);
  const { buffer } = old;
  giveBack(old);
  const large = Array.from({ length: 5 }, () => zeroBytes(keptArrayBytesMax / 4));
  for (const array of large) giveBack(array);
  assert.notEqual(zeroFloats(many).buffer, buffer);
  const again = Array.from({ length: 5 }, () => zeroBytes(keptArrayBytesMax / 4).buffer);
  assert.equal(again.filter((each) => large.some((array) => array.buffer === each)).length, 4);
});

test('what is kept counts against the memory of the server, and goes before a statement fails', () => {
  const megabyte = 1 << 20;
  const threadBytesMax = Infinity;
  useServerMemory(
    newServerMemory({ limitBytes: 64 * megabyte, threadBytesMax, keptBytesMax: 32 * megabyte }),
  );
  try {
    const array = zeroBytes(16 * megabyte);
    giveBack(array);
    assert.equal(bytesInUse(), 16 * megabyte);
    const { buffer } = zeroBytes(16 * megabyte);
    assert.equal(buffer, array.buffer);
    assert.equal(bytesInUse(), 0);
    giveBack(array);
    countBytes(60 * megabyte);
    assert.equal(bytesInUse(), 60 * megabyte);
    assert.throws(() => countBytes(8 * megabyte), { sqlState: '53200' });
    countBytes(-68 * megabyte);
    assert.notEqual(zeroBytes(16 * megabyte).buffer, buffer);
    giveBack(zeroBytes(40 * megabyte));
    assert.equal(bytesInUse(), 0);
  } finally {
    useServerMemory(undefined);
  }
});
