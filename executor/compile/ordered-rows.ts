// Rows in an order: vectors, and the places of the rows in them, first row first.

import type { Vector } from '#common';

export interface OrderedRows {
  readonly length: number;
  readonly order: Int32Array;
  vector(column: number): Vector;
}
