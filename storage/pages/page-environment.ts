// The LMDB environment that holds the pages, opened once per thread (all threads of the process share
// one native environment). Five databases with 4-byte keys:
//
//   pages   page id      → one page (page-format.ts)
//   roots   tree slot    → root record: where a page tree begins, its size (tree-root.ts)
//   large   chunk id     → a piece of a value too large for a page
//   state   see stateKey → counters of this folder, the flush metadata as JSON
//   segments  tree id    → the column segments of a tree (segment-directory.ts)
//
// LMDB commits atomically and copies on write, so a crash leaves the last synced transaction. Writes
// happen in one thread only (flush-worker.ts), with a synced commit; `overlappingSync` is off so that
// a commit that returned is on disk.

import { mkdirSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { VerifiedPages } from './verified-pages.ts';

/** lmdb's reads in an explicit read transaction, which its type declarations leave out. */
export interface PageDatabase extends Database<Buffer, number> {
  getBinaryFast(id: number, options?: { readonly transaction: unknown }): Buffer | undefined;
}

export interface PageEnvironment {
  readonly root: RootDatabase<Buffer, string>;
  readonly pages: PageDatabase;
  readonly roots: PageDatabase;
  readonly large: PageDatabase;
  readonly state: PageDatabase;
  readonly segments: PageDatabase;
  readonly verified: VerifiedPages;
}

export const stateKey = { counters: 1, metadata: 2 } as const;

/** Address space, not disk: LMDB maps this much and the file grows as needed. */
const mapBytes = 2 ** 40;
const readersMax = 1024;

export function openPageEnvironment(directory: string): PageEnvironment {
  mkdirSync(directory, { recursive: true });
  const root = open<Buffer, string>({
    path: directory,
    noSubdir: false,
    maxDbs: 8,
    maxReaders: readersMax,
    mapSize: mapBytes,
    pageSize: 4096,
    overlappingSync: false,
    noMemInit: true,
  });
  const database = (name: string): PageDatabase =>
    root.openDB<Buffer, number>({ name, keyEncoding: 'uint32', encoding: 'binary' });
  return {
    root,
    pages: database('pages'),
    roots: database('roots'),
    large: database('large'),
    state: database('state'),
    segments: database('segments'),
    verified: new VerifiedPages(),
  };
}

/** Counters that only the writer advances: ids of pages and chunks, and the number of the last write that readers see. */
export interface PageCounters {
  nextPageId: number;
  nextChunkId: number;
  sequence: number;
}

export function readCounters(environment: PageEnvironment): PageCounters {
  const bytes = environment.state.getBinary(stateKey.counters);
  if (bytes === undefined) return { nextPageId: 1, nextChunkId: 1, sequence: 0 };
  return {
    nextPageId: bytes.readDoubleLE(0),
    nextChunkId: bytes.readDoubleLE(8),
    sequence: bytes.readDoubleLE(16),
  };
}
export function writeCounters(environment: PageEnvironment, counters: PageCounters): void {
  const bytes = Buffer.alloc(24);
  bytes.writeDoubleLE(counters.nextPageId, 0);
  bytes.writeDoubleLE(counters.nextChunkId, 8);
  bytes.writeDoubleLE(counters.sequence, 16);
  void environment.state.put(stateKey.counters, bytes);
}
