// All versions whose period overlaps a range, oldest first per key: memory, current and history pages
// merged key by key. A version's end is the next version's beginning, so all versions of a key are
// gathered, put in order, and then cut to the range.

import {
  type CommitTimestamp,
  type Key,
  type KeyBounds,
  type VersionCursor,
  openEnd,
} from '../contract.ts';
import { type OldVersion, type TreeMemory, valueOf } from '../memtable/memtable.ts';
import type { PageCursor } from '../page-store.ts';
import { type TreeWrites, ownVersionAt, ownWriteFrom } from './workspace.ts';

interface Version {
  readonly from: CommitTimestamp;
  to: CommitTimestamp;
  /** undefined: a deletion, which only ends the version before it. */
  readonly value: Uint8Array | undefined;
}

export interface RangeSources {
  readonly current: PageCursor;
  readonly history: PageCursor;
  readonly memories: readonly TreeMemory[];
  readonly own: TreeWrites | undefined;
  readonly sequence: number;
  /** The reader's snapshot: versions after it do not exist, ends after it are open. */
  readonly snapshot: CommitTimestamp;
}

export interface TimeRange {
  readonly from: CommitTimestamp;
  readonly to: CommitTimestamp;
  readonly inclusive: boolean;
}

const noBytes = new Uint8Array(0);

/** A source of keys in order; collect() gives the versions at the current key. */
interface KeySource {
  readonly key: Key | undefined;
  collect(into: Version[]): void;
}

export class RangeCursor implements VersionCursor {
  key: Key = '';
  value: Uint8Array = noBytes;
  from: CommitTimestamp = 0;
  to: CommitTimestamp = 0;

  readonly #sources: KeySource[];
  readonly #range: TimeRange;
  readonly #snapshot: CommitTimestamp;
  readonly #backward: boolean;
  readonly #close: () => void;
  #found: Version[] = [];
  #position = 0;

  constructor(sources: RangeSources, range: TimeRange, bounds: KeyBounds, backward: boolean) {
    this.#range = range;
    this.#snapshot = sources.snapshot;
    this.#backward = backward;
    this.#close = () => {
      sources.current.close();
      sources.history.close();
    };
    this.#sources = [
      pageSource(sources.history, false),
      pageSource(sources.current, true),
      ...sources.memories.map((memory) => memorySource(memory, bounds, backward)),
    ];
    if (sources.own !== undefined) {
      this.#sources.push(ownSource(sources.own, sources.sequence, bounds, backward));
    }
  }

  next(): boolean {
    while (this.#position >= this.#found.length) {
      if (!this.#gather()) return false;
    }
    const version = this.#found[this.#position++];
    this.from = version.from;
    this.to = version.to;
    this.value = version.value as Uint8Array;
    return true;
  }

  close(): void {
    this.#close();
    this.#sources.length = 0;
    this.#found = [];
  }

  #gather(): boolean {
    let key: Key | undefined;
    for (const source of this.#sources) {
      if (source.key === undefined) continue;
      if (key === undefined || (this.#backward ? source.key > key : source.key < key)) {
        key = source.key;
      }
    }
    if (key === undefined) return false;
    this.key = key;
    const versions: Version[] = [];
    for (const source of this.#sources) {
      if (source.key === key) source.collect(versions);
    }
    this.#found = this.#cut(versions);
    this.#position = 0;
    return true;
  }

  /** Orders the versions, closes each at the next one's beginning, keeps those within the range. */
  #cut(versions: Version[]): Version[] {
    const seen = versions.filter(
      (version) => version.from <= this.#snapshot || version.from === ownWriteFrom,
    );
    seen.sort((left, right) => left.from - right.from);
    const ordered: Version[] = [];
    for (const version of seen) {
      const last = ordered.at(-1);
      // For a moment after a flush a version is both in memory and in the pages.
      if (last?.from === version.from) continue;
      if (last !== undefined) last.to = Math.min(last.to, version.from);
      ordered.push(version);
    }
    const { from, to, inclusive } = this.#range;
    return ordered.filter((version) => {
      if (version.to > this.#snapshot && version.to !== ownWriteFrom) version.to = openEnd;
      if (version.value === undefined || version.to <= version.from) return false;
      return version.to > from && (inclusive ? version.from <= to : version.from < to);
    });
  }
}

function pageSource(cursor: PageCursor, isCurrent: boolean): KeySource {
  let key: Key | undefined = cursor.next() ? cursor.key : undefined;
  return {
    get key() {
      return key;
    },
    collect: (into) => {
      const at = key;
      while (key === at && key !== undefined) {
        into.push({
          from: cursor.from,
          to: isCurrent ? openEnd : cursor.to,
          value: cursor.value.slice(),
        });
        key = cursor.next() ? cursor.key : undefined;
      }
    },
  };
}

function memorySource(memory: TreeMemory, bounds: KeyBounds, backward: boolean): KeySource {
  const cursor = memory.ordered.cursor(bounds, backward);
  let entry = cursor.next() ? cursor.entry : undefined;
  const push = (into: Version[], version: OldVersion): void => {
    into.push({ from: version.from, to: openEnd, value: valueOf(version) });
  };
  return {
    get key() {
      return entry?.key;
    },
    collect: (into) => {
      if (entry === undefined) return;
      for (const version of entry.older ?? []) push(into, version);
      push(into, entry);
      entry = cursor.next() ? cursor.entry : undefined;
    },
  };
}

function ownSource(
  own: TreeWrites,
  sequence: number,
  bounds: KeyBounds,
  backward: boolean,
): KeySource {
  const cursor = own.ordered.cursor(bounds, backward);
  let entry = cursor.next() ? cursor.entry : undefined;
  return {
    get key() {
      return entry?.key;
    },
    collect: (into) => {
      const version = entry === undefined ? undefined : ownVersionAt(entry, sequence);
      if (version !== undefined) {
        const { slab, offset, length } = version;
        const value = valueOf({ from: ownWriteFrom, slab, offset, length });
        into.push({ from: ownWriteFrom, to: openEnd, value });
      }
      entry = cursor.next() ? cursor.entry : undefined;
    },
  };
}
