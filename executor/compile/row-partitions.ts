// Rows of vectors spread over temporary files by the hash of their keys. The hash is kept with a row, as
// the last column of its file, so a partition that is still too large is divided again by other bits of
// it. Both sides of a join have the same hashes, because equal keys have.

import type { Vector } from '#common';
import { spillPartitions } from '../limits.ts';
import { VectorFile, allPositions } from './vector-file.ts';

const partitionBits = Math.log2(spillPartitions);

export class RowPartitions {
  readonly files: readonly VectorFile[];
  private readonly level: number;

  constructor(directory: string, level: number) {
    this.level = level;
    this.files = Array.from({ length: spillPartitions }, () => new VectorFile(directory));
  }

  get bytes(): number {
    return this.files.reduce((sum, file) => sum + file.bytes, 0);
  }

  add(vectors: readonly (Vector | undefined)[], hashes: Int32Array): void {
    const hashColumn: Vector = {
      kind: 'integer',
      values: hashes,
      scale: 0,
      min: -(2 ** 31),
      max: 2 ** 31 - 1,
      nulls: undefined,
    };
    const columns = [...vectors, hashColumn];
    const byPartition = this.sorted(hashes);
    byPartition.forEach((positions, i) => {
      if (positions.length > 0) this.files[i].append(columns, positions);
    });
  }

  /** Adds the rows of another level's file, block by block. */
  *addFile(file: VectorFile): Generator<undefined, void> {
    for (let block = 0; block < file.blockCount; block++) {
      const { vectors } = file.read(block);
      const hashes = vectors[vectors.length - 1] as { readonly values: Int32Array };
      this.add(vectors.slice(0, -1), hashes.values);
      yield;
    }
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  /** Positions of the rows of each partition (a counting sort). */
  private sorted(hashes: Int32Array): Int32Array[] {
    const shift = 32 - partitionBits * (this.level + 1);
    const ends = new Int32Array(spillPartitions);
    for (const hash of hashes) ends[(hash >>> shift) & (spillPartitions - 1)]++;
    const positions = allPositions(hashes.length);
    const parts = Array.from(ends, (count) => {
      return { count, start: 0, next: 0 };
    });
    let start = 0;
    for (const part of parts) {
      part.start = start;
      part.next = start;
      start += part.count;
    }
    for (let row = 0; row < hashes.length; row++)
      positions[parts[(hashes[row] >>> shift) & (spillPartitions - 1)].next++] = row;
    return parts.map((part) => positions.subarray(part.start, part.next));
  }
}
