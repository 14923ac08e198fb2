// The payload of commit and chunk records, little-endian:
//
//   offset  bytes
//        0      8  commit timestamp, float64 (0 in a chunk)
//        8      4  transaction number, which ties chunks to their commit
//       12      4  chunks that came before this record
//       16      4  number of dropped trees (0 in a chunk)
//       20      4  number of built trees (0 in a chunk)
//       24    4 n  dropped tree ids, then built tree ids
//        …         rows to the end of the payload:
//                    4  tree id
//                    4  key bytes
//                    4  value bytes, or 0xffffffff for a deletion
//                    …  key, value

import type { CommitTimestamp, Key, TreeId } from '../contract.ts';

export interface CommitHeader {
  readonly timestamp: CommitTimestamp;
  readonly transaction: number;
  readonly chunks: number;
  readonly droppedTrees: readonly TreeId[];
  readonly builtTrees: readonly TreeId[];
}

const headerBytes = 24;
const rowHeaderBytes = 12;
const deletion = 0xffffffff;
/** Shorter keys are copied by a loop, longer ones by a native call. */
const shortKey = 32;

/** Writes payloads into one buffer that grows and is used again. */
export class CommitWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  begin(header: CommitHeader): void {
    const trees = [...header.droppedTrees, ...header.builtTrees];
    this.#length = 0;
    this.#ensure(headerBytes + 4 * trees.length);
    const buffer = this.#buffer;
    buffer.writeDoubleLE(header.timestamp, 0);
    buffer.writeUInt32LE(header.transaction, 8);
    buffer.writeUInt32LE(header.chunks, 12);
    buffer.writeUInt32LE(header.droppedTrees.length, 16);
    buffer.writeUInt32LE(header.builtTrees.length, 20);
    let offset = headerBytes;
    for (const tree of trees) offset = buffer.writeUInt32LE(tree, offset);
    this.#length = offset;
  }

  /** length < 0 is a deletion. */
  row(tree: TreeId, key: Key, slab: Uint8Array, start: number, length: number): void {
    const valueBytes = length < 0 ? 0 : length;
    this.#ensure(rowHeaderBytes + key.length + valueBytes);
    const buffer = this.#buffer;
    let offset = this.#length;
    buffer.writeUInt32LE(tree, offset);
    buffer.writeUInt32LE(key.length, offset + 4);
    buffer.writeUInt32LE(length < 0 ? deletion : length, offset + 8);
    offset += rowHeaderBytes;
    if (key.length <= shortKey) {
      for (let i = 0; i < key.length; i++) buffer[offset + i] = key.charCodeAt(i);
    } else {
      buffer.write(key, offset, 'latin1');
    }
    offset += key.length;
    if (valueBytes > 0) {
      if (valueBytes <= shortKey) {
        for (let i = 0; i < valueBytes; i++) buffer[offset + i] = slab[start + i];
      } else {
        buffer.set(slab.subarray(start, start + valueBytes), offset);
      }
    }
    this.#length = offset + valueBytes;
  }

  /** Valid until the next begin(). */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #ensure(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

function asBuffer(payload: Uint8Array): Buffer {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

export function readCommitHeader(payload: Uint8Array): CommitHeader {
  const buffer = asBuffer(payload);
  const droppedCount = buffer.readUInt32LE(16);
  const builtCount = buffer.readUInt32LE(20);
  const treeAt = (ordinal: number): TreeId => buffer.readUInt32LE(headerBytes + 4 * ordinal);
  return {
    timestamp: buffer.readDoubleLE(0),
    transaction: buffer.readUInt32LE(8),
    chunks: buffer.readUInt32LE(12),
    droppedTrees: Array.from({ length: droppedCount }, (_, i) => treeAt(i)),
    builtTrees: Array.from({ length: builtCount }, (_, i) => treeAt(droppedCount + i)),
  };
}

/** Rows in the order of writing; the value lies in the payload's buffer, length -1 is a deletion. */
export function readCommitRows(
  payload: Uint8Array,
  visit: (tree: TreeId, key: Key, slab: Uint8Array, offset: number, length: number) => void,
): void {
  const buffer = asBuffer(payload);
  let offset = headerBytes + 4 * (buffer.readUInt32LE(16) + buffer.readUInt32LE(20));
  while (offset < buffer.length) {
    const tree = buffer.readUInt32LE(offset);
    const keyBytes = buffer.readUInt32LE(offset + 4);
    const valueBytes = buffer.readUInt32LE(offset + 8);
    offset += rowHeaderBytes;
    const key = buffer.toString('latin1', offset, offset + keyBytes);
    offset += keyBytes;
    if (valueBytes === deletion) {
      visit(tree, key, buffer, 0, -1);
    } else {
      visit(tree, key, buffer, offset, valueBytes);
      offset += valueBytes;
    }
  }
}
