// What a thread keeps decoded: root records and inner pages, so that a point read costs one binary
// search per level in memory and a single LMDB read of the leaf.
//
// One directory belongs to one state of the page store (one flush). When a flush has changed a few
// inner pages, successor() hands the rest on; a directory that old snapshots still use stays as it is.

import { readPageUint32, verifyPage, corruptedPage } from './page-format.ts';
import type { TreeId } from '../contract.ts';
import { decodeInnerPage, type InnerPage } from './inner-page.ts';
import { LeafCache } from './leaf-cache.ts';
import type { PageEnvironment } from './page-environment.ts';
import { type NamedSegments, readSegments } from './segment-directory.ts';
import { decodeRoot, hidden, type TreeRoot } from './tree-root.ts';

/** Of one directory; filled by point reads only. */
const defaultLeafCacheBytes = 128 << 20;

const noBytes = Buffer.alloc(0);

export type ReadTransaction = { done(): void };

export interface DirectoryStatistics {
  hits: number;
  misses: number;
}

export class PageDirectory {
  /** Where findLeaf() has found the leaf, until the next read on this thread: the page begins at leafStart. */
  leafBytes: Buffer = noBytes;
  leafStart = 0;
  /** About where in the leaf the key should be: see searchPage(). */
  nearness = Number.NaN;
  readonly #environment: PageEnvironment;
  readonly #readOptions: { readonly transaction: ReadTransaction };
  readonly #budgetBytes: number;
  readonly #leafCacheBytes: number;
  readonly #statistics: DirectoryStatistics;
  /** Made by the first point read. */
  #leaves: LeafCache | undefined;
  /** What findLeaf() looked for last, if it ended in a leaf of the cache: a write looks more than once. */
  #lastRoot: TreeRoot | undefined;
  #lastKey = '';
  #inner: Map<number, InnerPage>;
  #roots: Map<number, TreeRoot | undefined>;
  #bytes = 0;

  constructor(
    environment: PageEnvironment,
    transaction: ReadTransaction,
    options: {
      readonly budgetBytes: number;
      /** A power of two. */
      readonly leafCacheBytes?: number;
      readonly statistics: DirectoryStatistics;
    },
  ) {
    this.#environment = environment;
    this.#readOptions = { transaction };
    this.#budgetBytes = options.budgetBytes;
    this.#leafCacheBytes = options.leafCacheBytes ?? defaultLeafCacheBytes;
    this.#statistics = options.statistics;
    this.#leaves = undefined;
    this.#lastRoot = undefined;
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
      leafCacheBytes: this.#leafCacheBytes,
      statistics: this.#statistics,
    });
    next.#inner = steal ? this.#inner : new Map(this.#inner);
    next.#roots = steal ? this.#roots : new Map(this.#roots);
    next.#bytes = this.#bytes;
    if (steal) {
      this.#inner = new Map();
      this.#roots = new Map();
      next.#leaves = this.#leaves;
      this.#leaves = undefined;
      this.#lastRoot = undefined;
      next.#leaves?.clear();
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
  /** Finds the leaf that covers the key: see leafBytes. */
  findLeaf(root: TreeRoot, key: string): void {
    if (root === this.#lastRoot && key === this.#lastKey) return;
    this.#lastRoot = undefined;
    let pageId = root.pageId;
    this.nearness = Number.NaN;
    for (let level = root.level; level > 0; level--) {
      const page = this.inner(pageId);
      const child = page.childFor(key);
      pageId = page.children[child]!;
      if (level === 1) this.nearness = page.nearness(key, child);
    }
    this.#statistics.hits++;
    const leaves = (this.#leaves ??= new LeafCache(this.#leafCacheBytes));
    const place = leaves.find(pageId);
    if (place < 0) {
      this.leafBytes = this.leaf(pageId);
      this.leafStart = 0;
      leaves.add(pageId, this.leafBytes);
      return;
    }
    this.leafBytes = leaves.bytes;
    this.leafStart = place;
    this.#lastRoot = root;
    this.#lastKey = key;
  }
  /** The leaf that covers the key; valid until the next read on this thread. */
  leafFor(root: TreeRoot, key: string): Buffer {
    this.findLeaf(root, key);
    const { leafBytes, leafStart } = this;
    return leafStart === 0 ? leafBytes : leafBytes.subarray(leafStart);
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
    const page = decodeInnerPage(bytes);
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
