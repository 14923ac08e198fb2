// Values too large for a page: consecutive chunks in the `large` database.

import type { PageDirectory } from './page-directory.ts';

/** Sixteen LMDB pages: long enough for few lookups, short enough to find contiguous free pages. */
export const largeChunkBytes = 16 * 4080;

export function readLarge(
  directory: PageDirectory,
  length: number,
  firstChunk: number,
): Uint8Array {
  const value = new Uint8Array(length);
  let chunkId = firstChunk;
  for (let at = 0; at < length; at += largeChunkBytes) {
    const chunk = directory.chunk(chunkId++);
    value.set(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length), at);
  }
  return value;
}
