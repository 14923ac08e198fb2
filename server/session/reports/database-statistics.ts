// pg_stat_database and pg_stat_database_conflicts: what each database was used for. Pages are shared by
// the databases, so their reads stand in the row of shared objects; there are no conflicts with recovery,
// no checksums of pages, and sorting files are not counted.

import type { DatabaseDescriptor, Datum } from '#common';
import { tableUseOf } from '#executor';
import { clusterScope } from '#storage';
import type { Server } from '../../server.ts';
import type { Session } from '../session.ts';
import { type Row, timestamp } from './row.ts';

export function databases({ catalogStore }: Server): DatabaseDescriptor[] {
  const found: DatabaseDescriptor[] = [];
  for (const object of catalogStore.scope(clusterScope).objects())
    if (object.kind === 'database') found.push(object);
  return found;
}

export function databaseRows({ server }: Session): Row[] {
  return [sharedRow(server), ...databases(server).map((each) => databaseRow(server, each))];
}

const nothing = {
  conflicts: 0,
  temp_files: 0,
  temp_bytes: 0,
  blk_read_time: 0,
  blk_write_time: 0,
  idle_in_transaction_time: 0,
};

const noTuples = {
  tup_returned: 0,
  tup_fetched: 0,
  tup_inserted: 0,
  tup_updated: 0,
  tup_deleted: 0,
};

function sharedRow(server: Server): Row {
  const { pageCacheHits, pageCacheMisses } = server.storage.statistics();
  return {
    ...nothing,
    ...noTuples,
    ...useColumns(server, 0),
    datid: 0,
    datname: null,
    numbackends: 0,
    blks_read: pageCacheMisses,
    blks_hit: pageCacheHits,
  };
}

function databaseRow(server: Server, { oid, name }: DatabaseDescriptor): Row {
  return {
    ...nothing,
    ...tuples(server, oid),
    ...useColumns(server, oid),
    datid: oid,
    datname: name,
    blks_read: 0,
    blks_hit: 0,
  };
}

function useColumns(server: Server, oid: number): Row {
  const use = server.databaseUses.of(oid);
  const now = server.clock.nowMicros();
  let backends = 0;
  let openMs = 0;
  for (const session of server.sessions.all()) {
    if (session.database.descriptor.oid !== oid) continue;
    backends++;
    openMs += (now - Math.max(session.startedAt, use.resetAtMicros)) / 1000;
  }
  return {
    numbackends: backends,
    xact_commit: use.commits,
    xact_rollback: use.rollbacks,
    deadlocks: use.deadlocks,
    session_time: use.sessionMs + openMs,
    active_time: use.activeMs,
    sessions: use.sessions,
    sessions_abandoned: use.sessionsAbandoned,
    sessions_fatal: use.sessionsFatal,
    sessions_killed: use.sessionsKilled,
    stats_reset: timestamp(use.resetAtMicros),
  };
}

/** The counters of the database's tables added up. */
function tuples({ catalogStore }: Server, database: number): Row {
  const sums = { ...noTuples };
  for (const object of catalogStore.scope(database).objects()) {
    const use = object.kind === 'table' ? tableUseOf(object.oid) : undefined;
    if (use === undefined) continue;
    sums.tup_returned += use.sequentialRows + use.indexRows;
    sums.tup_fetched += use.indexRows;
    sums.tup_inserted += use.inserted;
    sums.tup_updated += use.updated;
    sums.tup_deleted += use.deleted;
  }
  return sums;
}

export function conflictRows({ server }: Session): Row[] {
  return databases(server).map(({ oid, name }) => ({
    datid: oid,
    datname: name,
    confl_tablespace: 0,
    confl_lock: 0,
    confl_snapshot: 0,
    confl_bufferpin: 0,
    confl_deadlock: 0,
  }));
}

/** pg_stat_get_db_…(oid): a column of a database's row; numbers of an unknown database are 0. */
export const databaseColumn =
  (column: string, otherwise: Datum = 0) =>
  (session: Session, [oid]: readonly Datum[]): Datum => {
    const row = databaseRows(session).find(({ datid }) => datid === oid);
    return row === undefined ? otherwise : (row[column] ?? otherwise);
  };
