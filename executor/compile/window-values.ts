// Window functions that take a value from another row, and ntile. Which row that is, is found first; then the
// values are picked, in the representation that they have.

import { type Expression, type Vector, databaseError } from '#common';
import { gathered, joinedVector } from './vector-values.ts';
import type { WindowCallKernel } from './window-kernels.ts';
import type { WindowRows } from './window-rows.ts';

/** lag (-1) and lead (1), with and without an offset and a default. */
export function shifted(direction: 1 | -1): WindowCallKernel {
  return (rows, { arguments: [value, offset, fallback] }) => {
    const { order } = rows;
    const length = rows.rows.length;
    const own = rows.vector(value);
    const offsetOf = offset === undefined ? (): number => 1 : numbersOf(rows, offset);
    const places = new Int32Array(length);
    let first = 0;
    for (const end of rows.partitionEnds) {
      for (let position = first; position < end; position++) {
        const place = order[position];
        const by = offsetOf(place);
        const source = by === undefined ? Infinity : position + direction * by;
        const inside = source >= first && source < end;
        // A default's values follow the argument's.
        const outside = by === undefined || fallback === undefined ? -1 : length + place;
        places[place] = inside ? order[source] : outside;
      }
      first = end;
      rows.poll();
    }
    if (fallback === undefined) return gathered(own, places);
    const part = (vector: Vector) => ({ vector, from: 0, to: length });
    const both = joinedVector([part(own), part(rows.vector(fallback))], value.type.oid);
    return gathered(both, places);
  };
}

export const firstValue: WindowCallKernel = (rows, { arguments: [value] }) => {
  const { starts, ends } = rows.frames;
  return taken(rows, value, (position) =>
    starts[position] < ends[position] ? starts[position] : -1,
  );
};

export const lastValue: WindowCallKernel = (rows, { arguments: [value] }) => {
  const { starts, ends } = rows.frames;
  return taken(rows, value, (position) =>
    starts[position] < ends[position] ? ends[position] - 1 : -1,
  );
};

export const nthValue: WindowCallKernel = (rows, { arguments: [value, wanted] }) => {
  const { starts, ends } = rows.frames;
  const numberOf = numbersOf(rows, wanted);
  return taken(rows, value, (position, place) => {
    const number = numberOf(place);
    if (number === undefined) return -1;
    if (number <= 0) {
      throw databaseError(
        'invalidArgumentForNthValue',
        'argument of nth_value must be greater than zero',
      );
    }
    const source = starts[position] + number - 1;
    return source < ends[position] ? source : -1;
  });
};

/** The first buckets, as many as there are rows left over, have one row more. */
export const ntile: WindowCallKernel = (rows, { arguments: [wanted] }) => {
  const { order } = rows;
  const bucketsOf = numbersOf(rows, wanted);
  const values = new Int32Array(rows.rows.length);
  let nulls: Uint8Array | undefined;
  let first = 0;
  for (const end of rows.partitionEnds) {
    for (let position = first; position < end; position++) {
      const place = order[position];
      const buckets = bucketsOf(place);
      if (buckets === undefined) {
        nulls ??= new Uint8Array(values.length);
        nulls[place] = 1;
      } else values[place] = bucketOf(position - first, end - first, buckets);
    }
    first = end;
    rows.poll();
  }
  return { kind: 'integer', values, scale: 0, min: 0, max: rows.length, nulls };
};

function bucketOf(position: number, rowCount: number, buckets: number): number {
  if (buckets <= 0) {
    throw databaseError('invalidArgumentForNtile', 'argument of ntile must be greater than zero');
  }
  const size = Math.floor(rowCount / buckets);
  const larger = rowCount % buckets;
  const inLarger = larger * (size + 1);
  return position < inLarger
    ? Math.floor(position / (size + 1)) + 1
    : larger + Math.floor((position - inLarger) / size) + 1;
}

/** The value at the position that `sourceOf` gives for each row, null where that is -1. */
export function taken(
  rows: WindowRows,
  value: Expression,
  sourceOf: (position: number, place: number) => number,
): Vector {
  const { order } = rows;
  const places = new Int32Array(rows.rows.length);
  for (let position = 0; position < order.length; position++) {
    const source = sourceOf(position, order[position]);
    places[order[position]] = source < 0 ? -1 : order[source];
  }
  rows.poll();
  return gathered(rows.vector(value), places);
}

/** Reads an integer argument; undefined where it is null. */
function numbersOf(
  rows: WindowRows,
  expression: Expression,
): (place: number) => number | undefined {
  const read = rows.reader(expression);
  return (place) => {
    const value = read(place);
    return value === null ? undefined : Number(value);
  };
}
