// A temporary file of rows of vectors, and the source of blocks that reads it.

import type { Vector } from '#common';
import { SpillFile } from '../rows/spill-file.ts';
import { type BlockSource, type SourceBlock, vectorBlock } from './block-source.ts';
import { type VectorRows, decodeRows, encodeRows } from './vector-codec.ts';

/** Rows of one block. */
const fileBlockRows = 1 << 16;

export class VectorFile {
  private readonly file: SpillFile;
  rows = 0;

  constructor(directory: string) {
    this.file = new SpillFile(directory);
  }

  get bytes(): number {
    return this.file.bytes;
  }
  get blockCount(): number {
    return this.file.blockCount;
  }

  /** Appends the rows at `positions`. */
  append(vectors: readonly (Vector | undefined)[], positions: Int32Array): void {
    for (let start = 0; start < positions.length; start += fileBlockRows)
      this.file.append(encodeRows(vectors, positions.subarray(start, start + fileBlockRows)));
    this.rows += positions.length;
  }

  read(block: number): VectorRows {
    return decodeRows(this.file.block(block));
  }

  close(): void {
    this.file.close();
  }
}

/** The rows of a file; `placeOf` says which of its columns an ordinal of the source is. */
export class VectorFileSource implements BlockSource {
  private readonly placeOf: (ordinal: number) => number;
  private file: VectorFile | undefined = undefined;
  private position = 0;

  constructor(placeOf: (ordinal: number) => number) {
    this.placeOf = placeOf;
  }

  /** What open() starts to read. */
  use(file: VectorFile | undefined): void {
    this.file = file;
  }
  open(): void {
    this.position = 0;
  }
  next(): SourceBlock | undefined {
    if (this.file === undefined || this.position >= this.file.blockCount) return undefined;
    const { length, vectors } = this.file.read(this.position++);
    return vectorBlock(length, (column) => vectors[this.placeOf(column)]);
  }
  close(): void {
    this.file = undefined;
  }
}

export function allPositions(length: number): Int32Array {
  const positions = new Int32Array(length);
  for (let i = 0; i < length; i++) positions[i] = i;
  return positions;
}
