// The hidden key of rows in tables without a primary key: a counter as 8 bytes, big-endian, so that
// rows lie in the order in which they came.

import type { Key } from '../contract.ts';

/** The counter in a hidden key. */
export function hiddenRowId(key: Key): number {
  let id = 0;
  for (let i = 0; i < key.length; i++) id = id * 256 + key.charCodeAt(i);
  return id;
}

export function hiddenRowKey(rowId: number): Key {
  const high = Math.floor(rowId / 0x100000000);
  const low = rowId >>> 0;
  return String.fromCharCode(
    high >>> 24,
    (high >>> 16) & 255,
    (high >>> 8) & 255,
    high & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
    low & 255,
  );
}
