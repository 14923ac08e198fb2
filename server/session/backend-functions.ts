// SQL functions that act on sessions, which only the server knows: pg_notify, pg_cancel_backend,
// pg_terminate_backend, pg_postmaster_start_time, current_query, advisory locks.

import { ArrayValue, databaseError, type Datum, notSupported, TypeOid } from '#common';
import { advisoryFunctions } from './advisory-locks.ts';
import { notify } from './commands/notify.ts';
import { cancelError } from './interrupt.ts';
import { blockingPids } from './lock-relation.ts';
import type { Session } from './session.ts';

type BackendFunction = (session: Session, args: readonly Datum[]) => Datum;

const backendFunctions: ReadonlyMap<string, BackendFunction> = new Map<string, BackendFunction>([
  [
    'pg_notify',
    (session: Session, args: readonly Datum[]): Datum => {
      notify(session, (args[0] ?? '') as string, (args[1] ?? '') as string);
      return '';
    },
  ],
  [
    'pg_cancel_backend',
    (session: Session, args: readonly Datum[]): Datum =>
      signal(session, args, (target) => target.interrupt.cancel(cancelError())),
  ],
  [
    'pg_terminate_backend',
    (session: Session, args: readonly Datum[]): Datum =>
      signal(session, args, (target) => target.terminate(terminated())),
  ],
  [
    'pg_postmaster_start_time',
    (session: Session): Datum => session.server.clock.toSql(session.server.startedAt),
  ],
  ...advisoryFunctions,
  [
    'pg_blocking_pids',
    (session: Session, [processId]: readonly Datum[]): Datum =>
      ArrayValue.of(TypeOid.int4, blockingPids(session, Number(processId))),
  ],
  ['current_query', (session: Session): Datum => session.lastQuery],
]);

/** False, with a warning, when there is no such session. */
function signal(
  session: Session,
  args: readonly Datum[],
  action: (target: Session) => void,
): boolean | null {
  const [processId, timeoutMs] = args;
  if (processId === null) return null;
  if (timeoutMs !== undefined && Number(timeoutMs) !== 0)
    throw notSupported('pg_terminate_backend with a timeout');
  const target = session.server.sessions.get(Number(processId));
  if (target === undefined) {
    session.functions.notice(
      'WARNING',
      `PID ${Number(processId)} is not a PostgreSQL server process`,
    );
    return false;
  }
  const { currentUser } = session;
  if (!currentUser.superuser && target.sessionUser.oid !== currentUser.oid) {
    throw databaseError(
      'insufficientPrivilege',
      'must be a member of the role whose process is being terminated or member of pg_signal_backend',
    );
  }
  // After this statement's own step: a session may end itself.
  setImmediate(() => action(target));
  return true;
}

function terminated(): ReturnType<typeof databaseError> {
  return databaseError('adminShutdown', 'terminating connection due to administrator command', {
    severity: 'FATAL',
  });
}

/** The function's result; undefined when it is not one of these. */
export function callBackendFunction(
  session: Session,
  name: string,
  args: readonly Datum[],
): Datum | undefined {
  return backendFunctions.get(name)?.(session, args);
}
