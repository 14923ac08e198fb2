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
  const vector = (column: number): Vector => {
    let found = made.get(column);
    if (found === undefined) made.set(column, (found = gathered(rows.vector(column), rows.order)));
    return found;
  };
  return { length: rows.order.length, vector };
}
