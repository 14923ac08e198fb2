// How many distinct values the columns of computed rows have: counted where the rows are few, estimated from the first
// ones otherwise (the estimator of P. Haas and L. Stokes, *Estimating the Number of Classes in a Finite Population*
// (JASA 1998), which ANALYZE uses, too).

import { type Batch, columnValue } from '#common';

/** Rows that are looked at. */
const sampleRowsMax = 8192;

export class ColumnCounts {
  private readonly seen: readonly Map<unknown, number>[];
  private rows = 0;

  constructor(width: number) {
    this.seen = Array.from({ length: width }, () => new Map<unknown, number>());
  }

  get isFull(): boolean {
    return this.rows >= sampleRowsMax;
  }

  add(batch: Batch, ordinals: readonly number[]): void {
    const count = Math.min(batch.length, sampleRowsMax - this.rows);
    for (const ordinal of ordinals) {
      const column = batch.columns[ordinal];
      const seen = this.seen[ordinal];
      for (let row = 0; row < count; row++) {
        const value = columnValue(column, row);
        // Values of other types would have to be compared by their equality.
        if (value !== null && typeof value !== 'object')
          seen.set(value, (seen.get(value) ?? 0) + 1);
      }
    }
    this.rows += count;
  }

  /** By ordinal, for so many rows in all; undefined: nothing is known. */
  estimates(rows: number): (number | undefined)[] {
    return this.seen.map((seen) => (seen.size === 0 ? undefined : this.estimate(seen, rows)));
  }

  private estimate(seen: ReadonlyMap<unknown, number>, rows: number): number {
    if (rows <= this.rows) return seen.size;
    let once = 0;
    for (const count of seen.values()) if (count === 1) once++;
    const sampled = this.rows;
    const estimate = (sampled * seen.size) / (sampled - once + (once * sampled) / rows);
    return Math.min(rows, Math.max(seen.size, Math.round(estimate)));
  }
}
