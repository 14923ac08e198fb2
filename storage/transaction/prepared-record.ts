// The row of a prepared transaction (tree preparedTreeId, key: its identifier in UTF-8), little-endian:
//
//   offset  bytes
//        0      4  length of the header
//        4      …  header: JSON of PreparedHeader
//        …      4  number of row locks, then of each:
//                    4  tree id
//                    1  modes, as bits
//                    4  key bytes, then the key
//        …         the writes, as a commit record's payload

import type { Key, TreeId } from '../contract.ts';

export const preparedTreeId: TreeId = 2;

export interface PreparedHeader {
  readonly identifier: string;
  /** Role and database oids. */
  readonly owner: number;
  readonly database: number;
  /** Microseconds since 1970. */
  readonly preparedAt: number;
  readonly droppedTrees: readonly TreeId[];
  /** Table oids with the modes held, as bits. */
  readonly tableLocks: readonly (readonly [oid: number, modes: number])[];
}

export interface RowLockRecord {
  readonly tree: TreeId;
  readonly key: Key;
  readonly modes: number;
}

const lockBytes = 9;

export function encodePrepared(
  header: PreparedHeader,
  rowLocks: readonly RowLockRecord[],
  writes: Uint8Array,
): Uint8Array {
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  let length = 8 + text.length + writes.length;
  for (const { key } of rowLocks) length += lockBytes + key.length;
  const row = Buffer.alloc(length);
  let offset = row.writeUInt32LE(text.length, 0);
  offset += text.copy(row, offset);
  offset = row.writeUInt32LE(rowLocks.length, offset);
  for (const { tree, key, modes } of rowLocks) {
    offset = row.writeUInt32LE(tree, offset);
    offset = row.writeUInt8(modes, offset);
    offset = row.writeUInt32LE(key.length, offset);
    offset += row.write(key, offset, 'latin1');
  }
  row.set(writes, offset);
  return row;
}

export interface PreparedRecord {
  readonly header: PreparedHeader;
  readonly rowLocks: readonly RowLockRecord[];
  readonly writes: Uint8Array;
}

export function decodePrepared(value: Uint8Array): PreparedRecord {
  const row = Buffer.from(value);
  const headerEnd = 4 + row.readUInt32LE(0);
  const header = JSON.parse(row.toString('utf8', 4, headerEnd)) as PreparedHeader;
  const count = row.readUInt32LE(headerEnd);
  let offset = headerEnd + 4;
  const rowLocks: RowLockRecord[] = [];
  for (let index = 0; index < count; index++) {
    const keyStart = offset + lockBytes;
    const keyEnd = keyStart + row.readUInt32LE(offset + 5);
    rowLocks.push({
      tree: row.readUInt32LE(offset),
      modes: row.readUInt8(offset + 4),
      key: row.toString('latin1', keyStart, keyEnd),
    });
    offset = keyEnd;
  }
  return { header, rowLocks, writes: row.subarray(offset) };
}
