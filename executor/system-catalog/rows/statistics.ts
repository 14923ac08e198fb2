// pg_statistic and pg_stats: what ANALYZE found, as PostgreSQL lays it out.

import {
  ArrayValue,
  type ColumnDescriptor,
  type ColumnStatistics,
  type Datum,
  defaultFormatSettings,
  type TableDescriptor,
  typeInput,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';

interface Described {
  readonly table: TableDescriptor;
  readonly column: ColumnDescriptor;
  readonly statistics: ColumnStatistics;
}

function* describedColumns({ catalog }: CatalogScope): Iterable<Described> {
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'table') continue;
    for (const statistics of catalog.analysis(relation.oid)?.columns ?? []) {
      const column = relation.columns.find(
        (candidate) => candidate.attributeNumber === statistics.attributeNumber,
      );
      if (column !== undefined && !column.dropped && column.type.oid === statistics.typeOid)
        yield { table: relation, column, statistics };
    }
  }
}

/** anyarray: an array of the column's type. */
function valueArray({ typeOid }: ColumnStatistics, texts: readonly string[]): Datum {
  if (texts.length === 0) return null;
  const input = typeInput(typeOid);
  return ArrayValue.of(
    typeOid,
    texts.map((text) => input(text, -1, defaultFormatSettings)),
  );
}

function numberArray(numbers: readonly number[]): Datum {
  return numbers.length === 0 ? null : ArrayValue.of(TypeOid.float4, numbers.map(Math.fround));
}

const slotKinds = { common: 1, histogram: 2, correlation: 3 } as const;
const slotCount = 5;

interface Slot {
  readonly kind: number;
  readonly operator: number;
  readonly numbers: Datum;
  readonly values: Datum;
}

function slotsOf(statistics: ColumnStatistics): Slot[] {
  const ordering = functionRegistry.ordering(statistics.typeOid);
  const slots: Slot[] = [];
  if (statistics.commonValues.length > 0) {
    slots.push({
      kind: slotKinds.common,
      operator: ordering?.equalityOperatorOid ?? 0,
      numbers: numberArray(statistics.commonFrequencies),
      values: valueArray(statistics, statistics.commonValues),
    });
  }
  const less = ordering?.lessOperatorOid ?? 0;
  if (statistics.histogram.length > 0) {
    const values = valueArray(statistics, statistics.histogram);
    slots.push({ kind: slotKinds.histogram, operator: less, numbers: null, values });
  }
  if (statistics.correlation !== undefined) {
    const numbers = numberArray([statistics.correlation]);
    slots.push({ kind: slotKinds.correlation, operator: less, numbers, values: null });
  }
  return slots;
}

function* statisticRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { table, column, statistics } of describedColumns(scope)) {
    const row: Record<string, Datum> = {
      starelid: table.oid,
      staattnum: column.attributeNumber,
      stainherit: false,
      stanullfrac: Math.fround(statistics.nullFraction),
      stawidth: statistics.averageWidth,
      stadistinct: Math.fround(statistics.distinct),
    };
    const slots = slotsOf(statistics);
    for (let at = 0; at < slotCount; at++) {
      const slot = slots[at];
      row[`stakind${at + 1}`] = slot?.kind ?? 0;
      row[`staop${at + 1}`] = slot?.operator ?? 0;
      row[`stacoll${at + 1}`] = 0;
      row[`stanumbers${at + 1}`] = slot?.numbers ?? null;
      row[`stavalues${at + 1}`] = slot?.values ?? null;
    }
    yield row;
  }
}

function* statsRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { table, column, statistics } of describedColumns(scope)) {
    const { correlation } = statistics;
    yield {
      schemaname: scope.catalog.schemaByOid(table.schemaOid)?.name ?? '',
      tablename: table.name,
      attname: column.name,
      inherited: false,
      null_frac: Math.fround(statistics.nullFraction),
      avg_width: statistics.averageWidth,
      n_distinct: Math.fround(statistics.distinct),
      most_common_vals: valueArray(statistics, statistics.commonValues),
      most_common_freqs: numberArray(statistics.commonFrequencies),
      histogram_bounds: valueArray(statistics, statistics.histogram),
      correlation: correlation === undefined ? null : Math.fround(correlation),
    };
  }
}

export const statisticsSources: RowSources = {
  pg_statistic: statisticRows,
  pg_stats: statsRows,
};
