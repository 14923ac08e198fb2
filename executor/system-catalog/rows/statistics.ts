// pg_statistic and pg_stats: what ANALYZE found, as PostgreSQL lays it out.

import {
  ArrayValue,
  type ColumnDescriptor,
  type ColumnStatistics,
  type Datum,
  defaultFormatSettings,
  type ExtendedStatistics,
  type StatisticsDescriptor,
  type StatisticsKind,
  type TableDescriptor,
  typeInput,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import { type CatalogRow, type CatalogScope, type RowSources, vector } from '../contract.ts';

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

const kindLetters: Readonly<Record<StatisticsKind, string>> = {
  distinct: 'd',
  dependencies: 'f',
  common: 'm',
};

interface DescribedStatistics {
  readonly table: TableDescriptor;
  readonly statistics: StatisticsDescriptor;
  readonly data: ExtendedStatistics | undefined;
}

function* statisticsObjects({ catalog }: CatalogScope): Iterable<DescribedStatistics> {
  for (const table of catalog.userRelations()) {
    if (table.kind !== 'table') continue;
    for (const statistics of table.statistics ?? []) {
      const extended = catalog.analysis(table.oid)?.extended;
      const data = extended?.find(({ oid }) => oid === statistics.oid);
      yield { table, statistics, data };
    }
  }
}

function kindArray({ kinds }: StatisticsDescriptor): Datum {
  return ArrayValue.of(
    TypeOid.char,
    kinds.map((kind) => kindLetters[kind]),
  );
}

function* extendedRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { table, statistics } of statisticsObjects(scope)) {
    yield {
      oid: statistics.oid,
      stxrelid: table.oid,
      stxname: statistics.name,
      stxnamespace: statistics.schemaOid,
      stxowner: statistics.owner,
      stxstattarget: statistics.target ?? -1,
      stxkeys: vector(TypeOid.int2, statistics.attributes),
      stxkind: kindArray(statistics),
      stxexprs: null,
    };
  }
}

/** As pg_ndistinct_out() and pg_dependencies_out() write them. */
function distinctText({ distinct }: ExtendedStatistics): string | null {
  if (distinct.length === 0) return null;
  const items = distinct.map(({ attributes, count }) => `"${attributes.join(', ')}": ${count}`);
  return `{${items.join(', ')}}`;
}

function dependenciesText({ dependencies }: ExtendedStatistics): string | null {
  if (dependencies.length === 0) return null;
  const items = dependencies.map(
    ({ from, to, degree }) => `"${from.join(', ')} => ${to}": ${degree.toFixed(6)}`,
  );
  return `{${items.join(', ')}}`;
}

function* extendedDataRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { statistics, data } of statisticsObjects(scope)) {
    if (data === undefined) continue;
    yield {
      stxoid: statistics.oid,
      stxdinherit: false,
      stxdndistinct: distinctText(data),
      stxddependencies: dependenciesText(data),
      stxdmcv: null,
      stxdexpr: null,
    };
  }
}

function* extendedStatsRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { table, statistics, data } of statisticsObjects(scope)) {
    if (data === undefined) continue;
    const { common, attributes } = data;
    const names = statistics.attributes.map((attribute) => table.columns[attribute - 1].name);
    const list = (type: number, values: readonly Datum[]): Datum =>
      common.length === 0 ? null : ArrayValue.of(type, values);
    const grid = (type: number, values: readonly Datum[]): Datum => {
      const lengths = [common.length, attributes.length];
      const dimensions = lengths.map((length) => ({ length, lowerBound: 1 }));
      return common.length === 0 ? null : new ArrayValue(type, dimensions, values);
    };
    yield {
      schemaname: scope.catalog.schemaByOid(table.schemaOid)?.name ?? '',
      tablename: table.name,
      statistics_schemaname: scope.catalog.schemaByOid(statistics.schemaOid)?.name ?? '',
      statistics_name: statistics.name,
      statistics_owner: scope.catalog.roleByOid(statistics.owner)?.name ?? '',
      attnames: ArrayValue.of(TypeOid.name, names),
      exprs: null,
      kinds: kindArray(statistics),
      inherited: false,
      n_distinct: distinctText(data),
      dependencies: dependenciesText(data),
      most_common_vals: grid(
        TypeOid.text,
        common.flatMap(({ values }) => values),
      ),
      most_common_val_nulls: grid(
        TypeOid.bool,
        common.flatMap(({ values }) => values.map((value) => value === null)),
      ),
      most_common_freqs: list(
        TypeOid.float8,
        common.map(({ frequency }) => frequency),
      ),
      most_common_base_freqs: list(
        TypeOid.float8,
        common.map(({ baseFrequency }) => baseFrequency),
      ),
    };
  }
}

export const statisticsSources: RowSources = {
  pg_statistic_ext: extendedRows,
  pg_statistic_ext_data: extendedDataRows,
  pg_stats_ext: extendedStatsRows,
  pg_statistic: statisticRows,
  pg_stats: statsRows,
};
