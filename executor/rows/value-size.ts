// Rough heap bytes of values, for accounting against work_mem.

import { ArrayValue, type Column, type Datum, Jsonb, RecordValue } from '#common';

const objectBytes = 48;
const stringHeaderBytes = 24;

export function valueBytes(value: Datum): number {
  switch (typeof value) {
    case 'string':
      return stringHeaderBytes + value.length;
    case 'object':
      if (value === null) return 8;
      if (value instanceof Uint8Array) return objectBytes * 2 + value.length;
      if (value instanceof ArrayValue) return objectBytes + rowBytes(value.elements);
      if (value instanceof RecordValue) return objectBytes + rowBytes(value.fields);
      return value instanceof Jsonb ? value.heapBytes : objectBytes * 2;
    case 'bigint':
      return objectBytes;
    default:
      return 8;
  }
}

export function rowBytes(values: readonly Datum[]): number {
  let bytes = objectBytes;
  for (const value of values) bytes += valueBytes(value);
  return bytes;
}

/** Of the first `length` values of a column. */
export function columnBytes(column: Column, length: number): number {
  const values = column.values;
  if (!Array.isArray(values)) return 8 * length;
  let bytes = 8 * length;
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    if (typeof value === 'string') bytes += stringHeaderBytes + value.length;
    else if (typeof value === 'object' && value !== null) bytes += valueBytes(value);
  }
  return bytes;
}
