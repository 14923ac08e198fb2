// What work costs, in PostgreSQL's unit (a sequential page read is 1), measured on this engine: a row
// of a scan takes about 0.1 µs, a lookup in a tree 1 to 2 µs, a probe of a hash table about as much
// as a scanned row. Only the ratios matter.

import { numberVectorTypes } from '#common';

export const costs = {
  /** Handing on one row. */
  tuple: 0.01,
  /** Evaluating one operator. */
  operator: 0.0025,
  /** Reading one row in order from a tree. */
  scanRow: 0.012,
  /** Opening a scan of a whole tree: operators and cursors, which a single lookup by its key does without. */
  scanStart: 0.2,
  /** Descending a tree to a key. */
  lookup: 0.15,
  /** Starting the inner side of a nested loop for one outer row. */
  loop: 0.8,
  /** Fetching a row by the key that an index entry holds. */
  fetch: 0.12,
  hashBuild: 0.025,
  hashProbe: 0.012,
  /** Per row and per doubling of the number of rows. */
  sortStep: 0.004,
  /** Starting a plan. */
  startup: 0.01,
} as const;

/** A tree of so many rows stays in memory whole; in one of the second size nearly every descent misses. */
const cachedTreeRows = 100_000;
const coldTreeRows = 5_000_000;
/** What a descent to a page that is not decoded costs, as a multiple of one that is. */
const coldFactor = 12;

/** Descending a tree of so many rows to a key, or fetching a row from it by its key. */
export function descentCost(treeRows: number, each: number): number {
  const coldness = Math.log(treeRows / cachedTreeRows) / Math.log(coldTreeRows / cachedTreeRows);
  return each * (1 + (coldFactor - 1) * Math.min(1, Math.max(0, coldness)));
}

/** Rows from which work on them runs in compiled pipelines over columns … */
const bulkRowsMin = 5000;
/** … and what a further row costs then, as a share of what it costs an operator. */
const bulkShare = 0.12;

/** What a row of a column segment costs, as a share of what it costs to read it from a tree. */
const segmentShare = 0.025;

/** Scanning a table of so many rows, of which some are in column segments. */
export function scanCost(rows: number, segmentRows: number): number {
  // The first rows count in full: small tables are better looked up.
  const cheap = Math.min(segmentRows, Math.max(0, rows - bulkRowsMin));
  return bulkCost(rows - cheap, costs.scanRow) + cheap * segmentShare * costs.scanRow;
}

/** What a probe in compiled code costs that finds nothing, as a share of one that does: most end at a bitmap. */
const missShare = 0.15;

/** Looking so many rows up in a hash table, of which some find partners. */
export function probeCost(rows: number, matched: number): number {
  const few = Math.min(rows, bulkRowsMin);
  const found = Math.min(rows - few, matched);
  const compiled = found + (rows - few - found) * missShare;
  return (few + compiled * bulkShare) * costs.hashProbe;
}

/** Grouping so many rows. */
export function aggregationCost(rows: number, aggregates: number): number {
  return bulkCost(rows, costs.hashBuild + costs.operator * aggregates);
}

/** Sorting so many rows by keys of such types; with a limit, the others are compared with the last of the first ones. */
export function sortCost(
  rows: number,
  {
    keyTypes,
    limitRows = Infinity,
  }: { readonly keyTypes: readonly number[]; readonly limitRows?: number | undefined },
): number {
  const first = Math.min(rows, limitRows);
  const step = Math.log2(Math.max(2, first)) * costs.sortStep;
  const others = bulkCost(rows - first, costs.sortStep);
  const inBulk = keyTypes.every((type) => numberVectorTypes.has(type));
  return others + (inBulk ? bulkCost(first, step) : first * step);
}

/** Rows scanned, hashed or aggregated whole: the first at the operators' cost, the others compiled. */
export function bulkCost(rows: number, each: number): number {
  return (Math.min(rows, bulkRowsMin) + Math.max(0, rows - bulkRowsMin) * bulkShare) * each;
}
