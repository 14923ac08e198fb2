// A pinned view of the page trees: one LMDB read transaction with its directory. Shared between
// everybody who asks between two flushes, counted, and given back to LMDB when the last one is done.

import type { CommitTimestamp, Key, KeyBounds, TreeId } from '../contract.ts';
import type { LeafScan, PageCursor, PageScans, PageSnapshot } from '../page-store.ts';
import {
  historyBound,
  historyKey,
  historyKeyFrom,
  historyKeyRow,
  sameHistoryRow,
} from './history-key.ts';
import { type Leaf, PageLeafScan } from './leaf-scan.ts';
import type { PageDirectory, ReadTransaction } from './page-directory.ts';
import { readLarge } from './large-value.ts';
import { sampleLeaves } from './leaf-sample.ts';
import {
  baseTime,
  cellStart,
  entryIs,
  entryKey,
  entryTime,
  isLargeCell,
  pageCount,
  pagePrefix,
  searchPage,
  valueStart,
} from './page-format.ts';
import type { NamedSegments } from './segment-directory.ts';
import { splitKeys } from './split-keys.ts';
import { changeSlot, currentSlot, historySlot, type TreeRoot } from './tree-root.ts';

export class LmdbSnapshot implements PageSnapshot, PageScans {
  readonly directory: PageDirectory;
  readonly #transaction: ReadTransaction;
  readonly #history: HistorySearch;
  #references = 1;
  from: CommitTimestamp = 0;
  to: CommitTimestamp = 0;

  constructor(directory: PageDirectory, transaction: ReadTransaction) {
    this.directory = directory;
    this.#transaction = transaction;
    this.#history = new HistorySearch(directory);
  }
  get references(): number {
    return this.#references;
  }
  retain(): this {
    this.#references++;
    return this;
  }
  release(): void {
    if (--this.#references === 0) this.#transaction.done();
  }

  getCurrent(tree: TreeId, key: Key): Uint8Array | undefined {
    const root = this.directory.root(currentSlot(tree));
    if (root === undefined) return undefined;
    const { directory } = this;
    directory.findLeaf(root, key);
    const { leafBytes, leafStart } = directory;
    const i = searchPage(leafBytes, key, leafStart, directory.nearness);
    if (!entryIs(leafBytes, i, key, leafStart)) return undefined;
    const time = entryTime(leafBytes, baseTime(leafBytes, leafStart), i, leafStart);
    this.from = time === 0 ? Math.max(root.bulkTimestamp, 0) : time;
    return leafValue(directory, leafBytes, i, leafStart);
  }
  getHistory(tree: TreeId, key: Key, at: CommitTimestamp): Uint8Array | undefined {
    const root = this.directory.root(historySlot(tree));
    if (root === undefined) return undefined;
    const found = this.#history.find(root, key, at);
    if (found === undefined) return undefined;
    this.from = this.#history.from;
    this.to = this.#history.to;
    return found;
  }
  scanCurrent(tree: TreeId, bounds: KeyBounds, backward: boolean): PageCursor {
    return new CurrentCursor(this.scanLeaves(tree, bounds, backward), backward);
  }
  scanHistory(tree: TreeId, bounds: KeyBounds, backward: boolean): PageCursor {
    const stored = { lower: historyBound(bounds.lower), upper: historyBound(bounds.upper) };
    const root = this.directory.root(historySlot(tree));
    const scan = new PageLeafScan(this.directory, root, { bounds: stored, backward });
    return backward ? new BackwardHistoryCursor(scan) : new HistoryCursor(scan);
  }
  scanLeaves(tree: TreeId, bounds: KeyBounds, backward: boolean): PageLeafScan {
    return new PageLeafScan(this.directory, this.directory.root(currentSlot(tree)), {
      bounds,
      backward,
    });
  }
  sampleLeaves(tree: TreeId, count: number, random: () => number): readonly Key[] {
    const root = this.directory.root(currentSlot(tree));
    return root === undefined ? [] : sampleLeaves(this.directory, root, { count, random });
  }
  builtAt(tree: TreeId): CommitTimestamp {
    return Math.max(this.directory.root(currentSlot(tree))?.bulkTimestamp ?? 0, 0);
  }
  splitKeys(tree: TreeId, rows: number): Key[] {
    const root = this.directory.root(currentSlot(tree));
    return root === undefined ? [] : splitKeys(this.directory, root, rows);
  }
  segments(tree: TreeId): NamedSegments | undefined {
    return this.directory.segments(tree);
  }
  scanChanges(tree: TreeId, bounds: KeyBounds): PageLeafScan {
    const root = this.directory.root(changeSlot(tree));
    return new PageLeafScan(this.directory, root, { bounds, backward: false });
  }
  changeCount(tree: TreeId): number {
    return this.directory.root(changeSlot(tree))?.rows ?? 0;
  }
  estimate(tree: TreeId): { readonly rows: number; readonly rowBytes: number } {
    const root = this.directory.root(currentSlot(tree));
    if (root === undefined || root.rows === 0) return { rows: 0, rowBytes: 0 };
    return { rows: root.rows, rowBytes: root.valueBytes / root.rows };
  }
}

function leafValue(directory: PageDirectory, page: Buffer, i: number, start = 0): Uint8Array {
  const value = start + valueStart(page, i, start);
  if (isLargeCell(page, i, start)) return readLarge(directory, page, value);
  return page.subarray(value, start + cellStart(page, i + 1, start));
}

/** The closed version of a key at a time: the first entry at or after its history key. */
class HistorySearch {
  readonly #directory: PageDirectory;
  from: CommitTimestamp = 0;
  to: CommitTimestamp = 0;

  constructor(directory: PageDirectory) {
    this.#directory = directory;
  }
  find(root: TreeRoot, key: Key, at: CommitTimestamp): Uint8Array | undefined {
    const wanted = historyKey(key, at);
    const page = this.#directory.leafFor(root, wanted);
    const i = searchPage(page, wanted);
    if (i >= pageCount(page)) return this.#findInNextLeaf(root, wanted, at);
    const stored = entryKey(page, i, pagePrefix(page));
    this.to = entryTime(page, baseTime(page), i);
    if (!this.#accept(stored, wanted, at)) return undefined;
    return leafValue(this.#directory, page, i);
  }
  #findInNextLeaf(root: TreeRoot, wanted: string, at: CommitTimestamp): Uint8Array | undefined {
    const bounds = { lower: wanted, upper: undefined };
    const leaf = new PageLeafScan(this.#directory, root, { bounds, backward: false }).nextLeaf();
    if (leaf === undefined) return undefined;
    this.to = leaf.from(leaf.first);
    return this.#accept(leaf.key(leaf.first), wanted, at) ? leaf.value(leaf.first) : undefined;
  }
  /** Is the entry a version of the wanted key that had not ended? */
  #accept(stored: string, wanted: string, at: CommitTimestamp): boolean {
    this.from = historyKeyFrom(stored);
    return at < this.to && sameHistoryRow(stored, wanted);
  }
}

/** Entry by entry over leaves. */
abstract class LeafEntryCursor implements PageCursor {
  readonly #scan: LeafScan;
  readonly #backward: boolean;
  protected leaf: Leaf | undefined;
  protected position = 0;

  constructor(scan: PageLeafScan, backward: boolean) {
    this.#scan = scan;
    this.#backward = backward;
  }
  next(): boolean {
    if (this.leaf !== undefined) {
      this.position += this.#backward ? -1 : 1;
      if (this.#backward ? this.position >= this.leaf.first : this.position < this.leaf.end)
        return true;
    }
    this.leaf = this.#scan.nextLeaf() as Leaf | undefined;
    if (this.leaf === undefined) return false;
    this.position = this.#backward ? this.leaf.end - 1 : this.leaf.first;
    return true;
  }
  get value(): Uint8Array {
    return this.leaf!.value(this.position);
  }
  close(): void {
    this.#scan.close();
    this.leaf = undefined;
  }
  abstract readonly key: Key;
  abstract readonly from: CommitTimestamp;
  abstract readonly to: CommitTimestamp;
}

class CurrentCursor extends LeafEntryCursor {
  get key(): Key {
    return this.leaf!.key(this.position);
  }
  get from(): CommitTimestamp {
    return this.leaf!.from(this.position);
  }
  get to(): CommitTimestamp {
    return Number.MAX_SAFE_INTEGER;
  }
}

class HistoryCursor extends LeafEntryCursor {
  constructor(scan: PageLeafScan, backward = false) {
    super(scan, backward);
  }
  get key(): Key {
    return historyKeyRow(this.leaf!.key(this.position));
  }
  get from(): CommitTimestamp {
    return historyKeyFrom(this.leaf!.key(this.position));
  }
  get to(): CommitTimestamp {
    return this.leaf!.from(this.position);
  }
}

interface ClosedVersion {
  readonly key: Key;
  readonly value: Uint8Array;
  readonly from: CommitTimestamp;
  readonly to: CommitTimestamp;
}

/** Keys descending but newest first within a key: gathers each key's versions and turns them round. */
class BackwardHistoryCursor implements PageCursor {
  readonly #cursor: HistoryCursor;
  #ahead: boolean | undefined;
  #versions: ClosedVersion[] = [];
  #current: ClosedVersion | undefined;

  constructor(scan: PageLeafScan) {
    this.#cursor = new HistoryCursor(scan, true);
  }
  next(): boolean {
    if (this.#versions.length === 0) this.#gather();
    this.#current = this.#versions.pop();
    return this.#current !== undefined;
  }
  #gather(): void {
    const cursor = this.#cursor;
    this.#ahead ??= cursor.next();
    if (!this.#ahead) return;
    const { key } = cursor;
    do {
      this.#versions.push({ key, value: cursor.value.slice(), from: cursor.from, to: cursor.to });
      this.#ahead = cursor.next();
    } while (this.#ahead && cursor.key === key);
  }
  get key(): Key {
    return this.#current!.key;
  }
  get value(): Uint8Array {
    return this.#current!.value;
  }
  get from(): CommitTimestamp {
    return this.#current!.from;
  }
  get to(): CommitTimestamp {
    return this.#current!.to;
  }
  close(): void {
    this.#cursor.close();
    this.#versions = [];
  }
}
