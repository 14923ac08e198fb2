// Relations of pg_catalog that only the server can compute: parameters, sessions, what sessions hold, and
// statistics of use. Each is one line here; reports/ has the rows.

import type { ExecutionContext } from '#executor';
import { activityRows, encryptionRows, kerberosRows } from './reports/activity.ts';
import {
  archiverRows,
  cacheRows,
  logRows,
  prefetchRows,
  writerRows,
} from './reports/cluster-statistics.ts';
import { conflictRows, databaseRows } from './reports/database-statistics.ts';
import { lockRows } from './reports/locks.ts';
import { memoryRows } from './reports/memory.ts';
import type { Row } from './reports/row.ts';
import { cursorRows, preparedRows, preparedTransactionRows } from './reports/session-objects.ts';
import { accessRuleRows, fileSettingRows, settingRows } from './reports/settings.ts';
import { Session } from './session.ts';

const relations: ReadonlyMap<string, (session: Session) => readonly Row[]> = new Map([
  ['pg_backend_memory_contexts', memoryRows],
  ['pg_cursors', cursorRows],
  ['pg_file_settings', fileSettingRows],
  ['pg_hba_file_rules', accessRuleRows],
  ['pg_locks', lockRows],
  ['pg_prepared_statements', preparedRows],
  ['pg_prepared_xacts', preparedTransactionRows],
  ['pg_settings', settingRows],
  ['pg_stat_activity', activityRows],
  ['pg_stat_archiver', archiverRows],
  ['pg_stat_bgwriter', writerRows],
  ['pg_stat_database', databaseRows],
  ['pg_stat_database_conflicts', conflictRows],
  ['pg_stat_gssapi', kerberosRows],
  ['pg_stat_recovery_prefetch', prefetchRows],
  ['pg_stat_slru', cacheRows],
  ['pg_stat_ssl', encryptionRows],
  ['pg_stat_wal', logRows],
]);

/** The rows of one of these relations for a session; undefined for every other relation. */
export function serverRows(
  relation: string,
  { session }: ExecutionContext,
): readonly Row[] | undefined {
  return session instanceof Session ? relations.get(relation)?.(session) : undefined;
}
