// SQL values as JSON: to_json and to_jsonb, and what every json function and aggregate uses to put a
// value into a document. A converter is made once per type.

import {
  ArrayValue,
  databaseError,
  type Datum,
  baseTypeOf,
  elementTypeOf,
  typeByOid,
  formatDate,
  formatTimestamp,
  formatTimestampTz,
  type FormatSettings,
  type Hstore,
  Jsonb,
  JsonObject,
  type JsonValue,
  ModuleTypeOid,
  Numeric,
  parseJson,
  RecordValue,
  TypeOid,
  typeOutput,
} from '#common';
import { hstoreJson, hstoreJsonText } from './hstore-json.ts';

/** The JSON text of a value, as to_json() prints it; null is "null". */
export type JsonTextConverter = (value: Datum, settings: FormatSettings) => string;
export type JsonValueConverter = (value: Datum, settings: FormatSettings) => JsonValue;

const numberTypes = new Set<number>([
  TypeOid.int2,
  TypeOid.int4,
  TypeOid.int8,
  TypeOid.float4,
  TypeOid.float8,
  TypeOid.numeric,
]);

/** An execution's context has its settings as accessors, so they are named one by one. */
function isoSettings(settings: FormatSettings): FormatSettings {
  return {
    dateStyle: 'ISO, MDY',
    intervalStyle: settings.intervalStyle,
    timeZone: settings.timeZone,
    extraFloatDigits: settings.extraFloatDigits,
    byteaOutput: settings.byteaOutput,
  };
}

/** ISO 8601 with a T and a zone of hours and minutes, whatever DateStyle says. */
function isoText(
  typeOid: number,
): ((value: Datum, settings: FormatSettings) => string) | undefined {
  switch (typeOid) {
    case TypeOid.date:
      return (value, settings) => formatDate(value as number, isoSettings(settings));
    case TypeOid.timestamp:
      return (value, settings) =>
        formatTimestamp(value as number, isoSettings(settings)).replace(' ', 'T');
    case TypeOid.timestamptz:
      return (value, settings) =>
        formatTimestampTz(value as number, isoSettings(settings))
          .replace(' ', 'T')
          .replace(/([+-]\d\d)(?= BC$|$)/, '$1:00');
    default:
      return undefined;
  }
}

const textConverters = new Map<number, JsonTextConverter>();
const valueConverters = new Map<number, JsonValueConverter>();

export function jsonTextConverter(typeOid: number): JsonTextConverter {
  let converter = textConverters.get(typeOid);
  if (converter === undefined) {
    const convert = makeTextConverter(typeOid);
    converter = (value, settings) => (value === null ? 'null' : convert(value, settings));
    if (typeOid < 16384) textConverters.set(typeOid, converter);
  }
  return converter;
}

export function jsonValueConverter(typeOid: number): JsonValueConverter {
  let converter = valueConverters.get(typeOid);
  if (converter === undefined) {
    const convert = makeValueConverter(typeOid);
    converter = (value, settings) => (value === null ? null : convert(value, settings));
    if (typeOid < 16384) valueConverters.set(typeOid, converter);
  }
  return converter;
}

function makeTextConverter(type: number): JsonTextConverter {
  const typeOid = baseTypeOf(type);
  if (typeOid === TypeOid.bool) return (value) => (value === true ? 'true' : 'false');
  if (typeOid === TypeOid.json) return (value) => value as string;
  if (typeOid === TypeOid.jsonb) return (value) => (value as Jsonb).toString();
  if (typeOid === ModuleTypeOid.hstore) return (value) => hstoreJsonText(value as Hstore, false);
  const output = typeOutput(typeOid);
  if (numberTypes.has(typeOid)) {
    return (value, settings) => {
      const text = output(value, settings);
      return /^-?\d/.test(text) ? text : JSON.stringify(text);
    };
  }
  const iso = isoText(typeOid);
  if (iso !== undefined) return (value, settings) => JSON.stringify(iso(value, settings));
  if (elementTypeOf(typeOid) !== 0 || typeOid === TypeOid.record || typeOid >= 16384) {
    return (value, settings) =>
      containerText(value, settings) ?? JSON.stringify(output(value, settings));
  }
  return (value, settings) => JSON.stringify(output(value, settings));
}

function containerText(value: Datum, settings: FormatSettings): string | undefined {
  if (value instanceof ArrayValue) return arrayToJsonText(value, settings, false);
  if (value instanceof RecordValue) return recordToJsonText(value, settings, false);
  return undefined;
}

/** array_to_json(); pretty puts each element of the outer dimension on its own line. */
export function arrayToJsonText(
  value: ArrayValue,
  settings: FormatSettings,
  pretty: boolean,
): string {
  const convert = jsonTextConverter(value.elementType);
  let next = 0;
  const level = (depth: number): string => {
    const dimension = value.dimensions[depth];
    if (dimension === undefined) return '[]';
    const parts: string[] = [];
    for (let index = 0; index < dimension.length; index++) {
      const last = depth + 1 === value.dimensions.length;
      parts.push(last ? convert(value.elements[next++], settings) : level(depth + 1));
    }
    return `[${parts.join(pretty && depth === 0 ? ',\n ' : ',')}]`;
  };
  return level(0);
}

export function recordToJsonText(
  value: RecordValue,
  settings: FormatSettings,
  pretty: boolean,
): string {
  const names = fieldNames(value, settings);
  const parts = value.fields.map((field, index) => {
    const text = jsonTextConverter(value.types[index])(field, settings);
    return `${JSON.stringify(names[index])}:${text}`;
  });
  return `{${parts.join(pretty ? ',\n ' : ',')}}`;
}

/** Anonymous fields are f1, f2 … */
function fieldNames(value: RecordValue, _settings: FormatSettings): readonly string[] {
  return value.names ?? value.fields.map((_, index) => `f${index + 1}`);
}

function makeValueConverter(type: number): JsonValueConverter {
  const typeOid = baseTypeOf(type);
  if (typeOid === TypeOid.bool) return (value) => value === true;
  if (typeOid === TypeOid.json) return (value) => parseJson(value as string);
  if (typeOid === TypeOid.jsonb) return (value) => (value as Jsonb).value;
  if (typeOid === ModuleTypeOid.hstore) return (value) => hstoreJson(value as Hstore, false);
  if (typeOid === TypeOid.numeric) {
    return (value) => {
      const number = value as Numeric;
      return number.isFinite ? number : number.toString();
    };
  }
  const output = typeOutput(typeOid);
  if (numberTypes.has(typeOid)) {
    return (value, settings) => {
      const text = output(value, settings);
      return /^-?\d/.test(text) ? Numeric.parse(text) : text;
    };
  }
  const iso = isoText(typeOid);
  if (iso !== undefined) return iso;
  if (elementTypeOf(typeOid) !== 0 || typeOid === TypeOid.record || typeOid >= 16384) {
    return (value, settings) => containerValue(value, settings) ?? output(value, settings);
  }
  return output;
}

function containerValue(value: Datum, settings: FormatSettings): JsonValue | undefined {
  if (value instanceof ArrayValue) return arrayToJsonValue(value, settings);
  if (value instanceof RecordValue) {
    const names = fieldNames(value, settings);
    return JsonObject.of(
      value.fields.map((field, index): [string, JsonValue] => [
        names[index],
        jsonValueConverter(value.types[index])(field, settings),
      ]),
    );
  }
  return undefined;
}

function arrayToJsonValue(value: ArrayValue, settings: FormatSettings): JsonValue {
  const convert = jsonValueConverter(value.elementType);
  let next = 0;
  const level = (depth: number): JsonValue[] => {
    const parts: JsonValue[] = [];
    const length = value.dimensions[depth]?.length ?? 0;
    for (let index = 0; index < length; index++) {
      const last = depth + 1 === value.dimensions.length;
      parts.push(last ? convert(value.elements[next++], settings) : level(depth + 1));
    }
    return parts;
  };
  return level(0);
}

/** The text of a value used as an object's key. */
export function jsonKeyConverter(type: number): (value: Datum, settings: FormatSettings) => string {
  const typeOid = baseTypeOf(type);
  if (typeOid === TypeOid.bool) return (value) => (value === true ? 'true' : 'false');
  const scalar =
    elementTypeOf(typeOid) === 0 &&
    typeOid !== TypeOid.json &&
    typeOid !== TypeOid.jsonb &&
    typeOid !== TypeOid.record &&
    (typeOid < 16384 || typeByOid(typeOid)?.kind === 'enum');
  if (!scalar) {
    return () => {
      throw databaseError(
        'invalidParameterValue',
        'key value must be scalar, not array, composite, or json',
      );
    };
  }
  return isoText(typeOid) ?? typeOutput(typeOid);
}

/** A scalar of a jsonb document as text: what ->> returns; null for JSON's null. */
export function jsonValueText(value: JsonValue): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : new Jsonb(value).toString();
}
