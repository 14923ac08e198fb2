// Cursors over what a reader sees, in layers:
//   PageCursor (current pages, from the store)        the newest versions on disk
//   PastCursor (current + history pages)              the disk as of a moment before its newest commit
//   MergedCursor (one of those + MemoryOverlay)       what a snapshot sees
// A scan over a tree that has nothing in memory is the page cursor itself: no cost per row.

import { type CommitTimestamp, type Key, type VersionCursor, openEnd } from '../contract.ts';
import type { OverlayCursor, PageCursor } from '../page-store.ts';

const noBytes = new Uint8Array(0);

/** Pins a page snapshot for as long as a cursor over it is open. */
export class PinnedCursor implements VersionCursor {
  readonly #cursor: PageCursor;
  readonly #release: () => void;
  readonly #isCurrent: boolean;
  #open = true;

  constructor(cursor: PageCursor, isCurrent: boolean, release: () => void) {
    this.#cursor = cursor;
    this.#isCurrent = isCurrent;
    this.#release = release;
  }

  next(): boolean {
    if (this.#open && this.#cursor.next()) return true;
    this.close();
    return false;
  }

  get key(): Key {
    return this.#cursor.key;
  }

  get value(): Uint8Array {
    return this.#cursor.value;
  }

  get from(): CommitTimestamp {
    return this.#cursor.from;
  }

  get to(): CommitTimestamp {
    return this.#isCurrent ? openEnd : this.#cursor.to;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cursor.close();
    this.#release();
  }
}

/** The rows of `current` and `history` that were valid at a moment, one per key. */
export class PastCursor implements PageCursor {
  key: Key = '';
  value: Uint8Array = noBytes;
  from: CommitTimestamp = 0;
  to: CommitTimestamp = 0;

  readonly #current: PageCursor;
  readonly #history: PageCursor;
  readonly #at: CommitTimestamp;
  readonly #backward: boolean;
  #hasCurrent: boolean;
  #hasHistory: boolean;

  constructor(current: PageCursor, history: PageCursor, at: CommitTimestamp, backward: boolean) {
    this.#current = current;
    this.#history = history;
    this.#at = at;
    this.#backward = backward;
    this.#hasCurrent = current.next();
    this.#hasHistory = history.next();
  }

  next(): boolean {
    while (this.#hasCurrent || this.#hasHistory) {
      const key = this.#nearestKey();
      let found = false;
      if (this.#hasCurrent && this.#current.key === key) {
        found = this.#takeIfSeen(key, this.#current, openEnd);
        this.#hasCurrent = this.#current.next();
      }
      while (this.#hasHistory && this.#history.key === key) {
        found ||= this.#takeIfSeen(key, this.#history, this.#history.to);
        this.#hasHistory = this.#history.next();
      }
      if (found) return true;
    }
    return false;
  }

  close(): void {
    this.#hasCurrent = false;
    this.#hasHistory = false;
    this.#current.close();
    this.#history.close();
  }

  #nearestKey(): Key {
    if (!this.#hasCurrent) return this.#history.key;
    if (!this.#hasHistory) return this.#current.key;
    const { key: left } = this.#current;
    const { key: right } = this.#history;
    return left < right === this.#backward ? right : left;
  }

  #takeIfSeen(key: Key, cursor: PageCursor, to: CommitTimestamp): boolean {
    if (cursor.from > this.#at || to <= this.#at) return false;
    this.key = key;
    this.from = cursor.from;
    this.to = to;
    // Copied: the cursor moves on before the caller looks.
    this.value = cursor.value.slice();
    return true;
  }
}

/** Rows of a base cursor with the overlay's rows over them. */
export class MergedCursor implements VersionCursor {
  key: Key = '';
  from: CommitTimestamp = 0;
  to: CommitTimestamp = openEnd;

  readonly #base: PageCursor | VersionCursor;
  readonly #overlay: OverlayCursor;
  readonly #backward: boolean;
  /** The base stands on a row that was not passed on yet. */
  #hasBase = false;
  #baseKey: Key = '';
  #baseValue: Uint8Array | undefined = undefined;
  #baseEnded = false;
  #hasOverlay: boolean;
  #value: Uint8Array | undefined = undefined;

  constructor(base: PageCursor | VersionCursor, overlay: OverlayCursor, backward: boolean) {
    this.#base = base;
    this.#overlay = overlay;
    this.#backward = backward;
    this.#hasOverlay = overlay.next();
  }

  get value(): Uint8Array {
    return this.#value ?? this.#base.value;
  }

  next(): boolean {
    this.#value = undefined;
    for (;;) {
      if (!this.#hasBase && !this.#baseEnded) this.#advanceBase();
      if (!this.#hasOverlay) return this.#takeBase();
      const overlayKey = this.#overlay.key;
      if (this.#hasBase && overlayKey !== this.#baseKey) {
        if (this.#baseKey < overlayKey !== this.#backward) return this.#takeBase();
        // The base row waits while the caller may read elsewhere: its bytes must be kept.
        this.#baseValue ??= this.#base.value.slice();
      } else if (this.#hasBase) {
        this.#hasBase = false;
        this.#baseValue = undefined;
      }
      if (this.#takeOverlay()) return true;
    }
  }

  close(): void {
    this.#base.close();
    this.#overlay.close();
    this.#hasBase = false;
    this.#baseEnded = true;
    this.#hasOverlay = false;
  }

  #advanceBase(): void {
    this.#hasBase = this.#base.next();
    if (this.#hasBase) this.#baseKey = this.#base.key;
    else this.#baseEnded = true;
  }

  #takeBase(): boolean {
    if (!this.#hasBase) return false;
    this.#hasBase = false;
    this.key = this.#baseKey;
    this.from = this.#base.from;
    this.#value = this.#baseValue;
    this.#baseValue = undefined;
    return true;
  }

  /** False when the overlay's row is a deletion. */
  #takeOverlay(): boolean {
    const { value } = this.#overlay;
    this.key = this.#overlay.key;
    this.from = this.#overlay.from;
    this.#value = value;
    this.#hasOverlay = this.#overlay.next();
    return value !== undefined;
  }
}
