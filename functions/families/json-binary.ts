// Functions and operators on jsonb: access, containment, building, sets.

import {
  canonicalMember,
  isPlainMemberKey,
  type ArrayValue,
  type DatabaseError,
  type Datum,
  isJsonArray,
  Jsonb,
  jsonContains,
  JsonObject,
  type JsonValue,
  Numeric,
} from '#common';
import type { CallTypes, FunctionContext, ScalarImplementation } from '../contract.ts';
import { forTypes, type Family } from '../family.ts';
import {
  argumentType,
  invalidJsonArgument,
  jsonTypeName,
  objectPairs,
  objectPairsOf,
} from './json.ts';
import { jsonKeyConverter, jsonValueConverter, jsonValueText } from './json-conversion.ts';
import {
  jsonbAtPath,
  jsonbDocumentElement,
  jsonbMember,
  prettyJson,
  stripNulls,
} from './json-path.ts';

function wrap(value: JsonValue | undefined): Jsonb | null {
  return value === undefined ? null : new Jsonb(value);
}

/** Of longer documents members are looked up in the parsed value, which is kept. */
const searchedLengthMax = 4096;

function memberOf(document: Jsonb, key: string): Jsonb | null {
  const text = document.unreadText;
  if (text === undefined || text.length > searchedLengthMax || !isPlainMemberKey(key))
    return wrap(jsonbMember(document.value, key));
  const member = canonicalMember(text, key);
  return member === undefined ? null : Jsonb.fromCanonicalText(member);
}

/** Steps that may be positions in an array are left to the parsed value. */
function atPath(document: Jsonb, path: ArrayValue): Jsonb | null {
  const { elements } = path;
  if (!elements.every((step) => typeof step === 'string' && /^[a-z]/i.test(step)))
    return wrap(jsonbAtPath(document.value, path));
  let at: Jsonb | null = document;
  for (const step of elements) at = at && memberOf(at, step as string);
  return at;
}

function textOf(value: JsonValue | undefined): string | null {
  return value === undefined ? null : jsonValueText(value);
}

function buildObject(types: CallTypes): ScalarImplementation {
  return (context: FunctionContext, ...values: Datum[]) => {
    if (values.length % 2 !== 0) {
      throw invalidJsonArgument(
        'argument list must have even number of elements',
        'The arguments of jsonb_build_object() must consist of alternating keys and values.',
      );
    }
    const entries: [string, JsonValue][] = [];
    for (let index = 0; index < values.length; index += 2) {
      const key = values[index]!;
      if (key === null) throw invalidJsonArgument(`argument ${index + 1}: key must not be null`);
      const name = jsonKeyConverter(argumentType(types, index))(key, context);
      const convert = jsonValueConverter(argumentType(types, index + 1));
      entries.push([name, convert(values[index + 1], context)]);
    }
    return new Jsonb(JsonObject.of(entries));
  };
}

function buildArray(types: CallTypes): ScalarImplementation {
  return (context: FunctionContext, ...values: Datum[]) =>
    new Jsonb(
      values.map((value, index) => jsonValueConverter(argumentType(types, index))(value, context)),
    );
}

/** jsonb ? text: a key, or a string element of an array, or the scalar string itself. */
function hasKey(value: JsonValue, key: string): boolean {
  if (value instanceof JsonObject) return value.members.has(key);
  if (isJsonArray(value)) return value.includes(key);
  return value === key;
}

function elementsOf(document: Jsonb): readonly JsonValue[] {
  const { value } = document;
  if (isJsonArray(value)) return value;
  throw invalidJsonArgument(
    value instanceof JsonObject
      ? 'cannot extract elements from an object'
      : 'cannot extract elements from a scalar',
  );
}

function membersOf(document: Jsonb, functionName: string): ReadonlyMap<string, JsonValue> {
  const { value } = document;
  if (value instanceof JsonObject) return value.members;
  if (functionName === 'jsonb_object_keys') {
    throw invalidJsonArgument(
      `cannot call ${functionName} on ${isJsonArray(value) ? 'an array' : 'a scalar'}`,
    );
  }
  throw invalidJsonArgument(`cannot call ${functionName} on a non-object`);
}

function arrayLength(document: Jsonb): number {
  const { value } = document;
  if (isJsonArray(value)) return value.length;
  throw invalidJsonArgument(
    value instanceof JsonObject
      ? 'cannot get array length of a non-array'
      : 'cannot get array length of a scalar',
  );
}

/** || : objects merge, arrays join, anything else counts as an array of one. */
function concatenate(left: JsonValue, right: JsonValue): JsonValue {
  if (left instanceof JsonObject && right instanceof JsonObject) {
    return JsonObject.of([...left.members, ...right.members]);
  }
  const leftArray = isJsonArray(left) ? left : [left];
  const rightArray = isJsonArray(right) ? right : [right];
  return [...leftArray, ...rightArray];
}

function cannotCast(value: JsonValue, typeName: string): DatabaseError {
  const kind = value instanceof Numeric ? 'numeric' : jsonTypeName(value);
  return invalidJsonArgument(`cannot cast jsonb ${kind} to type ${typeName}`);
}

function castScalar<Result extends Datum>(
  typeName: string,
  convert: (value: Numeric) => Result,
): ScalarImplementation {
  return (_context, document: Jsonb) => {
    const { value } = document;
    if (value instanceof Numeric) return convert(value);
    throw cannotCast(value, typeName);
  };
}

export const jsonbFamily: Family = {
  scalars: {
    to_jsonb: forTypes((types) => {
      const convert = jsonValueConverter(types.argumentTypes[0]);
      return (context: FunctionContext, value: Datum) => new Jsonb(convert(value, context));
    }),
    jsonb_build_object: forTypes(buildObject),
    jsonb_build_object_noargs: () => new Jsonb(JsonObject.of([])),
    jsonb_build_array: forTypes(buildArray),
    jsonb_build_array_noargs: () => new Jsonb([]),
    jsonb_object: (_context, array: ArrayValue) => new Jsonb(JsonObject.of(objectPairs(array))),
    jsonb_object_two_arg: (_context, keys: ArrayValue, values: ArrayValue) =>
      new Jsonb(JsonObject.of(objectPairsOf(keys, values))),
    jsonb_object_field: (_context, document: Jsonb, key: string) => memberOf(document, key),
    jsonb_object_field_text: (_context, document: Jsonb, key: string) =>
      textOf(memberOf(document, key)?.value),
    jsonb_array_element: (_context, document: Jsonb, position: number) =>
      wrap(jsonbDocumentElement(document.value, position)),
    jsonb_array_element_text: (_context, document: Jsonb, position: number) =>
      textOf(jsonbDocumentElement(document.value, position)),
    jsonb_extract_path: (_context, document: Jsonb, path: ArrayValue) => atPath(document, path),
    jsonb_extract_path_text: (_context, document: Jsonb, path: ArrayValue) =>
      textOf(atPath(document, path)?.value),
    jsonb_contains: (_context, left: Jsonb, right: Jsonb) => jsonContains(left.value, right.value),
    jsonb_contained: (_context, left: Jsonb, right: Jsonb) => jsonContains(right.value, left.value),
    jsonb_exists: (_context, document: Jsonb, key: string) => hasKey(document.value, key),
    jsonb_exists_any: (_context, document: Jsonb, keys: ArrayValue) =>
      keys.elements.some((key) => key !== null && hasKey(document.value, key as string)),
    jsonb_exists_all: (_context, document: Jsonb, keys: ArrayValue) =>
      keys.elements.every((key) => key === null || hasKey(document.value, key as string)),
    jsonb_concat: (_context, left: Jsonb, right: Jsonb) =>
      new Jsonb(concatenate(left.value, right.value)),
    jsonb_array_length: (_context, document: Jsonb) => arrayLength(document),
    jsonb_typeof: (_context, document: Jsonb) => jsonTypeName(document.value),
    jsonb_strip_nulls: (_context, document: Jsonb) => new Jsonb(stripNulls(document.value)),
    jsonb_pretty: (_context, document: Jsonb) => prettyJson(document.value),
    jsonb_bool: (_context, document: Jsonb) => {
      if (typeof document.value === 'boolean') return document.value;
      throw cannotCast(document.value, 'boolean');
    },
    jsonb_int2: castScalar('smallint', (value) => value.toInt2()),
    jsonb_int4: castScalar('integer', (value) => value.toInt4()),
    jsonb_int8: castScalar('bigint', (value) => value.toInt8()),
    jsonb_float4: castScalar('real', (value) => Math.fround(value.toNumber())),
    jsonb_float8: castScalar('double precision', (value) => value.toNumber()),
    jsonb_numeric: castScalar('numeric', (value) => value),
  },
  sets: {
    jsonb_array_elements: (_context, document: Jsonb) =>
      elementsOf(document).map((value) => new Jsonb(value)),
    jsonb_array_elements_text: (_context, document: Jsonb) =>
      elementsOf(document).map(jsonValueText),
    jsonb_object_keys: (_context, document: Jsonb) => [
      ...membersOf(document, 'jsonb_object_keys').keys(),
    ],
    jsonb_each: (_context, document: Jsonb) =>
      [...membersOf(document, 'jsonb_each')].map(([key, value]) => [key, new Jsonb(value)]),
    jsonb_each_text: (_context, document: Jsonb) =>
      [...membersOf(document, 'jsonb_each_text')].map(([key, value]) => [
        key,
        jsonValueText(value),
      ]),
  },
};
