// How changes travel to the writer thread: as bytes in buffers that are handed over, never as objects
// per row.
//
//   changes   tree u32, key length u16, version count u32, key,
//             then per version, newest first: from f64, length i32 (-1: removed), value
//   loads     key length u16, value length u32, key, value
//
// A record never straddles two buffers; numbers are little-endian.

import { latin1Text } from '#common';
import type { CommitTimestamp, Key, TreeId } from '../contract.ts';
import type { FlushedKey } from '../page-store.ts';

const bufferBytes = 1024 * 1024;

/** Collects records and hands full buffers to `send`, which takes ownership. */
export class RecordBuffer {
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  #buffer = Buffer.alloc(0);
  #used = 0;

  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send;
  }

  addChange(change: FlushedKey): void {
    let size = 10 + change.key.length;
    for (const version of change.versions) size += 12 + (version.value?.length ?? 0);
    const buffer = this.#reserve(size);
    let at = this.#used;
    at = buffer.writeUInt32LE(change.tree, at);
    at = buffer.writeUInt16LE(change.key.length, at);
    at = buffer.writeUInt32LE(change.versions.length, at);
    at = writeKey(buffer, change.key, at);
    for (const version of change.versions) {
      at = buffer.writeDoubleLE(version.from, at);
      at = buffer.writeInt32LE(version.value?.length ?? -1, at);
      if (version.value !== undefined) {
        buffer.set(version.value, at);
        at += version.value.length;
      }
    }
    this.#used = at;
  }
  addLoad(key: Key, value: Uint8Array): void {
    const buffer = this.#reserve(6 + key.length + value.length);
    let at = this.#used;
    at = buffer.writeUInt16LE(key.length, at);
    at = buffer.writeUInt32LE(value.length, at);
    at = writeKey(buffer, key, at);
    buffer.set(value, at);
    this.#used = at + value.length;
  }
  addLoadSlice(key: Key, source: Buffer, start: number, end: number): void {
    const length = end - start;
    const buffer = this.#reserve(6 + key.length + length);
    let at = this.#used;
    at = buffer.writeUInt16LE(key.length, at);
    at = buffer.writeUInt32LE(length, at);
    at = writeKey(buffer, key, at);
    source.copy(buffer, at, start, end);
    this.#used = at + length;
  }
  /** Sends what is left. */
  flush(): void {
    if (this.#used === 0) return;
    const full = this.#buffer;
    const used = this.#used;
    this.#buffer = Buffer.alloc(0);
    this.#used = 0;
    this.#send(new Uint8Array(full.buffer, full.byteOffset, used));
  }
  get pendingBytes(): number {
    return this.#used;
  }

  #reserve(size: number): Buffer {
    if (this.#used + size > this.#buffer.length) {
      this.flush();
      this.#buffer = Buffer.from(new ArrayBuffer(Math.max(bufferBytes, size)));
    }
    return this.#buffer;
  }
}

function writeKey(buffer: Buffer, key: Key, start: number): number {
  if (key.length > 24) return start + buffer.write(key, start, 'latin1');
  for (let i = 0; i < key.length; i++) buffer[start + i] = key.charCodeAt(i);
  return start + key.length;
}

/** Walks change records; the fields describe the record that next() moved to. */
export class ChangeReader {
  readonly #buffers: readonly Buffer[];
  #current = 0;
  #at = 0;
  #versionsLeft = 0;
  tree: TreeId = 0;
  key: Key = '';
  /** Fields of the version that nextVersion() moved to; end < start: removed. */
  source: Buffer = Buffer.alloc(0);
  from: CommitTimestamp = 0;
  start = 0;
  end = 0;

  constructor(buffers: readonly Uint8Array[]) {
    this.#buffers = buffers.map((bytes) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
  }
  /** All versions of the record before must have been read. */
  next(): boolean {
    let buffer = this.#buffers[this.#current];
    if (buffer !== undefined && this.#at >= buffer.length) {
      buffer = this.#buffers[++this.#current];
      this.#at = 0;
    }
    if (buffer === undefined) return false;
    const at = this.#at;
    this.source = buffer;
    this.tree = buffer.readUInt32LE(at);
    const keyLength = buffer.readUInt16LE(at + 4);
    this.#versionsLeft = buffer.readUInt32LE(at + 6);
    this.key = latin1Text(buffer, at + 10, at + 10 + keyLength);
    this.#at = at + 10 + keyLength;
    return true;
  }
  nextVersion(): boolean {
    if (this.#versionsLeft === 0) return false;
    this.#versionsLeft--;
    this.from = this.source.readDoubleLE(this.#at);
    const length = this.source.readInt32LE(this.#at + 8);
    this.start = this.#at + 12;
    this.end = this.start + length;
    this.#at = this.start + Math.max(length, 0);
    return true;
  }
}
