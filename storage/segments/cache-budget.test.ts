// Goal: a cache keeps what is asked for most, whatever the order. Method: sequences of uses of small cells, of which
// so many fit, and the share of uses that find their cell; the least shares are those of the best fixed choice
// of cells, or close to it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CacheBudget, Kept } from './cache-budget.ts';

class Cell extends Kept {
  isThere = false;
  drop(): void {
    this.isThere = false;
  }
}

const fitting = 200;
const cellBytes = 10;

class Cache {
  readonly budget = new CacheBudget(fitting * cellBytes);
  readonly cells = new Map<number, Cell>();

  /** Was it there? */
  ask(name: number): boolean {
    let cell = this.cells.get(name);
    if (cell === undefined) this.cells.set(name, (cell = new Cell()));
    cell.use();
    if (cell.isThere) return true;
    cell.isThere = this.budget.offer(cell, cellBytes);
    assert.ok(this.budget.bytes <= fitting * cellBytes);
    return false;
  }
  /** The share that was there, asking for the cells first .. first + count - 1 in turns. */
  rounds(count: number, rounds: number, first = 0): number {
    let found = 0;
    for (let i = 0; i < count * rounds; i++) if (this.ask(first + (i % count))) found++;
    return found / (count * rounds);
  }
}

test('what fits stays', () => {
  const cache = new Cache();
  cache.rounds(fitting, 1);
  assert.equal(cache.rounds(fitting, 5), 1);
});

test('of more than fits in turns, as many are found as fit', () => {
  for (const times of [1.25, 1.5, 2, 3, 10]) {
    const cache = new Cache();
    cache.rounds(times * fitting, 3);
    const found = cache.rounds(times * fitting, 5);
    assert.ok(found > 0.98 / times, `${times}: ${found}`);
  }
});

test('a long scan does not push out what is asked for often', () => {
  const cache = new Cache();
  for (let round = 0; round < 5; round++) {
    cache.rounds(fitting / 2, 8);
    cache.rounds(fitting * 4, 1, 10_000);
    assert.ok(cache.rounds(fitting / 2, 1) > 0.98);
  }
});

test('what is asked for no more makes room', () => {
  const cache = new Cache();
  cache.rounds(fitting, 30);
  cache.rounds(fitting, 8, 10_000);
  assert.ok(cache.rounds(fitting, 1, 10_000) > 0.95);
  cache.rounds(fitting / 4, 100, 20_000);
  cache.rounds(fitting, 8, 30_000);
  assert.ok(cache.rounds(fitting, 1, 30_000) > 0.95);
});

test('bytes are counted, whatever comes, goes and is larger than all', () => {
  const cache = new Cache();
  const { budget } = cache;
  const large = new Cell();
  large.use();
  assert.equal(budget.offer(large, fitting * cellBytes + 1), false);
  cache.rounds(fitting * 2, 2);
  const cells = [...cache.cells.values()];
  const count = (): number => cells.filter(({ isThere }) => isThere).length;
  assert.equal(budget.bytes, count() * cellBytes);
  const removed = cells.find(({ isThere }) => isThere)!;
  budget.remove(removed);
  assert.equal(removed.isThere, true);
  removed.isThere = false;
  assert.equal(budget.bytes, count() * cellBytes);
  budget.resize(fitting * 5);
  assert.ok(budget.bytes <= fitting * 5);
  large.use();
  large.isThere = true;
  budget.add(large, fitting * 5);
  assert.equal(count(), 0);
  budget.clear();
  assert.equal(budget.bytes, 0);
  assert.equal(large.isThere, false);
});
