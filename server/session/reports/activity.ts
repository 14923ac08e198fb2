// Who is connected and what they do: pg_stat_activity, pg_stat_ssl, pg_stat_gssapi and the functions
// behind them. What a session runs is for its own role and for pg_read_all_stats.

import { canonicalInteger, type Datum, defaultFormatSettings, typeInput, TypeOid } from '#common';
import { hasPrivilegesOf, isSuperuser, PredefinedRole } from '#planner';
import type { Transaction } from '#storage';
import { queryIdOf } from '../../observability/statement-statistics.ts';
import type { Session } from '../session.ts';
import { type Row, timestamp } from './row.ts';

/** What a transaction has been shown stays as it was until its end, as in PostgreSQL. */
const shownActivity = new WeakMap<Transaction, readonly Row[]>();

/** The columns of pg_stat_get_activity() and those that the views add. */
export function activityRows(session: Session): readonly Row[] {
  const transaction = session.block.require();
  let shown = shownActivity.get(transaction);
  if (shown === undefined) {
    const sees = observer(session);
    shown = [...session.server.sessions.all()].map((each) => activityRow(each, sees(each)));
    shownActivity.set(transaction, shown);
  }
  return shown;
}

/** May the session's role see what another one does? */
function observer(session: Session): (other: Session) => boolean {
  const catalog = session.catalog();
  const role = session.currentUser.oid;
  const seesAll =
    isSuperuser(catalog, role) || hasPrivilegesOf(catalog, role, PredefinedRole.readAllStatistics);
  return (other) => seesAll || hasPrivilegesOf(catalog, role, other.sessionUser.oid);
}

function activityRow(session: Session, isVisible: boolean): Row {
  const transaction = session.block.active;
  const known = {
    datid: session.database.descriptor.oid,
    datname: session.databaseName,
    pid: session.processId,
    usesysid: session.sessionUser.oid,
    usename: session.sessionUser.name,
    application_name: session.settings.require('application_name'),
    backend_xid: transaction?.hasWrites === true ? transaction.id : null,
    backend_xmin: transaction?.id ?? null,
  };
  if (!isVisible) return { ...known, query: '<insufficient privilege>' };
  const [waitType, waitEvent] = waitOf(session);
  return {
    ...known,
    ...encryption(session),
    client_addr: typeInput(TypeOid.inet)(plainAddress(session), -1, defaultFormatSettings),
    client_port: session.remotePort,
    backend_start: timestamp(session.startedAt),
    xact_start: timestamp(transaction?.startTimestamp ?? 0),
    query_start: timestamp(session.queryStartedAt),
    state_change: timestamp(session.stateChangedAt),
    wait_event_type: waitType,
    wait_event: waitEvent,
    state: stateOf(session),
    query_id: queryIdShown(session),
    query: session.lastQuery,
    backend_type: 'client backend',
  };
}

function waitOf(session: Session): readonly [string | null, string | null] {
  if (session.state !== 'active') return ['Client', 'ClientRead'];
  const transaction = session.block.active;
  if (transaction === undefined) return [null, null];
  if (!transaction.rowBlockers()[Symbol.iterator]().next().done) return ['Lock', 'transactionid'];
  if (!transaction.blockers()[Symbol.iterator]().next().done) return ['Lock', 'relation'];
  return session.sleeps.isSleeping ? ['Timeout', 'PgSleep'] : [null, null];
}

/** An IPv4 address that came over an IPv6 socket is shown as what it is. */
function plainAddress({ remoteAddress }: Session): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}

/** Where identifiers are computed: by compute_query_id, or because pg_stat_statements wants them. */
function queryIdShown(session: Session): Datum {
  return session.showsQueryId ? canonicalInteger(queryIdOf(session.lastQuery)) : null;
}

function stateOf(session: Session): string {
  if (session.state === 'active') return 'active';
  switch (session.transactionStatus) {
    case 'inTransaction':
      return 'idle in transaction';
    case 'failed':
      return 'idle in transaction (aborted)';
    case 'idle':
      return 'idle';
  }
}

/** By the names of pg_stat_get_activity(). */
function encryption({ tls }: Session): Row {
  const none = { gss_auth: false, gss_enc: false };
  return tls === undefined
    ? { ...none, ssl: false }
    : { ...none, ssl: true, sslversion: tls.version, sslcipher: tls.cipher, sslbits: tls.bits };
}

export function encryptionRows(session: Session): Row[] {
  return activityRows(session).map(({ pid, ssl, sslversion, sslcipher, sslbits }) => ({
    pid,
    ssl: ssl ?? null,
    version: sslversion ?? null,
    cipher: sslcipher ?? null,
    bits: sslbits ?? null,
  }));
}

export function kerberosRows(session: Session): Row[] {
  return activityRows(session).map(({ pid, gss_auth, gss_enc }) => ({
    pid,
    gss_authenticated: gss_auth ?? null,
    encrypted: gss_enc ?? null,
  }));
}

/** pg_stat_get_activity(): of one backend, of the session's own (-1), or of all (null). */
export function activityOf(session: Session, [pid]: readonly Datum[]): readonly Row[] {
  const wanted = pid === -1 ? session.processId : pid;
  return activityRows(session).filter((row) => wanted === null || row['pid'] === wanted);
}

const unknownBackend = '<backend information not available>';

/** A column of a backend; those of text say why there is no value. Backends are numbered by their process ids. */
export const backendColumn =
  (column: string) =>
  (session: Session, [backend]: readonly Datum[]): Datum => {
    const row = activityRows(session).find(({ pid }) => pid === backend);
    const isText = column === 'query' || column.startsWith('wait_event');
    if (row === undefined) return isText ? unknownBackend : null;
    if (isText && row['backend_start'] === undefined) return '<insufficient privilege>';
    return row[column] ?? null;
  };
