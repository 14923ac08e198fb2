// pg_stat_all_tables, pg_stat_all_indexes and their kin: how tables and indexes are used. Rows of the system
// catalog are computed, so that its tables have the rows that they have on a server where nobody read them.
// Pages are shared by all tables, and what a transaction did is not kept apart from what all did, so the
// counters of pages and those of pg_stat_xact_… are zero.

import type { IndexDescriptor, TableDescriptor } from '#common';
import { indexUseOf, tableUseOf } from '../../use-counters.ts';
import type { StateCatalog } from '../../catalog/catalog.ts';
import type { CatalogRow, CatalogScope, RowSource, RowSources } from '../contract.ts';
import { systemRelations } from '../relations.ts';

/** Microseconds from 1970 to 2000, where SQL's timestamps start. */
const epochMicros = 946_684_800_000_000;

const tableCounters = [
  'seq_scan',
  'seq_tup_read',
  'n_tup_ins',
  'n_tup_upd',
  'n_tup_del',
  'n_tup_hot_upd',
  'n_live_tup',
  'n_dead_tup',
  'n_mod_since_analyze',
  'n_ins_since_vacuum',
  'vacuum_count',
  'autovacuum_count',
  'analyze_count',
  'autoanalyze_count',
  'heap_blks_read',
  'heap_blks_hit',
] as const;
const indexCounters = ['idx_scan', 'idx_tup_fetch', 'idx_blks_read', 'idx_blks_hit'] as const;
const zeroes = (names: readonly string[]): CatalogRow =>
  Object.fromEntries(names.map((name) => [name, 0]));
const unusedTable = zeroes(tableCounters);
const unusedIndexes = zeroes(indexCounters);

/** What is counted of a table, by the names of pg_stat_all_tables' columns. */
export function tableCounts(catalog: StateCatalog, table: TableDescriptor): CatalogRow {
  const use = tableUseOf(table.oid);
  const written = {
    n_live_tup: catalog.storage.estimate(table.treeId).rows,
    ...analysisColumns(catalog, table),
  };
  const base = {
    ...unusedTable,
    ...(table.indexes.length === 0 ? {} : unusedIndexes),
    ...written,
  };
  if (use === undefined) return base;
  const changes = use.inserted + use.updated + use.deleted;
  return {
    ...base,
    seq_scan: use.sequentialScans,
    seq_tup_read: use.sequentialRows,
    ...(table.indexes.length === 0
      ? {}
      : { idx_scan: use.indexScans, idx_tup_fetch: use.indexRows }),
    n_tup_ins: use.inserted,
    n_tup_upd: use.updated,
    n_tup_del: use.deleted,
    n_mod_since_analyze: changes - use.changesAnalyzed,
    n_ins_since_vacuum: use.inserted - use.insertsVacuumed,
    vacuum_count: use.vacuums,
    last_vacuum: use.vacuumedAt === 0 ? null : use.vacuumedAt - epochMicros,
    analyze_count: use.analyses,
    autoanalyze_count: use.automaticAnalyses,
  };
}

function analysisColumns(catalog: StateCatalog, table: TableDescriptor): CatalogRow {
  const analysis = catalog.analysis(table.oid);
  if (analysis === undefined) return {};
  const at = analysis.analyzedAt - epochMicros;
  return analysis.automatic ? { last_autoanalyze: at } : { last_analyze: at };
}

/** What is counted of an index, by the names of pg_stat_all_indexes' columns. */
export function indexCounts({ oid }: IndexDescriptor): CatalogRow {
  const use = indexUseOf(oid);
  const entries = use?.entries ?? 0;
  return {
    idx_scan: use?.scans ?? 0,
    idx_tup_read: entries,
    idx_tup_fetch: entries,
    idx_blks_read: 0,
    idx_blks_hit: 0,
  };
}

function* userTables({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const table of catalog.userRelations()) {
    if (table.kind !== 'table') continue;
    yield { ...naming(catalog, table), ...tableCounts(catalog, table) };
  }
}

function* systemTables({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const relation of systemRelations()) {
    if (relation.relationKind !== 'r') continue;
    yield { ...unusedTable, ...naming(catalog, relation) };
  }
}

function naming(
  catalog: StateCatalog,
  relation: { readonly oid: number; readonly name: string; readonly schemaOid: number },
): CatalogRow {
  return {
    relid: relation.oid,
    schemaname: catalog.schemaByOid(relation.schemaOid)?.name ?? '',
    relname: relation.name,
  };
}

const allTables: RowSource = function* (scope) {
  yield* systemTables(scope);
  yield* userTables(scope);
};

/** The same tables with counters of a transaction, which are zero. */
const unused = (source: RowSource): RowSource =>
  function* (scope, lookups) {
    for (const row of source(scope, lookups))
      yield { ...row, ...unusedTable, ...(row['idx_scan'] === undefined ? {} : unusedIndexes) };
  };

function* indexRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const table of catalog.userRelations()) {
    if (table.kind !== 'table') continue;
    for (const index of table.indexes) {
      const name = { indexrelid: index.oid, indexrelname: index.name };
      yield { ...naming(catalog, table), ...name, ...indexCounts(index) };
    }
  }
}

function* sequenceRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const sequence of catalog.userRelations())
    if (sequence.kind === 'sequence')
      yield { ...naming(catalog, sequence), blks_read: 0, blks_hit: 0 };
}

export const useSources: RowSources = {
  pg_stat_all_tables: allTables,
  pg_stat_sys_tables: systemTables,
  pg_stat_user_tables: userTables,
  pg_stat_xact_all_tables: unused(allTables),
  pg_stat_xact_sys_tables: systemTables,
  pg_stat_xact_user_tables: unused(userTables),
  pg_statio_all_tables: allTables,
  pg_statio_sys_tables: systemTables,
  pg_statio_user_tables: userTables,
  pg_stat_all_indexes: indexRows,
  pg_stat_user_indexes: indexRows,
  pg_statio_all_indexes: indexRows,
  pg_statio_user_indexes: indexRows,
  pg_statio_all_sequences: sequenceRows,
  pg_statio_user_sequences: sequenceRows,
};
