// What executions have taught about joins and groupings: how many rows they really had. Known for the same conditions with
// the same values, as long as the tables are the ones that they were and no ANALYZE has looked at them again; when
// they have grown, as many more rows are expected. Kept with the table of the join that has the smallest oid.

import type { TableDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import { tableRows } from '../optimize/estimate/table-rows.ts';
import type { RowKey } from './row-key.ts';
import { misjudgedFactor, misjudgedRowsMin } from './table-feedback.ts';

/** Remembered with a table; those that were not used for the longest time go first. */
const entriesMax = 64;

export interface RowFeedback {
  readonly kind: 'join' | 'grouping';
  readonly key: RowKey;
  readonly condition: string;
  readonly analyzedAt: readonly (number | undefined)[];
  /** Of the largest table, then. */
  readonly largestRows: number;
  readonly executions: number;
  /** Of the last execution. */
  readonly estimatedRows: number;
  readonly actualRows: number;
  /** Actual rows as a multiple of estimated ones: the smallest and the largest. */
  readonly factorMin: number;
  readonly factorMax: number;
}

const known = new WeakMap<TableDescriptor, Map<string, RowFeedback>>();

function anchorOf(tables: readonly TableDescriptor[]): TableDescriptor {
  return tables.reduce((least, table) => (table.oid < least.oid ? table : least));
}

/** What is known of joins that the table is the first of. */
export function rowFeedbackAbout(table: TableDescriptor, catalog: Catalog): RowFeedback[] {
  return [...(known.get(table)?.values() ?? [])].filter((each) => isCurrent(each, catalog));
}

/** undefined: nothing is known. */
export function learnedRows(key: RowKey, catalog: Catalog): number | undefined {
  const found = known.get(anchorOf(key.tables))?.get(key.name);
  return found === undefined || !isCurrent(found, catalog) ? undefined : rowsNow(found, catalog);
}

/** Rows that an entry stands for, when the largest of its tables has as many rows as it has now. */
export function rowsNow({ key, largestRows, actualRows }: RowFeedback, catalog: Catalog): number {
  return Math.max(1, actualRows * (largestOf(key.tables, catalog) / largestRows));
}

/** Is anything known of joins or groupings of some of the tables? */
export function hasRowFeedback(tables: readonly TableDescriptor[]): boolean {
  return tables.some((table) => known.has(table));
}

/** Takes in what an execution has seen; true when it was news, and the plan was made for other rows. */
export function learnRows(
  seen: {
    readonly kind: RowFeedback['kind'];
    readonly key: RowKey;
    readonly condition: string;
    readonly estimatedRows: number;
    readonly actualRows: number;
  },
  catalog: Catalog,
): boolean {
  const anchor = anchorOf(seen.key.tables);
  const entries = known.get(anchor) ?? new Map<string, RowFeedback>();
  known.set(anchor, entries);
  const last = entries.get(seen.key.name);
  const before = last !== undefined && isCurrent(last, catalog) ? last : undefined;
  const estimatedRows = Math.max(1, seen.estimatedRows);
  const factor = Math.max(1, seen.actualRows) / estimatedRows;
  entries.delete(seen.key.name);
  entries.set(seen.key.name, {
    ...seen,
    estimatedRows,
    analyzedAt: seen.key.tables.map(({ oid }) => catalog.analysis(oid)?.analyzedAt),
    largestRows: largestOf(seen.key.tables, catalog),
    executions: (before?.executions ?? 0) + 1,
    factorMin: Math.min(factor, before?.factorMin ?? factor),
    factorMax: Math.max(factor, before?.factorMax ?? factor),
  });
  if (entries.size > entriesMax) entries.delete(entries.keys().next().value!);
  const isFarOff = Math.max(factor, 1 / factor) >= misjudgedFactor;
  const isMuch = Math.max(estimatedRows, seen.actualRows) >= misjudgedRowsMin;
  return before === undefined && isFarOff && isMuch;
}

function isCurrent({ key, analyzedAt }: RowFeedback, catalog: Catalog): boolean {
  return key.tables.every(
    (table, at) =>
      catalog.tableByOid(table.oid) === table &&
      catalog.analysis(table.oid)?.analyzedAt === analyzedAt[at],
  );
}

function largestOf(tables: readonly TableDescriptor[], catalog: Catalog): number {
  return Math.max(1, ...tables.map((table) => tableRows(catalog, table)));
}
