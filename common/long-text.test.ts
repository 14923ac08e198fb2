// Goal: texts are worked on piece by piece as they would be at once. Method: texts around the length of a
// piece, with characters of two units across its end, against JavaScript's own functions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fieldOf,
  mapPieces,
  doubleCharacters,
  replaceText,
  reverseText,
  splitText,
} from './long-text.ts';

const length = 1 << 20;
const texts = ['', 'a"b\\c', 'x'.repeat(length - 1) + '😀"😀', '"a😀,'.repeat(700_000)];

test('long texts are what short ones are', () => {
  for (const text of texts) {
    assert.ok(mapPieces(text, (piece) => piece) === text);
    assert.ok(doubleCharacters(text, /["\\]/g, '\\$&') === text.replace(/["\\]/g, '\\$&'));
    assert.ok(replaceText(text, '😀', '--') === text.split('😀').join('--'));
    assert.ok(reverseText(text) === [...text].toReversed().join(''));
    assert.equal(splitText(text, ',').length, text.split(',').length);
    assert.equal(splitText(text, '').length, [...text].length);
  }
});

test('fields are those of a split', () => {
  for (const text of ['a,b,,c', ',', 'a', ',,,', 'aaaaa']) {
    for (const delimiter of [',', ',,', 'aa']) {
      const parts = text.split(delimiter);
      for (const field of [1, 2, 3, 4, 7, -1, -2, -3, -4, -9]) {
        const expected = parts[field > 0 ? field - 1 : parts.length + field] ?? '';
        assert.equal(fieldOf(text, delimiter, field), expected, `${text} ${delimiter} ${field}`);
      }
    }
  }
});

test('what would be too long is refused', () => {
  const text = 'a'.repeat(200_000_000);
  assert.throws(() => splitText(text, 'a'), /array size exceeds/);
  assert.throws(() => replaceText(text, 'a', 'b'), /too large/);
  assert.throws(() => doubleCharacters(text, /a/g, 'aa'), /too large/);
  assert.throws(() => reverseText(text), /too large/);
  assert.throws(() => mapPieces(text, (piece) => piece), /too large/);
});
