// Aggregates that collect: string_agg, array_agg. (json_agg and its kin are in aggregate-json.ts.)

import {
  type ArrayDimension,
  ArrayValue,
  databaseError,
  type Datum,
  elementTypeOf,
  stringLengthMax,
} from '#common';
import { aggregate, type Family, forTypes } from '../family.ts';

interface Strings {
  text: string | null;
}

interface Bytes {
  chunks: Uint8Array[] | null;
}

interface Values {
  values: Datum[];
}

const stringAggregate = aggregate<Strings>({
  strict: false,
  create: () => ({ text: null }),
  step: (state, _context, value, delimiter) => {
    if (value === null) return state;
    if (state.text === null) {
      state.text = value as string;
      return state;
    }
    const between = (delimiter ?? '') as string;
    if (state.text.length + between.length + (value as string).length > stringLengthMax) {
      throw databaseError('programLimitExceeded', 'string_agg result is too long');
    }
    state.text += between + (value as string);
    return state;
  },
  finish: (state) => state.text,
});

const byteAggregate = aggregate<Bytes>({
  strict: false,
  create: () => ({ chunks: null }),
  step: (state, _context, value, delimiter) => {
    if (value === null) return state;
    if (state.chunks === null) state.chunks = [];
    else if (delimiter !== null) state.chunks.push(delimiter as Uint8Array);
    state.chunks.push(value as Uint8Array);
    return state;
  },
  finish: (state) => (state.chunks === null ? null : new Uint8Array(Buffer.concat(state.chunks))),
});

function collect(finish: (values: readonly Datum[]) => Datum) {
  return aggregate<Values>({
    strict: false,
    create: () => ({ values: [] }),
    step: (state, _context, value) => {
      state.values.push(value);
      return state;
    },
    combine: (left, right) => {
      for (const value of right.values) left.values.push(value);
      return left;
    },
    finish: (state) => (state.values.length === 0 ? null : finish(state.values)),
  });
}

/** array_agg over arrays: they must agree in shape and become one array with a further dimension. */
function stack(elementType: number, arrays: readonly Datum[]): ArrayValue {
  const elements: Datum[] = [];
  let shape: readonly ArrayDimension[] | undefined;
  for (const array of arrays) {
    if (!(array instanceof ArrayValue)) {
      throw databaseError('nullValueNotAllowed', 'cannot accumulate null arrays');
    }
    if (array.dimensions.length === 0) {
      throw databaseError('arraySubscriptError', 'cannot accumulate empty arrays');
    }
    shape ??= array.dimensions;
    if (!sameShape(shape, array.dimensions)) {
      throw databaseError(
        'arraySubscriptError',
        'cannot accumulate arrays of different dimensionality',
      );
    }
    for (const element of array.elements) elements.push(element);
  }
  const dimensions = [{ length: arrays.length, lowerBound: 1 }, ...(shape ?? [])];
  return new ArrayValue(elementType, dimensions, elements);
}

function sameShape(left: readonly ArrayDimension[], right: readonly ArrayDimension[]): boolean {
  return (
    left.length === right.length &&
    left.every((dimension, i) => {
      const other = right[i];
      return dimension.length === other.length && dimension.lowerBound === other.lowerBound;
    })
  );
}

export const collectionFamily: Family = {
  aggregates: {
    'string_agg(text,text)': stringAggregate,
    'string_agg(bytea,bytea)': byteAggregate,
    'array_agg(anynonarray)': forTypes(({ argumentTypes }) =>
      collect((values) => ArrayValue.of(argumentTypes[0], values)),
    ),
    'array_agg(anyarray)': forTypes(({ argumentTypes }) =>
      collect((values) => stack(elementTypeOf(argumentTypes[0]), values)),
    ),
  },
};
