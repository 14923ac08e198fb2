// Goal: each chunk is what was written, in whatever order chunks are asked for. Method: a file of several columns of
// random bytes, read in order, backwards, at random, and by more columns at once than the reader keeps bytes of.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TypeOid } from '#common';
import { forgetChunks, readChunk } from './chunk-reader.ts';
import { DamagedSegment } from './damaged-segment.ts';
import { closeSegmentFiles } from './open-files.ts';
import type { StoredChunk, StoredColumn } from './segment-format.ts';

const columnCount = 80;
const blockCount = 8;
let directory = '';
let path = '';
let bytes: Buffer;
const columns: StoredColumn[] = [];

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'chunks-'));
  path = join(directory, 'file');
  let end = 8;
  for (let attribute = 1; attribute <= columnCount; attribute++) {
    const chunks: StoredChunk[] = [];
    for (let block = 0; block < blockCount; block++) {
      // One is larger than what is read at a time, a few are most of it.
      const length =
        attribute === 1 && block === 3 ? 400_000 : 8 * (1 + ((attribute * 7) % 9) * 150);
      chunks.push({ offset: end, length, crc: 0, encoding: '', nulls: 0 });
      end += length;
    }
    columns.push({ attribute, typeOid: TypeOid.int4, narrow: true, chunks });
  }
  bytes = Buffer.from(Uint8Array.from({ length: end }, (_, i) => (i * 2654435761) >>> 24));
  writeFileSync(path, bytes);
});
after(() => {
  closeSegmentFiles();
  rmSync(directory, { recursive: true });
});

function check(column: StoredColumn, block: number): void {
  const { offset, length } = column.chunks[block];
  const { buffer, view, at } = readChunk(path, column, block);
  assert.equal(at % 8, 0);
  assert.equal(view.buffer, buffer.buffer);
  assert.ok(buffer.subarray(at, at + length).equals(bytes.subarray(offset, offset + length)));
}

const blocks = Array.from({ length: blockCount }, (_, block) => block);

test('chunks column by column, and back', () => {
  forgetChunks();
  for (const column of columns.slice(0, 5)) for (const block of blocks) check(column, block);
  for (const column of columns.slice(0, 5))
    for (const block of blocks.toReversed()) check(column, block);
});

test('chunks block by block, of a few columns and of too many', () => {
  for (const count of [3, columnCount]) {
    forgetChunks();
    for (const block of blocks) for (const column of columns.slice(0, count)) check(column, block);
  }
});

test('chunks at random', () => {
  forgetChunks();
  let state = 7;
  for (let i = 0; i < 2000; i++) {
    state = (state * 48271) % 2147483647;
    check(columns[state % columnCount], (state >>> 8) % blockCount);
  }
});

test('a file that ends too early is damaged, each time', () => {
  const short = join(directory, 'short');
  writeFileSync(short, bytes);
  truncateSync(short, columns[40].chunks[4].offset);
  forgetChunks();
  for (let i = 0; i < 2; i++) assert.throws(() => readChunk(short, columns[50], 0), DamagedSegment);
  assert.throws(() => readChunk(join(directory, 'none'), columns[0], 0), DamagedSegment);
});
