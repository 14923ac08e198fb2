// One page: a sorted run of entries (key, time, value) in at most `pageBytesMax` bytes, so that LMDB
// keeps it in exactly one overflow page. Leaves and inner pages share the layout; an inner entry's
// value is the child's page id and its key the lower bound of the child's keys.
//
//   0  u8      kind: 1 leaf, 2 inner
//   1  u8      timeWidth w: bytes of each entry's time, 0..7
//   2  u16     count n
//   4  u32     page id              a page that LMDB or a bug put in another's place is noticed
//   8  u32     tree slot            (tree id * 2, + 1 for history)
//  12  u16     prefixLength p
//  14  u16     level: 0 leaf
//  16  f64     base time            the least time of the page; 0 with w = 0: the tree's bulk timestamp
//  24  u32     crc32 of all other bytes
//  28  u16 × (n + 1)  offsets of the cells and of their end; the top bit marks a large value
//      p bytes the keys' common prefix
//      cells   suffix length (u8; 255: u16 follows), suffix, time - base (w bytes), value
//
// All numbers are little-endian. Times: `from` in current trees, `to` in history trees, 0 in inner
// pages. A large value's cell holds its length, the id of its first chunk and its crc32 (u32 each).
// An entry too long for a page gets a longer page of its own (keys reach 2,704 bytes).

import { crc32 } from 'node:zlib';
import { databaseError, latin1Text } from '#common';

export const pageBytesMax = 4080;
export const headerBytes = 28;
export const checksumOffset = 24;
/** Longer values go to the `large` tree in chunks. */
export const inlineValueBytesMax = 1300;
export const largeReferenceBytes = 12;

export const PageKind = { leaf: 1, inner: 2 } as const;
export const largeBit = 0x8000;
export const offsetMask = 0x7fff;

/** How an entry's value is meant. `remove` only occurs in edits, never in a page. */
export const EntryKind = { remove: 0, inline: 1, large: 2 } as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

/** Entries as parallel arrays, in key order; values are slices of whatever buffers they came from. */
export class EntryList {
  readonly keys: string[] = [];
  readonly times: number[] = [];
  readonly sources: Uint8Array[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly kinds: EntryKind[] = [];

  get length(): number {
    return this.keys.length;
  }
  push(
    key: string,
    time: number,
    source: Uint8Array,
    start: number,
    end: number,
    kind: EntryKind,
  ): void {
    this.keys.push(key);
    this.times.push(time);
    this.sources.push(source);
    this.starts.push(start);
    this.ends.push(end);
    this.kinds.push(kind);
  }
  pushFrom(other: EntryList, i: number): void {
    this.push(
      other.keys[i],
      other.times[i],
      other.sources[i],
      other.starts[i],
      other.ends[i],
      other.kinds[i],
    );
  }
}

export function pageCount(page: Uint8Array): number {
  return page[2] | (page[3] << 8);
}
export function pageLevel(page: Uint8Array): number {
  return page[14] | (page[15] << 8);
}
export function pagePrefixLength(page: Uint8Array): number {
  return page[12] | (page[13] << 8);
}
function readUint32(page: Uint8Array, at: number): number {
  return (page[at] | (page[at + 1] << 8) | (page[at + 2] << 16) | (page[at + 3] << 24)) >>> 0;
}
export const readPageUint32 = readUint32;

// `start` is where the page begins in the buffer; offsets count from there.

export function cellStart(page: Uint8Array, i: number, start = 0): number {
  const at = start + headerBytes + 2 * i;
  return (page[at] | (page[at + 1] << 8)) & offsetMask;
}
export function isLargeCell(page: Uint8Array, i: number, start = 0): boolean {
  return (page[start + headerBytes + 2 * i + 1] & 0x80) !== 0;
}
/** Where entry i's value begins; it ends at cellStart(i + 1). */
export function valueStart(page: Uint8Array, i: number, start = 0): number {
  const cell = cellStart(page, i, start);
  const at = start + cell;
  const short = page[at];
  const suffixEnd =
    short < 255 ? cell + 1 + short : cell + 3 + (page[at + 1] | (page[at + 2] << 8));
  return suffixEnd + page[start + 1];
}
const baseTimeBytes = new Uint8Array(8);
const baseTimeValue = new Float64Array(baseTimeBytes.buffer);
/** What all times of the page add to. */
export function baseTime(page: Uint8Array, start = 0): number {
  for (let i = 0; i < 8; i++) baseTimeBytes[i] = page[start + 16 + i];
  return baseTimeValue[0];
}
/** `base` is the page's baseTime(). */
export function entryTime(page: Uint8Array, base: number, i: number, start = 0): number {
  const width = page[start + 1];
  if (width === 0) return base;
  let at = start + valueStart(page, i, start) - 1;
  let delta = 0;
  for (let n = 0; n < width; n++) delta = delta * 256 + page[at--];
  return base + delta;
}
/** An upper bound of the page's times, without looking at the entries. */
export function timeBound(page: Uint8Array, base: number): number {
  const width = page[1];
  return width === 0 ? base : base + 2 ** (8 * width);
}
export function entryKey(page: Buffer, i: number, prefix: string): string {
  const cell = cellStart(page, i);
  const short = page[cell];
  const start = short < 255 ? cell + 1 : cell + 3;
  const length = short < 255 ? short : page[cell + 1] | (page[cell + 2] << 8);
  return length === 0 ? prefix : prefix + latin1Text(page, start, start + length);
}
export function pagePrefix(page: Buffer): string {
  const length = pagePrefixLength(page);
  const start = headerBytes + 2 * (pageCount(page) + 1);
  return length === 0 ? '' : latin1Text(page, start, start + length);
}

/**
 * Position of the first entry whose key is >= the key (count when there is none). `nearness` says about
 * where in the page the key should be, as a fraction: each entry that is looked at may be a cache miss.
 */
export function searchPage(
  page: Uint8Array,
  key: string,
  start = 0,
  nearness = Number.NaN,
): number {
  const count = page[start + 2] | (page[start + 3] << 8);
  const prefixLength = page[start + 12] | (page[start + 13] << 8);
  const keyLength = key.length;
  const prefixStart = start + headerBytes + 2 * (count + 1);
  for (let i = 0; i < prefixLength; i++) {
    if (i >= keyLength) return 0;
    const difference = page[prefixStart + i] - key.charCodeAt(i);
    if (difference > 0) return 0;
    if (difference < 0) return count;
  }
  let low = 0;
  let high = count;
  // Without a hint the first step halves the page; with one, steps double away from it.
  // A key just below the next page's would be rounded to a place past the last entry.
  let middle =
    nearness >= 0 && nearness < 1
      ? Math.min(count - 1, Math.floor(nearness * count + 1e-6))
      : count >>> 1;
  let step = nearness >= 0 ? 1 : count;
  while (low < high) {
    const order = compareSuffix(page, start, middle, key, prefixLength);
    if (order === 0) return middle;
    if (order < 0) {
      low = middle + 1;
      middle = low + step - 1;
    } else {
      high = middle;
      middle = high - step;
    }
    step *= 2;
    if (middle < low || middle >= high || step > count) {
      step = count;
      middle = (low + high) >>> 1;
    }
  }
  return low;
}
/** Does entry i have exactly this key? Only for i from searchPage() with the same key. */
export function entryIs(page: Uint8Array, i: number, key: string, start = 0): boolean {
  const count = page[start + 2] | (page[start + 3] << 8);
  if (i >= count) return false;
  const prefixLength = page[start + 12] | (page[start + 13] << 8);
  if (key.length < prefixLength) return false;
  const prefixStart = start + headerBytes + 2 * (count + 1);
  for (let n = 0; n < prefixLength; n++) {
    if (page[prefixStart + n] !== key.charCodeAt(n)) return false;
  }
  return compareSuffix(page, start, i, key, prefixLength) === 0;
}
function compareSuffix(
  page: Uint8Array,
  start: number,
  i: number,
  key: string,
  prefixLength: number,
): number {
  const at = start + headerBytes + 2 * i;
  const cell = start + ((page[at] | (page[at + 1] << 8)) & offsetMask);
  let length = page[cell];
  let suffix = cell + 1;
  if (length === 255) {
    length = page[suffix] | (page[suffix + 1] << 8);
    suffix += 2;
  }
  const rest = key.length - prefixLength;
  const common = length < rest ? length : rest;
  for (let n = 0; n < common; n++) {
    const difference = page[suffix + n] - key.charCodeAt(prefixLength + n);
    if (difference !== 0) return difference;
  }
  return length - rest;
}

/** Appends all entries of a page to a list; their sources are the page itself. */
export function decodeEntries(page: Buffer, into: EntryList, bulkTimestamp: number): void {
  const count = pageCount(page);
  const prefix = pagePrefix(page);
  const base = baseTime(page);
  for (let i = 0; i < count; i++) {
    const time = entryTime(page, base, i);
    into.push(
      entryKey(page, i, prefix),
      time === 0 ? bulkTimestamp : time,
      page,
      valueStart(page, i),
      cellStart(page, i + 1),
      isLargeCell(page, i) ? EntryKind.large : EntryKind.inline,
    );
  }
}

/** Over everything but the field that holds it. The buffer may be longer than the page. */
export function pageChecksum(page: Uint8Array): number {
  const end = cellStart(page, pageCount(page));
  const { buffer, byteOffset } = page;
  const head = crc32(new Uint8Array(buffer, byteOffset, checksumOffset));
  return crc32(new Uint8Array(buffer, byteOffset + headerBytes, end - headerBytes), head);
}
/** Throws XX001 when the page is not what was written under this id. */
export function verifyPage(page: Uint8Array, pageId: number): void {
  const end = cellStart(page, pageCount(page));
  const whole = end >= headerBytes && end <= page.length;
  const isSound =
    whole &&
    readUint32(page, 4) === pageId &&
    pageChecksum(page) === readUint32(page, checksumOffset);
  if (!isSound) throw corruptedPage(pageId);
}

export function corruptedPage(pageId: number): Error {
  return databaseError('dataCorrupted', `page ${pageId} of the row store is damaged`);
}
