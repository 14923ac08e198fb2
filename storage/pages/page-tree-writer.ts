// Applies a sorted batch of edits to one page tree, in the writer thread inside one LMDB write
// transaction. The recursion visits each page that the batch touches once: a leaf is merged with its
// edits and laid out anew (as no page, one, or several), an inner page replaces its children by what
// they became, and so on to the root. A page keeps its id while it lives.
//
// Invariants: all leaves have the same depth; keys of a child are >= its separator and < the next
// one; no page is empty except that an empty tree has no root at all.

import { crc32 } from 'node:zlib';
import { assert } from '#common';
import {
  decodeEntries,
  EntryKind,
  EntryList,
  largeReferenceBytes,
  pageBytesMax,
  readPageUint32,
  verifyPage,
} from './page-format.ts';
import { encodePage } from './page-encoder.ts';
import { largeChunkBytes } from './large-value.ts';
import type { PageCounters, PageEnvironment } from './page-environment.ts';
import { partition, shortestSeparator } from './page-partition.ts';
import { decodeRoot, encodeRoot, type TreeRoot } from './tree-root.ts';

/** Sees every edit in key order with the entry that it replaces or removes (undefined: none). */
export type EditObserver = (edit: number, old: EntryList, oldPosition: number | undefined) => void;

/** Pages below this are merged with a neighbour. */
const mergeBytes = pageBytesMax / 3;
const mergedBytesMax = pageBytesMax * 0.9;

/** What the writer changed that readers keep decoded. */
export interface ChangedPages {
  readonly innerPages: number[];
  readonly treeSlots: number[];
}

/** Children of one inner page: separators, page ids and page sizes (0: unknown) in order. */
interface Children {
  readonly separators: string[];
  readonly pageIds: number[];
  readonly bytes: number[];
}

export class PageTreeWriter {
  readonly #environment: PageEnvironment;
  readonly #counters: PageCounters;
  readonly #changed: ChangedPages;
  #treeSlot = 0;
  #bulkTimestamp = 0;
  #edits: EntryList = new EntryList();
  #observe: EditObserver | undefined;
  #rowDelta = 0;
  #byteDelta = 0;

  constructor(environment: PageEnvironment, counters: PageCounters, changed: ChangedPages) {
    this.#environment = environment;
    this.#counters = counters;
    this.#changed = changed;
  }

  readRoot(treeSlot: number): TreeRoot | undefined {
    const bytes = this.#environment.roots.getBinary(treeSlot);
    return bytes === undefined ? undefined : decodeRoot(bytes);
  }
  writeRoot(treeSlot: number, root: TreeRoot | undefined): void {
    this.#changed.treeSlots.push(treeSlot);
    if (root === undefined) void this.#environment.roots.remove(treeSlot);
    else void this.#environment.roots.put(treeSlot, encodeRoot(root));
  }

  /** Edits are sorted by key, each key once. */
  apply(treeSlot: number, edits: EntryList, observe?: EditObserver): void {
    if (edits.length === 0) return;
    const root = this.readRoot(treeSlot);
    this.#treeSlot = treeSlot;
    this.#edits = edits;
    this.#observe = observe;
    this.#bulkTimestamp = Math.max(root?.bulkTimestamp ?? 0, 0);
    this.#rowDelta = 0;
    this.#byteDelta = 0;
    let level = root?.level ?? 0;
    let top =
      root === undefined
        ? this.#applyToLeaf(undefined, '', 0, edits.length)
        : this.#applyToPage(root.pageId, level, '', { first: 0, end: edits.length });
    while (top.pageIds.length > 1) {
      level++;
      top = this.#layOutInner(top, level, undefined);
    }
    this.#finish(root, top.pageIds[0], level);
  }
  #finish(root: TreeRoot | undefined, topPageId: number | undefined, topLevel: number): void {
    let pageId = topPageId;
    let level = topLevel;
    while (pageId !== undefined && level > 0) {
      const children = this.#readInner(pageId);
      if (children.pageIds.length > 1) break;
      this.#removePage(pageId, level);
      pageId = children.pageIds[0]!;
      level--;
    }
    this.writeRoot(
      this.#treeSlot,
      pageId === undefined
        ? undefined
        : {
            pageId,
            level,
            rows: (root?.rows ?? 0) + this.#rowDelta,
            valueBytes: (root?.valueBytes ?? 0) + this.#byteDelta,
            bulkTimestamp: root?.bulkTimestamp ?? 0,
          },
    );
  }

  #applyToPage(
    pageId: number,
    level: number,
    separator: string,
    range: { readonly first: number; readonly end: number },
  ): Children {
    if (level === 0) return this.#applyToLeaf(pageId, separator, range.first, range.end);
    const old = this.#readInner(pageId);
    const children: Children = { separators: [], pageIds: [], bytes: [] };
    let structureChanged = false;
    let edit = range.first;
    for (let child = 0; child < old.pageIds.length; child++) {
      const upper = old.separators[child + 1];
      const editEnd =
        upper === undefined ? range.end : lowerBound(this.#edits.keys, upper, edit, range.end);
      if (editEnd === edit) {
        appendChild(children, old.separators[child], old.pageIds[child], 0);
        continue;
      }
      const result = this.#applyToPage(old.pageIds[child], level - 1, old.separators[child], {
        first: edit,
        end: editEnd,
      });
      if (result.pageIds.length !== 1) structureChanged = true;
      for (let i = 0; i < result.pageIds.length; i++) {
        appendChild(children, result.separators[i], result.pageIds[i], result.bytes[i]);
      }
      edit = editEnd;
    }
    if (this.#mergeSmallChildren(children, level - 1)) structureChanged = true;
    if (!structureChanged) {
      return { separators: [separator], pageIds: [pageId], bytes: [0] };
    }
    if (children.pageIds.length === 0) {
      this.#removePage(pageId, level);
      return children;
    }
    children.separators[0] = separator;
    return this.#layOutInner(children, level, pageId);
  }

  #applyToLeaf(
    pageId: number | undefined,
    separator: string,
    first: number,
    end: number,
  ): Children {
    const old = new EntryList();
    if (pageId !== undefined) decodeEntries(this.#readPage(pageId), old, this.#bulkTimestamp);
    const merged = new EntryList();
    const edits = this.#edits;
    let position = 0;
    for (let edit = first; edit < end; edit++) {
      const key = edits.keys[edit];
      while (position < old.length && old.keys[position] < key) merged.pushFrom(old, position++);
      const replaces = position < old.length && old.keys[position] === key;
      this.#observe?.(edit, old, replaces ? position : undefined);
      if (replaces) {
        this.#rowDelta--;
        this.#byteDelta -= valueBytes(old, position);
        position++;
      }
      if (edits.kinds[edit] !== EntryKind.remove) {
        this.#rowDelta++;
        this.#byteDelta += valueBytes(edits, edit);
        merged.pushFrom(edits, edit);
      }
    }
    const appended = position === old.length && old.length > 0;
    while (position < old.length) merged.pushFrom(old, position++);
    if (merged.length === 0) {
      if (pageId !== undefined) this.#removePage(pageId, 0);
      return { separators: [], pageIds: [], bytes: [] };
    }
    return this.#layOut(merged, { level: 0, separator, pageId, fill: appended });
  }

  /** Writes entries as one or more pages; the first keeps `pageId` when given. */
  #layOut(
    entries: EntryList,
    shape: { level: number; separator: string; pageId: number | undefined; fill: boolean },
  ): Children {
    const result: Children = { separators: [], pageIds: [], bytes: [] };
    const ends = partition(entries, shape);
    let first = 0;
    for (const end of ends) {
      const pageId =
        first === 0 && shape.pageId !== undefined ? shape.pageId : this.#counters.nextPageId++;
      const separator =
        first === 0
          ? shape.separator
          : shape.level > 0
            ? entries.keys[first]
            : shortestSeparator(entries.keys[first - 1], entries.keys[first]);
      const page = encodePage(entries, first, end, {
        pageId,
        treeSlot: this.#treeSlot,
        level: shape.level,
      });
      void this.#environment.pages.put(pageId, page);
      if (shape.level > 0) this.#changed.innerPages.push(pageId);
      appendChild(result, separator, pageId, page.length);
      first = end;
    }
    return result;
  }
  #layOutInner(children: Children, level: number, pageId: number | undefined): Children {
    const entries = innerEntries(children);
    return this.#layOut(entries, {
      level,
      separator: children.separators[0],
      pageId,
      fill: false,
    });
  }

  /** Joins touched children that have become small with a neighbour; true when any were joined. */
  #mergeSmallChildren(children: Children, level: number): boolean {
    let merged = false;
    for (let i = 0; i < children.pageIds.length; i++) {
      const bytes = children.bytes[i];
      if (bytes === 0 || bytes > mergeBytes || children.pageIds.length < 2) continue;
      const left = i + 1 < children.pageIds.length ? i : i - 1;
      if (this.#mergePair(children, left, level)) {
        merged = true;
        i = left - 1;
      }
    }
    return merged;
  }
  #mergePair(children: Children, left: number, level: number): boolean {
    const right = left + 1;
    const leftPage = Buffer.from(this.#readPage(children.pageIds[left]));
    const rightPage = this.#readPage(children.pageIds[right]);
    if (leftPage.length + rightPage.length > mergedBytesMax) return false;
    const entries = new EntryList();
    const bulkTimestamp = level > 0 ? 0 : this.#bulkTimestamp;
    decodeEntries(leftPage, entries, bulkTimestamp);
    const middle = entries.length;
    decodeEntries(rightPage, entries, bulkTimestamp);
    // An inner page's first key may lie above its true lower bound, which the parent knows.
    if (level > 0) entries.keys[middle] = children.separators[right]!;
    const ends = partition(entries, { level, fill: false });
    if (ends.length > 1) return false;
    const pageId = children.pageIds[left];
    const page = encodePage(entries, 0, entries.length, {
      pageId,
      treeSlot: this.#treeSlot,
      level,
    });
    void this.#environment.pages.put(pageId, page);
    if (level > 0) this.#changed.innerPages.push(pageId);
    this.#removePage(children.pageIds[right], level);
    children.separators.splice(right, 1);
    children.pageIds.splice(right, 1);
    children.bytes.splice(right, 1);
    children.bytes[left] = page.length;
    return true;
  }

  /** Removes a whole tree: its pages, large values and root record. */
  drop(treeSlot: number): void {
    const root = this.readRoot(treeSlot);
    if (root === undefined) return;
    this.#dropPages(root.pageId, root.level);
    this.writeRoot(treeSlot, undefined);
  }
  #dropPages(pageId: number, level: number): void {
    if (level > 0) {
      for (const child of this.#readInner(pageId).pageIds) this.#dropPages(child, level - 1);
    } else {
      const entries = new EntryList();
      decodeEntries(this.#readPage(pageId), entries, 0);
      for (let i = 0; i < entries.length; i++) {
        if (entries.kinds[i] === EntryKind.large)
          this.removeLarge(entries.sources[i], entries.starts[i]);
      }
    }
    this.#removePage(pageId, level);
  }

  /** Stores a large value in chunks and returns the reference that stands in the page for it. */
  writeLarge(source: Uint8Array, start: number, end: number): Uint8Array {
    const reference = Buffer.alloc(largeReferenceBytes);
    reference.writeUInt32LE(end - start, 0);
    reference.writeUInt32LE(this.#counters.nextChunkId, 4);
    reference.writeUInt32LE(crc32(source.subarray(start, end)), 8);
    for (let at = start; at < end; at += largeChunkBytes) {
      const chunk = source.subarray(at, Math.min(at + largeChunkBytes, end));
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      void this.#environment.large.put(this.#counters.nextChunkId++, bytes);
    }
    return reference;
  }
  removeLarge(source: Uint8Array, start: number): void {
    const length = readPageUint32(source, start);
    const firstChunk = readPageUint32(source, start + 4);
    const chunks = Math.ceil(length / largeChunkBytes);
    for (let i = 0; i < chunks; i++) void this.#environment.large.remove(firstChunk + i);
  }

  #readInner(pageId: number): Children {
    const entries = new EntryList();
    decodeEntries(this.#readPage(pageId), entries, 0);
    const pageIds: number[] = [];
    for (let i = 0; i < entries.length; i++) {
      pageIds.push(readPageUint32(entries.sources[i], entries.starts[i]));
    }
    return { separators: entries.keys, pageIds, bytes: new Array<number>(entries.length).fill(0) };
  }
  /** Valid until the next read: what is kept of a page is copied. */
  #readPage(pageId: number): Buffer {
    const bytes = this.#environment.pages.getBinaryFast(pageId);
    assert(bytes !== undefined, `page ${pageId} exists`);
    // lmdb's buffer is longer than the page.
    const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    verifyPage(page, pageId);
    return page;
  }
  #removePage(pageId: number, level: number): void {
    if (level > 0) this.#changed.innerPages.push(pageId);
    void this.#environment.pages.remove(pageId);
  }
}

function valueBytes(entries: EntryList, i: number): number {
  return entries.kinds[i] === EntryKind.large
    ? readPageUint32(entries.sources[i], entries.starts[i])
    : entries.ends[i] - entries.starts[i];
}
function appendChild(children: Children, separator: string, pageId: number, bytes: number): void {
  children.separators.push(separator);
  children.pageIds.push(pageId);
  children.bytes.push(bytes);
}
export function innerEntries(children: {
  readonly separators: readonly string[];
  readonly pageIds: readonly number[];
}): EntryList {
  const entries = new EntryList();
  const ids = Buffer.alloc(4 * children.pageIds.length);
  for (let i = 0; i < children.pageIds.length; i++) {
    ids.writeUInt32LE(children.pageIds[i], 4 * i);
    entries.push(children.separators[i], 0, ids, 4 * i, 4 * i + 4, EntryKind.inline);
  }
  return entries;
}

/** First position in [low, high) whose key is >= the key. */
function lowerBound(keys: readonly string[], key: string, first: number, end: number): number {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
