// Merges sorted rows that come in blocks of vectors: runs on disk, or what threads have sorted. It works in rounds, so that
// few rows are compared across blocks: of the blocks at hand, one for each input, the one whose last row comes first
// bounds what can be put out without reading further; what comes up to that row is merged as vectors (merge-order.ts).
// Of rows with equal keys those of an earlier input come first.

import type { Vector } from '#common';
import { type KeyColumn, compareByKey } from '../rows/row-order.ts';
import { mergedOrder } from './merge-order.ts';
import type { OrderedRows } from './ordered-rows.ts';
import { allPositions } from './vector-file.ts';
import { type VectorPart, datumReader, joinedVector } from './vector-values.ts';

/** Where a merge stands in one of its inputs. */
export interface SortedBlocks {
  readonly vectors: readonly (Vector | undefined)[];
  /** Of the block at hand: the next row, and one past the last. */
  row: number;
  readonly length: number;
  /** Reads on when its block is used up; false at the end. */
  fill(): boolean;
}

export interface MergedShape {
  /** Of the columns. */
  readonly types: readonly number[];
  /** Their `column` is the place of the key's column. */
  readonly keys: readonly KeyColumn[];
}

export class BlockMerge {
  private readonly shape: MergedShape;
  private inputs: readonly SortedBlocks[];

  constructor(inputs: readonly SortedBlocks[], shape: MergedShape) {
    this.inputs = inputs;
    this.shape = shape;
  }

  get width(): number {
    return this.inputs.length;
  }

  /** The next rows in order; undefined at the end. */
  next(poll: () => void): OrderedRows | undefined {
    this.inputs = this.inputs.filter((input) => input.fill());
    if (this.inputs.length === 0) return undefined;
    const bound = this.inputs.reduce((least, input) =>
      this.compare(input, input.length - 1, least) < 0 ? input : least,
    );
    const taken: { readonly input: SortedBlocks; readonly from: number; readonly to: number }[] =
      [];
    let isBefore = true;
    for (const input of this.inputs) {
      if (input === bound) isBefore = false;
      const from = input.row;
      const to = input === bound ? input.length : this.endOf(input, bound, isBefore);
      input.row = to;
      if (to > from) taken.push({ input, from, to });
    }
    const parts = this.shape.types.map((_type, column) =>
      taken.map(({ input, from, to }) => ({ vector: input.vectors[column], from, to })),
    );
    let length = 0;
    const ends = taken.map(({ from, to }) => (length += to - from));
    return this.ordered(parts, ends, poll);
  }

  /** The first row of the input's block that comes after the last row of the bound's. */
  private endOf(input: SortedBlocks, bound: SortedBlocks, winsTies: boolean): number {
    let low = input.row;
    let high = input.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = this.compare(input, middle, bound);
      if (order < 0 || (order === 0 && winsTies)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A row against the last one of another input's block. */
  private compare(left: SortedBlocks, row: number, right: SortedBlocks): number {
    const { keys, types } = this.shape;
    for (const key of keys) {
      const { column } = key;
      const type = types[column];
      const order = compareByKey(
        key,
        datumReader(left.vectors[column], type)(row),
        datumReader(right.vectors[column], type)(right.length - 1),
      );
      if (order !== 0) return order;
    }
    return 0;
  }

  /** The parts' rows in order; columns are joined when they are read. `ends`: of the parts' rows. */
  private ordered(
    parts: readonly (readonly VectorPart[])[],
    ends: readonly number[],
    poll: () => void,
  ): OrderedRows {
    const { keys, types } = this.shape;
    const length = ends.at(-1)!;
    const made = new Map<number, Vector>();
    const vector = (column: number): Vector => {
      let joined = made.get(column);
      if (joined === undefined) {
        joined = joinedVector(parts[column], types[column]);
        made.set(column, joined);
      }
      return joined;
    };
    if (ends.length === 1) return { length, order: allPositions(length), vector };
    const ranges = {
      vectors: keys.map(({ column }) => vector(column)),
      keys,
      types: keys.map(({ column }) => types[column]),
      ends,
    };
    return { length, order: mergedOrder(ranges, poll), vector };
  }
}
