// Whether a value can stand for a key column in a range: a comparison uses an index only when the
// value, brought to the column's type without loss, selects exactly the rows the comparison does.

import {
  arrayTypeOf,
  baseTypeOf,
  ArrayValue,
  elementTypeOf,
  TypeOid,
  type ConstantExpression,
  type Datum,
  type Expression,
  type SqlType,
} from '#common';
import { functionRegistry } from '#functions';

const integerRange = new Map<number, readonly [number | bigint, number | bigint]>([
  [TypeOid.int2, [-32768, 32767]],
  [TypeOid.int4, [-2147483648, 2147483647]],
  [TypeOid.int8, [-9223372036854775808n, 9223372036854775807n]],
]);
const integerWidth = new Map<number, number>([
  [TypeOid.int2, 2],
  [TypeOid.int4, 4],
  [TypeOid.int8, 8],
]);
/** Types whose values and order are the same as another's, so that a relabelled value serves. */
const sameStorage = new Map<number, number>([[TypeOid.varchar, TypeOid.text]]);
/** Casts that keep every value and its order. */
const losslessCasts = new Set([
  `${TypeOid.date}>${TypeOid.timestamp}`,
  `${TypeOid.float4}>${TypeOid.float8}`,
]);

/**
 * The value as one of the column's type, or undefined when the comparison must stay a filter.
 * `operandType` is the type in which the operator compares the column.
 */
export function asKeyValue(
  value: Expression,
  columnType: SqlType,
  operandType: number,
): Expression | undefined {
  const column = storageType(columnType.oid);
  if (storageType(operandType) !== column) return undefined;
  return convert(value, columnType, column);
}

/** The same for each element of an array (IN lists). */
export function asKeyArray(
  array: Expression,
  columnType: SqlType,
  operandType: number,
): Expression | undefined {
  const column = storageType(columnType.oid);
  if (storageType(operandType) !== column) return undefined;
  if (array.kind === 'array' && !array.nested) {
    const elements = array.elements.map((element) => convert(element, columnType, column));
    if (elements.some((element) => element === undefined)) return undefined;
    return { ...array, type: arrayOf(columnType.oid), elements: elements as Expression[] };
  }
  if (array.kind === 'constant' && array.value instanceof ArrayValue)
    return convertArray(array, array.value, column, columnType);
  const element = elementTypeOf(array.type.oid);
  return element !== 0 && storageType(element) === column ? array : undefined;
}

/** An array of key values, as an IN list would be. */
export function arrayOfValues(values: readonly Expression[], columnType: SqlType): Expression {
  return { kind: 'array', type: arrayOf(columnType.oid), nested: false, elements: values };
}

function storageType(oid: number): number {
  return sameStorage.get(oid) ?? baseTypeOf(oid);
}

function convert(value: Expression, columnType: SqlType, column: number): Expression | undefined {
  const source = storageType(value.type.oid);
  if (source === column) return value;
  if (value.kind === 'constant') return convertConstant(value, columnType);
  const sourceWidth = integerWidth.get(source);
  const columnWidth = integerWidth.get(column);
  const widens =
    sourceWidth !== undefined && columnWidth !== undefined && sourceWidth < columnWidth;
  if (!widens && !losslessCasts.has(`${source}>${column}`)) return undefined;
  const cast = functionRegistry.castBetween(source, column);
  if (cast === undefined || cast.method !== 'function') return undefined;
  return {
    kind: 'call',
    type: { oid: column, typmod: -1 },
    functionOid: cast.functionOid,
    arguments: [value],
  };
}

function convertConstant(value: ConstantExpression, columnType: SqlType): Expression | undefined {
  const range = integerRange.get(columnType.oid);
  if (range === undefined || !integerWidth.has(value.type.oid) || !fits(value.value, range))
    return undefined;
  return { kind: 'constant', type: { oid: columnType.oid, typmod: -1 }, value: value.value };
}

function fits(
  value: Datum,
  [lowest, highest]: readonly [number | bigint, number | bigint],
): boolean {
  if (value === null) return true;
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  return value >= lowest && value <= highest;
}

function convertArray(
  expression: ConstantExpression,
  array: ArrayValue,
  column: number,
  columnType: SqlType,
): Expression | undefined {
  if (storageType(array.elementType) === column) return expression;
  const range = integerRange.get(column);
  if (range === undefined || !integerWidth.has(array.elementType)) return undefined;
  if (!array.elements.every((element) => fits(element, range))) return undefined;
  return {
    kind: 'constant',
    type: arrayOf(columnType.oid),
    value: new ArrayValue(column, array.dimensions, array.elements),
  };
}

function arrayOf(oid: number): SqlType {
  return { oid: arrayTypeOf(oid), typmod: -1 };
}
