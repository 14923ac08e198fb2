// Goal: every machine gets a sane division of its memory. Method: machines of several sizes, with their figures.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { segmentCacheMemory, statementMemory } from './memory-shares.ts';

const megabyte = 1 << 20;
const gigabyte = 1 << 30;

test('decoded segments get an eighth, and threads a cache each where there is room', () => {
  const megabytes = (machine: number, threads: number): number =>
    segmentCacheMemory(machine, threads) / megabyte;
  assert.equal(megabytes(512 * megabyte, 1), 64);
  assert.equal(megabytes(gigabyte, 3), 128);
  assert.equal(megabytes(4 * gigabyte, 1), 512);
  assert.equal(megabytes(4 * gigabyte, 3), 768);
  assert.equal(megabytes(24 * gigabyte, 1), 3072);
  assert.equal(megabytes(8 * gigabyte, 7), 1792);
  assert.equal(megabytes(64 * gigabyte, 15), 8192);
});

test('statements and segments together leave a quarter of the machine', () => {
  for (let machine = 256 * megabyte; machine <= 1024 * gigabyte; machine *= 2) {
    for (const threads of [1, 2, 7, 63]) {
      const used = statementMemory(machine) + segmentCacheMemory(machine, threads);
      assert.ok(used <= machine * 0.75, `${machine / megabyte} MB, ${threads} threads`);
    }
  }
});
