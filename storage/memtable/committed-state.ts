// What has been committed, as readers see it: the active memtable, the frozen one that is on its way
// to disk, and the page store's newest snapshot. Readers ask for a moment; whatever layer holds the
// version answers.
//
// Invariants
// - A version is in the page snapshot or in a memtable (or both for a moment), never in neither.
// - The page store holds nothing newer than flushedCommit(tree) for a tree: a snapshot at or after
//   that moment never needs the tree's history.

import type { CommitTimestamp, Key, LogPosition, TreeId } from '../contract.ts';
import type { PageSnapshot, PageStore } from '../page-store.ts';
import { Memtable, type TreeMemory, valueOf } from './memtable.ts';

/** Commits that are applied and not yet known to be on disk, oldest first. */
interface UnsyncedCommit {
  readonly timestamp: CommitTimestamp;
  readonly position: LogPosition;
}

export class CommittedState {
  active = new Memtable();
  flushing: Memtable | undefined = undefined;
  pages: PageSnapshot;
  lastCommit: CommitTimestamp;
  /** Versions newer than this are not known to be durable. */
  syncedCommit: CommitTimestamp;
  /** `from` of the version that find() returned, also of a deletion; 0 when there was none. */
  from: CommitTimestamp = 0;

  readonly store: PageStore;
  /** Newest commit in the page store, for all trees that are not in the map. */
  readonly #flushedBefore: CommitTimestamp;
  readonly #flushedCommits = new Map<TreeId, CommitTimestamp>();
  /** Keys written by flushes so far. */
  readonly #flushedKeys = new Map<TreeId, number>();
  #unsynced: UnsyncedCommit[] = [];

  constructor(store: PageStore) {
    this.store = store;
    this.pages = store.snapshot();
    this.lastCommit = store.metadata()?.lastCommit ?? 0;
    this.syncedCommit = this.lastCommit;
    this.#flushedBefore = this.lastCommit;
  }

  flushedCommit(tree: TreeId): CommitTimestamp {
    return this.#flushedCommits.get(tree) ?? this.#flushedBefore;
  }

  /** The value that a snapshot at `at` sees. Sets `from`. */
  find(tree: TreeId, key: Key, at: CommitTimestamp): Uint8Array | undefined {
    const inMemory =
      this.active.trees.get(tree)?.entries.get(key)?.at(at) ??
      this.flushing?.trees.get(tree)?.entries.get(key)?.at(at);
    if (inMemory !== undefined) {
      this.from = inMemory.from;
      return valueOf(inMemory);
    }
    const { pages } = this;
    const value = pages.getCurrent(tree, key);
    if (value !== undefined && pages.from <= at) {
      this.from = pages.from;
      return value;
    }
    this.from = 0;
    if (at >= this.flushedCommit(tree)) return undefined;
    const old = pages.getHistory(tree, key, at);
    if (old !== undefined) this.from = pages.from;
    return old;
  }

  /** Has what a snapshot at `at` sees of the key changed since? */
  changedSince(tree: TreeId, key: Key, at: CommitTimestamp): boolean {
    const entry =
      this.active.trees.get(tree)?.entries.get(key) ??
      this.flushing?.trees.get(tree)?.entries.get(key);
    if (entry !== undefined) return entry.from > at;
    if (at >= this.flushedCommit(tree)) return false;
    const { pages } = this;
    if (pages.getCurrent(tree, key) !== undefined) return pages.from > at;
    return pages.getHistory(tree, key, at) !== undefined;
  }

  /** Memtables that have something in the tree, newest first. */
  memories(tree: TreeId): TreeMemory[] {
    const found: TreeMemory[] = [];
    const active = this.active.trees.get(tree);
    if (active !== undefined) found.push(active);
    const flushing = this.flushing?.trees.get(tree);
    if (flushing !== undefined) found.push(flushing);
    return found;
  }

  /** Keys of a tree that were written since the start, those of one memtable counted once. */
  changes(tree: TreeId): number {
    let count = this.#flushedKeys.get(tree) ?? 0;
    for (const { entries } of this.memories(tree)) count += entries.size;
    return count;
  }

  /** The newest commit that touched the tree, or that may have, when it is on disk. */
  newestCommit(tree: TreeId): CommitTimestamp {
    return (
      this.active.trees.get(tree)?.lastCommit ??
      this.flushing?.trees.get(tree)?.lastCommit ??
      this.flushedCommit(tree)
    );
  }

  /** A commit was applied up to this log position. */
  committed(timestamp: CommitTimestamp, position: LogPosition): void {
    this.lastCommit = timestamp;
    this.#unsynced.push({ timestamp, position });
  }

  synced(position: LogPosition): void {
    const unsynced = this.#unsynced;
    let count = 0;
    while (count < unsynced.length && unsynced[count].position <= position) {
      count++;
    }
    if (count === 0) return;
    this.syncedCommit = unsynced[count - 1].timestamp;
    this.#unsynced = unsynced.slice(count);
  }

  /** The log position that must be synced before a version of this commit may be shown. */
  positionOf(timestamp: CommitTimestamp): LogPosition {
    const unsynced = this.#unsynced;
    let low = 0;
    let high = unsynced.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (unsynced[middle].timestamp < timestamp) low = middle + 1;
      else high = middle;
    }
    return unsynced[low]?.position ?? 0;
  }

  /** The active memtable becomes the one that is flushed; nothing is being flushed. */
  freeze(): Memtable {
    const frozen = this.active;
    this.flushing = frozen;
    this.active = new Memtable();
    // From here on the pages may hold these commits: readers of an earlier moment look into history.
    for (const [tree, memory] of frozen.trees) this.#flushedCommits.set(tree, memory.lastCommit);
    return frozen;
  }

  /** The frozen memtable is in the page store. */
  flushed(): void {
    const frozen = this.flushing;
    if (frozen === undefined) return;
    for (const [tree, { entries }] of frozen.trees)
      this.#flushedKeys.set(tree, (this.#flushedKeys.get(tree) ?? 0) + entries.size);
    for (const tree of frozen.droppedTrees) {
      this.#flushedCommits.delete(tree);
      this.#flushedKeys.delete(tree);
    }
    this.flushing = undefined;
    this.refreshPages();
  }

  /** A tree whose pages were built beforehand became visible at this commit. */
  adopted(tree: TreeId, timestamp: CommitTimestamp): void {
    this.#flushedCommits.set(tree, timestamp);
    this.refreshPages();
  }

  refreshPages(): void {
    const before = this.pages;
    this.pages = this.store.snapshot();
    before.release();
  }

  get memoryBytes(): number {
    return this.active.bytes + (this.flushing?.bytes ?? 0);
  }

  get memoryVersions(): number {
    return this.active.versions + (this.flushing?.versions ?? 0);
  }
}
