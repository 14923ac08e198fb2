// Gathers the blocks of one segment file and writes it: encoded in memory (a file is bounded in rows and
// bytes by whoever adds blocks), then written and synced in one go.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { TypeOid, type Vector } from '#common';
import type { CommitTimestamp, Key } from '../contract.ts';
import { type EncodedChunk, encodeChunk } from './column-chunk.ts';
import { DictionaryBuilder, encodeDictionary, hasDictionary } from './dictionary.ts';
import {
  endMagic,
  formatVersion,
  type SegmentFooter,
  startMagic,
  type StoredBlock,
  type StoredChunk,
  type StoredColumn,
  trailerBytes,
} from './segment-format.ts';

export interface SegmentColumn {
  /** Attribute number, or a SystemColumn. */
  readonly attribute: number;
  readonly typeOid: number;
}

export interface SegmentIdentity {
  readonly tree: number;
  readonly kind: 'current' | 'history';
  readonly builtAt: CommitTimestamp;
}

export class SegmentWriter {
  rows = 0;
  /** Encoded so far. */
  bytes = 0;
  readonly #identity: SegmentIdentity;
  readonly #columns: readonly SegmentColumn[];
  readonly #dictionaries: readonly (DictionaryBuilder | undefined)[];
  readonly #chunks: readonly EncodedChunk[][];
  readonly #blocks: StoredBlock[] = [];

  /** Starts with the dictionaries of the file before it, if there is one. */
  constructor(
    identity: SegmentIdentity,
    columns: readonly SegmentColumn[],
    before: SegmentWriter | undefined,
  ) {
    this.#identity = identity;
    this.#columns = columns;
    this.#dictionaries = columns.map(({ typeOid }, i) =>
      hasDictionary(typeOid)
        ? new DictionaryBuilder(typeOid, before?.inheritedDictionary(i))
        : undefined,
    );
    this.#chunks = columns.map(() => []);
  }

  /** What the dictionary of column i starts with in the next file. */
  inheritedDictionary(i: number): readonly string[] {
    return this.#dictionaries[i]?.inheritance ?? [];
  }
  get blockCount(): number {
    return this.#blocks.length;
  }
  get firstKey(): Key | undefined {
    return this.#blocks[0]?.firstKey;
  }

  /** One vector per column. */
  addBlock(vectors: readonly Vector[], rows: number, firstKey: Key): void {
    vectors.forEach((vector, i) => {
      const { typeOid } = this.#columns[i];
      const chunk = encodeChunk(vector, rows, { typeOid, dictionary: this.#dictionaries[i] });
      this.#chunks[i].push(chunk);
      this.bytes += chunk.bytes.length;
    });
    this.#blocks.push({ rows, firstKey });
    this.rows += rows;
  }

  /** Written and synced when it returns; the directory is not. Returns the file's size. */
  write(path: string): number {
    const file = openSync(path, 'wx');
    try {
      const parts = this.#assemble();
      for (const part of parts) writeWhole(file, part);
      fsyncSync(file);
      return parts.reduce((bytes, part) => bytes + part.length, 0);
    } finally {
      closeSync(file);
    }
  }

  #assemble(): Uint8Array[] {
    const parts: Uint8Array[] = [Buffer.from(startMagic)];
    let offset = startMagic.length;
    const place = (bytes: Uint8Array): { offset: number; length: number; crc: number } => {
      const at = { offset, length: bytes.length, crc: crc32(bytes) };
      parts.push(bytes);
      offset += bytes.length;
      return at;
    };
    const columns = this.#columns.map((column, i): StoredColumn => {
      const values = this.#dictionaries[i]?.values ?? [];
      const encoded = this.#chunks[i];
      const isUsed = encoded.some(({ encoding }) => encoding.startsWith('dictionary'));
      const dictionary = isUsed
        ? { ...place(encodeDictionary(values)), count: values.length }
        : undefined;
      const chunks = encoded.map(({ bytes, ...facts }): StoredChunk => ({
        ...place(bytes),
        ...facts,
      }));
      const { attribute, typeOid } = column;
      const narrow = chunks.every(isNarrow) || alwaysNarrow.has(typeOid);
      return { attribute, typeOid, narrow, ...(dictionary && { dictionary }), chunks };
    });
    const { rows } = this;
    const footer: SegmentFooter = { ...this.#identity, rows, blocks: this.#blocks, columns };
    const footerBytes = Buffer.from(JSON.stringify(footer));
    const trailer = Buffer.alloc(trailerBytes);
    trailer.writeUInt32LE(footerBytes.length, 0);
    trailer.writeUInt32LE(crc32(footerBytes), 4);
    trailer.writeUInt32LE(formatVersion, 8);
    trailer.write(endMagic, 16, 'latin1');
    parts.push(footerBytes, trailer);
    return parts;
  }
}

const alwaysNarrow: ReadonlySet<number> = new Set([TypeOid.int2, TypeOid.int4, TypeOid.date]);

function isNarrow({ min, max }: StoredChunk): boolean {
  if (min === undefined || max === undefined) return true;
  return Number(min) >= -2147483648 && Number(max) <= 2147483647;
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
