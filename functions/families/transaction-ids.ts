// Transaction ids and snapshots (manual, 9.27.10). A transaction has its id from its beginning. Which
// others a moment sees is not a matter of ids here, so pg_current_snapshot() and pg_xact_status() are not
// offered.

import { canonicalInteger, snapshotParts } from '#common';
import type { Family } from '../family.ts';

type Int8 = number | bigint;

export const transactionIdFamily: Family = {
  scalars: {
    xid8toxid: (_context, id: Int8) => Number(BigInt.asUintN(32, BigInt(id))),
    pg_snapshot_xmin: (_context, snapshot: string) =>
      canonicalInteger(snapshotParts(snapshot).xmin),
    pg_snapshot_xmax: (_context, snapshot: string) =>
      canonicalInteger(snapshotParts(snapshot).xmax),
    pg_visible_in_snapshot: (_context, id: Int8, snapshot: string) => {
      const { xmin, xmax, inProgress } = snapshotParts(snapshot);
      const value = BigInt(id);
      if (value < xmin) return true;
      return value < xmax && !inProgress.includes(value);
    },
  },
  sets: {
    pg_snapshot_xip: (_context, snapshot: string) =>
      snapshotParts(snapshot).inProgress.map(canonicalInteger),
  },
};
