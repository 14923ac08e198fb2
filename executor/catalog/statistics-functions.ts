// The functions over statistics of use: pg_stat_get_numscans() and its family, and pg_stat_reset().

import type { Datum } from '#common';
import { indexCounts, tableCounts } from '../system-catalog/rows/use-statistics.ts';
import { resetUse } from '../use-counters.ts';
import type { CatalogFunction, CatalogFunctions } from './catalog-functions.ts';

const nothing: Datum = '';

/** A column of the view's row of a table, or of an index where the function is for both. */
const counted =
  (column: string, ofIndex?: string): CatalogFunction =>
  ({ catalog }, [oid]) => {
    const relation = catalog.relationByOid(Number(oid));
    if (relation?.kind === 'table') return tableCounts(catalog, relation)[column] ?? 0;
    const isIndex = relation?.kind === 'index' && ofIndex !== undefined;
    return isIndex ? indexCounts(relation)[ofIndex] : 0;
  };

const moment =
  (column: string): CatalogFunction =>
  ({ catalog }, [oid]) => {
    const table = catalog.tableByOid(Number(oid));
    return table === undefined ? null : (tableCounts(catalog, table)[column] ?? null);
  };

const zero: CatalogFunction = () => 0;
const unknown: CatalogFunction = () => null;

/** Counters of the transaction that runs, of which none are kept, and of pages and functions. */
const notCounted: CatalogFunctions = {
  pg_stat_get_blocks_fetched: zero,
  pg_stat_get_blocks_hit: zero,
  pg_stat_get_function_calls: unknown,
  pg_stat_get_function_self_time: unknown,
  pg_stat_get_function_total_time: unknown,
  pg_stat_get_xact_blocks_fetched: zero,
  pg_stat_get_xact_blocks_hit: zero,
  pg_stat_get_xact_function_calls: unknown,
  pg_stat_get_xact_function_self_time: unknown,
  pg_stat_get_xact_function_total_time: unknown,
  pg_stat_get_xact_numscans: zero,
  pg_stat_get_xact_tuples_deleted: zero,
  pg_stat_get_xact_tuples_fetched: zero,
  pg_stat_get_xact_tuples_hot_updated: zero,
  pg_stat_get_xact_tuples_inserted: zero,
  pg_stat_get_xact_tuples_returned: zero,
  pg_stat_get_xact_tuples_updated: zero,
};

export const statisticsFunctions: CatalogFunctions = {
  ...notCounted,
  pg_stat_get_numscans: counted('seq_scan', 'idx_scan'),
  pg_stat_get_tuples_returned: counted('seq_tup_read', 'idx_tup_read'),
  pg_stat_get_tuples_fetched: counted('idx_tup_fetch', 'idx_tup_fetch'),
  pg_stat_get_tuples_inserted: counted('n_tup_ins'),
  pg_stat_get_tuples_updated: counted('n_tup_upd'),
  pg_stat_get_tuples_deleted: counted('n_tup_del'),
  pg_stat_get_tuples_hot_updated: counted('n_tup_hot_upd'),
  pg_stat_get_live_tuples: counted('n_live_tup'),
  pg_stat_get_dead_tuples: counted('n_dead_tup'),
  pg_stat_get_mod_since_analyze: counted('n_mod_since_analyze'),
  pg_stat_get_ins_since_vacuum: counted('n_ins_since_vacuum'),
  pg_stat_get_vacuum_count: counted('vacuum_count'),
  pg_stat_get_autovacuum_count: counted('autovacuum_count'),
  pg_stat_get_analyze_count: counted('analyze_count'),
  pg_stat_get_autoanalyze_count: counted('autoanalyze_count'),
  pg_stat_get_last_vacuum_time: moment('last_vacuum'),
  pg_stat_get_last_autovacuum_time: moment('last_autovacuum'),
  pg_stat_get_last_analyze_time: moment('last_analyze'),
  pg_stat_get_last_autoanalyze_time: moment('last_autoanalyze'),
  // Counters are current at any time.
  pg_stat_force_next_flush: () => nothing,
  pg_stat_clear_snapshot: () => nothing,
  pg_stat_get_snapshot_timestamp: unknown,
  pg_stat_reset(question) {
    for (const relation of question.catalog.userRelations()) {
      resetUse(relation.oid);
      if (relation.kind === 'table') for (const { oid } of relation.indexes) resetUse(oid);
    }
    question.session.call?.('reset_database_use', []);
    return nothing;
  },
  pg_stat_reset_single_table_counters(_question, [oid]) {
    resetUse(Number(oid));
    return nothing;
  },
  pg_stat_reset_single_function_counters: () => nothing,
};
