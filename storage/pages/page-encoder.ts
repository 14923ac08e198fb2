// Lays entries out as a page (page-format.ts draws the layout), and knows beforehand how large it becomes.

import { assert } from '#common';
import {
  checksumOffset,
  EntryKind,
  type EntryList,
  headerBytes,
  largeBit,
  offsetMask,
  pageChecksum,
  PageKind,
} from './page-format.ts';

/** Running size of a page that entries are added to, so that filling a page costs O(1) an entry. */
export class PageSize {
  count = 0;
  prefixLength = 0;
  #firstKey = '';
  #keyBytes = 0;
  #otherBytes = 0;
  #least = 0;
  #most = 0;

  /** Bytes of the page if the entry were added; call add() to add it. */
  with(key: string, valueBytes: number, time: number): number {
    const first = this.count === 0;
    const prefix = first ? key.length : commonPrefix(this.#firstKey, key, this.prefixLength);
    const least = first || time < this.#least ? time : this.#least;
    const most = first || time > this.#most ? time : this.#most;
    return total(
      this.count + 1,
      prefix,
      this.#keyBytes + key.length,
      this.#otherBytes + valueBytes + (key.length < 255 ? 1 : 3),
      timeWidth(least, most),
    );
  }
  add(key: string, valueBytes: number, time: number): void {
    if (this.count === 0) {
      this.#firstKey = key;
      this.prefixLength = key.length;
      this.#least = time;
      this.#most = time;
    } else {
      this.prefixLength = commonPrefix(this.#firstKey, key, this.prefixLength);
      if (time < this.#least) this.#least = time;
      if (time > this.#most) this.#most = time;
    }
    this.count++;
    this.#keyBytes += key.length;
    this.#otherBytes += valueBytes + (key.length < 255 ? 1 : 3);
  }
  clear(): void {
    this.count = 0;
    this.prefixLength = 0;
    this.#firstKey = '';
    this.#keyBytes = 0;
    this.#otherBytes = 0;
  }
}
function total(
  count: number,
  prefix: number,
  keyBytes: number,
  otherBytes: number,
  width: number,
): number {
  return (
    headerBytes + 2 * (count + 1) + prefix + keyBytes - count * prefix + otherBytes + count * width
  );
}
function commonPrefix(a: string, b: string, max: number): number {
  const limit = Math.min(a.length, b.length, max);
  let i = 0;
  while (i < limit && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}
function timeWidth(least: number, most: number): number {
  let span = most - least;
  let width = 0;
  while (span >= 1) {
    span /= 256;
    width++;
  }
  return width;
}

export interface PageIdentity {
  readonly pageId: number;
  readonly treeSlot: number;
  readonly level: number;
}

let scratch = Buffer.alloc(16 * 1024);

/**
 * Lays out entries [first, end) of the list as one page. The result is a view of a scratch buffer,
 * valid until the next call.
 */
export function encodePage(
  entries: EntryList,
  first: number,
  end: number,
  identity: PageIdentity,
): Buffer {
  const { keys, times, starts, ends } = entries;
  const count = end - first;
  let least = Infinity;
  let most = 0;
  let bytesMax = headerBytes + 2 * (count + 1);
  for (let i = first; i < end; i++) {
    const time = times[i];
    if (time < least) least = time;
    if (time > most) most = time;
    bytesMax += keys[i].length + 10 + ends[i] - starts[i];
  }
  if (count === 0) least = 0;
  if (scratch.length < bytesMax) scratch = Buffer.alloc(bytesMax * 2);
  const page = scratch;
  const width = timeWidth(least, most);
  const prefixLength =
    count === 0 ? 0 : commonPrefix(keys[first], keys[end - 1], keys[first].length);
  page[0] = identity.level === 0 ? PageKind.leaf : PageKind.inner;
  page[1] = width;
  page.writeUInt16LE(count, 2);
  page.writeUInt32LE(identity.pageId, 4);
  page.writeUInt32LE(identity.treeSlot, 8);
  page.writeUInt16LE(prefixLength, 12);
  page.writeUInt16LE(identity.level, 14);
  page.writeDoubleLE(least, 16);
  let at = headerBytes + 2 * (count + 1);
  if (prefixLength > 0) at += page.write(keys[first], at, prefixLength, 'latin1');
  at = encodeCells(page, at, entries, { first, end, prefixLength, least, width });
  assert(at <= offsetMask, 'page offset fits in 15 bits');
  const bytes = page.subarray(0, at);
  page.writeUInt32LE(pageChecksum(bytes), checksumOffset);
  return bytes;
}

function encodeCells(
  page: Buffer,
  start: number,
  entries: EntryList,
  shape: { first: number; end: number; prefixLength: number; least: number; width: number },
): number {
  const { first, end, prefixLength, least, width } = shape;
  let at = start;
  let slot = headerBytes;
  for (let i = first; i < end; i++) {
    const flagged = entries.kinds[i] === EntryKind.large ? at | largeBit : at;
    page[slot] = flagged & 255;
    page[slot + 1] = flagged >>> 8;
    slot += 2;
    at = encodeSuffix(page, at, entries.keys[i], prefixLength);
    let delta = entries.times[i] - least;
    for (let n = 0; n < width; n++) {
      page[at++] = delta % 256;
      delta = Math.floor(delta / 256);
    }
    at = copyBytes(page, at, entries.sources[i], entries.starts[i], entries.ends[i]);
  }
  page[slot] = at & 255;
  page[slot + 1] = at >>> 8;
  return at;
}
function encodeSuffix(page: Buffer, start: number, key: string, prefixLength: number): number {
  let at = start;
  const length = key.length - prefixLength;
  if (length < 255) page[at++] = length;
  else {
    page[at++] = 255;
    page[at++] = length & 255;
    page[at++] = length >>> 8;
  }
  if (length > 24)
    return at + page.write(prefixLength === 0 ? key : key.slice(prefixLength), at, 'latin1');
  for (let n = prefixLength; n < key.length; n++) page[at++] = key.charCodeAt(n);
  return at;
}
function copyBytes(
  page: Buffer,
  start: number,
  source: Uint8Array,
  from: number,
  to: number,
): number {
  let at = start;
  if (to - from > 32) {
    page.set(source.subarray(from, to), at);
    return at + to - from;
  }
  for (let n = from; n < to; n++) page[at++] = source[n]!;
  return at;
}
