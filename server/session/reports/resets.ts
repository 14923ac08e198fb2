// pg_stat_reset_…(): counters of the server and of the session's database start anew.

import { databaseError, type Datum } from '#common';
import { sharedKinds } from '../../observability/shared-counters.ts';
import type { Session } from '../session.ts';
import { textOf } from './row.ts';

type ResetFunction = (session: Session, args: readonly Datum[]) => Datum;

const done: Datum = '';

export function resetFunctions(cacheNames: readonly string[]): Record<string, ResetFunction> {
  return {
    /** Asked for by pg_stat_reset(), which resets the tables itself. */
    reset_database_use({ server, use }) {
      use.reset(server.clock.nowMicros());
      return done;
    },
    pg_stat_reset_shared({ server }, [target]) {
      const kind = sharedKinds.find((each) => each === target);
      if (kind === undefined) {
        throw databaseError(
          'invalidParameterValue',
          `unrecognized reset target: "${textOf(target)}"`,
          {
            hint: 'Target must be "archiver", "bgwriter", "recovery_prefetch", or "wal".',
          },
        );
      }
      server.sharedCounters.reset(kind, server.clock.nowMicros());
      return done;
    },
    /** All of them for null; a name that is not known is "other". */
    pg_stat_reset_slru({ server }, [name]) {
      const now = server.clock.nowMicros();
      const wanted = cacheNames.includes(textOf(name)) ? textOf(name) : 'other';
      for (const each of name === null ? cacheNames : [wanted])
        server.sharedCounters.reset(`slru ${each}`, now);
      return done;
    },
    /** There are no slots. */
    pg_stat_reset_replication_slot(_session, [slot]) {
      if (slot === null) return done;
      throw databaseError(
        'invalidParameterValue',
        `replication slot "${textOf(slot)}" does not exist`,
      );
    },
    pg_stat_reset_subscription_stats(_session, [subscription]) {
      if (subscription !== 0) return done;
      throw databaseError('invalidParameterValue', 'invalid subscription OID 0');
    },
  };
}
