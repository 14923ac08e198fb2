// SQL functions that act on sessions, which only the server knows: pg_notify, pg_cancel_backend,
// pg_terminate_backend, pg_postmaster_start_time, current_query, advisory locks.

import { ArrayValue, databaseError, type Datum, TypeOid } from '#common';
import { hasPrivilegesOf, isSuperuser, PredefinedRole } from '#planner';
import { advisoryFunctions } from './advisory-locks.ts';
import { notify } from './commands/notify.ts';
import { largeObjectFunctions } from './large-objects/functions.ts';
import { cancelError } from './interrupt.ts';
import { blockingPids } from './reports/locks.ts';
import { reportFunctions } from './reports/report-functions.ts';
import type { Session } from './session.ts';
import { snapshotFunctions } from './snapshots.ts';
import { resetStatements, statementRows, statementTotals } from './statement-counting.ts';

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
    (session: Session, args: readonly Datum[]): Datum => terminateBackend(session, args),
  ],
  [
    'pg_postmaster_start_time',
    (session: Session): Datum => session.server.clock.toSql(session.server.startedAt),
  ],
  ...advisoryFunctions,
  ...largeObjectFunctions,
  ...reportFunctions,
  ...snapshotFunctions,
  [
    'pg_blocking_pids',
    (session: Session, [processId]: readonly Datum[]): Datum =>
      ArrayValue.of(TypeOid.int4, blockingPids(session, Number(processId))),
  ],
  [
    'pg_listening_channels',
    (session: Session): Datum =>
      ArrayValue.of(TypeOid.text, session.server.channels.channelsOf(session)),
  ],
  ['pg_stat_statements', statementRows],
  ['pg_stat_statements_info', statementTotals],
  ['pg_stat_statements_reset', resetStatements],
  ['current_query', (session: Session): Datum => session.lastQuery],
]);

/** How often a wait for a session's end looks whether it has come. */
const pollMs = 10;

/** With a timeout the statement sleeps and runs again until the session is gone (sleeps.ts). */
function terminateBackend(session: Session, args: readonly Datum[]): boolean | null {
  const timeoutMs = Number(args[1] ?? 0);
  if (timeoutMs < 0) throw databaseError('invalidParameterValue', '"timeout" must not be negative');
  const { sleeps } = session;
  const isAgain = sleeps.done > sleeps.seen;
  if (isAgain && session.server.sessions.get(Number(args[0])) === undefined) return true;
  if (!isAgain) {
    const signalled = signal(session, args, (target) => target.terminate(terminated()), true);
    if (signalled !== true || timeoutMs === 0) return signalled;
  }
  for (let waited = 0; waited < timeoutMs; waited += pollMs) sleeps.sleep(pollMs);
  session.functions.notice(
    'WARNING',
    `backend with PID ${Number(args[0])} did not terminate within ${timeoutMs} milliseconds`,
  );
  return false;
}

/** False, with a warning, when there is no such session. */
function signal(
  session: Session,
  args: readonly Datum[],
  action: (target: Session) => void,
  isTerminating = false,
): boolean | null {
  const [processId] = args;
  if (processId === null) return null;
  const target = session.server.sessions.get(Number(processId));
  if (target === undefined) {
    session.functions.notice(
      'WARNING',
      `PID ${Number(processId)} is not a PostgreSQL backend process`,
    );
    return false;
  }
  requireSignal(session, target, isTerminating ? 'terminated' : 'canceled');
  if (target === session) throw isTerminating ? terminated() : cancelError();
  setImmediate(() => action(target));
  return true;
}

/** A superuser's session is for superusers; others are for their roles and pg_signal_backend. */
function requireSignal(session: Session, target: Session, done: 'terminated' | 'canceled'): void {
  const catalog = session.catalog();
  const role = session.currentUser.oid;
  const owner = target.sessionUser;
  if (owner.superuser && !isSuperuser(catalog, role)) {
    const doing = done === 'terminated' ? 'terminate' : 'cancel';
    const what = done === 'terminated' ? 'process' : 'query';
    throw databaseError(
      'insufficientPrivilege',
      `must be a superuser to ${doing} superuser ${what}`,
    );
  }
  if (hasPrivilegesOf(catalog, role, owner.oid)) return;
  if (hasPrivilegesOf(catalog, role, PredefinedRole.signalBackend)) return;
  const what = done === 'terminated' ? 'process' : 'query';
  throw databaseError(
    'insufficientPrivilege',
    `must be a member of the role whose ${what} is being ${done} or member of pg_signal_backend`,
  );
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
