// Reading a segment file: footer when it is opened, chunks when a column is asked for. Everything read
// is held against its checksum; what does not match is a DamagedSegment.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Dictionary, Vector } from '#common';
import { decodeChunk } from './column-chunk.ts';
import { internDictionary } from './dictionary.ts';
import {
  endMagic,
  formatVersion,
  type SegmentFooter,
  type StoredColumn,
  trailerBytes,
} from './segment-format.ts';

export class DamagedSegment extends Error {
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`segment file ${path} is damaged: ${reason}`);
    this.path = path;
  }
}

export class SegmentFile {
  readonly path: string;
  readonly footer: SegmentFooter;
  readonly #columns: ReadonlyMap<number, StoredColumn>;
  readonly #dictionaries = new Map<number, Dictionary>();

  /** Throws DamagedSegment, also when the file is not there. */
  constructor(path: string) {
    this.path = path;
    this.footer = withFile(path, (file) => readFooter(path, file));
    this.#columns = new Map(this.footer.columns.map((column) => [column.attribute, column]));
  }

  /** undefined: the column is younger than the file. */
  column(attribute: number): StoredColumn | undefined {
    return this.#columns.get(attribute);
  }

  /** Reads and decodes. Throws DamagedSegment. */
  readVector(column: StoredColumn, block: number): Vector {
    const chunk = column.chunks[block];
    const bytes = this.#read(chunk);
    const { min, max } = chunk;
    return decodeChunk(bytes, {
      length: this.footer.blocks[block].rows,
      typeOid: column.typeOid,
      narrow: column.narrow,
      min: typeof min === 'number' ? min : 0,
      max: typeof max === 'number' ? max : 0,
      dictionary: () => this.#dictionary(column),
    });
  }

  #dictionary(column: StoredColumn): Dictionary {
    const known = this.#dictionaries.get(column.attribute);
    if (known !== undefined) return known;
    const stored = column.dictionary;
    if (stored === undefined) throw new DamagedSegment(this.path, 'a dictionary is missing');
    const dictionary = internDictionary(this.#read(stored), stored.count, stored.crc);
    this.#dictionaries.set(column.attribute, dictionary);
    return dictionary;
  }
  #read(place: { offset: number; length: number; crc: number }): Uint8Array {
    const bytes = withFile(this.path, (file) =>
      readWhole(this.path, file, { at: place.offset, length: place.length }),
    );
    if (crc32(bytes) !== place.crc)
      throw new DamagedSegment(this.path, 'a checksum does not match');
    return bytes;
  }
}

function readFooter(path: string, file: number): SegmentFooter {
  const { size } = fstatSync(file);
  if (size < trailerBytes) throw new DamagedSegment(path, 'it is too short');
  const trailer = readWhole(path, file, { at: size - trailerBytes, length: trailerBytes });
  const length = trailer.readUInt32LE(0);
  const isWhole =
    trailer.toString('latin1', 16) === endMagic &&
    trailer.readUInt32LE(8) === formatVersion &&
    length <= size - trailerBytes;
  if (!isWhole) throw new DamagedSegment(path, 'its end is not that of a segment');
  const footer = readWhole(path, file, { at: size - trailerBytes - length, length });
  if (crc32(footer) !== trailer.readUInt32LE(4)) {
    throw new DamagedSegment(path, 'the checksum of its footer does not match');
  }
  return JSON.parse(footer.toString()) as SegmentFooter;
}

/** Into memory of its own, so that typed arrays can be laid over it. */
function readWhole(path: string, file: number, range: { at: number; length: number }): Buffer {
  const bytes = Buffer.allocUnsafeSlow(range.length);
  let done = 0;
  while (done < range.length) {
    const read = readSync(file, bytes, done, range.length - done, range.at + done);
    if (read === 0) throw new DamagedSegment(path, 'it is too short');
    done += read;
  }
  return bytes;
}

/** Files that are open, the least recently used one first. */
const openFiles = new Map<string, number>();
const openFilesMax = 64;

function withFile<Result>(path: string, use: (file: number) => Result): Result {
  let file = openFiles.get(path);
  if (file === undefined) {
    try {
      file = openSync(path, 'r');
    } catch (error) {
      throw new DamagedSegment(path, (error as Error).message);
    }
  } else openFiles.delete(path);
  openFiles.set(path, file);
  if (openFiles.size > openFilesMax) forgetFile(openFiles.keys().next().value!);
  return use(file);
}

/** For tests: as in a thread that has opened none. */
export function closeSegmentFiles(): void {
  for (const path of openFiles.keys()) forgetFile(path);
}

function forgetFile(path: string): void {
  const file = openFiles.get(path);
  if (file === undefined) return;
  openFiles.delete(path);
  closeSync(file);
}
