// Values too large for a page: consecutive chunks in the `large` database.

import { crc32 } from 'node:zlib';
import type { PageDirectory } from './page-directory.ts';
import { corruptedPage, readPageUint32 } from './page-format.ts';

/** Sixteen LMDB pages: long enough for few lookups, short enough to find contiguous free pages. */
export const largeChunkBytes = 16 * 4080;

/** The value that the reference at `start` of a page stands for. */
export function readLarge(directory: PageDirectory, page: Uint8Array, start: number): Uint8Array {
  const value = new Uint8Array(readPageUint32(page, start));
  const firstChunk = readPageUint32(page, start + 4);
  const checksum = readPageUint32(page, start + 8);
  let chunkId = firstChunk;
  for (let at = 0; at < value.length; at += largeChunkBytes) {
    const chunk = directory.chunk(chunkId++);
    value.set(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length), at);
  }
  if (crc32(value) !== checksum) throw corruptedPage(firstChunk);
  return value;
}
