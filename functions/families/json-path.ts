// Walking json and jsonb documents by keys and positions: -> ->> #> #>> and jsonb's paths. For type
// json the walk works on the text, so that what it returns is the document's own text.

import {
  type ArrayValue,
  isJsonArray,
  isJsonScalar,
  JsonObject,
  type JsonSource,
  type JsonValue,
  openJson,
  writeJsonText,
} from '#common';

/** A subscript in a path's text form; undefined when it is not an integer. */
export function pathSubscript(step: string): number | undefined {
  if (!/^[ \t\n]*[+-]?\d+$/.test(step)) return undefined;
  const value = Number(step);
  return value >= -2147483648 && value <= 2147483647 ? value : undefined;
}

/** The element of an array by position; negative ones count from the end. */
export function elementAt<Element>(
  elements: readonly Element[],
  position: number,
): Element | undefined {
  return elements[position < 0 ? elements.length + position : position];
}

export function jsonbMember(value: JsonValue, key: string): JsonValue | undefined {
  return value instanceof JsonObject ? value.members.get(key) : undefined;
}

export function jsonbElement(value: JsonValue, position: number): JsonValue | undefined {
  return isJsonArray(value) ? elementAt(value, position) : undefined;
}

/** `-> int`: a scalar document counts as an array of one. */
export function jsonbDocumentElement(value: JsonValue, position: number): JsonValue | undefined {
  return jsonbElement(isJsonScalar(value) ? [value] : value, position);
}

/** One step of a path: a key of an object or a position of an array. */
export function jsonbStep(value: JsonValue, step: string): JsonValue | undefined {
  if (value instanceof JsonObject) return value.members.get(step);
  const position = pathSubscript(step);
  return position === undefined ? undefined : jsonbElement(value, position);
}

/** Follows a path; undefined when it leads nowhere or holds a null. */
export function jsonbAtPath(value: JsonValue, path: ArrayValue): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const step of path.elements) {
    if (step === null || current === undefined) return undefined;
    current = jsonbStep(current, step as string);
  }
  return current;
}

/** The last of equal keys, as PostgreSQL's parser sees it. */
export function jsonMember(source: JsonSource, key: string): string | undefined {
  if (source.kind !== 'object') return undefined;
  return source.members.findLast((member) => member.key === key)?.value;
}

export function jsonElement(source: JsonSource, position: number): string | undefined {
  return source.kind === 'array' ? elementAt(source.elements, position) : undefined;
}

export function jsonAtPath(text: string, path: ArrayValue): string | undefined {
  let current: string | undefined = text;
  for (const step of path.elements) {
    if (step === null || current === undefined) return undefined;
    const source = openJson(current);
    if (source.kind === 'object') current = jsonMember(source, step as string);
    else {
      const position = pathSubscript(step as string);
      current = position === undefined ? undefined : jsonElement(source, position);
    }
  }
  return current;
}

/** ->> on type json: strings are unquoted, null is SQL's null, the rest is its text. */
export function jsonTextOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const source = openJson(text);
  if (source.kind !== 'scalar') return text;
  if (source.value === null) return null;
  return typeof source.value === 'string' ? source.value : text;
}

/** json_strip_nulls(): object members that are null go, at every level. */
export function stripNulls(value: JsonValue): JsonValue {
  if (value instanceof JsonObject) {
    const members = new Map<string, JsonValue>();
    for (const [key, member] of value.members) {
      if (member !== null) members.set(key, stripNulls(member));
    }
    return new JsonObject(members);
  }
  return isJsonArray(value) ? value.map(stripNulls) : value;
}

/** jsonb_pretty(): four blanks a level. */
export function prettyJson(value: JsonValue, indent = ''): string {
  const inner = `${indent}    `;
  if (isJsonArray(value)) {
    if (value.length === 0) return `[\n${indent}]`;
    const parts = value.map((element) => inner + prettyJson(element, inner));
    return `[\n${parts.join(',\n')}\n${indent}]`;
  }
  if (value instanceof JsonObject) {
    if (value.members.size === 0) return `{\n${indent}}`;
    const parts = [...value.members].map(
      ([key, member]) => `${inner}${JSON.stringify(key)}: ${prettyJson(member, inner)}`,
    );
    return `{\n${parts.join(',\n')}\n${indent}}`;
  }
  return writeJsonText(value);
}
