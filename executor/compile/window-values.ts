// Window functions that take a value from another row, and ntile. Which row that is, is found first; then the
// values are picked, in the representation that they have.

import { type Expression, type Vector, databaseError } from '#common';
import { gathered, joinedVector, shiftedVector } from './vector-values.ts';
import type { WindowCallKernel } from './window-kernels.ts';
import type { WindowRows } from './window-rows.ts';

/** lag (-1) and lead (1), with and without an offset and a default. */
export function shifted(direction: 1 | -1): WindowCallKernel {
  return (rows, { arguments: [value, offset, fallback] }) => {
    const { length } = rows;
    if (fallback === undefined && (offset === undefined || offset.kind === 'constant')) {
      const by = offset === undefined ? 1 : offset.value === null ? length : Number(offset.value);
      const moved = shiftedVector(rows.vector(value), -direction * by, rows.partitionEnds);
      if (moved !== undefined) return moved;
    }
    const offsetOf = offset === undefined ? (): number => 1 : numbersOf(rows, offset);
    const sources = new Int32Array(length);
    let first = 0;
    for (const end of rows.partitionEnds) {
      for (let position = first; position < end; position++) {
        const by = offsetOf(position);
        const source = by === undefined ? Infinity : position + direction * by;
        // A default's values follow the argument's.
        const outside = by === undefined || fallback === undefined ? -1 : length + position;
        sources[position] = source >= first && source < end ? source : outside;
      }
      first = end;
    }
    rows.poll();
    const own = rows.vector(value);
    if (fallback === undefined) return gathered(own, sources);
    const part = (vector: Vector) => ({ vector, from: 0, to: length });
    const both = joinedVector([part(own), part(rows.vector(fallback))], value.type.oid);
    return gathered(both, sources);
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
  return taken(rows, value, (position) => {
    const number = numberOf(position);
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
  const bucketsOf = numbersOf(rows, wanted);
  const values = new Int32Array(rows.length);
  let nulls: Uint8Array | undefined;
  let first = 0;
  for (const end of rows.partitionEnds) {
    for (let position = first; position < end; position++) {
      const buckets = bucketsOf(position);
      if (buckets === undefined) {
        nulls ??= new Uint8Array(values.length);
        nulls[position] = 1;
      } else values[position] = bucketOf(position - first, end - first, buckets);
    }
    first = end;
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
function taken(
  rows: WindowRows,
  value: Expression,
  sourceOf: (position: number) => number,
): Vector {
  const sources = new Int32Array(rows.length);
  for (let position = 0; position < sources.length; position++)
    sources[position] = sourceOf(position);
  rows.poll();
  return gathered(rows.vector(value), sources);
}

/** Reads an integer argument; undefined where it is null. */
function numbersOf(
  rows: WindowRows,
  expression: Expression,
): (position: number) => number | undefined {
  const read = rows.reader(expression);
  return (position) => {
    const value = read(position);
    return value === null ? undefined : Number(value);
  };
}
