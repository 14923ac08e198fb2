/**
 * Goal: the checker sees what it is for.
 * Method: small histories with one planted anomaly each, and the levels that must and must not object.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAnomalies, type Level } from './checker.ts';
import type { HistoryTransaction, Operation } from './history.ts';

const append = (key: number, value: number): Operation => ({ kind: 'append', key, value });
const read = (key: number, ...values: number[]): Operation => ({ kind: 'read', key, values });

function transactions(...lists: (readonly Operation[])[]): HistoryTransaction[] {
  return lists.map((operations, id) => ({
    id,
    outcome: 'committed',
    operations,
    began: 0,
    ended: 100 + id,
  }));
}

function objecting(history: readonly HistoryTransaction[]): Level[] {
  const levels: Level[] = ['read committed', 'repeatable read', 'serializable'];
  return levels.filter((level) => findAnomalies(history, level).length > 0);
}

test('a serial history is fine', () => {
  const history = transactions([append(1, 1)], [read(1, 1), append(1, 2)], [read(1, 1, 2)]);
  assert.deepEqual(objecting(history), []);
});

test('G0: writes of two transactions interleave', () => {
  const history = transactions(
    [append(1, 1), append(2, 1)],
    [append(1, 2), append(2, 2)],
    [read(1, 1, 2), read(2, 2, 1)],
  );
  assert.deepEqual(objecting(history), ['read committed', 'repeatable read', 'serializable']);
});

test('G1a: what was read had been rolled back', () => {
  const [first, second] = transactions([append(1, 1)], [read(1, 1)]);
  const history: HistoryTransaction[] = [{ ...first, outcome: 'aborted' }, second];
  assert.deepEqual(objecting(history), ['read committed', 'repeatable read', 'serializable']);
});

test('G1b: what was read was not the final state of its transaction', () => {
  const history = transactions([append(1, 1), append(1, 2)], [read(1, 1)], [read(1, 1, 2)]);
  assert.ok(objecting(history).includes('read committed'));
});

test('G1c: two transactions read from each other', () => {
  const history = transactions([append(1, 1), read(2, 1)], [append(2, 1), read(1, 1)]);
  assert.deepEqual(objecting(history), ['read committed', 'repeatable read', 'serializable']);
});

test('a non-repeatable read is allowed by READ COMMITTED only', () => {
  const history = transactions(
    [append(1, 1), append(2, 1)],
    [read(1), read(2, 1)],
    [read(1, 1), read(2, 1)],
  );
  assert.deepEqual(objecting(history), ['repeatable read', 'serializable']);
});

test('a lost update', () => {
  const history = transactions(
    [append(1, 1)],
    [read(1, 1), append(1, 2)],
    [read(1, 1), append(1, 3)],
    [read(1, 1, 2, 3)],
  );
  assert.deepEqual(objecting(history), ['repeatable read', 'serializable']);
});

test('write skew is allowed below SERIALIZABLE', () => {
  const history = transactions(
    [read(1), read(2), append(1, 1)],
    [read(1), read(2), append(2, 1)],
    [read(1, 1), read(2, 1)],
  );
  assert.deepEqual(objecting(history), ['serializable']);
});

test('a stale read breaks real-time order', () => {
  const [writer, reader, last] = transactions([append(1, 1)], [read(1)], [read(1, 1)]);
  const history = [
    { ...writer, began: 1, ended: 2 },
    { ...reader, began: 3, ended: 4 },
    { ...last, began: 5, ended: 6 },
  ];
  assert.deepEqual(objecting(history), ['serializable']);
});

test('two reads that no order explains', () => {
  const history = transactions([append(1, 1)], [append(1, 2)], [read(1, 1, 2)], [read(1, 2)]);
  assert.deepEqual(objecting(history), ['read committed', 'repeatable read', 'serializable']);
});
