// Rough heap bytes of vectors.

import type { Datum, Vector } from '#common';
import { valueBytes } from '../rows/value-size.ts';

export function vectorBytes(vector: Vector, length: number): number {
  if (vector.kind === 'datum') return length * 8 + valuesBytes(vector.values);
  const own = vector.kind === 'dictionary' ? valuesBytes(vector.dictionary.values) : 0;
  const numbers = vector.kind === 'dictionary' ? vector.codes : vector.values;
  return own + length * (numbers.BYTES_PER_ELEMENT + (vector.nulls === undefined ? 0 : 1));
}

function valuesBytes(values: readonly Datum[]): number {
  let bytes = 0;
  for (const value of values) bytes += valueBytes(value);
  return bytes;
}
