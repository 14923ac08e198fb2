// Rows that are read by position: all of them in memory, or some pages of them at a time.

import type { Datum } from '#common';

export interface PositionedRows {
  readonly length: number;
  value(column: number, position: number): Datum;
}
