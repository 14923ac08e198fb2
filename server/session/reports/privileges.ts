// Functions that PostgreSQL takes from PUBLIC: for superusers, and for the role that it names beside them.

import { databaseError } from '#common';
import { hasPrivilegesOf, isSuperuser, PredefinedRole } from '#planner';
import type { Session } from '../session.ts';

const everySuperuser = undefined;

const reserved: ReadonlyMap<string, number | undefined> = new Map<string, number | undefined>([
  ...[
    'pg_config',
    'pg_current_logfile',
    'pg_hba_file_rules',
    'pg_ident_file_mappings',
    'pg_log_backend_memory_contexts',
    'pg_promote',
    'pg_replication_origin_oid',
    'pg_replication_origin_session_is_setup',
    'pg_rotate_logfile',
    'pg_show_all_file_settings',
    'pg_show_replication_origin_status',
    'pg_stat_have_stats',
    'pg_stat_reset_replication_slot',
    'pg_stat_reset_shared',
    'pg_stat_reset_slru',
    'pg_stat_reset_subscription_stats',
    'pg_switch_wal',
    'pg_wal_replay_pause',
    'pg_wal_replay_resume',
  ].map((name) => [name, everySuperuser] as const),
  // PostgreSQL has these granted by hand.
  ...['pg_ls_dir', 'pg_read_binary_file', 'pg_read_file', 'pg_stat_file'].map(
    (name) => [name, PredefinedRole.readServerFiles] as const,
  ),
  ['pg_get_backend_memory_contexts', PredefinedRole.readAllStatistics],
  ['pg_get_shmem_allocations', PredefinedRole.readAllStatistics],
  ['pg_ls_archive_statusdir', PredefinedRole.monitor],
  ['pg_ls_logdir', PredefinedRole.monitor],
  ['pg_ls_logicalmapdir', PredefinedRole.monitor],
  ['pg_ls_logicalsnapdir', PredefinedRole.monitor],
  ['pg_ls_tmpdir', PredefinedRole.monitor],
  ['pg_ls_waldir', PredefinedRole.monitor],
]);

/** 42501 */
export function requireReport(session: Session, name: string): void {
  if (!reserved.has(name)) return;
  const catalog = session.catalog();
  const role = session.currentUser.oid;
  const other = reserved.get(name);
  if (isSuperuser(catalog, role)) return;
  if (other !== undefined && hasPrivilegesOf(catalog, role, other)) return;
  throw databaseError('insufficientPrivilege', `permission denied for function ${name}`);
}
