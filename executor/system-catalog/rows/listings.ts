// The views of pg_catalog for people: pg_tables, pg_indexes, pg_views, pg_sequences, and statistics
// relations with what is known (row counts), the rest being zero.

import { canonicalInteger, type RelationDescriptor, type TableDescriptor } from '#common';
import { viewText } from '../../catalog/view-text.ts';
import { indexDefinition } from '../../catalog/definitions.ts';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';
import { indexUse, tableUse } from '../../use-counters.ts';
import { systemRelations } from '../relations.ts';

function schemaName({ catalog }: CatalogScope, relation: RelationDescriptor): string {
  return catalog.schemaByOid(relation.schemaOid)?.name ?? '';
}

function roleName({ catalog }: CatalogScope, oid: number): string {
  return catalog.roleByOid(oid)?.name ?? '';
}

function* userTables({ catalog }: CatalogScope): Iterable<TableDescriptor> {
  for (const relation of catalog.userRelations()) if (relation.kind === 'table') yield relation;
}

function* tableRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const relation of systemRelations()) {
    if (relation.relationKind !== 'r') continue;
    yield {
      schemaname: schemaName(scope, relation),
      tablename: relation.name,
      tableowner: roleName(scope, relation.owner),
      hasindexes: true,
      hasrules: false,
      hastriggers: false,
      rowsecurity: false,
    };
  }
  for (const table of userTables(scope)) {
    if (table.materialized !== undefined) continue;
    yield {
      schemaname: schemaName(scope, table),
      tablename: table.name,
      tableowner: roleName(scope, table.owner),
      hasindexes: table.indexes.length > 0,
      hasrules: table.rules !== undefined,
      hastriggers:
        table.referencedBy.length > 0 || table.constraints.some(({ type }) => type === 'foreign'),
      rowsecurity: table.rowSecurity?.enabled ?? false,
    };
  }
}

function* indexRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    for (const index of table.indexes) {
      yield {
        schemaname: schemaName(scope, table),
        tablename: table.name,
        indexname: index.name,
        indexdef: indexDefinition(scope.names, index, false),
      };
    }
  }
}

function* viewRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const view of scope.catalog.userRelations()) {
    if (view.kind !== 'view') continue;
    yield {
      schemaname: schemaName(scope, view),
      viewname: view.name,
      viewowner: roleName(scope, view.owner),
      definition: viewText(scope.names, view, false) ?? null,
    };
  }
}

function* materializedViewRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    const { materialized } = table;
    if (materialized === undefined) continue;
    yield {
      schemaname: schemaName(scope, table),
      matviewname: table.name,
      matviewowner: roleName(scope, table.owner),
      hasindexes: table.indexes.length > 0,
      ispopulated: materialized.populated,
      definition: viewText(scope.names, table, false) ?? null,
    };
  }
}

const number = (text: string): number | bigint => canonicalInteger(BigInt(text));

function* sequenceListing(scope: CatalogScope): Iterable<CatalogRow> {
  for (const sequence of scope.catalog.userRelations()) {
    if (sequence.kind !== 'sequence') continue;
    const counter = scope.catalog.storage.readCounter(sequence.counterId);
    yield {
      schemaname: schemaName(scope, sequence),
      sequencename: sequence.name,
      sequenceowner: roleName(scope, sequence.owner),
      data_type: sequence.dataType,
      start_value: number(sequence.start),
      min_value: number(sequence.minimum),
      max_value: number(sequence.maximum),
      increment_by: number(sequence.increment),
      cycle: sequence.cycle,
      cache_size: number(sequence.cache),
      last_value: counter?.isCalled === true ? canonicalInteger(counter.lastValue) : null,
    };
  }
}

function* sequenceRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const sequence of scope.catalog.userRelations()) {
    if (sequence.kind !== 'sequence') continue;
    yield {
      seqrelid: sequence.oid,
      seqtypid: sequence.dataType,
      seqstart: number(sequence.start),
      seqincrement: number(sequence.increment),
      seqmax: number(sequence.maximum),
      seqmin: number(sequence.minimum),
      seqcache: number(sequence.cache),
      seqcycle: sequence.cycle,
    };
  }
}

const tableCounters = [
  'seq_scan',
  'seq_tup_read',
  'idx_scan',
  'idx_tup_fetch',
  'n_tup_ins',
  'n_tup_upd',
  'n_tup_del',
  'n_tup_hot_upd',
  'n_dead_tup',
  'n_mod_since_analyze',
  'n_ins_since_vacuum',
  'vacuum_count',
  'autovacuum_count',
  'analyze_count',
  'autoanalyze_count',
  'heap_blks_read',
  'heap_blks_hit',
  'idx_blks_read',
  'idx_blks_hit',
  'toast_blks_read',
  'toast_blks_hit',
  'tidx_blks_read',
  'tidx_blks_hit',
] as const;
const zeroes: CatalogRow = Object.fromEntries(tableCounters.map((name) => [name, 0]));

function* tableStatistics(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    yield {
      ...zeroes,
      ...useColumns(table),
      relid: table.oid,
      schemaname: schemaName(scope, table),
      relname: table.name,
      n_live_tup: scope.catalog.storage.estimate(table.treeId).rows,
      ...analysisColumns(scope, table),
    };
  }
}

function useColumns({ oid, indexes }: TableDescriptor): CatalogRow {
  const use = tableUse(oid);
  const hasIndex = indexes.length > 0;
  return {
    seq_scan: use.sequentialScans,
    seq_tup_read: use.sequentialRows,
    idx_scan: hasIndex ? use.indexScans : null,
    idx_tup_fetch: hasIndex ? use.indexRows : null,
    n_tup_ins: use.inserted,
    n_tup_upd: use.updated,
    n_tup_del: use.deleted,
  };
}

/** Microseconds from 1970 to 2000, where SQL's timestamps start. */
const epochMicros = 946_684_800_000_000;

function analysisColumns({ catalog }: CatalogScope, table: TableDescriptor): CatalogRow {
  const analysis = catalog.analysis(table.oid);
  if (analysis === undefined) return {};
  const at = analysis.analyzedAt - epochMicros;
  return analysis.automatic
    ? { last_autoanalyze: at, autoanalyze_count: 1 }
    : { last_analyze: at, analyze_count: 1 };
}

function* indexStatistics(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of userTables(scope)) {
    for (const index of table.indexes) {
      yield {
        relid: table.oid,
        indexrelid: index.oid,
        schemaname: schemaName(scope, table),
        relname: table.name,
        indexrelname: index.name,
        idx_scan: indexUse(index.oid).scans,
        idx_tup_read: indexUse(index.oid).entries,
        idx_tup_fetch: indexUse(index.oid).entries,
        idx_blks_read: 0,
        idx_blks_hit: 0,
      };
    }
  }
}

export const listingSources: RowSources = {
  pg_tables: tableRows,
  pg_indexes: indexRows,
  pg_views: viewRows,
  pg_matviews: materializedViewRows,
  pg_sequences: sequenceListing,
  pg_sequence: sequenceRows,
  pg_stat_all_tables: tableStatistics,
  pg_stat_user_tables: tableStatistics,
  pg_stat_xact_all_tables: tableStatistics,
  pg_stat_xact_user_tables: tableStatistics,
  pg_statio_all_tables: tableStatistics,
  pg_statio_user_tables: tableStatistics,
  pg_stat_all_indexes: indexStatistics,
  pg_stat_user_indexes: indexStatistics,
  pg_statio_all_indexes: indexStatistics,
  pg_statio_user_indexes: indexStatistics,
};
