// Array functions and operators. PostgreSQL numbers positions from each dimension's lower bound.

import {
  arrayDimensionsMax,
  arrayElementsMax,
  ArrayValue,
  type ArrayDimension,
  databaseError,
  type DatabaseError,
  type Datum,
  elementTypeOf,
  notSupported,
  TypeOid,
  typeDisplayName,
  typeOutput,
} from '#common';
import type { CallTypes, FunctionContext, ScalarImplementation } from '../contract.ts';
import { forTypes, type Family } from '../family.ts';
import { comparisonOf, hashKeyOf, typeOrdering } from '../ordering.ts';

function subscriptError(message: string, detail?: string): DatabaseError {
  return databaseError('arraySubscriptError', message, detail === undefined ? {} : { detail });
}

function incompatible(detail: string): DatabaseError {
  return subscriptError('cannot concatenate incompatible arrays', detail);
}

function checkCount(count: number): void {
  if (count > arrayElementsMax) {
    throw databaseError(
      'programLimitExceeded',
      `array size exceeds the maximum allowed (${arrayElementsMax})`,
    );
  }
}

/** The array type's element, for a call's polymorphic result. */
function elementOf(types: CallTypes): number {
  return elementTypeOf(types.resultType);
}

function emptyOf(value: ArrayValue | null, types: CallTypes): ArrayValue {
  return value ?? new ArrayValue(elementOf(types), [], []);
}

function append(array: ArrayValue, element: Datum): ArrayValue {
  if (array.dimensions.length === 0) return ArrayValue.of(array.elementType, [element]);
  requireOneDimension(array);
  const { length, lowerBound } = array.dimensions[0];
  checkCount(length + 1);
  const elements = [...array.elements, element];
  return new ArrayValue(array.elementType, [{ length: length + 1, lowerBound }], elements);
}

function prepend(element: Datum, array: ArrayValue): ArrayValue {
  if (array.dimensions.length === 0) return ArrayValue.of(array.elementType, [element]);
  requireOneDimension(array);
  const { length, lowerBound } = array.dimensions[0];
  checkCount(length + 1);
  const elements = [element, ...array.elements];
  return new ArrayValue(array.elementType, [{ length: length + 1, lowerBound }], elements);
}

function requireOneDimension(array: ArrayValue): void {
  if (array.dimensions.length > 1) {
    throw databaseError('dataException', 'argument must be empty or one-dimensional array');
  }
}

/** array_cat(): same shape, or one is an element (a slice) of the other's outer dimension. */
function concatenate(left: ArrayValue, right: ArrayValue): ArrayValue {
  const leftCount = left.dimensions.length;
  const rightCount = right.dimensions.length;
  if (rightCount === 0) return left;
  if (leftCount === 0) return right;
  if (Math.abs(leftCount - rightCount) > 1) {
    throw incompatible(
      `Arrays of ${leftCount} and ${rightCount} dimensions are not compatible for concatenation.`,
    );
  }
  const dimensions = concatenatedDimensions(left.dimensions, right.dimensions);
  const elements = [...left.elements, ...right.elements];
  checkCount(elements.length);
  return new ArrayValue(left.elementType, dimensions, elements);
}

function concatenatedDimensions(
  left: readonly ArrayDimension[],
  right: readonly ArrayDimension[],
): ArrayDimension[] {
  const sameShape = (a: readonly ArrayDimension[], b: readonly ArrayDimension[]): boolean =>
    a.every((dimension, index) => {
      const other = b[index];
      return dimension.length === other.length && dimension.lowerBound === other.lowerBound;
    });
  if (left.length === right.length) {
    if (!sameShape(left.slice(1), right.slice(1))) {
      throw incompatible(
        'Arrays with differing element dimensions are not compatible for concatenation.',
      );
    }
    const first = { length: left[0].length + right[0].length, lowerBound: left[0].lowerBound };
    return [first, ...left.slice(1)];
  }
  const [outer, inner] = left.length > right.length ? [left, right] : [right, left];
  if (!sameShape(outer.slice(1), inner)) {
    throw incompatible('Arrays with differing dimensions are not compatible for concatenation.');
  }
  return [{ length: outer[0].length + 1, lowerBound: outer[0].lowerBound }, ...outer.slice(1)];
}

/** Equality of elements, nulls included (IS NOT DISTINCT FROM). */
function sameElement(elementType: number): (left: Datum, right: Datum) => boolean {
  if (typeOrdering(elementType) === undefined) {
    throw databaseError(
      'undefinedFunction',
      `could not identify an equality operator for type ${typeDisplayName(elementType) ?? elementType}`,
    );
  }
  const compare = comparisonOf(elementType);
  return (left, right) =>
    left === null || right === null ? left === right : compare(left, right) === 0;
}

function searchable(array: ArrayValue): void {
  if (array.dimensions.length > 1) {
    throw notSupported('searching for elements in multidimensional arrays', {});
  }
}

function removeElement(array: ArrayValue, element: Datum): ArrayValue {
  if (array.dimensions.length > 1) {
    throw databaseError(
      'featureNotSupported',
      'removing elements from multidimensional arrays is not supported',
    );
  }
  const same = sameElement(array.elementType);
  const elements = array.elements.filter((own) => !same(own, element));
  if (elements.length === array.elements.length) return array;
  if (elements.length === 0) return new ArrayValue(array.elementType, [], []);
  const { lowerBound } = array.dimensions[0];
  return new ArrayValue(array.elementType, [{ length: elements.length, lowerBound }], elements);
}

function replaceElement(array: ArrayValue, from: Datum, to: Datum): ArrayValue {
  const same = sameElement(array.elementType);
  const elements = array.elements.map((own) => (same(own, from) ? to : own));
  return new ArrayValue(array.elementType, array.dimensions, elements);
}

function positionOf(array: ArrayValue, element: Datum, start: number | null): number | null {
  searchable(array);
  if (start === null) {
    throw databaseError('nullValueNotAllowed', 'initial position must not be null');
  }
  if (array.elements.length === 0) return null;
  const same = sameElement(array.elementType);
  const { lowerBound } = array.dimensions[0];
  for (let index = Math.max(0, start - lowerBound); index < array.elements.length; index++) {
    if (same(array.elements[index], element)) return index + lowerBound;
  }
  return null;
}

function positionsOf(array: ArrayValue, element: Datum): ArrayValue {
  searchable(array);
  const positions: number[] = [];
  if (array.elements.length > 0) {
    const same = sameElement(array.elementType);
    const { lowerBound } = array.dimensions[0];
    for (const [index, own] of array.elements.entries()) {
      if (same(own, element)) positions.push(index + lowerBound);
    }
  }
  return ArrayValue.of(TypeOid.int4, positions);
}

function fill(
  element: Datum,
  lengths: ArrayValue | null,
  bounds: ArrayValue | null,
  elementType: number,
): ArrayValue {
  if (lengths === null || (bounds === null && lengths === null)) {
    throw databaseError('nullValueNotAllowed', 'dimension array or low bound array cannot be null');
  }
  if (lengths.dimensions.length > 1 || (bounds !== null && bounds.dimensions.length > 1)) {
    throw subscriptError(
      'wrong number of array subscripts',
      'Dimension array must be one dimensional.',
    );
  }
  if (lengths.elements.includes(null) || bounds?.elements.includes(null) === true) {
    throw databaseError('nullValueNotAllowed', 'dimension values cannot be null');
  }
  if (lengths.elements.length === 0) return new ArrayValue(elementType, [], []);
  if (bounds !== null && bounds.elements.length !== lengths.elements.length) {
    throw subscriptError(
      'wrong number of array subscripts',
      'Low bound array has different size than dimensions array.',
    );
  }
  if (lengths.elements.length > arrayDimensionsMax) {
    throw databaseError(
      'programLimitExceeded',
      `number of array dimensions (${lengths.elements.length}) exceeds the maximum allowed (${arrayDimensionsMax})`,
    );
  }
  const dimensions = lengths.elements.map((length, index) => {
    const lowerBound = bounds === null ? 1 : bounds.elements[index]!;
    return { length: length as number, lowerBound: lowerBound as number };
  });
  const count = dimensions.reduce((product, dimension) => product * dimension.length, 1);
  if (dimensions.some((dimension) => dimension.length < 0)) checkCount(Infinity);
  checkCount(count);
  if (count === 0) return new ArrayValue(elementType, [], []);
  return new ArrayValue(elementType, dimensions, new Array<Datum>(count).fill(element));
}

function joinText(
  context: FunctionContext,
  array: ArrayValue,
  delimiter: string,
  nullText: string | null,
): string {
  const output = typeOutput(array.elementType);
  const parts: string[] = [];
  for (const element of array.elements) {
    if (element !== null) parts.push(output(element, context));
    else if (nullText !== null) parts.push(nullText);
  }
  return parts.join(delimiter);
}

function dimensionsText(array: ArrayValue): string | null {
  if (array.dimensions.length === 0) return null;
  return array.dimensions
    .map(({ lowerBound, length }) => `[${lowerBound}:${lowerBound + length - 1}]`)
    .join('');
}

/** Hash keys of elements; 42883 for a type without equality. */
function hashKeyIn(elementType: number): (value: Datum) => unknown {
  sameElement(elementType);
  return hashKeyOf(elementType);
}

/** Every element of `part` is in `whole`; nulls are in nothing. */
function containsAll(whole: ArrayValue, part: ArrayValue): boolean {
  const hashKey = hashKeyIn(whole.elementType);
  const keys = new Set(
    whole.elements.filter((element) => element !== null).map((element) => hashKey(element)),
  );
  return part.elements.every((element) => element !== null && keys.has(hashKey(element)));
}

function overlap(left: ArrayValue, right: ArrayValue): boolean {
  const hashKey = hashKeyIn(left.elementType);
  const keys = new Set(
    left.elements.filter((element) => element !== null).map((element) => hashKey(element)),
  );
  return right.elements.some((element) => element !== null && keys.has(hashKey(element)));
}

function trimEnd(array: ArrayValue, count: number): ArrayValue {
  const length = array.dimensions[0]?.length ?? 0;
  if (count < 0 || count > length) {
    throw databaseError(
      'arraySubscriptError',
      `number of elements to trim must be between 0 and ${length}`,
    );
  }
  if (count === length) return new ArrayValue(array.elementType, [], []);
  const rowSize = array.elements.length / length;
  const dimensions = [{ length: length - count, lowerBound: 1 }, ...array.dimensions.slice(1)];
  return new ArrayValue(
    array.elementType,
    dimensions.map((dimension) => ({ length: dimension.length, lowerBound: 1 })),
    array.elements.slice(0, (length - count) * rowSize),
  );
}

/** width_bucket(operand, thresholds): how many thresholds are not above the operand. */
function bucketOf(operand: Datum, thresholds: ArrayValue): number {
  if (thresholds.dimensions.length > 1) {
    throw subscriptError('thresholds must be one-dimensional array');
  }
  if (thresholds.elements.includes(null)) {
    throw databaseError('nullValueNotAllowed', 'thresholds array must not contain NULLs');
  }
  const compare = comparisonOf(thresholds.elementType);
  let low = 0;
  let high = thresholds.elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(operand, thresholds.elements[middle]) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A dimension by its number from 1; undefined when the array has no such dimension. */
function dimensionOf(array: ArrayValue, dimension: number): ArrayDimension | undefined {
  return dimension > 0 ? array.dimensions[dimension - 1] : undefined;
}

function typed(
  make: (types: CallTypes) => (context: FunctionContext, ...args: never[]) => Datum,
): ReturnType<typeof forTypes<ScalarImplementation>> {
  return forTypes(make);
}

export const arrayFamily: Family = {
  scalars: {
    array_append: typed(
      (types) => (_context, array: ArrayValue | null, element: Datum) =>
        append(emptyOf(array, types), element),
    ),
    array_prepend: typed(
      (types) => (_context, element: Datum, array: ArrayValue | null) =>
        prepend(element, emptyOf(array, types)),
    ),
    array_cat: (_context, left: ArrayValue | null, right: ArrayValue | null) => {
      if (left === null || right === null) return left ?? right;
      return concatenate(left, right);
    },
    array_remove: (_context, array: ArrayValue | null, element: Datum) =>
      array === null ? null : removeElement(array, element),
    array_replace: (_context, array: ArrayValue | null, from: Datum, to: Datum) =>
      array === null ? null : replaceElement(array, from, to),
    array_position: (_context, array: ArrayValue | null, element: Datum) =>
      array === null ? null : positionOf(array, element, -2147483648),
    array_position_start: (
      _context,
      array: ArrayValue | null,
      element: Datum,
      start: number | null,
    ) => (array === null ? null : positionOf(array, element, start)),
    array_positions: (_context, array: ArrayValue | null, element: Datum) =>
      array === null ? null : positionsOf(array, element),
    array_fill: typed(
      (types) => (_context, element: Datum, lengths: ArrayValue | null) =>
        fill(element, lengths, null, elementOf(types)),
    ),
    array_fill_with_lower_bounds: typed(
      (types) =>
        (_context, element: Datum, lengths: ArrayValue | null, bounds: ArrayValue | null) => {
          if (bounds === null) {
            throw databaseError(
              'nullValueNotAllowed',
              'dimension array or low bound array cannot be null',
            );
          }
          return fill(element, lengths, bounds, elementOf(types));
        },
    ),
    array_to_text: (context, array: ArrayValue, delimiter: string) =>
      joinText(context, array, delimiter, null),
    array_to_text_null: (
      context,
      array: ArrayValue | null,
      delimiter: string | null,
      nullText: string | null,
    ) =>
      array === null || delimiter === null ? null : joinText(context, array, delimiter, nullText),
    array_dims: (_context, array: ArrayValue) => dimensionsText(array),
    array_ndims: (_context, array: ArrayValue) => array.dimensions.length || null,
    array_length: (_context, array: ArrayValue, dimension: number) =>
      dimensionOf(array, dimension)?.length ?? null,
    array_lower: (_context, array: ArrayValue, dimension: number) =>
      dimensionOf(array, dimension)?.lowerBound ?? null,
    array_upper: (_context, array: ArrayValue, dimension: number) => {
      const found = dimensionOf(array, dimension);
      return found === undefined ? null : found.lowerBound + found.length - 1;
    },
    array_cardinality: (_context, array: ArrayValue) => array.elements.length,
    arraycontains: (_context, left: ArrayValue, right: ArrayValue) => containsAll(left, right),
    arraycontained: (_context, left: ArrayValue, right: ArrayValue) => containsAll(right, left),
    arrayoverlap: (_context, left: ArrayValue, right: ArrayValue) => overlap(left, right),
    trim_array: (_context, array: ArrayValue, count: number) => trimEnd(array, count),
    width_bucket_array: (_context, operand: Datum, thresholds: ArrayValue) =>
      bucketOf(operand, thresholds),
  },
};
