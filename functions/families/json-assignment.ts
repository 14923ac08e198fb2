// SET column['key'][0] = …: a member or an element of a jsonb document replaced, with whatever is
// missing on the way to it created (PostgreSQL's jsonb_set_element).

import { databaseError, isJsonArray, JsonObject, type JsonValue } from '#common';
import { pathSubscript } from './json-path.ts';

/** The path must have at least one step. */
export function assignJsonPath(
  document: JsonValue,
  path: readonly string[],
  value: JsonValue,
): JsonValue {
  return assignAt(document, { path, value }, 0);
}

interface Assigned {
  readonly path: readonly string[];
  readonly value: JsonValue;
}

function assignAt(existing: JsonValue, assigned: Assigned, depth: number): JsonValue {
  const { path, value } = assigned;
  if (depth === path.length) return value;
  const step = path[depth];
  if (existing instanceof JsonObject) {
    const own = existing.members.get(step);
    const member =
      own === undefined ? created(assigned, depth + 1) : assignAt(own, assigned, depth + 1);
    return JsonObject.of([...new Map(existing.members).set(step, member)]);
  }
  if (!isJsonArray(existing)) {
    throw databaseError('invalidParameterValue', 'cannot replace existing key', {
      detail: 'The path assumes key is a composite object, but it is a scalar value.',
    });
  }
  const position = positionIn(existing, step, depth);
  const elements = [...existing];
  if (position < elements.length) {
    elements[position] = assignAt(existing[position], assigned, depth + 1);
    return elements;
  }
  while (elements.length < position) elements.push(null);
  elements.push(created(assigned, depth + 1));
  return elements;
}

function positionIn(elements: readonly JsonValue[], step: string, depth: number): number {
  const subscript = pathSubscript(step);
  if (subscript === undefined) {
    throw databaseError(
      'invalidTextRepresentation',
      `path element at position ${depth + 1} is not an integer: "${step}"`,
    );
  }
  if (subscript >= 0) return subscript;
  if (-subscript > elements.length) {
    throw databaseError(
      'invalidParameterValue',
      `path element at position ${depth + 1} is out of range: ${subscript}`,
    );
  }
  return elements.length + subscript;
}

/** What the rest of the path leads to when nothing is there: arrays for numbers, objects for names. */
function created(assigned: Assigned, depth: number): JsonValue {
  if (depth === assigned.path.length) return assigned.value;
  const step = assigned.path[depth];
  const inner = created(assigned, depth + 1);
  const position = pathSubscript(step);
  if (position === undefined) return JsonObject.of([[step, inner]]);
  const gap: JsonValue[] = new Array<JsonValue>(Math.max(position, 0)).fill(null);
  return [...gap, inner];
}
