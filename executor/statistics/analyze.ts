// ANALYZE of one table: a sample of its rows, a description of each column, and the catalog row that
// keeps them.

import {
  type ColumnDescriptor,
  type ColumnStatistics,
  systemRandom,
  type TableAnalysis,
  type TableDescriptor,
} from '#common';
import type { CatalogChanges } from '#storage';
import type { again, ExecutionContext } from '../contract.ts';
import { columnStatistics } from './column-statistics.ts';
import { sampleRows } from './sample-rows.ts';

/** Sampled rows per entry of the statistics target (Chaudhuri, Motwani, Narasayya 1998). */
const rowsPerTarget = 300;
const defaultTarget = 100;

export interface AnalyzeRequest {
  readonly table: TableDescriptor;
  /** undefined: all columns. */
  readonly attributes: readonly number[] | undefined;
  readonly automatic: boolean;
}

/** The table is locked against other ANALYZEs. */
export function* analyzeTable(
  context: ExecutionContext,
  changes: CatalogChanges,
  { table, attributes, automatic }: AnalyzeRequest,
): Generator<typeof again, void> {
  const { storage, transaction, interrupt } = context;
  const setting = Number(context.functions.setting('default_statistics_target') ?? defaultTarget);
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
    described.push(
      yield* columnStatistics(column, { values, totalRows, target: targetOf(column, setting) }),
    );
  }
  const analysis: TableAnalysis = {
    tableOid: table.oid,
    treeId: table.treeId,
    rows: sample.totalRows,
    estimatedRows,
    analyzedAt: transaction.startTimestamp,
    automatic,
    columns: merged(changes.state.analyses.get(table.oid), table, described),
    extended: [],
  };
  changes.putAnalysis(analysis);
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
