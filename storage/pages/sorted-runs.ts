// External merge sort of load records (change-buffer.ts): every buffer is sorted as it comes, sorted
// buffers past a memory budget are merged into a file, and merge() yields all records in key order
// with one cursor a run. Records with equal keys come in no particular order.

import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { latin1Text } from '#common';
import { RecordBuffer } from './change-buffer.ts';

const memoryBytesMax = 128 * 1024 * 1024;
const readBytes = 256 * 1024;
const recordHeaderBytes = 6;

/** The record that next() moved to. */
export interface LoadRecords {
  next(): boolean;
  readonly key: string;
  readonly source: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Records of one buffer in the order they lie there. */
export class LoadReader implements LoadRecords {
  readonly source: Buffer;
  #at = 0;
  key = '';
  start = 0;
  end = 0;
  recordStart = 0;
  /** The key ends where the value starts. */
  keyStart = 0;

  constructor(bytes: Uint8Array) {
    this.source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  next(): boolean {
    if (!this.nextBytes()) return false;
    this.key = latin1Text(this.source, this.keyStart, this.start);
    return true;
  }
  /** Like next(), but `key` stays as it was: the caller works on bytes. */
  nextBytes(): boolean {
    if (this.#at >= this.source.length) return false;
    this.#locate(this.#at);
    this.#at = this.end;
    return true;
  }
  moveTo(at: number): void {
    this.#locate(at);
    this.key = latin1Text(this.source, this.keyStart, this.start);
  }
  #locate(at: number): void {
    const { source } = this;
    const keyLength = source[at] | (source[at + 1] << 8);
    const valueLength =
      (source[at + 2] | (source[at + 3] << 8) | (source[at + 4] << 16) | (source[at + 5] << 24)) >>>
      0;
    this.recordStart = at;
    this.keyStart = at + recordHeaderBytes;
    this.start = this.keyStart + keyLength;
    this.end = this.start + valueLength;
  }
}

class MemoryRun implements LoadRecords {
  readonly #reader: LoadReader;
  readonly #order: Uint32Array;
  readonly bytes: number;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes.length;
    this.#reader = new LoadReader(bytes);
    const keys: string[] = [];
    const offsets: number[] = [];
    while (this.#reader.next()) {
      keys.push(this.#reader.key);
      offsets.push(this.#reader.recordStart);
    }
    const positions = Uint32Array.from(keys.keys());
    positions.sort((a, b) => (keys[a] < keys[b] ? -1 : 1));
    this.#order = positions.map((position) => offsets[position]);
  }
  next(): boolean {
    if (this.#position >= this.#order.length) return false;
    this.#reader.moveTo(this.#order[this.#position++]);
    return true;
  }
  get key(): string {
    return this.#reader.key;
  }
  get source(): Uint8Array {
    return this.#reader.source;
  }
  get start(): number {
    return this.#reader.start;
  }
  get end(): number {
    return this.#reader.end;
  }
}

/** A file of records in key order, read through a window. */
class FileRun implements LoadRecords {
  readonly #path: string;
  readonly #file: number;
  #window = Buffer.alloc(0);
  #at = 0;
  #filePosition = 0;
  key = '';
  source: Uint8Array = this.#window;
  start = 0;
  end = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'r');
  }
  next(): boolean {
    if (!this.#ensure(recordHeaderBytes)) return false;
    const keyLength = this.#window.readUInt16LE(this.#at);
    const size = recordHeaderBytes + keyLength + this.#window.readUInt32LE(this.#at + 2);
    this.#ensure(size);
    const at = this.#at;
    this.source = this.#window;
    this.start = at + recordHeaderBytes + keyLength;
    this.end = at + size;
    this.key = latin1Text(this.#window, at + recordHeaderBytes, this.start);
    this.#at = this.end;
    return true;
  }
  close(): void {
    closeSync(this.#file);
    unlinkSync(this.#path);
  }
  /** A fresh window when the record does not lie in this one whole; earlier records keep theirs. */
  #ensure(bytes: number): boolean {
    const left = this.#window.length - this.#at;
    if (left >= bytes) return true;
    const next = Buffer.alloc(Math.max(readBytes, bytes));
    this.#window.copy(next, 0, this.#at);
    const read = readSync(this.#file, next, left, next.length - left, this.#filePosition);
    this.#filePosition += read;
    this.#window = next.subarray(0, left + read);
    this.#at = 0;
    return this.#window.length >= bytes;
  }
}

export class SortedRuns {
  readonly #directory: string;
  readonly #name: string;
  #memory: MemoryRun[] = [];
  #memoryBytes = 0;
  readonly #files: FileRun[] = [];

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
  }
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#memory.push(new MemoryRun(bytes));
    this.#memoryBytes += bytes.length;
    if (this.#memoryBytes > memoryBytesMax) this.#spill();
  }
  merge(): LoadRecords {
    return new MergedRuns([...this.#files, ...this.#memory]);
  }
  close(): void {
    this.#memory = [];
    for (const file of this.#files.splice(0)) file.close();
  }
  #spill(): void {
    mkdirSync(this.#directory, { recursive: true });
    const path = join(this.#directory, `${this.#name}-${this.#files.length}.run`);
    const file = openSync(path, 'w');
    const records = new RecordBuffer((bytes) => writeSync(file, bytes));
    const merge = new MergedRuns(this.#memory);
    while (merge.next()) records.addLoad(merge.key, merge.source.subarray(merge.start, merge.end));
    records.flush();
    closeSync(file);
    this.#files.push(new FileRun(path));
    this.#memory = [];
    this.#memoryBytes = 0;
  }
}

/** A binary heap of runs by their current key; the top one is the current record. */
class MergedRuns implements LoadRecords {
  readonly #heap: LoadRecords[] = [];
  #started = false;

  constructor(runs: readonly LoadRecords[]) {
    for (const run of runs) if (run.next()) this.#heap.push(run);
    for (let i = this.#heap.length >>> 1; i >= 0; i--) this.#sink(i);
  }
  next(): boolean {
    if (this.#started && this.#heap.length > 0) {
      if (!this.#heap[0].next()) {
        const last = this.#heap.pop()!;
        if (this.#heap.length > 0) this.#heap[0] = last;
      }
      this.#sink(0);
    }
    this.#started = true;
    return this.#heap.length > 0;
  }
  get key(): string {
    return this.#heap[0].key;
  }
  get source(): Uint8Array {
    return this.#heap[0].source;
  }
  get start(): number {
    return this.#heap[0].start;
  }
  get end(): number {
    return this.#heap[0].end;
  }
  #sink(start: number): void {
    const heap = this.#heap;
    let i = start;
    for (;;) {
      let least = i;
      for (let child = 2 * i + 1; child <= 2 * i + 2 && child < heap.length; child++) {
        if (heap[child].key < heap[least].key) least = child;
      }
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least], heap[i]];
      i = least;
    }
  }
}
