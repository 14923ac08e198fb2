// Places lead to the texts that they were given for, whether these came in blocks or one by one, and past the
// limit of what is held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatumVector } from '#common';
import { lateTextBytesMax } from '../limits.ts';
import { LateDictionary, LateTexts, entryAt, entryCount, rowNumbers } from './late-texts.ts';

function block(values: readonly string[]): DatumVector {
  const bytes = Buffer.from(values.join(''));
  let end = 0;
  const ends = Int32Array.from(values, (value) => (end += value.length));
  return { kind: 'datum', values, texts: { bytes, ends, nulls: undefined } };
}

test('texts of blocks and single values by their places', () => {
  const texts = new LateTexts();
  const [first, second] = [block(['a', '', 'ccc']), block(['dd', 'e'])];
  const places = [texts.baseOf(first) + 2, texts.add('own'), texts.baseOf(second), texts.add('')];
  assert.equal(texts.baseOf(first) + 1, places[0] - 1);
  places.push(texts.baseOf(first) + 1, texts.baseOf(second) + 1);
  assert.ok(places.every((place) => place > 0));
  assert.deepEqual(
    places.map((place) => texts.at(place)),
    ['ccc', 'own', 'dd', '', '', 'e'],
  );
  assert.equal(texts.at(0), null);
});

test('many single values', () => {
  const texts = new LateTexts();
  const places = Array.from({ length: 10_000 }, (_, i) => texts.add(String(i)));
  texts.baseOf(block(['x']));
  for (const i of [0, 4095, 4096, 9999]) assert.equal(texts.at(places[i]), String(i));
});

test('entries of a column are made alone until somebody wants all', () => {
  const texts = new LateTexts();
  const base = texts.baseOf(block(['a', 'b', 'c']));
  const dictionary = new LateDictionary(texts, Int32Array.of(base + 2, 0, base, 77), 3);
  assert.equal(entryCount(dictionary), 3);
  assert.equal(entryAt(dictionary, 0), 'c');
  assert.deepEqual(dictionary.values, ['c', null, 'a']);
  assert.equal(texts.mapOf(dictionary), dictionary.places);
  const plain = { values: ['x', 'y'] };
  const map = texts.mapOf(plain);
  assert.deepEqual([...map], [0, 0]);
  const place = texts.fill(map, plain, 1);
  assert.deepEqual([...texts.mapOf(plain)], [0, place]);
  assert.equal(texts.at(place), 'y');
});

test('past the limit blocks are not taken, those that are there stay', () => {
  const texts = new LateTexts();
  const large = block(['x'.repeat(lateTextBytesMax)]);
  const base = texts.baseOf(large);
  assert.ok(base > 0);
  assert.equal(texts.baseOf(block(['y'])), 0);
  assert.equal(texts.baseOf(large), base);
  texts.clear();
  assert.ok(texts.baseOf(block(['y'])) > 0);
});

test('row numbers', () => {
  for (const length of [0, 10, 100_000]) {
    const numbers = rowNumbers(length);
    assert.ok(numbers.length >= length);
    assert.ok(numbers.every((number, i) => number === i));
  }
});
