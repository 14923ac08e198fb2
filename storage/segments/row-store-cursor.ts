// Blocks from the row store: the rows within key bounds, a run of tuples at a time.

import { type Block, blockRows, type Vector } from '#common';
import type { KeyBounds, ReadView } from '../contract.ts';
import type { LayeredReader } from '../page-store.ts';
import type { BatchShape } from '../table/column-batch.ts';
import type { RowReader } from '../table/contract.ts';
import { openRowRuns, type RowRunScan } from '../table/row-scan.ts';
import type { BlockCursor } from './contract.ts';
import { runVectors } from './run-vectors.ts';
import type { ScanCounts } from './scan-counts.ts';

export interface RowStoreRange {
  readonly bounds: KeyBounds;
  readonly view: ReadView | undefined;
  readonly shape: BatchShape;
  readonly tree: number;
}

export class RowStoreCursor implements BlockCursor {
  readonly #runs: RowRunScan;
  readonly #shape: BatchShape;
  readonly #counts: ScanCounts;

  constructor(
    reader: RowReader & Partial<LayeredReader>,
    range: RowStoreRange,
    counts: ScanCounts,
  ) {
    this.#runs = openRowRuns(reader, { ...range, backward: false });
    this.#shape = range.shape;
    this.#counts = counts;
  }
  nextBlock(): Block | undefined {
    const run = this.#runs.nextRun(blockRows);
    if (run === undefined) return undefined;
    const { tuples } = run;
    const { length } = tuples;
    let bytes = 0;
    for (let row = 0; row < length; row++) bytes += tuples.ends[row] - tuples.starts[row];
    this.#counts.blocksRead++;
    this.#counts.bytesRead += bytes;
    this.#counts.rowsFromRowStore += length;
    return new VectorBlock(length, runVectors(this.#shape, run));
  }
  close(): void {
    this.#runs.close();
  }
}

/** A block whose vectors are all there. */
export class VectorBlock implements Block {
  readonly length: number;
  readonly selection = undefined;
  readonly selected: number;
  readonly #vectors: readonly Vector[];

  constructor(length: number, vectors: readonly Vector[]) {
    this.length = length;
    this.selected = length;
    this.#vectors = vectors;
  }
  vector(column: number): Vector {
    return this.#vectors[column];
  }
}
