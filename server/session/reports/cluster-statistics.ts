// pg_stat_bgwriter, pg_stat_wal and their kin: one row each about the server as a whole. A flush of the
// memtable is what a checkpoint is in PostgreSQL; there is no archiver, no recovery that prefetches, and
// none of the caches behind pg_stat_slru, whose rows exist as they do on a server that did nothing.

import { Numeric } from '#common';
import type { SharedKind } from '../../observability/shared-counters.ts';
import type { Session } from '../session.ts';
import { type Row, timestamp } from './row.ts';

export function writerRows({ server }: Session): Row[] {
  const counters = server.sharedCounters;
  return [
    {
      checkpoints_timed: counters.since('bgwriter', 'flushes'),
      checkpoints_req: 0,
      checkpoint_write_time: 0,
      checkpoint_sync_time: 0,
      buffers_checkpoint: 0,
      buffers_clean: 0,
      maxwritten_clean: 0,
      buffers_backend: 0,
      buffers_backend_fsync: 0,
      buffers_alloc: counters.since('bgwriter', 'pageCacheMisses'),
      stats_reset: resetTime(server, 'bgwriter'),
    },
  ];
}

/** Everything that has gathered is written and synced at once, so the two are one number. */
export function logRows({ server }: Session): Row[] {
  const counters = server.sharedCounters;
  const syncs = counters.since('wal', 'logSyncs');
  return [
    {
      wal_records: counters.since('wal', 'commits'),
      wal_fpi: 0,
      wal_bytes: Numeric.fromInteger(counters.since('wal', 'logBytes')),
      wal_buffers_full: 0,
      wal_write: syncs,
      wal_sync: syncs,
      wal_write_time: 0,
      wal_sync_time: 0,
      stats_reset: resetTime(server, 'wal'),
    },
  ];
}

export function archiverRows({ server }: Session): Row[] {
  return [{ archived_count: 0, failed_count: 0, stats_reset: resetTime(server, 'archiver') }];
}

export function prefetchRows({ server }: Session): Row[] {
  return [
    {
      stats_reset: resetTime(server, 'recovery_prefetch'),
      prefetch: 0,
      hit: 0,
      skip_init: 0,
      skip_new: 0,
      skip_fpw: 0,
      skip_rep: 0,
      wal_distance: 0,
      block_distance: 0,
      io_depth: 0,
    },
  ];
}

export const cacheNames: readonly string[] = [
  'CommitTs',
  'MultiXactMember',
  'MultiXactOffset',
  'Notify',
  'Serial',
  'Subtrans',
  'Xact',
  'other',
];

export function cacheRows({ server }: Session): Row[] {
  return cacheNames.map((name) => ({
    name,
    blks_zeroed: 0,
    blks_hit: 0,
    blks_read: 0,
    blks_written: 0,
    blks_exists: 0,
    flushes: 0,
    truncates: 0,
    stats_reset: timestamp(server.sharedCounters.resetAt(`slru ${name}`)),
  }));
}

function resetTime({ sharedCounters }: Session['server'], kind: SharedKind): Row[string] {
  return timestamp(sharedCounters.resetAt(kind));
}
