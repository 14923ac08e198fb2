// SET column[…] = …: the column's value with an element or a slice replaced, as PostgreSQL's
// array_set_element and array_set_slice do it. A null array counts as an empty one; a one-dimensional
// array grows to reach its new elements, with nulls between; others keep their shape.

import {
  type ArrayDimension,
  ArrayValue,
  type Datum,
  GeometricValue,
  Hstore,
  Jsonb,
  ModuleTypeOid,
  type SubscriptExpression,
  TypeOid,
  databaseError,
  elementTypeOf,
  withShapeElement,
} from '#common';
import { assignJsonPath } from '#functions';
import type { Compile } from './compile-expression.ts';
import type { Evaluator } from './environment.ts';

/** MaxArraySize: what PostgreSQL can allocate. */
const elementsMax = 134_217_727;

interface Bounds {
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

export function compileSubscriptAssignment(
  expression: SubscriptExpression,
  compile: Compile,
): Evaluator {
  const argument = compile(expression.argument);
  const assigned = compile(expression.assigned!);
  const elementType = elementTypeOf(expression.type.oid);
  const isHstore = expression.type.oid === ModuleTypeOid.hstore;
  const containerName = elementType !== 0 ? 'array' : isHstore ? 'hstore' : 'jsonb';
  const subscripts = expression.subscripts.map((subscript) => ({
    lower: subscript.lower === undefined ? undefined : compile(subscript.lower),
    upper: subscript.upper === undefined ? undefined : compile(subscript.upper),
  }));
  const slice = expression.subscripts.some((subscript) => subscript.slice);
  return (columns, row) => {
    const container = argument(columns, row);
    const value = assigned(columns, row);
    const values = subscripts.map(({ lower, upper }) => ({
      lower: present(lower?.(columns, row), containerName),
      upper: present(upper?.(columns, row), containerName),
    }));
    if (isHstore) return assignPair(container, values[0].upper, value);
    if (container instanceof GeometricValue) return assignShape(container, values[0].upper, value);
    // A type of fixed length has no value with some of its parts only.
    if (container === null && expression.type.oid !== TypeOid.jsonb && elementType === 0)
      return null;
    if (elementType === 0) return assignJson(container, values, value);
    const array = container instanceof ArrayValue ? container : new ArrayValue(elementType, [], []);
    const bounds = values as Bounds[];
    return slice
      ? assignSlice(array, bounds, value)
      : assignElement(
          array,
          bounds.map(({ lower, upper }) => (upper ?? lower)!),
          value,
        );
  };
}

function present<Value extends Datum>(
  value: Value | undefined,
  containerName: string,
): Value | undefined {
  if (value !== null) return value;
  throw databaseError(
    'nullValueNotAllowed',
    `${containerName} subscript in assignment must not be null`,
  );
}

/** A null takes no place in a shape. */
function assignShape(shape: GeometricValue, index: Datum | undefined, value: Datum): Datum {
  if (value === null) return shape;
  const changed = withShapeElement(shape, index as number, value as number | GeometricValue);
  if (changed !== undefined) return changed;
  throw databaseError('arraySubscriptError', 'array subscript out of range');
}

function assignPair(container: Datum, key: Datum | undefined, value: Datum): Hstore {
  const pairs = new Map(container instanceof Hstore ? container.pairs : []);
  return Hstore.ofMap(pairs.set(key as string, value as string | null));
}

function assignJson(
  container: Datum,
  path: readonly { readonly upper: Datum | undefined }[],
  value: Datum,
): Datum {
  const steps = path.map(({ upper }) => upper as string);
  const changed = assignJsonPath(
    (container as Jsonb).value,
    steps,
    value === null ? null : (value as Jsonb).value,
  );
  return new Jsonb(changed);
}

function assignElement(array: ArrayValue, positions: readonly number[], value: Datum): ArrayValue {
  const { dimensions, elementType } = array;
  if (dimensions.length === 0) {
    const shape = positions.map((lowerBound) => ({ length: 1, lowerBound }));
    return new ArrayValue(elementType, shape, [value]);
  }
  if (dimensions.length !== positions.length) throw wrongSubscripts();
  if (dimensions.length === 1) {
    const position = positions[0];
    const grown = grow(array, position, position);
    const elements = [...grown.elements];
    elements[position - grown.dimensions[0].lowerBound] = value;
    return new ArrayValue(elementType, grown.dimensions, elements);
  }
  let offset = 0;
  for (const [i, { length, lowerBound }] of dimensions.entries()) {
    const position = positions[i] - lowerBound;
    if (position < 0 || position >= length) throw outOfRange();
    offset = offset * length + position;
  }
  const elements = [...array.elements];
  elements[offset] = value;
  return new ArrayValue(elementType, dimensions, elements);
}

function assignSlice(array: ArrayValue, bounds: readonly Bounds[], value: Datum): ArrayValue {
  if (!(value instanceof ArrayValue)) return array;
  const { dimensions, elementType } = array;
  if (dimensions.length === 0) return newSlice(elementType, bounds, value);
  if (dimensions.length < bounds.length) throw wrongSubscripts();
  const ranges = dimensions.map(({ length, lowerBound }, i) => ({
    lower: bounds[i]?.lower ?? lowerBound,
    upper: bounds[i]?.upper ?? lowerBound + length - 1,
  }));
  if (ranges.some(({ lower, upper }) => lower > upper)) {
    throw databaseError('arraySubscriptError', 'upper bound cannot be less than lower bound');
  }
  const target = dimensions.length === 1 ? grow(array, ranges[0].lower, ranges[0].upper) : array;
  const places = placesOf(target.dimensions, ranges);
  if (value.elements.length < places.length) throw sourceTooSmall();
  const elements = [...target.elements];
  places.forEach((place, i) => {
    elements[place] = value.elements[i]!;
  });
  return new ArrayValue(elementType, target.dimensions, elements);
}

/** A slice of an empty array: its bounds become the array's. */
function newSlice(elementType: number, bounds: readonly Bounds[], value: ArrayValue): ArrayValue {
  let count = 1;
  const dimensions = bounds.map(({ lower, upper }) => {
    if (lower === undefined || upper === undefined) {
      throw databaseError(
        'arraySubscriptError',
        'array slice subscript must provide both boundaries',
        {
          detail:
            'When assigning to a slice of an empty array value, slice boundaries must be fully specified.',
        },
      );
    }
    const length = upper - lower + 1;
    count *= length;
    if (length < 0 || count > elementsMax) throw tooLarge();
    return { length, lowerBound: lower };
  });
  if (value.elements.length < count) throw sourceTooSmall();
  if (count === 0) return new ArrayValue(elementType, [], []);
  return new ArrayValue(elementType, dimensions, value.elements.slice(0, count));
}

/** A one-dimensional array that reaches from `lower` to `upper` at least. */
function grow(array: ArrayValue, lower: number, upper: number): ArrayValue {
  const { length, lowerBound } = array.dimensions[0];
  const before = Math.max(lowerBound - lower, 0);
  const after = Math.max(upper - (lowerBound + length - 1), 0);
  if (before === 0 && after === 0) return array;
  const total = before + length + after;
  if (total > elementsMax) throw tooLarge();
  const elements = [
    ...new Array<Datum>(before).fill(null),
    ...array.elements,
    ...new Array<Datum>(after).fill(null),
  ];
  return new ArrayValue(
    array.elementType,
    [{ length: total, lowerBound: lowerBound - before }],
    elements,
  );
}

/** Offsets of the elements of a slice, in row-major order. */
function placesOf(
  dimensions: readonly ArrayDimension[],
  ranges: readonly { readonly lower: number; readonly upper: number }[],
): number[] {
  let places = [0];
  for (const [i, { length, lowerBound }] of dimensions.entries()) {
    const { lower, upper } = ranges[i];
    if (lower < lowerBound || upper >= lowerBound + length) throw outOfRange();
    const next: number[] = [];
    for (const place of places) {
      for (let at = lower - lowerBound; at <= upper - lowerBound; at++)
        next.push(place * length + at);
    }
    places = next;
  }
  return places;
}

function wrongSubscripts(): Error {
  return databaseError('arraySubscriptError', 'wrong number of array subscripts');
}

function outOfRange(): Error {
  return databaseError('arraySubscriptError', 'array subscript out of range');
}

function sourceTooSmall(): Error {
  return databaseError('arraySubscriptError', 'source array too small');
}

function tooLarge(): Error {
  return databaseError(
    'programLimitExceeded',
    `array size exceeds the maximum allowed (${elementsMax})`,
  );
}
