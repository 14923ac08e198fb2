// The seam inside storage between versions-in-memory (log, memtable, transactions) and
// versions-on-disk (page trees in LMDB). One PageStore holds, per TreeId, a `current` tree (newest
// version per key) and a `history` tree (closed versions).

import type { CommitTimestamp, Key, KeyBounds, LogPosition, TreeId } from "./contract.ts";

/** One key's change since the last flush: all its versions since then, newest first. */
export interface FlushedKey {
  readonly tree: TreeId;
  readonly key: Key;
  /** Newest first; value undefined is a deletion. The oldest closes what `current` held. */
  readonly versions: readonly { readonly from: CommitTimestamp; readonly value: Uint8Array | undefined }[];
}

export interface PageStore {
  /** The log position that what is on disk covers; recovery replays from here. */
  readonly appliedPosition: LogPosition;
  /**
   * Writes a memtable generation in one synced LMDB transaction (done off the main thread): sorted by
   * tree, then key. Resolves when durable; snapshots taken afterwards see it.
   */
  apply(changes: Iterable<FlushedKey>, droppedTrees: readonly TreeId[], metadata: FlushMetadata): Promise<void>;
  /** Pins one LMDB read view. Cheap; shared between callers until the next apply(). */
  snapshot(): PageSnapshot;
  metadata(): FlushMetadata | undefined;
  close(): Promise<void>;
}

/** State that travels with a flush. */
export interface FlushMetadata {
  readonly position: LogPosition;
  readonly lastCommit: CommitTimestamp;
  readonly nextTreeId: number;
  readonly nextOid: number;
  readonly counters: readonly { readonly id: number; readonly lastValue: string; readonly isCalled: boolean }[];
  readonly rowIds: readonly { readonly tree: TreeId; readonly next: number }[];
}

export interface PageSnapshot {
  /** Newest version on disk; undefined when there is none. Sets `from`. The bytes are valid until the next call. */
  getCurrent(tree: TreeId, key: Key): Uint8Array | undefined;
  /** `from` of the version that the last get returned. */
  readonly from: CommitTimestamp;
  /** The closed version with from <= at < to, if any. Sets `from` and `to`. */
  getHistory(tree: TreeId, key: Key, at: CommitTimestamp): Uint8Array | undefined;
  readonly to: CommitTimestamp;
  scanCurrent(tree: TreeId, bounds: KeyBounds, backward: boolean): PageCursor;
  /** Closed versions, by key ascending (or descending), newest first within a key. */
  scanHistory(tree: TreeId, bounds: KeyBounds, backward: boolean): PageCursor;
  /** Estimated number of keys in current, and mean bytes of a value. */
  estimate(tree: TreeId): { readonly rows: number; readonly rowBytes: number };
  release(): void;
}

/** The fields are valid after next() returned true, until the next call on the store. */
export interface PageCursor {
  next(): boolean;
  readonly key: Key;
  readonly value: Uint8Array;
  readonly from: CommitTimestamp;
  /** History only. */
  readonly to: CommitTimestamp;
  close(): void;
}
