// Parsed JSON in jsonb's canonical form: objects keep their keys sorted by UTF-8 length and then
// bytes, the last of duplicate keys wins, numbers are exact (Numeric). Order, containment, text.

import { compareText } from './text-order.ts';
import { Numeric } from './numeric.ts';

export type JsonValue = null | boolean | string | Numeric | readonly JsonValue[] | JsonObject;

/** Members in jsonb's order. */
export class JsonObject {
  readonly members: ReadonlyMap<string, JsonValue>;

  /** The map's entries are in jsonb's order already. */
  constructor(members: ReadonlyMap<string, JsonValue>) {
    this.members = members;
  }

  /** From entries in any order; the last of equal keys wins. */
  static of(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
    const unordered = new Map(entries);
    if (unordered.size < 2) return new JsonObject(unordered);
    const keys = [...unordered.keys()].sort(compareJsonKeys);
    return new JsonObject(new Map(keys.map((key) => [key, unordered.get(key)!])));
  }
}

/** jsonb's canonical text. */
export function writeJsonText(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Numeric) return value.toString();
  if (isJsonArray(value)) return `[${value.map(writeJsonText).join(', ')}]`;
  const parts: string[] = [];
  for (const [key, member] of value.members) {
    parts.push(`${JSON.stringify(key)}: ${writeJsonText(member)}`);
  }
  return `{${parts.join(', ')}}`;
}

const nodeBytes = 24;
const entryBytes = 56;

/** Roughly what a value holds in memory. */
export function jsonBytes(value: JsonValue): number {
  if (value === null || typeof value === 'boolean') return 8;
  if (typeof value === 'string') return nodeBytes + value.length;
  if (value instanceof Numeric) return 2 * nodeBytes;
  let bytes = 2 * nodeBytes;
  if (isJsonArray(value)) {
    for (const element of value) bytes += 8 + jsonBytes(element);
  } else {
    for (const [key, member] of value.members) bytes += entryBytes + key.length + jsonBytes(member);
  }
  return bytes;
}

/** Keys order by their length in bytes first. */
export function compareJsonKeys(left: string, right: string): number {
  const difference = Buffer.byteLength(left) - Buffer.byteLength(right);
  return difference !== 0 ? difference : compareText(left, right);
}

/** Rank of kinds in the btree order: Object > Array > Boolean > Number > String > Null. */
export function jsonKindRank(value: JsonValue): number {
  if (value === null) return 0;
  if (typeof value === 'string') return 1;
  if (value instanceof Numeric) return 2;
  if (typeof value === 'boolean') return 3;
  if (isJsonArray(value)) return 4;
  return 5;
}

export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isJsonScalar(value: JsonValue): boolean {
  return jsonKindRank(value) < 4;
}

/**
 * jsonb's btree order. Containers compare by kind, then by size, then member by member; an empty
 * top-level array sorts below everything, an anomaly that PostgreSQL keeps for compatibility.
 */
export function compareJson(left: JsonValue, right: JsonValue): number {
  if (isJsonArray(left) !== isJsonArray(right)) {
    if (isJsonArray(left) && left.length === 0) return -1;
    if (isJsonArray(right) && right.length === 0) return 1;
  }
  return compareParts(left, right);
}

function compareParts(left: JsonValue, right: JsonValue): number {
  const rank = jsonKindRank(left) - jsonKindRank(right);
  if (rank !== 0) return rank;
  if (left === null || right === null) return 0;
  if (typeof left === 'string') return compareText(left, right as string);
  if (left instanceof Numeric) return left.compare(right as Numeric);
  if (typeof left === 'boolean') return Number(left) - Number(right);
  if (isJsonArray(left)) return compareArrays(left, right as readonly JsonValue[]);
  return compareObjects(left, right as JsonObject);
}

function compareArrays(left: readonly JsonValue[], right: readonly JsonValue[]): number {
  if (left.length !== right.length) return left.length - right.length;
  for (let index = 0; index < left.length; index++) {
    const order = compareParts(left[index], right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareObjects(left: JsonObject, right: JsonObject): number {
  if (left.members.size !== right.members.size) return left.members.size - right.members.size;
  const others = right.members.entries();
  for (const [key, value] of left.members) {
    const [otherKey, otherValue] = others.next().value!;
    const keyOrder = compareText(key, otherKey);
    if (keyOrder !== 0) return keyOrder;
    const order = compareParts(value, otherValue);
    if (order !== 0) return order;
  }
  return 0;
}

export function equalJson(left: JsonValue, right: JsonValue): boolean {
  return compareParts(left, right) === 0;
}

/** left @> right. A top-level array contains a scalar that is one of its elements. */
export function jsonContains(left: JsonValue, right: JsonValue): boolean {
  if (isJsonArray(left) && isJsonScalar(right)) {
    return left.some((element) => isJsonScalar(element) && equalJson(element, right));
  }
  return containsParts(left, right);
}

function containsParts(left: JsonValue, right: JsonValue): boolean {
  if (right instanceof JsonObject) {
    if (!(left instanceof JsonObject)) return false;
    for (const [key, value] of right.members) {
      const own = left.members.get(key);
      if (own === undefined || !containsParts(own, value)) return false;
    }
    return true;
  }
  if (isJsonArray(right)) {
    if (!isJsonArray(left)) return false;
    return right.every((wanted) => left.some((element) => containsParts(element, wanted)));
  }
  return isJsonScalar(left) && equalJson(left, right);
}

/** Equal documents have equal keys: numbers lose their display scale. */
export function jsonHashKey(value: JsonValue): string {
  if (value === null) return 'n';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Numeric) return `#${value.hashKey()}`;
  if (isJsonArray(value)) return `[${value.map(jsonHashKey).join(',')}]`;
  const parts: string[] = [];
  for (const [key, member] of value.members) {
    parts.push(`${JSON.stringify(key)}:${jsonHashKey(member)}`);
  }
  return `{${parts.join(',')}}`;
}
