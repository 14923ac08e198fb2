// Functions over replication, recovery and the log's position. This server streams to nobody and is never
// in recovery when sessions are there, so it answers as a PostgreSQL that has no standby: nothing was
// received, nothing can be paused, no slot has the name. What would make a slot is not offered (0A000).

import { ArrayValue, databaseError, type Datum, TypeOid } from '#common';
import type { Session } from '../session.ts';
import { blockingPids } from './locks.ts';
import { textOf } from './row.ts';

type ReplicationFunction = (session: Session, args: readonly Datum[]) => Datum;

const unknown: ReplicationFunction = () => null;

function notInRecovery(): never {
  throw databaseError('objectNotInPrerequisiteState', 'recovery is not in progress', {
    hint: 'Recovery control functions can only be executed during recovery.',
  });
}

const missingSlot: ReplicationFunction = (_session, [name]) => {
  if (name === null) return null;
  throw databaseError('undefinedObject', `replication slot "${textOf(name)}" does not exist`);
};

const missingOrigin: ReplicationFunction = (_session, [name]) => {
  if (name === null) return null;
  throw databaseError('undefinedObject', `replication origin "${textOf(name)}" does not exist`);
};

function noCommitTimes(): never {
  throw databaseError('objectNotInPrerequisiteState', 'could not get commit timestamp data', {
    hint: 'Make sure the configuration parameter "track_commit_timestamp" is set.',
  });
}

export const replicationFunctions: Readonly<Record<string, ReplicationFunction>> = {
  pg_current_wal_lsn: ({ server }) => server.storage.syncedPosition,
  pg_current_wal_flush_lsn: ({ server }) => server.storage.syncedPosition,
  pg_current_wal_insert_lsn: ({ server }) => server.storage.appendedPosition,
  /** Files of the log are not archived, so that ending one early would change nothing. */
  pg_switch_wal: ({ server }) => server.storage.appendedPosition,
  pg_last_wal_receive_lsn: unknown,
  pg_last_wal_replay_lsn: unknown,
  pg_last_xact_replay_timestamp: unknown,
  pg_is_wal_replay_paused: notInRecovery,
  pg_get_wal_replay_pause_state: notInRecovery,
  pg_wal_replay_pause: notInRecovery,
  pg_wal_replay_resume: notInRecovery,
  pg_promote: notInRecovery,
  pg_drop_replication_slot: missingSlot,
  pg_replication_slot_advance: missingSlot,
  pg_copy_physical_replication_slot: missingSlot,
  pg_replication_origin_oid: unknown,
  pg_replication_origin_drop: missingOrigin,
  pg_replication_origin_progress: missingOrigin,
  pg_replication_origin_advance: missingOrigin,
  pg_replication_origin_session_setup: missingOrigin,
  pg_replication_origin_session_is_setup: () => false,
  pg_xact_commit_timestamp: noCommitTimes,
  pg_xact_commit_timestamp_origin: noCommitTimes,
  pg_last_committed_xact: noCommitTimes,
  pg_current_logfile: unknown,
  /** There is no logging collector. */
  pg_rotate_logfile(session) {
    session.functions.notice('WARNING', 'rotation not possible because log collection not active');
    return false;
  },
  /** Notifications are handed out when their transaction commits; no queue fills up. */
  pg_notification_queue_usage: () => 0,
  /** Only deferrable transactions wait for a safe snapshot; none does here. */
  pg_safe_snapshot_blocking_pids: () => ArrayValue.of(TypeOid.int4, []),
  pg_isolation_test_session_is_blocked(session, [pid, others]) {
    const suspects = new Set((others as ArrayValue).elements);
    return blockingPids(session, Number(pid)).some((each) => suspects.has(each));
  },
};
