// Default order and equality of types: the operators of PostgreSQL's default btree class, and native
// three-way comparisons and hash keys that agree with them. NaN sorts above every number, text by its
// UTF-8 bytes, nulls inside arrays and records above every value.

import {
  type ArrayValue,
  baseTypeOf,
  collationOfType,
  databaseError,
  type Datum,
  elementTypeOf,
  multirangeInfoOf,
  type RecordValue,
  rowEqualityTypes,
  rowOrderTypes,
  typeByOid,
  typeDisplayName,
  TypeOid,
  valueOrder,
} from '#common';
import type { TypeOrdering } from './contract.ts';
import { CollatedFunction } from './facts/extensions.ts';
import { functionFacts, operatorFacts, orderingFacts } from './facts/facts.ts';

export type Compare = (left: Datum, right: Datum) => number;
export type HashKey = (value: Datum) => string | number | bigint | boolean;

/** Memoised by type; undefined when the type has no default btree class (json, xml, point …). */
export function typeOrdering(type: number): TypeOrdering | undefined {
  let ordering = orderings.get(type);
  if (ordering === undefined && !orderings.has(type)) {
    ordering = makeOrdering(type);
    // What is not known yet may be a type in the making.
    const isCollated = collationOfType(type) !== 0 || rowOrderTypes(type) !== undefined;
    if ((ordering !== undefined && !isCollated) || type < 16384) orderings.set(type, ordering);
  }
  return ordering;
}

const orderings = new Map<number, TypeOrdering | undefined>();

/** The type whose operator class serves `type`: itself, or one that it is binary-coercible to. */
export function orderedAs(type: number): number {
  if (type === TypeOid.varchar) return TypeOid.text;
  if (type === TypeOid.cidr) return TypeOid.inet;
  if (registryTypes.has(type)) return TypeOid.oid;
  const descriptor = typeByOid(type);
  if (descriptor?.kind === 'domain') return orderedAs(baseTypeOf(type));
  if (descriptor?.kind === 'enum') return TypeOid.anyenum;
  if (descriptor?.kind === 'composite') return TypeOid.record;
  if (descriptor?.kind === 'range')
    return multirangeInfoOf(type) === undefined ? TypeOid.anyrange : TypeOid.anymultirange;
  if (descriptor !== undefined && descriptor.elementOid !== 0) return TypeOid.anyarray;
  if (type === TypeOid.recordArray) return TypeOid.anyarray;
  return descriptor === undefined ? TypeOid.record : type;
}

const registryTypes = new Set<number>([
  TypeOid.regproc,
  TypeOid.regprocedure,
  TypeOid.regoper,
  TypeOid.regoperator,
  TypeOid.regclass,
  TypeOid.regtype,
  TypeOid.regconfig,
  TypeOid.regdictionary,
  TypeOid.regnamespace,
  TypeOid.regrole,
  TypeOid.regcollation,
]);

function compareNumbers(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** array_cmp: elements, then how many, then the number of dimensions, then their lengths and bounds. */
export function compareArrays(
  left: ArrayValue,
  right: ArrayValue,
  elementType = left.elementType,
): number {
  const compare = comparisonOf(elementType);
  const shared = Math.min(left.elements.length, right.elements.length);
  for (let i = 0; i < shared; i++) {
    const order = compareNullsLast(left.elements[i], right.elements[i], compare);
    if (order !== 0) return order;
  }
  const counts =
    compareNumbers(left.elements.length, right.elements.length) ||
    compareNumbers(left.dimensions.length, right.dimensions.length);
  if (counts !== 0) return counts;
  for (let i = 0; i < left.dimensions.length; i++) {
    const order = compareNumbers(left.dimensions[i].length, right.dimensions[i].length);
    if (order !== 0) return order;
  }
  for (let i = 0; i < left.dimensions.length; i++) {
    const order = compareNumbers(left.dimensions[i].lowerBound, right.dimensions[i].lowerBound);
    if (order !== 0) return order;
  }
  return 0;
}

export function compareRecords(
  left: RecordValue,
  right: RecordValue,
  types?: readonly number[],
): number {
  const shared = Math.min(left.fields.length, right.fields.length);
  for (let i = 0; i < shared; i++) {
    const type = left.types[i];
    requireComparable(type, right.types[i], i + 1);
    const compare = comparisonOf(types?.[i] ?? type);
    const order = compareNullsLast(left.fields[i], right.fields[i], compare);
    if (order !== 0) return order;
  }
  if (left.fields.length === right.fields.length) return 0;
  throw databaseError(
    'datatypeMismatch',
    'cannot compare record types with different numbers of columns',
  );
}

/** 42804 for fields of different types, 42883 for those of a type without an order. */
function requireComparable(left: number, right: number, column: number): void {
  if (left !== right && left !== TypeOid.unknown && right !== TypeOid.unknown) {
    const name = (type: number): string => typeDisplayName(type) ?? String(type);
    throw databaseError(
      'datatypeMismatch',
      `cannot compare dissimilar column types ${name(left)} and ${name(right)} at record column ${column}`,
    );
  }
  if (left === TypeOid.unknown || typeOrdering(left) !== undefined) return;
  throw databaseError(
    'undefinedFunction',
    `could not identify a comparison function for type ${typeDisplayName(left) ?? left}`,
  );
}

function compareNullsLast(left: Datum, right: Datum, compare: Compare): number {
  if (left === null) return right === null ? 0 : 1;
  return right === null ? -1 : compare(left, right);
}

function isCollatedText(type: number): boolean {
  return collationOfType(type) !== 0 && elementTypeOf(type) === 0;
}

/** The values may be arrays of plain text. */
function collatedElement(type: number): number {
  return collationOfType(type) === 0 ? 0 : elementTypeOf(type);
}

/** The native comparison of a type; types without one compare their values as JavaScript does. */
export function comparisonOf(type: number): Compare {
  if (isCollatedText(type)) return valueOrder(type)!.compare;
  const element = collatedElement(type);
  if (element !== 0)
    return ((left: ArrayValue, right: ArrayValue) =>
      compareArrays(left, right, element)) as Compare;
  if (rowOrderTypes(type) !== undefined)
    return ((left: RecordValue, right: RecordValue) =>
      compareRecords(left, right, rowOrderTypes(type))) as Compare;
  const known = orderedAs(type);
  return (comparisons.get(known) ?? valueOrder(known)?.compare ?? compareNumbers) as Compare;
}

export function hashKeyOf(type: number): HashKey {
  if (isCollatedText(type)) return valueOrder(type)!.hashKey;
  const element = collatedElement(type);
  if (element !== 0) return ((array: ArrayValue) => arrayHashKey(array, element)) as HashKey;
  if (rowEqualityTypes(type) !== undefined)
    return ((record: RecordValue) => recordHashKey(record, rowEqualityTypes(type))) as HashKey;
  const known = orderedAs(type);
  return (hashKeys.get(known) ?? valueOrder(known)?.hashKey ?? identity) as HashKey;
}

const identity = (value: Datum): Datum => value;

/** Where a value may bring types of its own; for all others the order that storage and sorts share serves. */
const comparisons = new Map<number, (left: never, right: never) => number>([
  [TypeOid.anyarray, compareArrays],
  [TypeOid.record, compareRecords],
]);

const hashKeys = new Map<number, (value: never) => string>([
  [TypeOid.anyarray, arrayHashKey],
  [TypeOid.record, recordHashKey],
]);

function arrayHashKey(array: ArrayValue, elementType = array.elementType): string {
  const hashKey = hashKeyOf(elementType);
  const shape = array.dimensions.map((d) => `${d.lowerBound}:${d.length}`).join(',');
  return `${shape};${array.elements.map((value) => partKey(value, hashKey)).join('')}`;
}

function recordHashKey(record: RecordValue, types?: readonly number[]): string {
  const { fields } = record;
  return fields
    .map((value, i) => partKey(value, hashKeyOf(types?.[i] ?? record.types[i])))
    .join('');
}

/** Keys of several values side by side: each is preceded by its length, so that they stay distinct. */
function partKey(value: Datum, hashKey: HashKey): string {
  if (value === null) return 'n';
  const key = String(hashKey(value) === 0 ? 0 : hashKey(value));
  return `${key.length}:${key}`;
}

function makeOrdering(type: number): TypeOrdering | undefined {
  if (isCollatedText(type)) return collatedOrdering(type);
  const inputType = orderedAs(type);
  const { classes, strategies } = orderingFacts();
  const operatorClass = classes.find(
    (candidate) => candidate.accessMethod === 'btree' && candidate.inputType === inputType,
  );
  if (operatorClass === undefined) return undefined;
  const operatorOf = (strategy: number) => {
    const place = strategies.find(
      (candidate) =>
        candidate.accessMethod === 'btree' &&
        candidate.family === operatorClass.family &&
        candidate.strategy === strategy &&
        takes(candidate.operatorOid, inputType),
    );
    return operatorFacts().byOid.get(place?.operatorOid ?? 0);
  };
  const less = operatorOf(1);
  const equal = operatorOf(3);
  const greater = operatorOf(5);
  if (less === undefined || equal === undefined || greater === undefined) return undefined;
  if (!functionFacts().byOid.has(less.functionOid)) return undefined;
  return {
    equalityOid: equal.functionOid,
    lessOid: less.functionOid,
    lessOperatorOid: less.oid,
    equalityOperatorOid: equal.oid,
    greaterOperatorOid: greater.oid,
    compare: comparisonOf(type),
    hashKey: hashKeyOf(type),
  };
}

/** Text under a collation has comparisons of its own. */
function collatedOrdering(type: number): TypeOrdering {
  const { lessOperatorOid, equalityOperatorOid, greaterOperatorOid } = typeOrdering(TypeOid.text)!;
  return {
    equalityOid: CollatedFunction.eq,
    lessOid: CollatedFunction.lt,
    lessOperatorOid,
    equalityOperatorOid,
    greaterOperatorOid,
    compare: comparisonOf(type),
    hashKey: hashKeyOf(type),
  };
}

function takes(operatorOid: number, inputType: number): boolean {
  const operator = operatorFacts().byOid.get(operatorOid);
  return operator !== undefined && operator.left === inputType && operator.right === inputType;
}
