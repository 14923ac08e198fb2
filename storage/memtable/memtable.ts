// Committed versions that are newer than the page store: per tree a map from key to its versions.
// The newest version lies in the entry itself, so that the usual read is one map lookup; older ones
// are an array in ascending time, so that AS OF on a row with ten thousand versions is a binary search.
//
// A memtable is active (commits go into it), then frozen while it is flushed, then dropped. Readers
// that hold a frozen one keep it alive; it does not change any more.

import type { CommitTimestamp, Key, TreeId } from '../contract.ts';
import { OrderedEntries } from './ordered-entries.ts';

/** What an entry costs beside key and value, for the flush threshold. */
const entryOverheadBytes = 160;
const versionOverheadBytes = 80;

/** length of a version that is a deletion. */
export const deletedLength = -1;

/** An older version of a key; `to` is the next version's `from`. */
export interface OldVersion {
  readonly from: CommitTimestamp;
  readonly slab: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

export class MemoryEntry implements OldVersion {
  readonly key: Key;
  from: CommitTimestamp;
  slab: Uint8Array;
  offset: number;
  length: number;
  /** Ascending by `from`. */
  older: OldVersion[] | undefined = undefined;

  constructor(key: Key, from: CommitTimestamp, slab: Uint8Array, offset: number, length: number) {
    this.key = key;
    this.from = from;
    this.slab = slab;
    this.offset = offset;
    this.length = length;
  }

  /** The version that a snapshot at `at` sees; undefined when all are newer. */
  at(at: CommitTimestamp): OldVersion | undefined {
    if (this.from <= at) return this;
    const { older } = this;
    if (older === undefined) return undefined;
    let low = 0;
    let high = older.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((older[middle] as OldVersion).from <= at) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : older[low - 1];
  }
}

export function valueOf(version: OldVersion): Uint8Array | undefined {
  if (version.length < 0) return undefined;
  return version.slab.subarray(version.offset, version.offset + version.length);
}

export class TreeMemory {
  readonly entries = new Map<Key, MemoryEntry>();
  readonly ordered = new OrderedEntries<MemoryEntry>();
  /** The newest commit that touched the tree. */
  lastCommit: CommitTimestamp = 0;
}

export class Memtable {
  readonly trees = new Map<TreeId, TreeMemory>();
  readonly droppedTrees = new Set<TreeId>();
  bytes = 0;
  versions = 0;

  /** `from` is newer than all of the key's versions. The key and the slab are kept, not copied. */
  write(
    tree: TreeId,
    key: Key,
    from: CommitTimestamp,
    slab: Uint8Array,
    offset: number,
    length: number,
  ): void {
    let memory = this.trees.get(tree);
    if (memory === undefined) {
      memory = new TreeMemory();
      this.trees.set(tree, memory);
    }
    memory.lastCommit = from;
    this.versions++;
    const valueBytes = length > 0 ? length : 0;
    const entry = memory.entries.get(key);
    if (entry === undefined) {
      const added = new MemoryEntry(key, from, slab, offset, length);
      memory.entries.set(key, added);
      memory.ordered.add(added);
      this.bytes += entryOverheadBytes + key.length + valueBytes;
      return;
    }
    const old: OldVersion = {
      from: entry.from,
      slab: entry.slab,
      offset: entry.offset,
      length: entry.length,
    };
    if (entry.older === undefined) entry.older = [old];
    else entry.older.push(old);
    entry.from = from;
    entry.slab = slab;
    entry.offset = offset;
    entry.length = length;
    this.bytes += versionOverheadBytes + valueBytes;
  }

  /** Everything about the tree is forgotten: nobody reads it any more. */
  dropTree(tree: TreeId): void {
    this.trees.delete(tree);
    this.droppedTrees.add(tree);
  }

  get isEmpty(): boolean {
    return this.versions === 0 && this.droppedTrees.size === 0;
  }
}
