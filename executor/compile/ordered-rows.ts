// Rows in an order: vectors, and the places of the rows in them, first row first.

import type { Vector } from '#common';
import { gathered, gatheredAt } from './vector-values.ts';

export interface OrderedRows {
  readonly length: number;
  readonly order: Int32Array;
  /** The places are 0 .. length - 1. */
  readonly isGiven?: boolean;
  vector(column: number): Vector;
  /** The column's values in order, if they are known without the places. */
  keyInOrder?(column: number): Vector | undefined;
}

/** Columns whose values are in order themselves; each is made when it is first read. */
export interface RowsInOrder {
  readonly length: number;
  vector(column: number): Vector;
  /** Where the rows come from, if their columns have to be picked from there. */
  readonly source?: OrderedRows | undefined;
}

export class PickedRows implements RowsInOrder {
  readonly source: OrderedRows;
  private readonly made = new Map<number, Vector>();

  constructor(source: OrderedRows) {
    this.source = source;
  }
  get length(): number {
    return this.source.length;
  }

  vector(column: number): Vector {
    let found = this.made.get(column);
    if (found === undefined) this.made.set(column, (found = this.make(column)));
    return found;
  }

  /** The same; only the values at some positions are asked for. */
  vectorAt(column: number, positions: Int32Array): Vector {
    const { source, length } = this;
    const isSparse = positions.length < length / sparseShare;
    if (!isSparse || source.isGiven === true || this.made.has(column)) return this.vector(column);
    return gatheredAt(source.vector(column), source.order, positions) ?? this.vector(column);
  }

  /** Is there nothing to pick? */
  isAtHand(column: number): boolean {
    if (this.source.isGiven === true || this.made.has(column)) return true;
    const key = this.source.keyInOrder?.(column);
    if (key === undefined) return false;
    this.made.set(column, key);
    return true;
  }

  private make(column: number): Vector {
    const { source } = this;
    if (source.isGiven === true) return firstOf(source.vector(column), source.length);
    return source.keyInOrder?.(column) ?? gathered(source.vector(column), source.order);
  }
}

/** Values are picked one by one for so small a part of the rows. */
const sparseShare = 4;

/** The first `length` values, in the same memory. */
function firstOf(vector: Vector, length: number): Vector {
  if (vector.kind === 'datum') return { kind: 'datum', values: vector.values.slice(0, length) };
  const nulls = vector.nulls?.subarray(0, length);
  if (vector.kind === 'dictionary')
    return { ...vector, codes: vector.codes.subarray(0, length), nulls };
  return { ...vector, values: vector.values.subarray(0, length), nulls } as Vector;
}
