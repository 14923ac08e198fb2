// Sets from arrays: unnest, generate_subscripts. (generate_series of numbers is in numeric-series.ts,
// of timestamps in datetime-series.ts.)

import type { ArrayValue, Datum } from '#common';
import type { Family } from '../family.ts';

function* subscripts(array: ArrayValue, dimension: number, reverse: boolean): Iterable<Datum> {
  const shape = array.dimensions[dimension - 1];
  if (shape === undefined) return;
  for (let i = 0; i < shape.length; i++) {
    yield reverse ? shape.lowerBound + shape.length - 1 - i : shape.lowerBound + i;
  }
}

export const setReturningFamily: Family = {
  sets: {
    array_unnest: (_context, array: ArrayValue) => array.elements,
    generate_subscripts: (_context, array: ArrayValue, dimension: number, reverse: boolean) =>
      subscripts(array, dimension, reverse),
    generate_subscripts_nodir: (_context, array: ArrayValue, dimension: number) =>
      subscripts(array, dimension, false),
  },
};
