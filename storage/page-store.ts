// The seam inside storage between versions-in-memory (log, memtable, transactions) and
// versions-on-disk (page trees in LMDB). One PageStore holds, per TreeId, a `current` tree (newest
// version per key) and a `history` tree (closed versions).

import type { CommitTimestamp, Key, KeyBounds, LogPosition, TreeId } from './contract.ts';
import type { NamedSegments, SegmentDirectory } from './pages/segment-directory.ts';

/** One key's change since the last flush: all its versions since then, newest first. */
export interface FlushedKey {
  readonly tree: TreeId;
  readonly key: Key;
  /** Newest first; value undefined is a deletion. The oldest closes what `current` held. */
  readonly versions: readonly {
    readonly from: CommitTimestamp;
    readonly value: Uint8Array | undefined;
  }[];
}

export interface PageStore {
  /** The log position that what is on disk covers; recovery replays from here. */
  readonly appliedPosition: LogPosition;
  /**
   * Writes a memtable generation in one synced LMDB transaction (done off the main thread): sorted by
   * tree, then key. Resolves when durable; snapshots taken afterwards see it.
   */
  apply(
    changes: Iterable<FlushedKey>,
    droppedTrees: readonly TreeId[],
    metadata: FlushMetadata,
  ): Promise<void>;
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
  readonly counters: readonly {
    readonly id: number;
    readonly lastValue: string;
    readonly isCalled: boolean;
  }[];
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

// ---- Whole pages and bulk loads, beside the row-at-a-time interface above ----

/**
 * One leaf of a `current` tree, decoded no further than it must be: a scan of many rows reads values
 * straight out of `buffer`. Entry i is in key order (also when scanning backward: walk i downwards).
 * Valid until the next nextLeaf() of the same scan; other reads in between do no harm.
 */
export interface LeafView {
  readonly buffer: Buffer;
  /** Entries first <= i < end are within the scan's bounds. */
  readonly first: number;
  readonly end: number;
  /** Is the value stored outside of the page? Then value(i) fetches it; valueStart/End mean nothing. */
  isLarge(i: number): boolean;
  valueStart(i: number): number;
  valueEnd(i: number): number;
  from(i: number): CommitTimestamp;
  /** True when from(i) <= at for every entry of the page: the usual case, checked once a page. */
  allFromAtMost(at: CommitTimestamp): boolean;
  key(i: number): Key;
  value(i: number): Uint8Array;
  /**
   * The leaf's bytes become the caller's, who gives a buffer of pageBufferBytes for the next leaf (or
   * none: a new one is made). The leaf must not be read any more.
   */
  takeBuffer(replacement: Buffer | undefined): Buffer;
}

export interface LeafScan {
  nextLeaf(): LeafView | undefined;
  close(): void;
}

export interface PageScans {
  scanLeaves(tree: TreeId, bounds: KeyBounds, backward: boolean): LeafScan;
  /**
   * Where leaves of the `current` tree begin: `count` of them drawn at random, in key order, none twice;
   * all of them when there are not more. Reads inner pages only.
   */
  sampleLeaves(tree: TreeId, count: number, random: () => number): readonly Key[];
  /**
   * Where leaves of the `current` tree begin: `count` of them drawn at random, in key order, none twice;
   * all of them when there are not more. Reads inner pages only.
   */
  sampleLeaves(tree: TreeId, count: number, random: () => number): readonly Key[];
  /** The commit that named a tree built in bulk; 0 for other trees. Older snapshots see nothing of it. */
  builtAt(tree: TreeId): CommitTimestamp;
  /** Keys, ascending, that cut the tree into pieces of about so many rows (as far as inner pages tell). */
  splitKeys(tree: TreeId, rows: number): Key[];
  /** The tree's column segments as this snapshot names them, and the keys that have changed since (with the times of the newest changes). */
  segments(tree: TreeId): NamedSegments | undefined;
  scanChanges(tree: TreeId, bounds: KeyBounds): LeafScan;
}

/**
 * What the table layer needs of a Transaction or SnapshotReader for scans at page speed: the pages,
 * and a cursor over the keys that something newer than the pages (memtable, workspace) covers. A
 * reader that does not offer it (or returns undefined) is scanned through scan().
 */
export interface LayeredReader {
  /** undefined when this view cannot be read in layers. */
  openLayers(tree: TreeId, bounds: KeyBounds, backward: boolean): ScanLayers | undefined;
  /** Was the tree built in bulk by a commit that this reader's snapshot, or one at the moment, does not see? */
  isYounger(tree: TreeId, moment?: CommitTimestamp): boolean;
  /** PageScans.splitKeys() */
  splitKeys(tree: TreeId, rows: number): Key[];
  /** The tree's column segments, for rows as of a moment (or now); undefined (or no method): read the row store. */
  openSegments?(tree: TreeId, asOf: CommitTimestamp | undefined): SegmentLayers | undefined;
}

/** A tree's column segments as one LMDB snapshot names them, and what has changed since they were built. */
export interface SegmentLayers {
  /** Names this state of directory and changes. */
  readonly version: number;
  readonly directory: SegmentDirectory;
  /** Where the files are. */
  readonly folder: string;
  /** The moment whose rows are wanted, and the newest that the reader can read. */
  readonly at: CommitTimestamp;
  readonly readableAt: CommitTimestamp;
  /** Keys that have changed, with the time of the newest change as `from`. */
  scanChanges(bounds: KeyBounds): LeafScan;
  /** Further keys that the reader must look up, because memory has something of them; undefined: there are none. */
  openOverlay(bounds: KeyBounds): OverlayCursor | undefined;
  /** No file is read any more. */
  close(): void;
}

export interface ScanLayers {
  readonly leaves: LeafScan;
  /** Page entries with `from` above this need a look into history: pages.getHistory(tree, key, at). */
  readonly at: CommitTimestamp;
  readonly pages: PageSnapshot;
  /**
   * Keys of memtable and workspace within the bounds, in scan order, with what the reader sees there:
   * a value, undefined for "no such row", or `pages` true when nothing above the pages is visible to
   * this snapshot (the key's page entry or history decides). undefined when there are none at all.
   */
  readonly overlay: OverlayCursor | undefined;
}

export interface OverlayCursor {
  next(): boolean;
  readonly key: Key;
  readonly value: Uint8Array | undefined;
  /** Where the value lies; the memory does not change. A negative length: the reader sees a deletion. */
  readonly slab: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly from: CommitTimestamp;
  readonly pages: boolean;
  close(): void;
}

/** Bulk loads: a fresh tree's pages are built and synced before the commit record names the tree. */
export interface BulkPageStore {
  /**
   * Starts building the `current` tree of a fresh tree id. Only the transaction that allocated the id
   * may read it until adoptTree(); until then its entries have `from` 0.
   */
  buildTree(tree: TreeId, options?: BuildOptions): TreeBuilder;
  /**
   * The commit with this timestamp (and its commit record, when replayed) names the built tree: its
   * entries' `from` becomes the timestamp. Persisted by the next apply(), so the log replays it until then.
   */
  adoptTree(tree: TreeId, timestamp: CommitTimestamp): void;
  /** Adopted trees that no apply() has persisted: other threads do not see them yet. */
  readonly hasUnsavedAdoptions: boolean;
  /** Rolled back, or never named by the end of recovery. */
  discardTree(tree: TreeId): void;
  /** Built trees that no adoptTree() has named; recovery discards what is left after replay. */
  unadoptedTrees(): readonly TreeId[];
}

export interface BuildOptions {
  /**
   * The tree id is not fresh (but empty for everybody), so others may look into the tree: they see
   * nothing until it is adopted, and neither does the builder's own transaction.
   */
  readonly hidden: boolean;
}

export interface TreeBuilder {
  /** Any order; the bytes are copied. */
  add(key: Key, value: Uint8Array): void;
  /** The value is [start, end) of the buffer. */
  addSlice(key: Key, source: Buffer, start: number, end: number): void;
  /** Bytes added and not yet taken by the worker thread. */
  readonly backlogBytes: number;
  /** Resolves when the writer thread has taken some more of the backlog, or the load has ended. */
  whenTaken(): Promise<void>;
  /** Resolves when the tree is on disk and synced; `duplicate` is a key that was added twice (nothing is kept then). */
  finish(): Promise<{ readonly rows: number; readonly duplicate: Key | undefined }>;
  abort(): void;
}
