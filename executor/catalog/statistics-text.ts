// pg_get_statisticsobjdef(): extended statistics as CREATE STATISTICS (ruleutils.c).

import {
  quoteIdentifier,
  type StatisticsDescriptor,
  type StatisticsKind,
  type TableDescriptor,
} from '#common';
import type { CatalogNames } from './names.ts';

/** In the order in which they are shown. */
const kindWords: readonly (readonly [StatisticsKind, string])[] = [
  ['distinct', 'ndistinct'],
  ['dependencies', 'dependencies'],
  ['common', 'mcv'],
];

export function statisticsDefinition(names: CatalogNames, oid: number): string | null {
  const found = statisticsByOid(names, oid);
  if (found === undefined) return null;
  const { table, statistics } = found;
  const schema = names.catalog.schemaByOid(statistics.schemaOid)?.name ?? '';
  const words = kindWords.filter(([kind]) => statistics.kinds.includes(kind));
  // All kinds are what the statement makes when it names none.
  const kinds =
    words.length === kindWords.length ? '' : ` (${words.map(([, word]) => word).join(', ')})`;
  return (
    `CREATE STATISTICS ${quoteIdentifier(schema)}.${quoteIdentifier(statistics.name)}${kinds}` +
    ` ON ${columnsText(table, statistics)} FROM ${names.relationName(table)}`
  );
}

export function statisticsColumns(names: CatalogNames, oid: number): string | null {
  const found = statisticsByOid(names, oid);
  return found === undefined ? null : columnsText(found.table, found.statistics);
}

export function statisticsByOid(
  names: CatalogNames,
  oid: number,
): { readonly table: TableDescriptor; readonly statistics: StatisticsDescriptor } | undefined {
  for (const table of names.catalog.userRelations()) {
    if (table.kind !== 'table') continue;
    const statistics = table.statistics?.find((each) => each.oid === oid);
    if (statistics !== undefined) return { table, statistics };
  }
  return undefined;
}

function columnsText(table: TableDescriptor, { attributes }: StatisticsDescriptor): string {
  return attributes
    .map((attribute) => quoteIdentifier(table.columns[attribute - 1]?.name ?? ''))
    .join(', ');
}
