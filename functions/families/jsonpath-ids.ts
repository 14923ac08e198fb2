// The "id" that .keyvalue() gives an object: where its container begins in the binary form of the
// document (PostgreSQL's jsonb layout: a header word, an entry word per element or per key and value,
// then the data, in which numbers and containers are aligned to four bytes).

import { isJsonArray, JsonObject, type JsonValue, Numeric } from '#common';

/** 0 for the document itself and for what is not part of it. */
export function keyValueId(document: JsonValue, object: JsonObject): number {
  return offsetIn(document, object, 0)?.found ?? 0;
}

interface Search {
  readonly found: number | undefined;
  readonly end: number;
}

function offsetIn(value: JsonValue, wanted: JsonObject, start: number): Search | undefined {
  if (value === wanted) return { found: start, end: start };
  if (value instanceof JsonObject) {
    const keys = [...value.members.keys()];
    const children: JsonValue[] = [...keys, ...value.members.values()];
    return searchChildren(children, wanted, start);
  }
  return isContainer(value) ? searchChildren(value, wanted, start) : undefined;
}

function searchChildren(children: readonly JsonValue[], wanted: JsonObject, start: number): Search {
  let at = start + 4 + children.length * 4;
  for (const child of children) {
    if (child === null || typeof child === 'boolean') continue;
    if (typeof child === 'string') {
      at += Buffer.byteLength(child);
      continue;
    }
    at = (at + 3) & ~3;
    if (child instanceof Numeric) {
      at += numericBytes(child);
      continue;
    }
    const inner = offsetIn(child, wanted, at);
    if (inner === undefined) continue;
    if (inner.found !== undefined) return inner;
    at = inner.end;
  }
  return { found: undefined, end: at };
}

function isContainer(value: JsonValue): value is readonly JsonValue[] {
  return value !== null && typeof value === 'object' && isJsonArray(value);
}

/** A varlena word, a header (two bytes; four when scale or weight is large), two bytes per base-10000 digit. */
function numericBytes(value: Numeric): number {
  if (!value.isFinite) return 6;
  const [whole, fraction = ''] = value.abs().toString().split('.');
  const wholeDigits = whole === '0' ? '' : whole;
  const padded = wholeDigits.padStart(Math.ceil(wholeDigits.length / 4) * 4, '0');
  const groups = `${padded}${fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')}`;
  const stripped = (groups.match(/.{4}/g) ?? [])
    .join(' ')
    .replace(/^(?:0000 ?)+|(?: ?0000)+$/g, '');
  const digits = stripped === '' ? 0 : stripped.split(' ').length;
  const header = value.scale > 63 || padded.length / 4 > 64 ? 4 : 2;
  return 4 + header + digits * 2;
}
