// Changing jsonb documents: jsonb_set, jsonb_insert, deletion by key, position and path.

import {
  type ArrayValue,
  databaseError,
  isJsonArray,
  Jsonb,
  JsonObject,
  type JsonValue,
} from '#common';
import type { Family } from '../family.ts';
import { invalidJsonArgument } from './json.ts';
import { pathSubscript } from './json-path.ts';

interface PathChange {
  readonly path: readonly string[];
  /** undefined: delete. */
  readonly value: JsonValue | undefined;
  readonly mode: 'set' | 'delete' | 'insertBefore' | 'insertAfter';
  /** set: whether a missing last step is created. */
  readonly create: boolean;
}

function pathSteps(path: ArrayValue): string[] {
  if (path.dimensions.length > 1) {
    throw databaseError('arraySubscriptError', 'wrong number of array subscripts');
  }
  return path.elements.map((step, index) => {
    if (step === null) {
      throw databaseError('nullValueNotAllowed', `path element at position ${index + 1} is null`);
    }
    return step as string;
  });
}

function changeAt(value: JsonValue, change: PathChange, depth: number): JsonValue {
  if (depth === change.path.length) return value;
  if (value instanceof JsonObject) return changeObject(value, change, depth);
  return isJsonArray(value) ? changeArray(value, change, depth) : value;
}

function changeObject(value: JsonObject, change: PathChange, depth: number): JsonValue {
  const key = change.path[depth];
  const last = depth === change.path.length - 1;
  const own = value.members.get(key);
  if (own === undefined) {
    if (!last || !change.create || change.value === undefined) return value;
    return JsonObject.of([...value.members, [key, change.value]]);
  }
  if (!last) {
    return new JsonObject(new Map(value.members).set(key, changeAt(own, change, depth + 1)));
  }
  if (change.mode === 'insertBefore' || change.mode === 'insertAfter') {
    throw invalidJsonArgument(
      'cannot replace existing key',
      'Try using the function jsonb_set to replace key value.',
    );
  }
  const members = new Map(value.members);
  if (change.value === undefined) members.delete(key);
  else members.set(key, change.value);
  return new JsonObject(members);
}

function changeArray(value: readonly JsonValue[], change: PathChange, depth: number): JsonValue {
  const subscript = pathSubscript(change.path[depth]);
  if (subscript === undefined) {
    throw databaseError(
      'invalidTextRepresentation',
      `path element at position ${depth + 1} is not an integer: "${change.path[depth]}"`,
    );
  }
  const position = subscript < 0 ? value.length + subscript : subscript;
  const last = depth === change.path.length - 1;
  const elements = [...value];
  if (position < 0 || position >= value.length) {
    if (!last || !change.create || change.value === undefined) return value;
    if (position < 0) elements.unshift(change.value);
    else elements.push(change.value);
    return elements;
  }
  if (!last) elements[position] = changeAt(value[position], change, depth + 1);
  else if (change.value === undefined) elements.splice(position, 1);
  else if (change.mode === 'insertBefore') elements.splice(position, 0, change.value);
  else if (change.mode === 'insertAfter') elements.splice(position + 1, 0, change.value);
  else elements[position] = change.value;
  return elements;
}

function setPath(document: Jsonb, path: ArrayValue, value: Jsonb, create: boolean): Jsonb {
  requireContainer(document);
  if (!create && isEmptyContainer(document.value)) return document;
  const steps = pathSteps(path);
  return new Jsonb(
    changeAt(document.value, { path: steps, value: value.value, mode: 'set', create }, 0),
  );
}

function isEmptyContainer(value: JsonValue): boolean {
  return isJsonArray(value)
    ? value.length === 0
    : value instanceof JsonObject && value.members.size === 0;
}

function requireContainer(document: Jsonb): void {
  const { value } = document;
  if (!isJsonArray(value) && !(value instanceof JsonObject)) {
    throw invalidJsonArgument('cannot set path in scalar');
  }
}

function insertAtPath(document: Jsonb, path: ArrayValue, value: Jsonb, after: boolean): Jsonb {
  requireContainer(document);
  const mode = after ? 'insertAfter' : 'insertBefore';
  const change: PathChange = { path: pathSteps(path), value: value.value, mode, create: true };
  return new Jsonb(changeAt(document.value, change, 0));
}

function deletePath(document: Jsonb, path: ArrayValue): Jsonb {
  const { value } = document;
  if (!isJsonArray(value) && !(value instanceof JsonObject)) {
    throw invalidJsonArgument('cannot delete path in scalar');
  }
  const change: PathChange = {
    path: pathSteps(path),
    value: undefined,
    mode: 'delete',
    create: false,
  };
  return new Jsonb(changeAt(value, change, 0));
}

/** Removes keys of an object, or string elements of an array. */
function deleteKeys(document: Jsonb, keys: readonly string[]): Jsonb {
  const { value } = document;
  if (value instanceof JsonObject) {
    const members = new Map(value.members);
    for (const key of keys) members.delete(key);
    return new Jsonb(new JsonObject(members));
  }
  if (!isJsonArray(value)) throw invalidJsonArgument('cannot delete from scalar');
  return new Jsonb(
    value.filter((element) => typeof element !== 'string' || !keys.includes(element)),
  );
}

function deletePosition(document: Jsonb, position: number): Jsonb {
  const { value } = document;
  if (value instanceof JsonObject) {
    throw invalidJsonArgument('cannot delete from object using integer index');
  }
  if (!isJsonArray(value)) throw invalidJsonArgument('cannot delete from scalar');
  const index = position < 0 ? value.length + position : position;
  return new Jsonb(value.filter((_, at) => at !== index));
}

/** jsonb_set_lax(): what a SQL null means is the caller's choice. */
function setLax(
  document: Jsonb | null,
  path: ArrayValue | null,
  value: Jsonb | null,
  create: boolean | null,
  treatment: string | null,
): Jsonb | null {
  if (document === null || path === null || create === null) return null;
  if (treatment === null) {
    throw invalidJsonArgument(
      'null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"',
    );
  }
  if (value !== null) return setPath(document, path, value, create);
  switch (treatment) {
    case 'raise_exception':
      throw databaseError('nullValueNotAllowed', 'JSON value must not be null', {
        detail: 'Exception was raised because null_value_treatment is "raise_exception".',
        hint: 'To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.',
      });
    case 'use_json_null':
      return setPath(document, path, new Jsonb(null), create);
    case 'delete_key':
      return deletePath(document, path);
    case 'return_target':
      return document;
    default:
      throw invalidJsonArgument(
        'null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"',
      );
  }
}

export const jsonChangesFamily: Family = {
  scalars: {
    jsonb_set: (_context, document: Jsonb, path: ArrayValue, value: Jsonb, create: boolean) =>
      setPath(document, path, value, create),
    jsonb_set_lax: (
      _context,
      document: Jsonb | null,
      path: ArrayValue | null,
      value: Jsonb | null,
      create: boolean | null,
      treatment: string | null,
    ) => setLax(document, path, value, create, treatment),
    jsonb_insert: (_context, document: Jsonb, path: ArrayValue, value: Jsonb, after: boolean) =>
      insertAtPath(document, path, value, after),
    jsonb_delete: (_context, document: Jsonb, key: string) => deleteKeys(document, [key]),
    jsonb_delete_array: (_context, document: Jsonb, keys: ArrayValue) =>
      deleteKeys(document, keys.elements.filter((key) => key !== null) as string[]),
    jsonb_delete_idx: (_context, document: Jsonb, position: number) =>
      deletePosition(document, position),
    jsonb_delete_path: (_context, document: Jsonb, path: ArrayValue) => deletePath(document, path),
  },
};
