// Walks the leaves of a page tree in either direction. Each leaf is copied out of LMDB's buffer (4 KB),
// so other reads may come in between; the position is the path of decoded inner pages.

import type { CommitTimestamp, Key } from '../contract.ts';
import type { LeafScan, LeafView } from '../page-store.ts';
import type { InnerPage } from './inner-page.ts';
import type { PageDirectory } from './page-directory.ts';
import {
  baseTime,
  cellStart,
  entryKey,
  entryTime,
  isLargeCell,
  pageBytesMax,
  pageCount,
  pagePrefix,
  searchPage,
  timeBound,
  valueStart,
} from './page-format.ts';
import { readLarge } from './large-value.ts';
import type { TreeRoot } from './tree-root.ts';

export interface StoredBounds {
  readonly lower: string | undefined;
  readonly upper: string | undefined;
}

/** Scans one tree slot; keys are the stored ones (history keys in a history tree). */
export class PageLeafScan implements LeafScan {
  readonly #directory: PageDirectory;
  readonly #bounds: StoredBounds;
  readonly #backward: boolean;
  readonly #path: InnerPage[] = [];
  readonly #positions: number[] = [];
  readonly #leaf: Leaf;
  #root: TreeRoot | undefined;
  #started = false;

  constructor(
    directory: PageDirectory,
    root: TreeRoot | undefined,
    range: { readonly bounds: StoredBounds; readonly backward: boolean },
  ) {
    this.#directory = directory;
    this.#root = root;
    this.#bounds = range.bounds;
    this.#backward = range.backward;
    this.#leaf = new Leaf(directory, root?.bulkTimestamp ?? 0);
  }

  nextLeaf(): Leaf | undefined {
    while (this.#root !== undefined) {
      const pageId = this.#started ? this.#advance() : this.#descend(this.#root);
      this.#started = true;
      if (pageId === undefined) break;
      const leaf = this.#load(pageId);
      if (this.#backward ? leaf.first > 0 : leaf.end < leaf.count) this.#root = undefined;
      if (leaf.first < leaf.end) return leaf;
    }
    this.close();
    return undefined;
  }
  close(): void {
    this.#root = undefined;
  }

  #load(pageId: number): Leaf {
    const leaf = this.#leaf;
    leaf.load(this.#directory.leaf(pageId));
    const { lower, upper } = this.#bounds;
    leaf.first = lower === undefined ? 0 : searchPage(leaf.buffer, lower);
    leaf.end = upper === undefined ? leaf.count : searchPage(leaf.buffer, upper);
    return leaf;
  }
  #descend(root: TreeRoot): number {
    const start = this.#backward ? this.#bounds.upper : this.#bounds.lower;
    let pageId = root.pageId;
    for (let level = root.level; level > 0; level--) {
      const page = this.#directory.inner(pageId);
      const position =
        start !== undefined ? page.childFor(start) : this.#backward ? page.children.length - 1 : 0;
      this.#path.push(page);
      this.#positions.push(position);
      pageId = page.children[position]!;
    }
    return pageId;
  }
  #advance(): number | undefined {
    const step = this.#backward ? -1 : 1;
    let depth = this.#path.length - 1;
    while (depth >= 0) {
      const position = this.#positions[depth] + step;
      if (position >= 0 && position < this.#path[depth].children.length) {
        this.#positions[depth] = position;
        break;
      }
      depth--;
    }
    if (depth < 0) return undefined;
    let pageId = this.#path[depth].children[this.#positions[depth]];
    for (let below = depth + 1; below < this.#path.length; below++) {
      const page = this.#directory.inner(pageId);
      this.#path[below] = page;
      this.#positions[below] = this.#backward ? page.children.length - 1 : 0;
      pageId = page.children[this.#positions[below]]!;
    }
    return pageId;
  }
}

const noBytes = Buffer.alloc(0);

/** One leaf's copy; reused for every leaf of its scan. */
export class Leaf implements LeafView {
  readonly #directory: PageDirectory;
  readonly #bulkTimestamp: CommitTimestamp;
  #prefix = '';
  #baseTime = 0;
  buffer: Buffer = noBytes;
  count = 0;
  first = 0;
  end = 0;

  constructor(directory: PageDirectory, bulkTimestamp: CommitTimestamp) {
    this.#directory = directory;
    this.#bulkTimestamp = Math.max(bulkTimestamp, 0);
  }
  takeBuffer(replacement: Buffer | undefined): Buffer {
    const taken = this.buffer;
    this.buffer = replacement ?? noBytes;
    return taken;
  }
  load(page: Buffer): void {
    const { length } = page;
    if (length > this.buffer.length)
      this.buffer = Buffer.allocUnsafeSlow(Math.max(length, pageBytesMax));
    this.buffer.set(new Uint8Array(page.buffer, page.byteOffset, length));
    this.count = pageCount(this.buffer);
    this.#baseTime = baseTime(this.buffer);
    this.#prefix = pagePrefix(this.buffer);
  }
  isLarge(i: number): boolean {
    return isLargeCell(this.buffer, i);
  }
  valueStart(i: number): number {
    return valueStart(this.buffer, i);
  }
  valueEnd(i: number): number {
    return cellStart(this.buffer, i + 1);
  }
  /** The stored time: `from` in a current tree, `to` in a history tree. */
  from(i: number): CommitTimestamp {
    const time = entryTime(this.buffer, this.#baseTime, i);
    return time === 0 ? this.#bulkTimestamp : time;
  }
  allFromAtMost(at: CommitTimestamp): boolean {
    return Math.max(timeBound(this.buffer, this.#baseTime), this.#bulkTimestamp) <= at;
  }
  key(i: number): Key {
    return entryKey(this.buffer, i, this.#prefix);
  }
  value(i: number): Uint8Array {
    const start = valueStart(this.buffer, i);
    if (isLargeCell(this.buffer, i)) {
      return readLarge(this.#directory, this.buffer, start);
    }
    return new Uint8Array(this.buffer.buffer, start, cellStart(this.buffer, i + 1) - start);
  }
}
