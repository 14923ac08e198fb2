// Parts of snapshots (manual, 9.27.10), and ages. Which transactions run is known to the server only
// (server/session/snapshots.ts).

import { canonicalInteger, snapshotParts } from '#common';
import type { Family } from '../family.ts';

type Int8 = number | bigint;

export const transactionIdFamily: Family = {
  scalars: {
    // Several transactions never share a lock of a row under one id, so the first such id is the next.
    mxid_age: (_context, id: number) => (id === 0 ? 2_147_483_647 : (1 - id) | 0),
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
