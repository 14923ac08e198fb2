// The contract between column scans and those who read them. A column scan gives a table's rows, as of
// a moment, in blocks of vectors and in no particular order: from column segments where the table has
// them (less what changed since they were built), and from the row store for the rest. The result is
// always exactly what a scan of the row store would give.

import type { Block, Datum } from '#common';
import type { ReadView } from '../contract.ts';
import type { RowSource } from '../table/contract.ts';

/** A condition that every wanted row meets: blocks whose bounds rule it out are left out. A hint, never a filter. */
export interface BlockCondition {
  /** Ordinal in `sources`. */
  readonly column: number;
  readonly comparison: '<' | '<=' | '=' | '>=' | '>' | 'is null' | 'is not null';
  /** Of the column's type, not null; ignored by the null tests. */
  readonly value: Datum;
}

/** Rows are wanted only where the column is one of these values: a hint, never a filter. */
export interface WantedValues {
  /** Ordinal in `sources`, of a whole number type. */
  readonly column: number;
  /** Ascending, each once. */
  readonly values: Int32Array;
}

export interface ColumnScanRequest {
  readonly sources: readonly RowSource[];
  readonly conditions: readonly BlockCondition[];
  /** The first that is of use in a file serves there. */
  readonly wanted?: readonly WantedValues[];
  /** Default: the reader's snapshot. `range` views are not served: use openScan(). */
  readonly view?: ReadView;
}

/** A table's rows cut into morsels: pieces that may be scanned by different threads. */
export interface ColumnScan {
  /** At least one; every row belongs to exactly one morsel. Morsels hold about 64k rows. */
  readonly morselCount: number;
  openMorsel(morsel: number): BlockCursor;
  /**
   * Between which numbers a column's values lie in the segments: a hint, since rows of the row store may have others.
   * undefined: there are no segments; without whole numbers, min > max.
   */
  boundsOf(column: number): ColumnBounds | undefined;
  readonly statistics: ColumnScanStatistics;
  close(): void;
}

export interface BlockCursor {
  /**
   * The next block with at least one selected row, undefined at the end. It stays valid until the scan
   * is closed. One call does the work of at most a few blocks.
   */
  nextBlock(): Block | undefined;
  close(): void;
}

/** Both are among the values. */
export interface ColumnBounds {
  readonly min: number;
  readonly max: number;
}

/** For EXPLAIN (ANALYZE) and metrics. */
export interface ColumnScanStatistics {
  readonly blocksRead: number;
  readonly blocksPruned: number;
  readonly bytesRead: number;
  /** Rows that came from the row store. */
  readonly rowsFromRowStore: number;
  /** Rows that were left out because they have none of the wanted values. */
  readonly rowsNotWanted: number;
}
