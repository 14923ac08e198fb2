// ANALYZE of one table: a sample of its rows, a description of each column, and the catalog row that
// keeps them.

import {
  type ColumnDescriptor,
  type ColumnStatistics,
  type ExtendedStatistics,
  systemRandom,
  type TableAnalysis,
  type TableDescriptor,
} from '#common';
import type { CatalogChanges, StorageEngine, Transaction } from '#storage';
import type { again, Interrupt } from '../contract.ts';
import { columnStatistics } from './column-statistics.ts';
import { multiColumnStatistics } from './multi-column-statistics.ts';
import { sampleRows } from './sample-rows.ts';
import { noteAnalysis } from '../use-counters.ts';

/** Sampled rows per entry of the statistics target (Chaudhuri, Motwani, Narasayya 1998). */
const rowsPerTarget = 300;

export interface AnalyzeContext {
  readonly storage: StorageEngine;
  readonly transaction: Transaction;
  readonly changes: CatalogChanges;
  readonly interrupt: Interrupt;
  /** default_statistics_target. */
  readonly defaultTarget: number;
}

export interface AnalyzeRequest {
  readonly table: TableDescriptor;
  /** undefined: all columns. */
  readonly attributes: readonly number[] | undefined;
  readonly automatic: boolean;
}

/** The table is locked against other ANALYZEs. */
export function* analyzeTable(
  context: AnalyzeContext,
  { table, attributes, automatic }: AnalyzeRequest,
): Generator<typeof again, void> {
  const { storage, transaction, changes, interrupt, defaultTarget: setting } = context;
  const columns = table.columns.filter(
    (column) =>
      !column.dropped &&
      targetOf(column, setting) > 0 &&
      (attributes === undefined || attributes.includes(column.attributeNumber)),
  );
  const target = Math.max(1, ...columns.map((column) => targetOf(column, setting)));
  const estimatedRows = storage.estimate(table.treeId).rows;
  const sample = yield* sampleRows(transaction, table, {
    attributes: columns.map((column) => column.attributeNumber),
    rowsMax: rowsPerTarget * target,
    estimatedRows,
    random: () => systemRandom.next(),
    interrupt,
  });
  const described: ColumnStatistics[] = [];
  for (const [at, column] of columns.entries()) {
    if (sample.rows === 0) continue;
    const values = sample.columns[at];
    const { totalRows } = sample;
    const neighbours = sample.neighbours?.[at];
    const own = targetOf(column, setting);
    described.push(yield* columnStatistics(column, { values, neighbours, totalRows, target: own }));
  }
  const before = changes.state.analyses.get(table.oid);
  const all = merged(before, table, described);
  const extended: ExtendedStatistics[] = [];
  for (const statistics of table.statistics ?? []) {
    const sampled = statistics.attributes.every((attribute) =>
      columns.some(({ attributeNumber }) => attributeNumber === attribute),
    );
    const known = before?.extended.find(({ oid }) => oid === statistics.oid);
    if (!sampled && known !== undefined) extended.push(known);
    if (!sampled || sample.rows === 0 || statistics.target === 0) continue;
    extended.push(
      yield* multiColumnStatistics(statistics, {
        table,
        values: new Map(
          columns.map(({ attributeNumber }, at) => [attributeNumber, sample.columns[at]]),
        ),
        rows: sample.rows,
        totalRows: sample.totalRows,
        target: statistics.target ?? target,
        columns: all,
      }),
    );
  }
  noteAnalysis(table.oid, automatic);
  changes.putAnalysis({
    tableOid: table.oid,
    treeId: table.treeId,
    rows: sample.totalRows,
    estimatedRows,
    analyzedAt: transaction.startTimestamp,
    automatic,
    columns: all,
    extended,
  });
}

function targetOf(column: ColumnDescriptor, setting: number): number {
  const own = column.statisticsTarget ?? -1;
  return own < 0 ? setting : own;
}

/** Columns that were not asked about keep what is known of them. */
function merged(
  before: TableAnalysis | undefined,
  table: TableDescriptor,
  described: readonly ColumnStatistics[],
): readonly ColumnStatistics[] {
  const made = new Set(described.map((column) => column.attributeNumber));
  const live = new Map(
    table.columns
      .filter(({ dropped }) => !dropped)
      .map((column) => [column.attributeNumber, column]),
  );
  const kept = (before?.columns ?? []).filter(
    (column) =>
      !made.has(column.attributeNumber) &&
      live.get(column.attributeNumber)?.type.oid === column.typeOid,
  );
  return [...kept, ...described].toSorted(
    (left, right) => left.attributeNumber - right.attributeNumber,
  );
}
