// ARRAY[…] constructors, subscripts and slices, with PostgreSQL's rules: a subscript outside of the
// array is null, a slice outside of it is an empty array, arrays of arrays must agree in shape.

import {
  type ArrayDimension,
  type ArrayExpression,
  ArrayValue,
  type Datum,
  GeometricValue,
  type SubscriptExpression,
  databaseError,
  elementTypeOf,
  shapeElement,
} from '#common';
import type { Compile } from './compile-expression.ts';
import type { Evaluator } from './environment.ts';

export function compileArray(expression: ArrayExpression, compile: Compile): Evaluator {
  const elements = expression.elements.map(compile);
  const elementType = elementTypeOf(expression.type.oid);
  const nested = expression.nested;
  return (columns, row) => {
    const values = elements.map((element) => element(columns, row));
    return nested ? stackArrays(elementType, values) : ArrayValue.of(elementType, values);
  };
}

/** Arrays of one shape become the outermost dimension of a new array; nulls count as empty. */
export function stackArrays(elementType: number, values: readonly Datum[]): ArrayValue {
  const arrays = values.filter((value) => value instanceof ArrayValue);
  const first = arrays.find((array) => array.dimensions.length > 0);
  if (first === undefined) return new ArrayValue(elementType, [], []);
  for (const array of arrays) {
    const same =
      array.dimensions.length === first.dimensions.length &&
      array.dimensions.every((dimension, i) => dimension.length === first.dimensions[i].length);
    if (!same || arrays.length !== values.length) {
      throw databaseError(
        'arraySubscriptError',
        'multidimensional arrays must have array expressions with matching dimensions',
      );
    }
  }
  const dimensions = [{ length: arrays.length, lowerBound: 1 }, ...first.dimensions];
  return new ArrayValue(
    elementType,
    dimensions,
    arrays.flatMap((array) => array.elements),
  );
}

export function compileSubscript(expression: SubscriptExpression, compile: Compile): Evaluator {
  const argument = compile(expression.argument);
  const subscripts = expression.subscripts.map((subscript) => ({
    lower: subscript.lower === undefined ? undefined : compile(subscript.lower),
    upper: subscript.upper === undefined ? undefined : compile(subscript.upper),
  }));
  const slice = expression.subscripts.some((subscript) => subscript.slice);
  return (columns, row) => {
    const array = argument(columns, row);
    if (typeof array === 'string') return characterAt(array, subscripts[0].upper?.(columns, row));
    if (array instanceof GeometricValue) {
      const index = subscripts.length === 1 ? subscripts[0].upper?.(columns, row) : null;
      return typeof index === 'number' ? (shapeElement(array, index) ?? null) : null;
    }
    if (!(array instanceof ArrayValue)) return null;
    const ranges: Range[] = [];
    for (let i = 0; i < subscripts.length; i++) {
      const lower = subscripts[i].lower?.(columns, row);
      const upper = subscripts[i].upper?.(columns, row);
      if (lower === null || upper === null) return null;
      ranges.push({ lower: lower as number | undefined, upper: upper as number | undefined });
    }
    if (slice) return sliceOf(array, markSlices(ranges, expression));
    return elementAt(
      array,
      ranges.map((range) => (range.lower ?? range.upper)!),
    );
  };
}

/** A name is an array of "char" from 0; pg_dump looks at typname[0]. */
function characterAt(name: string, position: Datum | undefined): Datum {
  return typeof position === 'number' && position >= 0 && position < name.length
    ? name[position]
    : null;
}

interface Range {
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

/** In a slice, a plain subscript [n] means [1:n]. */
function markSlices(ranges: readonly Range[], expression: SubscriptExpression): Range[] {
  return ranges.map((range, i) =>
    expression.subscripts[i].slice ? range : { lower: 1, upper: range.lower ?? range.upper },
  );
}

function elementAt(array: ArrayValue, positions: readonly number[]): Datum {
  if (array.dimensions.length !== positions.length) return null;
  let offset = 0;
  for (let i = 0; i < positions.length; i++) {
    const dimension = array.dimensions[i];
    const position = positions[i] - dimension.lowerBound;
    if (position < 0 || position >= dimension.length) return null;
    offset = offset * dimension.length + position;
  }
  return array.elements[offset] ?? null;
}

function sliceOf(array: ArrayValue, ranges: readonly Range[]): ArrayValue {
  const empty = new ArrayValue(array.elementType, [], []);
  if (ranges.length > array.dimensions.length || array.dimensions.length === 0) return empty;
  const starts: number[] = [];
  const dimensions: ArrayDimension[] = [];
  for (const [i, dimension] of array.dimensions.entries()) {
    const end = dimension.lowerBound + dimension.length - 1;
    const lower = Math.max(ranges[i]?.lower ?? dimension.lowerBound, dimension.lowerBound);
    const upper = Math.min(ranges[i]?.upper ?? end, end);
    if (lower > upper) return empty;
    starts.push(lower - dimension.lowerBound);
    dimensions.push({ length: upper - lower + 1, lowerBound: 1 });
  }
  const elements: Datum[] = [];
  collectSlice(array, { starts, dimensions, elements }, 0, 0);
  return new ArrayValue(array.elementType, dimensions, elements);
}

interface SliceTarget {
  readonly starts: readonly number[];
  readonly dimensions: readonly ArrayDimension[];
  readonly elements: Datum[];
}

function collectSlice(array: ArrayValue, target: SliceTarget, depth: number, offset: number): void {
  if (depth === array.dimensions.length) {
    target.elements.push(array.elements[offset]);
    return;
  }
  const length = array.dimensions[depth].length;
  for (let i = 0; i < target.dimensions[depth].length; i++) {
    collectSlice(array, target, depth + 1, offset * length + target.starts[depth] + i);
  }
}
