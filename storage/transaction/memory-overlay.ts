// The versions in memory that a reader sees, in key order: own writes over the active memtable over
// the frozen one. Keys of which it sees nothing in memory are left out: the pages decide them.

import type { CommitTimestamp, Key, KeyBounds } from '../contract.ts';
import type { MemoryEntry, TreeMemory } from '../memtable/memtable.ts';
import type { OrderedCursor } from '../memtable/ordered-entries.ts';
import type { OverlayCursor } from '../page-store.ts';
import { type TreeWrites, ownVersionAt, ownWriteFrom } from './workspace.ts';

export interface OverlaySources {
  readonly own: TreeWrites | undefined;
  /** Own writes up to this place of the undo list are seen. */
  readonly sequence: number;
  /** Newest first. */
  readonly memories: readonly TreeMemory[];
  readonly at: CommitTimestamp;
}

export class MemoryOverlay implements OverlayCursor {
  key: Key = '';
  from: CommitTimestamp = 0;
  slab: Uint8Array = emptySlab;
  offset = 0;
  length = 0;
  /** Part of the interface; keys for which it would be true are left out. */
  readonly pages = false;

  readonly #sources: OverlaySources;
  readonly #backward: boolean;
  readonly #own: OrderedCursor<MemoryEntry> | undefined;
  readonly #memories: OrderedCursor<MemoryEntry>[];
  #ownEntry: MemoryEntry | undefined;
  readonly #entries: (MemoryEntry | undefined)[];

  constructor(sources: OverlaySources, bounds: KeyBounds, backward: boolean) {
    this.#sources = sources;
    this.#backward = backward;
    this.#own = sources.own?.ordered.cursor(bounds, backward);
    this.#memories = sources.memories.map((memory) => memory.ordered.cursor(bounds, backward));
    this.#ownEntry = this.#own?.next() === true ? this.#own.entry : undefined;
    this.#entries = this.#memories.map((cursor) => (cursor.next() ? cursor.entry : undefined));
  }

  /** undefined: the reader sees a deletion. */
  get value(): Uint8Array | undefined {
    return this.length < 0 ? undefined : this.slab.subarray(this.offset, this.offset + this.length);
  }

  next(): boolean {
    for (;;) {
      const key = this.#nearestKey();
      if (key === undefined) return false;
      this.key = key;
      const isSeen = this.#resolve(key);
      this.#pass(key);
      if (isSeen) return true;
    }
  }

  close(): void {
    this.#ownEntry = undefined;
    this.#entries.fill(undefined);
  }

  #nearestKey(): Key | undefined {
    let key = this.#ownEntry?.key;
    for (const entry of this.#entries) {
      if (entry === undefined) continue;
      if (key === undefined || (this.#backward ? entry.key > key : entry.key < key)) {
        key = entry.key;
      }
    }
    return key;
  }

  #resolve(key: Key): boolean {
    if (this.#ownEntry?.key === key) {
      const version = ownVersionAt(this.#ownEntry, this.#sources.sequence);
      if (version !== undefined) {
        this.#take(ownWriteFrom, version);
        return true;
      }
    }
    for (const entry of this.#entries) {
      if (entry?.key !== key) continue;
      const version = entry.at(this.#sources.at);
      if (version === undefined) continue;
      this.#take(version.from, version);
      return true;
    }
    return false;
  }

  #take(
    from: CommitTimestamp,
    version: { readonly slab: Uint8Array; readonly offset: number; readonly length: number },
  ): void {
    this.from = from;
    this.slab = version.slab;
    this.offset = version.offset;
    this.length = version.length;
  }

  #pass(key: Key): void {
    if (this.#ownEntry?.key === key) {
      this.#ownEntry = this.#own?.next() === true ? this.#own.entry : undefined;
    }
    for (let i = 0; i < this.#entries.length; i++) {
      if (this.#entries[i]?.key !== key) continue;
      const cursor = this.#memories[i];
      this.#entries[i] = cursor.next() ? cursor.entry : undefined;
    }
  }
}

const emptySlab = new Uint8Array(0);

/** The overlay, or undefined when memory holds nothing of the tree: the pages alone answer. */
export function openOverlay(
  sources: OverlaySources,
  bounds: KeyBounds,
  backward: boolean,
): MemoryOverlay | undefined {
  if (sources.own === undefined && sources.memories.length === 0) return undefined;
  return new MemoryOverlay(sources, bounds, backward);
}
