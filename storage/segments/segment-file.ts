// Reading a segment file: footer when it is opened, chunks when a column is asked for. Everything read
// is held against its checksum; what does not match is a DamagedSegment.

import { fstatSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Dictionary, Vector } from '#common';
import { decodeChunk } from './chunk-decoder.ts';
import { readChunk } from './chunk-reader.ts';
import { DamagedSegment } from './damaged-segment.ts';
import { internDictionary } from './dictionary.ts';
import { readWhole, withFile } from './open-files.ts';
import {
  endMagic,
  formatVersion,
  type SegmentFooter,
  type StoredColumn,
  trailerBytes,
} from './segment-format.ts';

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
    const { buffer, view, at } = readChunk(this.path, column, block);
    this.#check(buffer.subarray(at, at + chunk.length), chunk.crc);
    const { min, max } = chunk;
    return decodeChunk(view, at, {
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
    const { offset: at, length, count, crc } = stored;
    const bytes = withFile(this.path, (file) => readWhole(this.path, file, { at, length }));
    this.#check(bytes, crc);
    const dictionary = internDictionary(bytes, count, crc);
    this.#dictionaries.set(column.attribute, dictionary);
    return dictionary;
  }
  #check(bytes: Uint8Array, crc: number): void {
    if (crc32(bytes) !== crc) throw new DamagedSegment(this.path, 'a checksum does not match');
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
