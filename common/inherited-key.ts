// Row keys of a table that others inherit from: the oid of the table that has the row (four bytes,
// big-endian), then its key there.

const prefixLength = 4;

export function rowKeyPrefix(tableOid: number): string {
  return String.fromCharCode(
    tableOid >>> 24,
    (tableOid >>> 16) & 255,
    (tableOid >>> 8) & 255,
    tableOid & 255,
  );
}

export function tableOfKey(key: string): number {
  return (
    ((key.charCodeAt(0) << 24) |
      (key.charCodeAt(1) << 16) |
      (key.charCodeAt(2) << 8) |
      key.charCodeAt(3)) >>>
    0
  );
}

export function keyWithin(key: string): string {
  return key.slice(prefixLength);
}
