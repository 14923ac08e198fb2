// What a SERIALIZABLE transaction has read, and the journal of what others committed meanwhile.
//
// Validation is backward and optimistic: a transaction that writes may commit when nothing that it
// read has changed since its snapshot, so it could as well have run at its commit: the order of
// commits is then a serial order. A transaction that wrote nothing stands, as a whole, at its
// snapshot, and never fails. (Kung & Robinson 1981, with ranges, so that phantoms count as changes.)

import type { CommitTimestamp, Key, KeyBounds, TreeId } from '../contract.ts';
import { limits } from '../limits.ts';
import { absentLength } from '../memtable/memtable.ts';
import type { TreeWrites } from './workspace.ts';

/** A range that a cursor has read; `upper` or `lower` moves in when the cursor ends early. */
export interface ReadRange {
  lower: Key | undefined;
  upper: Key | undefined;
}

export class ReadSet {
  readonly #keys = new Map<TreeId, Set<Key>>();
  readonly #ranges = new Map<TreeId, ReadRange[]>();

  addKey(tree: TreeId, key: Key): void {
    const keys = this.#keys.get(tree);
    if (keys === undefined) this.#keys.set(tree, new Set([key]));
    else keys.add(key);
  }

  addRange(tree: TreeId, bounds: KeyBounds): ReadRange {
    const range = { lower: bounds.lower, upper: bounds.upper };
    const ranges = this.#ranges.get(tree);
    if (ranges === undefined) this.#ranges.set(tree, [range]);
    else ranges.push(range);
    return range;
  }

  isTouchedBy(written: WrittenKeys): boolean {
    const keys = this.#keys.get(written.tree);
    const ranges = this.#ranges.get(written.tree);
    if (keys === undefined && ranges === undefined) return false;
    return written.keys.some(
      (key) => keys?.has(key) === true || ranges?.some((range) => contains(range, key)) === true,
    );
  }
}

function contains(range: ReadRange, key: Key): boolean {
  if (range.lower !== undefined && key < range.lower) return false;
  return range.upper === undefined || key < range.upper;
}

interface WrittenKeys {
  readonly tree: TreeId;
  readonly keys: readonly Key[];
}

interface JournalEntry {
  readonly timestamp: CommitTimestamp;
  readonly writes: readonly WrittenKeys[];
  readonly count: number;
}

/** Committed writes, kept while a SERIALIZABLE transaction runs that may have to know them. */
export class CommitJournal {
  readonly #readers = new Set<{ readonly snapshotTimestamp: CommitTimestamp }>();
  #entries: JournalEntry[] = [];
  #writeCount = 0;
  /** Snapshots before this cannot be validated any more: the journal was full. */
  #forgottenBefore: CommitTimestamp = 0;

  enter(reader: { readonly snapshotTimestamp: CommitTimestamp }): void {
    this.#readers.add(reader);
  }

  leave(reader: { readonly snapshotTimestamp: CommitTimestamp }): void {
    if (!this.#readers.delete(reader)) return;
    let oldest = Infinity;
    for (const other of this.#readers) oldest = Math.min(oldest, other.snapshotTimestamp);
    this.#forget(oldest);
  }

  record(timestamp: CommitTimestamp, writes: readonly TreeWrites[]): void {
    if (this.#readers.size === 0) return;
    const written = writes.map(keysOf);
    const count = written.reduce((sum, { keys }) => sum + keys.length, 0);
    this.#entries.push({ timestamp, writes: written, count });
    this.#writeCount += count;
    while (this.#writeCount > limits.journalWritesMax && this.#entries.length > 1) {
      const oldest = this.#entries[0];
      this.#forget(oldest.timestamp);
      this.#forgottenBefore = oldest.timestamp;
    }
  }

  /** Has anything in the read set changed after the snapshot? */
  hasChanged(reads: ReadSet, snapshot: CommitTimestamp): boolean {
    if (snapshot < this.#forgottenBefore) return true;
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i];
      if (entry.timestamp <= snapshot) return false;
      if (entry.writes.some((writes) => reads.isTouchedBy(writes))) return true;
    }
    return false;
  }

  #forget(upTo: CommitTimestamp): void {
    let count = 0;
    while (count < this.#entries.length && this.#entries[count].timestamp <= upTo) {
      this.#writeCount -= this.#entries[count].count;
      count++;
    }
    if (count > 0) this.#entries = this.#entries.slice(count);
  }
}

/** Copied: the memtable takes the workspace's map over. */
function keysOf({ tree, entries }: TreeWrites): WrittenKeys {
  const keys: Key[] = [];
  for (const entry of entries.values()) if (entry.length !== absentLength) keys.push(entry.key);
  return { tree, keys };
}
