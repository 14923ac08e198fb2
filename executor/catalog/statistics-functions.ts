// The functions over statistics of use: pg_stat_get_numscans() and its family, and pg_stat_reset().

import { databaseError, type Datum } from '#common';
import { indexUse, resetUse, tableUse, type TableUse } from '../use-counters.ts';
import type { CatalogFunction, CatalogFunctions } from './catalog-functions.ts';

const nothing: Datum = '';

const ofTable =
  (count: (use: TableUse) => number): CatalogFunction =>
  (_question, [oid]) =>
    count(tableUse(Number(oid)));

const sharedKinds = new Set(['archiver', 'bgwriter', 'wal', 'recovery_prefetch']);

export const statisticsFunctions: CatalogFunctions = {
  pg_stat_get_numscans(question, [oid]) {
    const relation = question.catalog.relationByOid(Number(oid));
    return relation?.kind === 'index'
      ? indexUse(relation.oid).scans
      : tableUse(Number(oid)).sequentialScans;
  },
  pg_stat_get_tuples_returned(question, [oid]) {
    const relation = question.catalog.relationByOid(Number(oid));
    return relation?.kind === 'index'
      ? indexUse(relation.oid).entries
      : tableUse(Number(oid)).sequentialRows;
  },
  pg_stat_get_tuples_fetched: ofTable((use) => use.indexRows),
  pg_stat_get_tuples_inserted: ofTable((use) => use.inserted),
  pg_stat_get_tuples_updated: ofTable((use) => use.updated),
  pg_stat_get_tuples_deleted: ofTable((use) => use.deleted),
  pg_stat_get_live_tuples(question, [oid]) {
    const table = question.catalog.tableByOid(Number(oid));
    return table === undefined ? 0 : question.catalog.storage.estimate(table.treeId).rows;
  },
  pg_stat_get_dead_tuples: () => 0,
  // Counters are current at any time.
  pg_stat_force_next_flush: () => nothing,
  pg_stat_clear_snapshot: () => nothing,
  pg_stat_get_snapshot_timestamp: () => null,
  pg_stat_reset(question) {
    for (const relation of question.catalog.userRelations()) {
      resetUse(relation.oid);
      if (relation.kind === 'table') for (const { oid } of relation.indexes) resetUse(oid);
    }
    return nothing;
  },
  pg_stat_reset_single_table_counters(_question, [oid]) {
    resetUse(Number(oid));
    return nothing;
  },
  pg_stat_reset_single_function_counters: () => nothing,
  pg_stat_reset_shared(_question, [target]) {
    const kind = typeof target === 'string' ? target : '';
    if (!sharedKinds.has(kind)) {
      throw databaseError('invalidParameterValue', `unrecognized reset target: "${kind}"`, {
        hint: 'Target must be "archiver", "bgwriter", "recovery_prefetch", or "wal".',
      });
    }
    return nothing;
  },
  pg_stat_reset_slru: () => nothing,
};
