// What a thread keeps decoded: root records and inner pages, so that a point read costs one binary
// search per level in memory and a single LMDB read of the leaf.
//
// One directory belongs to one state of the page store (one flush). When a flush has changed a few
// inner pages, successor() hands the rest on; a directory that old snapshots still use stays as it is.

import {
  entryKey,
  pageCount,
  pageLevel,
  pagePrefix,
  readPageUint32,
  valueStart,
  verifyPage,
  corruptedPage,
} from './page-format.ts';
import type { TreeId } from '../contract.ts';
import { LeafCache } from './leaf-cache.ts';
import type { PageEnvironment } from './page-environment.ts';
import { type NamedSegments, readSegments } from './segment-directory.ts';
import { decodeRoot, hidden, type TreeRoot } from './tree-root.ts';

/** Of one directory; filled by point reads only. */
const leafCacheBytes = 128 << 20;

export type ReadTransaction = { done(): void };

/** A decoded inner page: child i covers keys in [separators[i], separators[i + 1]). */
export interface InnerPage {
  readonly separators: readonly string[];
  readonly children: Uint32Array;
  readonly level: number;
  readonly bytes: number;
}

export interface DirectoryStatistics {
  hits: number;
  misses: number;
}

export class PageDirectory {
  readonly #environment: PageEnvironment;
  readonly #readOptions: { readonly transaction: ReadTransaction };
  readonly #budgetBytes: number;
  readonly #statistics: DirectoryStatistics;
  readonly #leaves: LeafCache;
  #inner: Map<number, InnerPage>;
  #roots: Map<number, TreeRoot | undefined>;
  #bytes = 0;

  constructor(
    environment: PageEnvironment,
    transaction: ReadTransaction,
    options: { readonly budgetBytes: number; readonly statistics: DirectoryStatistics },
  ) {
    this.#environment = environment;
    this.#readOptions = { transaction };
    this.#budgetBytes = options.budgetBytes;
    this.#statistics = options.statistics;
    this.#leaves = new LeafCache(leafCacheBytes);
    this.#inner = new Map();
    this.#roots = new Map();
  }

  /** A directory for a newer state that shares what did not change; with `steal` this one is left empty. */
  successor(
    transaction: ReadTransaction,
    changed: { readonly innerPages: readonly number[]; readonly treeSlots: readonly number[] },
    steal: boolean,
  ): PageDirectory {
    const next = new PageDirectory(this.#environment, transaction, {
      budgetBytes: this.#budgetBytes,
      statistics: this.#statistics,
    });
    next.#inner = steal ? this.#inner : new Map(this.#inner);
    next.#roots = steal ? this.#roots : new Map(this.#roots);
    next.#bytes = this.#bytes;
    if (steal) {
      this.#inner = new Map();
      this.#roots = new Map();
    }
    for (const slot of changed.treeSlots) next.#roots.delete(slot);
    for (const pageId of changed.innerPages) {
      const page = next.#inner.get(pageId);
      if (page === undefined) continue;
      next.#bytes -= page.bytes;
      next.#inner.delete(pageId);
    }
    return next;
  }

  root(treeSlot: number): TreeRoot | undefined {
    const root = this.#roots.get(treeSlot);
    if (root !== undefined || this.#roots.has(treeSlot)) return root;
    const stored = this.storedRoot(treeSlot);
    const read = stored?.bulkTimestamp === hidden ? undefined : stored;
    this.#roots.set(treeSlot, read);
    return read;
  }
  /** The root on disk, of a hidden tree too. */
  storedRoot(treeSlot: number): TreeRoot | undefined {
    const bytes = this.#environment.roots.getBinaryFast(treeSlot, this.#readOptions);
    return bytes === undefined ? undefined : decodeRoot(bytes);
  }
  /** After a commit adopted a built tree, before the next flush says so on disk. */
  setRoot(treeSlot: number, root: TreeRoot): void {
    this.#roots.set(treeSlot, root);
  }
  inner(pageId: number): InnerPage {
    const known = this.#inner.get(pageId);
    if (known !== undefined) return known;
    return this.#load(pageId);
  }
  /** The leaf's bytes, valid until the next LMDB read on this thread. */
  leaf(pageId: number): Buffer {
    const page = this.#environment.pages.getBinaryFast(pageId, this.#readOptions);
    if (page === undefined || readPageUint32(page, 4) !== pageId) throw corruptedPage(pageId);
    const { verified } = this.#environment;
    if (!verified.has(pageId)) {
      verifyPage(page, pageId);
      verified.add(pageId);
    }
    return page;
  }
  /** The leaf that covers the key; valid until the next read on this thread. */
  findLeaf(root: TreeRoot, key: string): Buffer {
    let pageId = root.pageId;
    for (let level = root.level; level > 0; level--) {
      const page = this.inner(pageId);
      pageId = page.children[childFor(page.separators, key)]!;
    }
    this.#statistics.hits++;
    const known = this.#leaves.get(pageId);
    if (known !== undefined) return known;
    const page = this.leaf(pageId);
    this.#leaves.add(pageId, page);
    return page;
  }
  /** The tree's column segments; undefined: it has none, and its changes are not recorded. */
  segments(tree: TreeId): NamedSegments | undefined {
    const record = this.#environment.segments.getBinaryFast(tree, this.#readOptions);
    return record === undefined ? undefined : readSegments(tree, record);
  }
  chunk(chunkId: number): Buffer {
    const bytes = this.#environment.large.getBinaryFast(chunkId, this.#readOptions);
    if (bytes === undefined) throw corruptedPage(chunkId);
    return bytes;
  }

  #load(pageId: number): InnerPage {
    this.#statistics.misses++;
    const bytes = this.leaf(pageId);
    const page = decodeInner(bytes);
    if (this.#bytes + page.bytes > this.#budgetBytes) this.#evict();
    this.#inner.set(pageId, page);
    this.#bytes += page.bytes;
    return page;
  }
  /** Drops the older half; the pages in use come back at the price of one decode each. */
  #evict(): void {
    const target = this.#budgetBytes / 2;
    for (const [pageId, page] of this.#inner) {
      if (this.#bytes <= target) return;
      this.#inner.delete(pageId);
      this.#bytes -= page.bytes;
    }
  }
}

/** Position of the last separator <= the key; the first counts as below every key. */
export function childFor(separators: readonly string[], key: string): number {
  let low = 1;
  let high = separators.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (separators[middle] <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What a separator string costs in the heap beside its characters. */
const separatorOverheadBytes = 28;

function decodeInner(page: Buffer): InnerPage {
  const count = pageCount(page);
  const prefix = pagePrefix(page);
  const separators: string[] = [];
  const children = new Uint32Array(count);
  let bytes = 200;
  for (let i = 0; i < count; i++) {
    const separator = entryKey(page, i, prefix);
    separators.push(separator);
    children[i] = readPageUint32(page, valueStart(page, i));
    bytes += separator.length + separatorOverheadBytes;
  }
  bytes += 4 * count;
  return { separators, children, level: pageLevel(page), bytes };
}
