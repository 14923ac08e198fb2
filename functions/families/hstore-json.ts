// hstore as JSON. Loosely read, t and f are booleans, and what JSON takes for a number is one.

import { type Hstore, JsonObject, type JsonValue, Numeric } from '#common';

const numberSyntax = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const isBoolean = (value: string): boolean => value === 't' || value === 'f';

function looseValue(value: string): JsonValue {
  if (isBoolean(value)) return value === 't';
  return numberSyntax.test(value) ? Numeric.parse(value) : value;
}

/** A number stays as it was written. */
function looseText(value: string): string {
  if (isBoolean(value)) return String(value === 't');
  return numberSyntax.test(value) ? value : JSON.stringify(value);
}

export function hstoreJsonText(hstore: Hstore, isLoose: boolean): string {
  const convert = isLoose ? looseText : JSON.stringify;
  const members: string[] = [];
  for (const [key, value] of hstore.pairs) {
    members.push(`${JSON.stringify(key)}: ${value === null ? 'null' : convert(value)}`);
  }
  return `{${members.join(', ')}}`;
}

export function hstoreJson(hstore: Hstore, isLoose: boolean): JsonValue {
  const members: [string, JsonValue][] = [];
  for (const [key, value] of hstore.pairs) {
    members.push([key, value !== null && isLoose ? looseValue(value) : value]);
  }
  return JsonObject.of(members);
}
