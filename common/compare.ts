// Three-way comparison and hash keys of Datums by type: the default btree order of each type, nulls
// excluded. NaN sorts last, text by UTF-8 bytes. One table; operators, sorts and hash joins share it.

import type { ArrayValue, Interval, TimeTz } from './datum.ts';
import { RecordValue, type Datum } from './datum.ts';
import { databaseError } from './errors.ts';
import { asBuffer, latin1Text } from './buffer-text.ts';
import { compareJson, jsonHashKey } from './json-value.ts';
import type { Jsonb } from './jsonb.ts';
import { intervalSpan } from './key-values.ts';
import type { Numeric } from './numeric.ts';
import { compareBytes, compareText, trimTrailingBlanks } from './text-order.ts';
import { collationOrder } from './collation-order.ts';
import { collationOfType, uncollatedType } from './collations.ts';
import {
  elementTypeOf,
  firstCollatedType,
  representationOf,
  typeDisplayName,
} from './type-registry.ts';
import { TypeOid } from './types.ts';
import { valueTypeByOid } from './value-types/registry.ts';

export interface ValueOrder {
  readonly compare: (left: Datum, right: Datum) => number;
  readonly hashKey: (value: Datum) => string | number | bigint | boolean;
}

/** undefined when the type has no order (json, xml, point …). */
export function valueOrder(typeOid: number): ValueOrder | undefined {
  const known = orders.get(typeOid);
  if (known !== undefined) return known;
  if (elementTypeOf(typeOid) !== 0) return arrayOrder;
  if (typeOid >= firstCollatedType) return collatedOrder(typeOid);
  if (typeOid < 16384) return valueTypeByOid(typeOid)?.order;
  const representation = representationOf(typeOid);
  return representation === typeOid ? compositeOrder : valueOrder(representation);
}

function collatedOrder(typeOid: number): ValueOrder {
  const { compare, hashKey } = collationOrder(collationOfType(typeOid));
  const padded = uncollatedType(typeOid) === TypeOid.bpchar;
  const order = padded
    ? {
        compare: (left: string, right: string) =>
          compare(trimTrailingBlanks(left), trimTrailingBlanks(right)),
        hashKey: (text: string) => hashKey(trimTrailingBlanks(text)),
      }
    : { compare, hashKey };
  return order as unknown as ValueOrder;
}

/** int2, int4, oid, date, and int8 or timestamps, whose numbers and bigints compare with each other. */
export function compareIntegers(left: number | bigint, right: number | bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

export function compareFloats(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return left !== left ? (right !== right ? 0 : 1) : -1;
}

export function compareIntervals(left: Interval, right: Interval): number {
  return compareIntegers(intervalSpan(left), intervalSpan(right));
}

export function compareTimeTz(left: TimeTz, right: TimeTz): number {
  const difference = utcMicros(left) - utcMicros(right);
  return difference !== 0 ? difference : right.zoneSeconds - left.zoneSeconds;
}

function utcMicros(value: TimeTz): number {
  return value.micros - value.zoneSeconds * 1_000_000;
}

/** Element by element, null after every value; then by size and shape. */
export function compareArrays(left: ArrayValue, right: ArrayValue): number {
  const order = requireOrder(left.elementType);
  const count = Math.min(left.elements.length, right.elements.length);
  for (let index = 0; index < count; index++) {
    const difference = compareNullable(order, left.elements[index], right.elements[index]);
    if (difference !== 0) return difference;
  }
  const size =
    left.elements.length - right.elements.length ||
    left.dimensions.length - right.dimensions.length;
  if (size !== 0) return size;
  for (let index = 0; index < left.dimensions.length; index++) {
    const difference = left.dimensions[index].length - right.dimensions[index].length;
    if (difference !== 0) return difference;
  }
  for (let index = 0; index < left.dimensions.length; index++) {
    const difference = left.dimensions[index].lowerBound - right.dimensions[index].lowerBound;
    if (difference !== 0) return difference;
  }
  return 0;
}

export function compareRecords(left: RecordValue, right: RecordValue): number {
  const count = Math.min(left.fields.length, right.fields.length);
  for (let index = 0; index < count; index++) {
    if (left.types[index] !== right.types[index]) {
      throw databaseError(
        'datatypeMismatch',
        `cannot compare dissimilar column types ${typeDisplayName(left.types[index])} and ` +
          `${typeDisplayName(right.types[index])} at record column ${index + 1}`,
      );
    }
    const order = requireOrder(left.types[index]);
    const difference = compareNullable(order, left.fields[index], right.fields[index]);
    if (difference !== 0) return difference;
  }
  if (left.fields.length !== right.fields.length) {
    throw databaseError(
      'datatypeMismatch',
      'cannot compare record types with different numbers of columns',
    );
  }
  return 0;
}

function compareNullable(order: ValueOrder, left: Datum, right: Datum): number {
  if (left === null) return right === null ? 0 : 1;
  if (right === null) return -1;
  return order.compare(left, right);
}

function requireOrder(typeOid: number): ValueOrder {
  const order = valueOrder(typeOid);
  if (order === undefined) {
    const name = typeDisplayName(typeOid) ?? String(typeOid);
    throw databaseError(
      'undefinedFunction',
      `could not identify a comparison function for type ${name}`,
    );
  }
  return order;
}

function hashAll(types: (index: number) => number, values: readonly Datum[]): string {
  const parts = values.map((value, index) => {
    if (value === null) return 'n';
    const key = requireOrder(types(index)).hashKey(value);
    return typeof key === 'string' ? JSON.stringify(key) : String(key);
  });
  return parts.join(',');
}

const arrayOrder: ValueOrder = {
  compare: (left, right) => compareArrays(left as ArrayValue, right as ArrayValue),
  hashKey: (value) => {
    const { elementType, dimensions, elements } = value as ArrayValue;
    const shape = dimensions.map((dimension) => `${dimension.length}@${dimension.lowerBound}`);
    return `${shape.join()}:${hashAll(() => elementType, elements)}`;
  },
};
const recordOrder: ValueOrder = {
  compare: (left, right) => compareRecords(left as RecordValue, right as RecordValue),
  hashKey: (value) => {
    const { types, fields } = value as RecordValue;
    return hashAll((index) => types[index], fields);
  },
};
const compositeOrder: ValueOrder = {
  compare: (left, right) =>
    left instanceof RecordValue
      ? recordOrder.compare(left, right)
      : arrayOrder.compare(left, right),
  hashKey: (value) =>
    value instanceof RecordValue ? recordOrder.hashKey(value) : arrayOrder.hashKey(value),
};

const orders = new Map<number, ValueOrder>();
function register(
  compare: (left: never, right: never) => number,
  hashKey: (value: never) => string | number | bigint | boolean,
  ...types: number[]
): void {
  const order: ValueOrder = {
    compare: compare as ValueOrder['compare'],
    hashKey: hashKey as ValueOrder['hashKey'],
  };
  for (const type of types) orders.set(type, order);
}

const T = TypeOid;
const same = <Value>(value: Value): Value => value;
const compareBools = (left: boolean, right: boolean): number => Number(left) - Number(right);
register(compareBools, same<boolean>, T.bool);
register(compareIntegers, same<number>, T.int2, T.int4, T.int8, T.oid, T.xid, T.cid, T.xid8);
register(compareIntegers, same<number>, T.date, T.time, T.timestamp, T.timestamptz);
register(compareIntegers, same<number>, T.regproc, T.regprocedure, T.regoper, T.regoperator);
register(compareIntegers, same<number>, T.regclass, T.regtype, T.regrole, T.regnamespace);
register(compareIntegers, same<number>, T.regcollation, T.regconfig, T.regdictionary);
// Maps treat -0 as 0 and NaN as NaN already.
register(compareFloats, same<number>, T.float4, T.float8);
register(
  (left: Numeric, right: Numeric) => left.compare(right),
  (value: Numeric) => value.hashKey(),
  T.numeric,
);
register(compareText, same<string>, T.text, T.varchar, T.name, T.char, T.unknown, T.refcursor);
register(compareText, same<string>, T.uuid, T.cstring);
register(
  (left: string, right: string) => compareText(trimTrailingBlanks(left), trimTrailingBlanks(right)),
  trimTrailingBlanks,
  T.bpchar,
);
register(
  compareBytes,
  (value: Uint8Array) => latin1Text(asBuffer(value), 0, value.length),
  T.bytea,
);
register(compareIntervals, intervalSpan, T.interval);
register(compareTimeTz, (value: TimeTz) => `${utcMicros(value)}/${value.zoneSeconds}`, T.timetz);
register(
  (left: Jsonb, right: Jsonb) => compareJson(left.value, right.value),
  (value: Jsonb) => jsonHashKey(value.value),
  T.jsonb,
);
orders.set(T.record, recordOrder);
