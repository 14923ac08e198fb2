// json_agg, jsonb_agg, json_object_agg, jsonb_object_agg. Null values are collected like any other;
// without rows the result is null.

import {
  databaseError,
  elementTypeOf,
  Jsonb,
  JsonObject,
  type JsonValue,
  stringLengthMax,
  TypeOid,
} from '#common';
import type { AggregateImplementation, CallTypes } from '../contract.ts';
import { aggregate, type Family, forTypes } from '../family.ts';
import { jsonKeyConverter, jsonTextConverter, jsonValueConverter } from './json-conversion.ts';

interface Texts {
  parts: string[];
  length: number;
}

function append(state: Texts, text: string): Texts {
  state.length += text.length + 4;
  if (state.length > stringLengthMax) {
    throw databaseError('programLimitExceeded', 'the aggregated json document is too long');
  }
  state.parts.push(text);
  return state;
}

/** Arrays and rows start a line of their own. */
function isStructured(type: number): boolean {
  return elementTypeOf(type) !== 0 || type === TypeOid.record || type >= 16384;
}

function arrayText(types: CallTypes): AggregateImplementation {
  const type = types.argumentTypes[0]!;
  const convert = jsonTextConverter(type);
  const separator = isStructured(type) ? ', \n ' : ', ';
  return aggregate<Texts>({
    strict: false,
    create: () => ({ parts: [], length: 0 }),
    step: (state, context, value) => append(state, convert(value!, context)),
    finish: (state) => (state.parts.length === 0 ? null : `[${state.parts.join(separator)}]`),
  });
}

function objectText(types: CallTypes): AggregateImplementation {
  const keyOf = jsonKeyConverter(types.argumentTypes[0]!);
  const convert = jsonTextConverter(types.argumentTypes[1]!);
  return aggregate<Texts>({
    strict: false,
    create: () => ({ parts: [], length: 0 }),
    step: (state, context, key, value) => {
      if (key === null || key === undefined) throw nullKey();
      return append(state, `${JSON.stringify(keyOf(key, context))} : ${convert(value!, context)}`);
    },
    finish: (state) => (state.parts.length === 0 ? null : `{ ${state.parts.join(', ')} }`),
  });
}

function nullKey(): Error {
  return databaseError('invalidParameterValue', 'field name must not be null');
}

interface Values {
  values: JsonValue[] | null;
}

function arrayValue(types: CallTypes): AggregateImplementation {
  const convert = jsonValueConverter(types.argumentTypes[0]!);
  return aggregate<Values>({
    strict: false,
    create: () => ({ values: null }),
    step: (state, context, value) => {
      state.values ??= [];
      state.values.push(convert(value!, context));
      return state;
    },
    finish: (state) => (state.values === null ? null : new Jsonb(state.values)),
  });
}

interface Members {
  entries: [string, JsonValue][] | null;
}

function objectValue(types: CallTypes): AggregateImplementation {
  const keyOf = jsonKeyConverter(types.argumentTypes[0]!);
  const convert = jsonValueConverter(types.argumentTypes[1]!);
  return aggregate<Members>({
    strict: false,
    create: () => ({ entries: null }),
    step: (state, context, key, value) => {
      if (key === null || key === undefined) throw nullKey();
      state.entries ??= [];
      state.entries.push([keyOf(key, context), convert(value!, context)]);
      return state;
    },
    finish: (state) => (state.entries === null ? null : new Jsonb(JsonObject.of(state.entries))),
  });
}

export const jsonAggregateFamily: Family = {
  aggregates: {
    'json_agg(anyelement)': forTypes(arrayText),
    'jsonb_agg(anyelement)': forTypes(arrayValue),
    'json_object_agg(any,any)': forTypes(objectText),
    'jsonb_object_agg(any,any)': forTypes(objectValue),
  },
};
