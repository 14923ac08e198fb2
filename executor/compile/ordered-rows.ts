// Rows in an order: vectors, and the places of the rows in them, first row first.

import type { Vector } from '#common';
import { gathered } from './vector-values.ts';

export interface OrderedRows {
  readonly length: number;
  readonly order: Int32Array;
  vector(column: number): Vector;
}

/** Columns whose values are in order themselves; each is made when it is first read. */
export interface RowsInOrder {
  readonly length: number;
  vector(column: number): Vector;
}

export function inOrder(rows: OrderedRows): RowsInOrder {
  const made = new Map<number, Vector>();
  const { order } = rows;
  const isMoved = order.some((place, position) => place !== position);
  const vector = (column: number): Vector => {
    let found = made.get(column);
    if (found === undefined) {
      const own = rows.vector(column);
      found = isMoved ? gathered(own, order) : firstOf(own, order.length);
      made.set(column, found);
    }
    return found;
  };
  return { length: rows.order.length, vector };
}

/** The first `length` values, in the same memory. */
function firstOf(vector: Vector, length: number): Vector {
  if (vector.kind === 'datum') return { kind: 'datum', values: vector.values.slice(0, length) };
  const nulls = vector.nulls?.subarray(0, length);
  if (vector.kind === 'dictionary')
    return { ...vector, codes: vector.codes.subarray(0, length), nulls };
  return { ...vector, values: vector.values.subarray(0, length), nulls } as Vector;
}
