// Lays out sorted records as full leaves without making objects or strings of them: the leaf level of a
// bulk load (level-filler.ts has the levels above). Pages are those of page-format.ts with times of zero,
// which stand for the tree's bulk timestamp.

import { assert, latin1Text } from '#common';
import { shortestSeparator } from './page-partition.ts';
import {
  checksumOffset,
  headerBytes,
  largeBit,
  offsetMask,
  pageBytesMax,
  pageChecksum,
  PageKind,
} from './page-format.ts';

/** More entries than a page can hold: a cell takes a byte and an offset of two. */
const entriesMax = Math.ceil(pageBytesMax / 3);
/** Shorter values are copied byte by byte, which is cheaper than a call. */
const shortValueBytes = 24;

/** Where a record lies. A large value's reference may lie in another buffer than its key. */
export interface LeafRecord {
  readonly source: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueSource: Buffer;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly isLarge: boolean;
}

/** Takes a finished page, valid during the call, and the lower bound of its keys. */
type PageSink = (
  writePage: (pageId: number, treeSlot: number) => Buffer,
  separator: string,
) => void;

export class LeafFiller {
  readonly #sink: PageSink;
  readonly #sources: Buffer[] = [];
  readonly #valueSources: Buffer[] = [];
  readonly #keyStarts = new Int32Array(entriesMax);
  readonly #keyEnds = new Int32Array(entriesMax);
  readonly #valueStarts = new Int32Array(entriesMax);
  readonly #valueEnds = new Int32Array(entriesMax);
  readonly #larges = new Uint8Array(entriesMax);
  #count = 0;
  #prefixLength = 0;
  #keyBytes = 0;
  /** Of values and the lengths of suffixes. */
  #otherBytes = 0;
  #separator = '';
  #page = Buffer.alloc(2 * pageBytesMax);

  constructor(sink: PageSink) {
    this.#sink = sink;
  }

  /** Keys ascend; the buffers stay unchanged until the page is written. */
  add(record: LeafRecord): void {
    const keyLength = record.keyEnd - record.keyStart;
    const bytes = record.valueEnd - record.valueStart + (keyLength < 255 ? 1 : 3);
    const prefix = this.#prefixWith(record);
    const count = this.#count + 1;
    const total =
      headerBytes +
      2 * (count + 1) +
      prefix +
      (this.#keyBytes + keyLength) -
      count * prefix +
      (this.#otherBytes + bytes);
    if (total > pageBytesMax && this.#count > 0) {
      this.#separateFrom(record);
      this.add(record);
      return;
    }
    this.#prefixLength = prefix;
    this.#keyBytes += keyLength;
    this.#otherBytes += bytes;
    this.#push(record);
  }

  /** Writes the last page; false when there was nothing at all. */
  finish(): boolean {
    if (this.#count === 0) return false;
    this.#flush();
    return true;
  }

  #push(record: LeafRecord): void {
    const index = this.#count++;
    this.#sources[index] = record.source;
    this.#valueSources[index] = record.valueSource;
    this.#keyStarts[index] = record.keyStart;
    this.#keyEnds[index] = record.keyEnd;
    this.#valueStarts[index] = record.valueStart;
    this.#valueEnds[index] = record.valueEnd;
    this.#larges[index] = record.isLarge ? 1 : 0;
  }

  /** Length of the prefix that the page's keys share if this record joins them. */
  #prefixWith({ source, keyStart, keyEnd }: LeafRecord): number {
    if (this.#count === 0) return keyEnd - keyStart;
    const first = this.#sources[0];
    const firstStart = this.#keyStarts[0];
    const limit = Math.min(this.#prefixLength, keyEnd - keyStart);
    let length = 0;
    while (length < limit && first[firstStart + length] === source[keyStart + length]) length++;
    return length;
  }

  /** The page is full: the record begins the next one. */
  #separateFrom({ source, keyStart, keyEnd }: LeafRecord): void {
    const last = this.#count - 1;
    const lastKey = latin1Text(this.#sources[last], this.#keyStarts[last], this.#keyEnds[last]);
    this.#flush();
    this.#separator = shortestSeparator(lastKey, latin1Text(source, keyStart, keyEnd));
  }

  #flush(): void {
    this.#sink((pageId, treeSlot) => this.#encode(pageId, treeSlot), this.#separator);
    this.#count = 0;
    this.#keyBytes = 0;
    this.#otherBytes = 0;
    this.#prefixLength = 0;
  }

  #encode(pageId: number, treeSlot: number): Buffer {
    const count = this.#count;
    const prefixLength = this.#prefixLength;
    const bytesMax = headerBytes + 4 * (count + 1) + this.#keyBytes + this.#otherBytes;
    if (this.#page.length < bytesMax) this.#page = Buffer.alloc(bytesMax);
    const page = this.#page;
    page.fill(0, 0, headerBytes);
    page[0] = PageKind.leaf;
    page.writeUInt16LE(count, 2);
    page.writeUInt32LE(pageId, 4);
    page.writeUInt32LE(treeSlot, 8);
    page.writeUInt16LE(prefixLength, 12);
    let at = headerBytes + 2 * (count + 1);
    at += this.#sources[0].copy(page, at, this.#keyStarts[0], this.#keyStarts[0] + prefixLength);
    for (let index = 0; index < count; index++) {
      this.#setOffset(index, this.#larges[index] === 1 ? at | largeBit : at);
      at = this.#encodeCell(index, at);
    }
    this.#setOffset(count, at);
    assert(at <= offsetMask, 'page offset fits in 15 bits');
    const bytes = page.subarray(0, at);
    page.writeUInt32LE(pageChecksum(bytes), checksumOffset);
    return bytes;
  }

  #setOffset(index: number, offset: number): void {
    const slot = headerBytes + 2 * index;
    this.#page[slot] = offset & 255;
    this.#page[slot + 1] = offset >>> 8;
  }

  #encodeCell(index: number, start: number): number {
    const page = this.#page;
    const source = this.#sources[index];
    const keyStart = this.#keyStarts[index] + this.#prefixLength;
    const keyEnd = this.#keyEnds[index];
    let at = start;
    const suffixLength = keyEnd - keyStart;
    if (suffixLength < 255) page[at++] = suffixLength;
    else {
      page[at++] = 255;
      page[at++] = suffixLength & 255;
      page[at++] = suffixLength >>> 8;
    }
    for (let place = keyStart; place < keyEnd; place++) page[at++] = source[place];
    const valueSource = this.#valueSources[index];
    const valueStart = this.#valueStarts[index];
    const valueEnd = this.#valueEnds[index];
    if (valueEnd - valueStart > shortValueBytes)
      return at + valueSource.copy(page, at, valueStart, valueEnd);
    for (let place = valueStart; place < valueEnd; place++) page[at++] = valueSource[place];
    return at;
  }
}
