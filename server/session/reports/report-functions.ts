// The functions behind the views of statistics (pg_stat_get_…, pg_show_all_settings …) and others that
// report what the server is and does: rows of the same sources, or one column of one row.

import { ArrayValue, databaseError, type Datum, RecordValue } from '#common';
import { functionRegistry } from '#functions';
import type { Session } from '../session.ts';
import { activityOf, activityRows, backendColumn } from './activity.ts';
import {
  archiverRows,
  cacheNames,
  cacheRows,
  logRows,
  prefetchRows,
  writerRows,
} from './cluster-statistics.ts';
import { databaseColumn, databaseRows, databases } from './database-statistics.ts';
import { fileFunctions, fileSets } from './files.ts';
import { lockRows } from './locks.ts';
import { logMemory, memoryRows } from './memory.ts';
import { requireReport } from './privileges.ts';
import { replicationFunctions } from './replication.ts';
import { resetFunctions } from './resets.ts';
import { type Row, textOf } from './row.ts';
import { cursorRows, preparedRows, preparedTransactionRows } from './session-objects.ts';
import { accessRuleRows, fileSettingRows, settingFlags, settingRows } from './settings.ts';

export type ReportFunction = (session: Session, args: readonly Datum[]) => Datum;
type Rows = (session: Session, args: readonly Datum[]) => readonly Row[];

const sets: Readonly<Record<string, Rows>> = {
  ...fileSets,
  pg_cursor: cursorRows,
  pg_get_backend_memory_contexts: memoryRows,
  pg_get_replication_slots: () => [],
  pg_hba_file_rules: accessRuleRows,
  pg_ident_file_mappings: () => [],
  pg_lock_status: lockRows,
  pg_prepared_statement: preparedRows,
  pg_prepared_xact: preparedTransactionRows,
  pg_show_all_file_settings: fileSettingRows,
  pg_show_all_settings: settingRows,
  pg_show_replication_origin_status: () => [],
  pg_tablespace_databases: (session, [space]) => databasesOn(session, Number(space)),
  pg_stat_get_activity: activityOf,
  pg_stat_get_backend_idset: (session) =>
    activityRows(session).map(({ pid }) => ({ pg_stat_get_backend_idset: pid })),
  pg_stat_get_progress_info: (_session, [command]) => progress(textOf(command)),
  pg_stat_get_slru: cacheRows,
  pg_stat_get_subscription: () => [],
  pg_stat_get_wal_senders: () => [],
};

/** Databases are in the default tablespace; shared objects are no database's. */
function databasesOn({ server }: Session, space: number): Row[] {
  const isDefault = space === defaultTablespace;
  return isDefault ? databases(server).map(({ oid }) => ({ pg_tablespace_databases: oid })) : [];
}
const defaultTablespace = 1663;

const records: Readonly<Record<string, Rows>> = {
  pg_stat_get_archiver: archiverRows,
  pg_stat_get_recovery_prefetch: prefetchRows,
  pg_stat_get_replication_slot: (_session, [slot]) => [{ ...noSlot, slot_name: slot }],
  pg_stat_get_subscription_stats: (_session, [subscription]) => [
    { subid: subscription, apply_error_count: 0, sync_error_count: 0 },
  ],
  pg_stat_get_wal: logRows,
  pg_stat_get_wal_receiver: () => [{}],
};

const noSlot = {
  spill_txns: 0,
  spill_count: 0,
  spill_bytes: 0,
  stream_txns: 0,
  stream_count: 0,
  stream_bytes: 0,
  total_txns: 0,
  total_bytes: 0,
};

/** Commands whose progress PostgreSQL reports. Here they are done in one step, and report none. */
const progressCommands = new Set([
  'VACUUM',
  'ANALYZE',
  'CLUSTER',
  'CREATE INDEX',
  'BASEBACKUP',
  'COPY',
]);

function progress(command: string): Row[] {
  if (progressCommands.has(command.toUpperCase())) return [];
  throw databaseError('invalidParameterValue', `invalid command name: "${command}"`);
}

const writerColumn =
  (column: string): ReportFunction =>
  (session) =>
    writerRows(session)[0][column];

const databaseColumns: Readonly<Record<string, string>> = {
  numbackends: 'numbackends',
  xact_commit: 'xact_commit',
  xact_rollback: 'xact_rollback',
  blocks_hit: 'blks_hit',
  tuples_returned: 'tup_returned',
  tuples_fetched: 'tup_fetched',
  tuples_inserted: 'tup_inserted',
  tuples_updated: 'tup_updated',
  tuples_deleted: 'tup_deleted',
  temp_files: 'temp_files',
  temp_bytes: 'temp_bytes',
  deadlocks: 'deadlocks',
  blk_read_time: 'blk_read_time',
  blk_write_time: 'blk_write_time',
  session_time: 'session_time',
  active_time: 'active_time',
  idle_in_transaction_time: 'idle_in_transaction_time',
  sessions: 'sessions',
  sessions_abandoned: 'sessions_abandoned',
  sessions_fatal: 'sessions_fatal',
  sessions_killed: 'sessions_killed',
  conflict_all: 'conflicts',
  conflict_bufferpin: 'confl_bufferpin',
  conflict_lock: 'confl_lock',
  conflict_snapshot: 'confl_snapshot',
  conflict_startup_deadlock: 'confl_deadlock',
  conflict_tablespace: 'confl_tablespace',
};

const backendColumns: Readonly<Record<string, string>> = {
  activity: 'query',
  activity_start: 'query_start',
  client_addr: 'client_addr',
  client_port: 'client_port',
  dbid: 'datid',
  pid: 'pid',
  start: 'backend_start',
  userid: 'usesysid',
  wait_event: 'wait_event',
  wait_event_type: 'wait_event_type',
  xact_start: 'xact_start',
};

/** Kinds that pg_stat_have_stats() knows; those of the whole server always have some. */
const fixedKinds = new Set(['archiver', 'bgwriter', 'checkpointer', 'slru', 'wal']);
const otherKinds = new Set(['database', 'relation', 'function', 'replslot', 'subscription']);

function hasStatistics(session: Session, [kind, database, object]: readonly Datum[]): boolean {
  const name = textOf(kind);
  if (fixedKinds.has(name)) return true;
  if (!otherKinds.has(name))
    throw databaseError('invalidParameterValue', `invalid statistics kind: "${name}"`);
  if (name === 'database') return databaseRows(session).some(({ datid }) => datid === database);
  const isOwn = database === session.database.descriptor.oid;
  return (
    name === 'relation' && isOwn && session.catalog().relationByOid(Number(object)) !== undefined
  );
}

const scalars: Readonly<Record<string, ReportFunction>> = {
  ...renamed('pg_stat_get_db_', databaseColumns, (column) => databaseColumn(column)),
  pg_stat_get_db_blocks_fetched: (session, args) =>
    Number(databaseColumn('blks_hit')(session, args)) +
    Number(databaseColumn('blks_read')(session, args)),
  pg_stat_get_db_checksum_failures: () => null,
  pg_stat_get_db_checksum_last_failure: () => null,
  pg_stat_get_db_stat_reset_time: databaseColumn('stats_reset', null),
  ...renamed('pg_stat_get_backend_', backendColumns, backendColumn),
  pg_stat_get_bgwriter_timed_checkpoints: writerColumn('checkpoints_timed'),
  pg_stat_get_bgwriter_requested_checkpoints: writerColumn('checkpoints_req'),
  pg_stat_get_bgwriter_buf_written_checkpoints: writerColumn('buffers_checkpoint'),
  pg_stat_get_bgwriter_buf_written_clean: writerColumn('buffers_clean'),
  pg_stat_get_bgwriter_maxwritten_clean: writerColumn('maxwritten_clean'),
  pg_stat_get_bgwriter_stat_reset_time: writerColumn('stats_reset'),
  pg_stat_get_buf_alloc: writerColumn('buffers_alloc'),
  pg_stat_get_buf_fsync_backend: writerColumn('buffers_backend_fsync'),
  pg_stat_get_buf_written_backend: writerColumn('buffers_backend'),
  pg_stat_get_checkpoint_sync_time: writerColumn('checkpoint_sync_time'),
  pg_stat_get_checkpoint_write_time: writerColumn('checkpoint_write_time'),
  pg_stat_have_stats: hasStatistics,
  pg_log_backend_memory_contexts: logMemory,
  pg_settings_get_flags: (_session, [name]) => settingFlags(textOf(name)),
};

function renamed(
  prefix: string,
  columns: Readonly<Record<string, string>>,
  make: (column: string) => ReportFunction,
): Record<string, ReportFunction> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [prefix + name, make(column)]),
  );
}

/** Rows in the order of the function's OUT columns; a single column as plain values. */
function answer(name: string, rows: readonly Row[]): Datum[] {
  const [{ outColumns, resultType }] = functionRegistry.functionsNamed(name);
  if (outColumns.length === 0) return rows.map((row) => row[name] ?? null);
  const types = outColumns.map(({ type }) => type);
  return rows.map((row) =>
    outColumns.length === 1 && resultType === types[0]
      ? (row[outColumns[0].name] ?? null)
      : new RecordValue(
          types,
          outColumns.map((column) => row[column.name] ?? null),
        ),
  );
}

export const reportFunctions: ReadonlyMap<string, ReportFunction> = new Map<string, ReportFunction>(
  [
    ...Object.entries({
      ...scalars,
      ...resetFunctions(cacheNames),
      ...replicationFunctions,
      ...fileFunctions,
    }),
    ...Object.entries(sets).map(([name, rows]): [string, ReportFunction] => [
      name,
      (session, args) => setOf(name, answer(name, rows(session, args))),
    ]),
    ...Object.entries(records).map(([name, rows]): [string, ReportFunction] => [
      name,
      (session, args) => answer(name, rows(session, args))[0],
    ]),
  ].map(([name, call]) => [
    name,
    (session, args) => {
      requireReport(session, name);
      return call(session, args);
    },
  ]),
);

function setOf(name: string, values: readonly Datum[]): ArrayValue {
  return ArrayValue.of(functionRegistry.functionsNamed(name)[0].resultType, values);
}
