// Goal: many rows, which are sorted by the digits of their keys, come in the order that comparing them gives, and keys
// that are read off the order are those of the rows in it.
// Method: generated key columns of all representations and widths, with nulls, ties and parts that are in order already.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Vector, TypeOid, sqlType } from '#common';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import { KeyOrder } from './key-order.ts';
import { datumReader, gathered } from './vector-values.ts';

const length = 5000;

type Kind = 'narrow' | 'wide' | 'float' | 'text' | 'given' | 'same';

const kinds: readonly Kind[] = ['narrow', 'wide', 'float', 'text', 'given', 'same'];

function numbersOf(kind: Kind, random: () => number): number[] {
  const values = Array.from({ length }, (_value, row) => {
    switch (kind) {
      case 'narrow':
      case 'text':
        return Math.floor(random() * 40) - 20;
      case 'wide':
        return Math.floor((random() - 0.5) * 2 ** (random() < 0.5 ? 40 : 20));
      case 'float':
        return [NaN, -0, 0, Infinity, -Infinity][Math.floor(random() * 50)] ?? random() - 0.5;
      case 'given':
        return Math.floor(row / 3);
      case 'same':
        return 7;
    }
  });
  return values;
}

function vectorOf(kind: Kind, numbers: readonly number[], nulls: Uint8Array | undefined): Vector {
  if (kind === 'float') return { kind: 'float', values: Float64Array.from(numbers), nulls };
  if (kind === 'text') {
    const values = Array.from({ length: 41 }, (_value, i) => `text ${(i * 17) % 41}`);
    const codes = Int32Array.from(numbers, (number) => number + 20);
    return { kind: 'dictionary', codes, dictionary: { values }, nulls };
  }
  const values = kind === 'wide' ? Float64Array.from(numbers) : Int32Array.from(numbers);
  const [min, max] = [-(2 ** 40), 2 ** 40];
  return { kind: 'integer', values, scale: 0, min, max, nulls };
}

const typeOf = (kind: Kind): number =>
  kind === 'float' ? TypeOid.float8 : kind === 'text' ? TypeOid.text : TypeOid.int8;

const column = fc.record({
  kind: fc.constantFrom(...kinds),
  hasNulls: fc.boolean(),
  descending: fc.boolean(),
  nullsFirst: fc.boolean(),
});

test('rows sorted by digits are in the order of their keys', () => {
  const columns = fc.array(column, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(columns, fc.integer({ min: 1, max: 1e9 }), (wanted, seed) => {
      let state = seed;
      const random = (): number => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return (state >>> 8) / 2 ** 24;
      };
      const vectors = wanted.map(({ kind, hasNulls }) => {
        const nulls = Uint8Array.from({ length }, () => (random() < 0.1 ? 1 : 0));
        return vectorOf(kind, numbersOf(kind, random), hasNulls ? nulls : undefined);
      });
      const keys = wanted.map(({ kind, descending, nullsFirst }, i): KeyColumn => {
        const expression = { kind: 'input', ordinal: i, type: sqlType(typeOf(kind)) } as const;
        return keyColumn({ expression, descending, nullsFirst }, i);
      });
      const readers = vectors.map((vector, i) => datumReader(vector, typeOf(wanted[i].kind)));
      const compare = (left: number, right: number): number => {
        for (const [i, key] of keys.entries()) {
          const order = compareByKey(key, readers[i](left), readers[i](right));
          if (order !== 0) return order;
        }
        return left - right;
      };
      const sorted = new KeyOrder(vectors, keys, length, () => {});
      const decoded = vectors.map((vector, i) => {
        const target = new Float64Array(length);
        return vector.kind === 'integer' && sorted.decode(i, target) ? target : undefined;
      });
      const expected = Int32Array.from({ length }, (_value, row) => row).toSorted(compare);
      assert.deepEqual(sorted.order, expected);
      if (sorted.isGiven) assert.ok(expected.every((place, i) => place === i));
      for (const [i, values] of decoded.entries()) {
        if (values === undefined) continue;
        const picked = gathered(vectors[i], expected) as Extract<Vector, { kind: 'integer' }>;
        assert.deepEqual(values, Float64Array.from(picked.values));
      }
    }),
    { numRuns: 40 },
  );
});
