// Functions and operators on type json, which keeps its text, and the builders of json from values.

import {
  type ArrayValue,
  databaseError,
  type DatabaseError,
  type Datum,
  type JsonSource,
  type JsonValue,
  Numeric,
  openJson,
  isJsonArray,
  JsonObject,
  type RecordValue,
} from '#common';
import type { CallTypes, FunctionContext, ScalarImplementation } from '../contract.ts';
import { forTypes, type Family } from '../family.ts';
import {
  arrayToJsonText,
  jsonKeyConverter,
  jsonTextConverter,
  recordToJsonText,
} from './json-conversion.ts';
import { jsonAtPath, jsonElement, jsonMember, jsonTextOf, stripNulls } from './json-path.ts';

export function invalidJsonArgument(message: string, hint?: string): DatabaseError {
  return databaseError('invalidParameterValue', message, hint === undefined ? {} : { hint });
}

/** The type name that json_typeof() gives. */
export function jsonTypeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (value instanceof Numeric) return 'number';
  return isJsonArray(value) ? 'array' : 'object';
}

function sourceTypeName(source: JsonSource): string {
  return source.kind === 'scalar' ? jsonTypeName(source.value) : source.kind;
}

function elementsOf(text: string, functionName: string): readonly string[] {
  const source = openJson(text);
  if (source.kind === 'array') return source.elements;
  throw invalidJsonArgument(
    source.kind === 'object'
      ? `cannot call ${functionName} on a non-array`
      : `cannot call ${functionName} on a scalar`,
  );
}

function arrayLength(text: string): number {
  const source = openJson(text);
  if (source.kind === 'array') return source.elements.length;
  throw invalidJsonArgument(
    source.kind === 'object'
      ? 'cannot get array length of a non-array'
      : 'cannot get array length of a scalar',
  );
}

function membersOf(
  text: string,
  functionName: string,
): readonly { readonly key: string; readonly value: string }[] {
  const source = openJson(text);
  if (source.kind === 'object') return source.members;
  const what = functionName === 'json_object_keys' ? 'call json_object_keys on' : 'deconstruct';
  if (source.kind === 'array') {
    throw invalidJsonArgument(
      functionName === 'json_object_keys'
        ? 'cannot call json_object_keys on an array'
        : 'cannot deconstruct an array as an object',
    );
  }
  throw invalidJsonArgument(`cannot ${what} a scalar`);
}

/** Compact text, as json_strip_nulls() prints it. */
function compactText(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(compactText).join(',')}]`;
  if (value instanceof JsonObject) {
    const parts = [...value.members].map(
      ([key, member]) => `${JSON.stringify(key)}:${compactText(member)}`,
    );
    return `{${parts.join(',')}}`;
  }
  return value instanceof Numeric ? value.toString() : JSON.stringify(value);
}

/** json_strip_nulls() keeps the order and the repetition of keys. */
function stripNullMembers(text: string): string {
  const source = openJson(text);
  if (source.kind === 'array') return `[${source.elements.map(stripNullMembers).join(',')}]`;
  if (source.kind === 'object') {
    const parts = source.members
      .filter((member) => member.value !== 'null')
      .map((member) => `${JSON.stringify(member.key)}:${stripNullMembers(member.value)}`);
    return `{${parts.join(',')}}`;
  }
  return source.value instanceof Numeric ? text : compactText(stripNulls(source.value));
}

/** Types of variadic "any" arguments; an expanded array's elements share the last one. */
export function argumentType(types: CallTypes, index: number): number {
  return types.argumentTypes[index] ?? types.argumentTypes.at(-1)!;
}

function buildObject(types: CallTypes): ScalarImplementation {
  return (context: FunctionContext, ...values: Datum[]) => {
    if (values.length % 2 !== 0) {
      throw invalidJsonArgument(
        'argument list must have even number of elements',
        'The arguments of json_build_object() must consist of alternating keys and values.',
      );
    }
    const parts: string[] = [];
    for (let index = 0; index < values.length; index += 2) {
      const key = values[index]!;
      if (key === null) {
        throw invalidJsonArgument(
          `argument ${index + 1} cannot be null`,
          'Object keys should be text.',
        );
      }
      const name = jsonKeyConverter(argumentType(types, index))(key, context);
      const text = jsonTextConverter(argumentType(types, index + 1))(values[index + 1], context);
      parts.push(`${JSON.stringify(name)} : ${text}`);
    }
    return `{${parts.join(', ')}}`;
  };
}

function buildArray(types: CallTypes): ScalarImplementation {
  return (context: FunctionContext, ...values: Datum[]) => {
    const parts = values.map((value, index) =>
      jsonTextConverter(argumentType(types, index))(value, context),
    );
    return `[${parts.join(', ')}]`;
  };
}

/** Key and value texts of json_object(text[]): pairs in one dimension or rows of two. */
export function objectPairs(array: ArrayValue): [string, string | null][] {
  const { dimensions, elements } = array;
  if (dimensions.length > 2)
    throw databaseError('arraySubscriptError', 'wrong number of array subscripts');
  if (dimensions.length === 2 && dimensions[1].length !== 2) {
    throw databaseError('arraySubscriptError', 'array must have two columns');
  }
  if (dimensions.length === 1 && elements.length % 2 !== 0) {
    throw databaseError('arraySubscriptError', 'array must have even number of elements');
  }
  const pairs: [string, string | null][] = [];
  for (let index = 0; index < elements.length; index += 2) {
    pairs.push([requireKey(elements[index]), elements[index + 1] as string | null]);
  }
  return pairs;
}

export function objectPairsOf(keys: ArrayValue, values: ArrayValue): [string, string | null][] {
  if (keys.dimensions.length > 1 || keys.dimensions.length !== values.dimensions.length) {
    throw databaseError('arraySubscriptError', 'wrong number of array subscripts');
  }
  if (keys.elements.length !== values.elements.length) {
    throw databaseError('arraySubscriptError', 'mismatched array dimensions');
  }
  return keys.elements.map((key, index) => [
    requireKey(key),
    values.elements[index] as string | null,
  ]);
}

function requireKey(key: Datum): string {
  if (key === null) {
    throw databaseError('nullValueNotAllowed', 'null value not allowed for object key');
  }
  return key as string;
}

function objectText(pairs: readonly [string, string | null][]): string {
  const parts = pairs.map(
    ([key, value]) => `${JSON.stringify(key)} : ${value === null ? 'null' : JSON.stringify(value)}`,
  );
  return `{${parts.join(', ')}}`;
}

const toJson = forTypes<ScalarImplementation>((types) => {
  const convert = jsonTextConverter(types.argumentTypes[0]);
  return (context: FunctionContext, value: Datum) => convert(value, context);
});

export const jsonFamily: Family = {
  scalars: {
    to_json: toJson,
    array_to_json: (context, value: ArrayValue) => arrayToJsonText(value, context, false),
    array_to_json_pretty: (context, value: ArrayValue, pretty: boolean) =>
      arrayToJsonText(value, context, pretty),
    row_to_json: (context, value: RecordValue) => recordToJsonText(value, context, false),
    row_to_json_pretty: (context, value: RecordValue, pretty: boolean) =>
      recordToJsonText(value, context, pretty),
    json_build_object: forTypes(buildObject),
    json_build_object_noargs: () => '{}',
    json_build_array: forTypes(buildArray),
    json_build_array_noargs: () => '[]',
    json_object: (_context, array: ArrayValue) => objectText(objectPairs(array)),
    json_object_two_arg: (_context, keys: ArrayValue, values: ArrayValue) =>
      objectText(objectPairsOf(keys, values)),
    json_object_field: (_context, text: string, key: string) =>
      jsonMember(openJson(text), key) ?? null,
    json_object_field_text: (_context, text: string, key: string) =>
      jsonTextOf(jsonMember(openJson(text), key)),
    json_array_element: (_context, text: string, position: number) =>
      jsonElement(openJson(text), position) ?? null,
    json_array_element_text: (_context, text: string, position: number) =>
      jsonTextOf(jsonElement(openJson(text), position)),
    json_extract_path: (_context, text: string, path: ArrayValue) => jsonAtPath(text, path) ?? null,
    json_extract_path_text: (_context, text: string, path: ArrayValue) =>
      jsonTextOf(jsonAtPath(text, path)),
    json_array_length: (_context, text: string) => arrayLength(text),
    json_typeof: (_context, text: string) => sourceTypeName(openJson(text)),
    json_strip_nulls: (_context, text: string) => stripNullMembers(text),
  },
  sets: {
    json_array_elements: (_context, text: string) => elementsOf(text, 'json_array_elements'),
    json_array_elements_text: (_context, text: string) =>
      elementsOf(text, 'json_array_elements_text').map(jsonTextOf),
    json_object_keys: (_context, text: string) =>
      membersOf(text, 'json_object_keys').map((member) => member.key),
    json_each: (_context, text: string) =>
      membersOf(text, 'json_each').map((member) => [member.key, member.value]),
    json_each_text: (_context, text: string) =>
      membersOf(text, 'json_each_text').map((member) => [member.key, jsonTextOf(member.value)]),
  },
};
