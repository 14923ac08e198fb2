// json_agg, jsonb_agg, json_object_agg and jsonb_object_agg.

import {
  ArrayValue,
  databaseError,
  type Datum,
  Jsonb,
  JsonObject,
  type JsonValue,
  RecordValue,
  stringLengthMax,
} from '#common';
import type { AggregateImplementation, CallTypes } from '../contract.ts';
import { aggregate, type Family, forTypes } from '../family.ts';
import { jsonKeyConverter, jsonTextConverter, jsonValueConverter } from './json-conversion.ts';

interface JsonText {
  text: string;
}

interface JsonValues {
  values: JsonValue[] | undefined;
}

interface JsonEntries {
  entries: [string, JsonValue][] | undefined;
}

function append(state: JsonText, addition: string): JsonText {
  if (state.text.length + addition.length > stringLengthMax) {
    throw databaseError('programLimitExceeded', 'the JSON document is too long');
  }
  state.text += addition;
  return state;
}

function fieldName(key: Datum | undefined): Datum {
  if (key !== null && key !== undefined) return key;
  throw databaseError('invalidParameterValue', 'field name must not be null');
}

/** Arrays and rows after the first element go on a line of their own. */
function jsonAgg({ argumentTypes }: CallTypes): AggregateImplementation {
  const convert = jsonTextConverter(argumentTypes[0]);
  return aggregate<JsonText>({
    strict: false,
    create: () => ({ text: '' }),
    step: (state, context, datum) => {
      const value = datum!;
      const structured = value instanceof ArrayValue || value instanceof RecordValue;
      const separator = state.text === '' ? '[' : structured ? ', \n ' : ', ';
      return append(state, separator + convert(value, context));
    },
    finish: ({ text }) => (text === '' ? null : `${text}]`),
  });
}

function jsonObjectAgg({ argumentTypes }: CallTypes): AggregateImplementation {
  const convertKey = jsonKeyConverter(argumentTypes[0]);
  const convert = jsonTextConverter(argumentTypes[1]);
  return aggregate<JsonText>({
    strict: false,
    create: () => ({ text: '' }),
    step: (state, context, key, value) => {
      const name = JSON.stringify(convertKey(fieldName(key), context));
      const separator = state.text === '' ? '{ ' : ', ';
      return append(state, `${separator}${name} : ${convert(value, context)}`);
    },
    finish: ({ text }) => (text === '' ? null : `${text} }`),
  });
}

function jsonbAgg({ argumentTypes }: CallTypes): AggregateImplementation {
  const convert = jsonValueConverter(argumentTypes[0]);
  return aggregate<JsonValues>({
    strict: false,
    create: () => ({ values: undefined }),
    step: (state, context, value) => {
      (state.values ??= []).push(convert(value, context));
      return state;
    },
    finish: ({ values }) => (values === undefined ? null : new Jsonb(values)),
  });
}

function jsonbObjectAgg({ argumentTypes }: CallTypes): AggregateImplementation {
  const convertKey = jsonKeyConverter(argumentTypes[0]);
  const convert = jsonValueConverter(argumentTypes[1]);
  return aggregate<JsonEntries>({
    strict: false,
    create: () => ({ entries: undefined }),
    step: (state, context, key, value) => {
      const name = convertKey(fieldName(key), context);
      (state.entries ??= []).push([name, convert(value, context)]);
      return state;
    },
    finish: ({ entries }) => (entries === undefined ? null : new Jsonb(JsonObject.of(entries))),
  });
}

export const jsonAggregateFamily: Family = {
  aggregates: {
    'json_agg(anyelement)': forTypes(jsonAgg),
    'jsonb_agg(anyelement)': forTypes(jsonbAgg),
    'json_object_agg(any,any)': forTypes(jsonObjectAgg),
    'jsonb_object_agg(any,any)': forTypes(jsonbObjectAgg),
  },
};
