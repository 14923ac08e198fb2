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
/** length of a workspace's entry whose writes were all undone. */
export const absentLength = -2;

/** An older version of a key; `to` is the next version's `from`. */
export interface OldVersion {
  readonly from: CommitTimestamp;
  readonly slab: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** A version in a workspace, with those before it. */
export interface OwnVersion {
  readonly sequence: number;
  readonly slab: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly previous: OwnVersion | undefined;
}

/**
 * A key with its newest version. It begins as a slot of a transaction's workspace (transaction/
 * workspace.ts uses `sequence` and `previous`) and becomes the memtable's entry when that commits.
 */
export class MemoryEntry implements OldVersion {
  readonly key: Key;
  from: CommitTimestamp;
  slab: Uint8Array;
  offset: number;
  length: number;
  /** Ascending by `from`. */
  older: OldVersion[] | undefined = undefined;
  /** The write's place in its transaction's undo list; 0 once committed. */
  sequence: number;
  /** Own versions before this one; undefined once committed. */
  previous: OwnVersion | undefined = undefined;

  constructor(
    key: Key,
    from: CommitTimestamp,
    value: { readonly slab: Uint8Array; readonly offset: number; readonly length: number },
    sequence: number,
  ) {
    this.key = key;
    this.from = from;
    this.slab = value.slab;
    this.offset = value.offset;
    this.length = value.length;
    this.sequence = sequence;
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
      if (older[middle].from <= at) low = middle + 1;
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
  readonly entries: Map<Key, MemoryEntry>;
  readonly ordered: OrderedEntries<MemoryEntry>;
  /** The newest commit that touched the tree. */
  lastCommit: CommitTimestamp = 0;

  constructor(entries: Map<Key, MemoryEntry>, ordered: OrderedEntries<MemoryEntry>) {
    this.entries = entries;
    this.ordered = ordered;
  }
}

export class Memtable {
  readonly trees = new Map<TreeId, TreeMemory>();
  readonly droppedTrees = new Set<TreeId>();
  bytes = 0;
  versions = 0;

  /** A version of the log. `from` is newer than the key's versions, or that of the newest. */
  write(
    tree: TreeId,
    key: Key,
    from: CommitTimestamp,
    value: { readonly slab: Uint8Array; readonly offset: number; readonly length: number },
  ): void {
    this.#add(this.#memoryOf(tree), new MemoryEntry(key, from, value, 0));
  }

  /**
   * Takes over what a transaction wrote to a tree: the entries themselves become the memtable's, and
   * when nothing of the tree is here yet, so does their map. `bytes` is the size of keys and values.
   */
  takeWrites(
    tree: TreeId,
    writes: {
      readonly entries: Map<Key, MemoryEntry>;
      readonly ordered: OrderedEntries<MemoryEntry>;
      readonly hasUndone: boolean;
    },
    from: CommitTimestamp,
  ): void {
    const isNew = !this.trees.has(tree) && !writes.hasUndone;
    if (isNew) this.trees.set(tree, new TreeMemory(writes.entries, writes.ordered));
    const memory = this.#memoryOf(tree);
    memory.lastCommit = from;
    for (const entry of writes.entries.values()) {
      if (entry.length === absentLength) continue;
      entry.from = from;
      entry.sequence = 0;
      entry.previous = undefined;
      if (isNew) this.#count(entry, entryOverheadBytes + entry.key.length);
      else this.#add(memory, entry);
    }
  }

  #memoryOf(tree: TreeId): TreeMemory {
    let memory = this.trees.get(tree);
    if (memory === undefined) {
      memory = new TreeMemory(new Map(), new OrderedEntries());
      this.trees.set(tree, memory);
    }
    return memory;
  }

  #add(memory: TreeMemory, added: MemoryEntry): void {
    memory.lastCommit = added.from;
    const entry = memory.entries.get(added.key);
    if (entry === undefined) {
      memory.entries.set(added.key, added);
      memory.ordered.add(added);
      this.#count(added, entryOverheadBytes + added.key.length);
      return;
    }
    if (entry.from !== added.from) {
      const old: OldVersion = {
        from: entry.from,
        slab: entry.slab,
        offset: entry.offset,
        length: entry.length,
      };
      if (entry.older === undefined) entry.older = [old];
      else entry.older.push(old);
    }
    entry.from = added.from;
    entry.slab = added.slab;
    entry.offset = added.offset;
    entry.length = added.length;
    this.#count(added, versionOverheadBytes);
  }

  #count(version: OldVersion, overheadBytes: number): void {
    this.versions++;
    this.bytes += overheadBytes + Math.max(0, version.length);
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
