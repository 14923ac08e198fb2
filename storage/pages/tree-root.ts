// The root record of one page tree: a `current` or a `history` tree of a TreeId, or its `changes` tree
// (segment-directory.ts).
//
//    0  u32  root page id
//    4  u32  level of the root page
//    8  f64  rows
//   16  f64  bytes of all values
//   24  f64  bulk timestamp: what a stored time of 0 stands for; -1 or -2 while no commit has named the tree

import type { CommitTimestamp, TreeId } from '../contract.ts';

export interface TreeRoot {
  readonly pageId: number;
  readonly level: number;
  readonly rows: number;
  readonly valueBytes: number;
  readonly bulkTimestamp: CommitTimestamp;
}

/** Bulk timestamps of trees that no commit has named: readable by whoever knows the id, or by nobody. */
export const unadopted = -1;
export const hidden = -2;
const rootBytes = 32;

export function currentSlot(tree: TreeId): number {
  return tree * 2;
}
export function historySlot(tree: TreeId): number {
  return tree * 2 + 1;
}
const firstChangeSlot = 2 ** 31;
export function changeSlot(tree: TreeId): number {
  return firstChangeSlot + tree;
}

export function encodeRoot(root: TreeRoot): Buffer {
  const bytes = Buffer.alloc(rootBytes);
  bytes.writeUInt32LE(root.pageId, 0);
  bytes.writeUInt32LE(root.level, 4);
  bytes.writeDoubleLE(root.rows, 8);
  bytes.writeDoubleLE(root.valueBytes, 16);
  bytes.writeDoubleLE(root.bulkTimestamp, 24);
  return bytes;
}
export function decodeRoot(bytes: Buffer): TreeRoot {
  return {
    pageId: bytes.readUInt32LE(0),
    level: bytes.readUInt32LE(4),
    rows: bytes.readDoubleLE(8),
    valueBytes: bytes.readDoubleLE(16),
    bulkTimestamp: bytes.readDoubleLE(24),
  };
}

/** What a write made stale in readers' memory; `sequence` numbers the writes that readers can see. */
export interface ChangeNotice {
  readonly innerPages: readonly number[];
  readonly treeSlots: readonly number[];
  readonly sequence: number;
}
