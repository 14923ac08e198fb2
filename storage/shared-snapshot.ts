// Reading in executor threads. The main thread flushes its memtable and hands out a moment
// (shareSnapshot); a thread opens the same LMDB environment and reads the pages as of that moment.
// What was committed later may be in the pages too: such versions are passed over, and what they
// replaced is found in history.

import { join } from 'node:path';

import {
  type CommitTimestamp,
  type Key,
  type KeyBounds,
  type ReadView,
  type ScanOptions,
  type SharedSnapshot,
  type SnapshotReader,
  type TreeId,
  type VersionCursor,
} from './contract.ts';
import type { LayeredReader, ScanLayers, SegmentLayers } from './page-store.ts';
import type { LmdbSnapshot } from './pages/lmdb-snapshot.ts';
import { type PageReader, openPageReader } from './pages/page-store.ts';
import { segmentFolder } from './segments/segment-format.ts';
import { PastCursor, PinnedCursor } from './transaction/cursors.ts';
import { RangeCursor, type TimeRange } from './transaction/range-cursor.ts';

/** One environment a thread and directory: opening it costs more than a statement. */
const readers = new Map<string, PageReader>();

/** Opens what shareSnapshot() handed out, in any thread of the process. Close it. */
export function openSharedSnapshot(shared: SharedSnapshot): SnapshotReader & LayeredReader {
  const { pages, lastCommit, version } = openPages(shared.directory);
  const { timestamp: at, directory } = shared;
  return new SharedReader(pages, { lastCommit, version, at, directory });
}

/** Everything that the pages hold, for builds of column segments. */
export function openNewestSnapshot(directory: string): {
  readonly reader: SnapshotReader & LayeredReader;
  readonly pages: LmdbSnapshot;
  readonly lastCommit: CommitTimestamp;
} {
  const { pages, lastCommit, version } = openPages(directory);
  const reader = new SharedReader(pages, { lastCommit, version, at: lastCommit, directory });
  return { reader, pages, lastCommit };
}

function openPages(root: string): {
  readonly pages: LmdbSnapshot;
  readonly lastCommit: CommitTimestamp;
  readonly version: number;
} {
  const directory = join(root, 'pages');
  let reader = readers.get(directory);
  if (reader === undefined) {
    reader = openPageReader(directory);
    readers.set(directory, reader);
  }
  // The snapshot comes first: the other two speak of the one taken last.
  const pages = reader.snapshot();
  return { pages, lastCommit: reader.lastCommit(), version: reader.sequence() };
}

class SharedReader implements SnapshotReader, LayeredReader {
  lastReadFrom: CommitTimestamp = 0;
  readonly version: number;
  readonly #pages: LmdbSnapshot;
  readonly #directory: string;
  /** The pages hold nothing newer, apart from trees that came whole. */
  readonly #lastCommit: CommitTimestamp;
  readonly #at: CommitTimestamp;

  constructor(
    pages: LmdbSnapshot,
    moment: {
      readonly lastCommit: CommitTimestamp;
      readonly version: number;
      readonly at: CommitTimestamp;
      readonly directory: string;
    },
  ) {
    this.#pages = pages;
    this.version = moment.version;
    this.#lastCommit = moment.lastCommit;
    this.#at = moment.at;
    this.#directory = moment.directory;
  }

  get(tree: TreeId, key: Key, view?: ReadView): Uint8Array | undefined {
    const at = view?.kind === 'asOf' ? Math.min(view.at, this.#at) : this.#at;
    const pages = this.#pages;
    const value = pages.getCurrent(tree, key);
    this.lastReadFrom = pages.from;
    if (value !== undefined && pages.from <= at) return value;
    this.lastReadFrom = 0;
    if (at >= this.#lastCommit) return undefined;
    const old = pages.getHistory(tree, key, at);
    if (old !== undefined) this.lastReadFrom = pages.from;
    return old;
  }

  scan(tree: TreeId, bounds: KeyBounds, options?: ScanOptions): VersionCursor {
    const backward = options?.backward ?? false;
    const view = options?.view;
    if (view?.kind === 'range') return this.#scanRange(tree, bounds, view, backward);
    const at = view?.kind === 'asOf' ? Math.min(view.at, this.#at) : this.#at;
    const current = this.#pages.scanCurrent(tree, bounds, backward);
    // At or after the last commit no closed version counts: the history part stays empty.
    const none = { lower: '', upper: '' };
    const historyBounds = at >= this.#lastCommit ? none : bounds;
    const history = this.#pages.scanHistory(tree, historyBounds, backward);
    return new PastCursor(current, history, at, backward);
  }

  #scanRange(tree: TreeId, bounds: KeyBounds, range: TimeRange, backward: boolean): VersionCursor {
    const sources = {
      current: this.#pages.scanCurrent(tree, bounds, backward),
      history: this.#pages.scanHistory(tree, bounds, backward),
      memories: [],
      own: undefined,
      sequence: 0,
      snapshot: this.#at,
    };
    const cursor = new RangeCursor(sources, range, bounds, backward);
    return new PinnedCursor(cursor, false, () => {});
  }

  openLayers(tree: TreeId, bounds: KeyBounds, backward: boolean): ScanLayers | undefined {
    if (this.#at < this.#lastCommit) return undefined;
    const leaves = this.#pages.scanLeaves(tree, bounds, backward);
    return { leaves, at: this.#at, pages: this.#pages, overlay: undefined };
  }

  isYounger(tree: TreeId, moment = this.#at): boolean {
    return this.#pages.builtAt(tree) > Math.min(moment, this.#at);
  }
  splitKeys(tree: TreeId, rows: number): Key[] {
    return this.#pages.splitKeys(tree, rows);
  }

  openSegments(tree: TreeId, asOf: CommitTimestamp | undefined): SegmentLayers | undefined {
    const pages = this.#pages;
    const named = pages.segments(tree);
    if (named === undefined || named.directory.entries.length === 0) return undefined;
    return {
      ...named,
      folder: join(this.#directory, segmentFolder),
      at: Math.min(asOf ?? this.#at, this.#at),
      readableAt: this.#at,
      scanChanges: (bounds) => pages.scanChanges(tree, bounds),
      openOverlay: () => undefined,
      // Files stay as long as the shared snapshot does.
      close: () => {},
    };
  }

  close(): void {
    this.#pages.release();
  }
}
