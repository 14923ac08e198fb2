// Relations of pg_catalog that only the server can compute: parameters, sessions, prepared statements,
// cursors.

import {
  ArrayValue,
  canonicalInteger,
  type Datum,
  defaultFormatSettings,
  epochDifferenceMicros,
  typeInput,
  TypeOid,
} from '#common';
import type { ExecutionContext } from '#executor';
import { clusterScope } from '#storage';
import type { Server } from '../server.ts';
import { queryIdOf } from '../observability/statement-statistics.ts';
import type { Sessions } from '../sessions.ts';
import type { SettingDefinition } from './setting-definitions.ts';
import { lockRows } from './lock-relation.ts';
import { Session } from './session.ts';

type Row = Readonly<Record<string, Datum>>;

/** The rows of one of these relations for a session; undefined for every other relation. */
export function serverRows(sessions: Sessions) {
  return (relation: string, context: ExecutionContext): readonly Row[] | undefined => {
    const { session } = context;
    if (!(session instanceof Session)) return undefined;
    switch (relation) {
      case 'pg_settings':
        return settingRows(session);
      case 'pg_stat_activity':
        return activityRows(sessions, context);
      case 'pg_stat_gssapi':
        return [...sessions.all()].map(({ processId }) => ({
          pid: processId,
          gss_authenticated: false,
          encrypted: false,
        }));
      case 'pg_stat_ssl':
        return [...sessions.all()].map(sslRow);
      case 'pg_prepared_xacts':
        return preparedTransactionRows(session);
      case 'pg_locks':
        return lockRows(session);
      case 'pg_prepared_statements':
        return preparedRows(session);
      case 'pg_cursors':
        return cursorRows(session);
      default:
        return undefined;
    }
  };
}

function settingRows(session: Session): Row[] {
  return [...session.settings.all()].map(({ definition, value, reset }) => ({
    name: definition.name,
    setting: value,
    unit: definition.unit ?? null,
    category: definition.category,
    short_desc: definition.description,
    extra_desc: null,
    context: contextOf(definition),
    vartype: definition.type,
    source: value === definition.default ? 'default' : 'session',
    min_val: definition.min === undefined ? null : String(definition.min),
    max_val: definition.max === undefined ? null : String(definition.max),
    enumvals:
      definition.choices === undefined ? null : ArrayValue.of(TypeOid.text, definition.choices),
    boot_val: definition.default,
    reset_val: reset,
    sourcefile: null,
    sourceline: null,
    pending_restart: false,
  }));
}

function contextOf(definition: SettingDefinition): string {
  if (definition.internal === true) return 'internal';
  return definition.startOnly === true ? 'postmaster' : 'user';
}

function timestamp(micros: number): Datum {
  return micros === 0 ? null : micros - epochDifferenceMicros;
}

/** What a transaction has been shown stays as it was until its end, as in PostgreSQL. */
const shownActivity = new WeakMap<object, readonly Row[]>();

function activityRows(sessions: Sessions, { transaction }: ExecutionContext): readonly Row[] {
  let shown = shownActivity.get(transaction);
  if (shown === undefined) {
    shown = [...sessions.all()].map(activityRow);
    shownActivity.set(transaction, shown);
  }
  return shown;
}

function activityRow(session: Session): Row {
  const active = session.state === 'active';
  return {
    datid: session.database.descriptor.oid,
    datname: session.databaseName,
    pid: session.processId,
    leader_pid: null,
    usesysid: session.sessionUser.oid,
    usename: session.sessionUser.name,
    application_name: session.settings.require('application_name'),
    client_addr: typeInput(TypeOid.inet)(plainAddress(session), -1, defaultFormatSettings),
    client_hostname: null,
    client_port: session.remotePort,
    backend_start: timestamp(session.startedAt),
    xact_start: timestamp(session.block.active?.startTimestamp ?? 0),
    query_start: timestamp(session.queryStartedAt),
    state_change: timestamp(session.queryStartedAt),
    wait_event_type: active ? null : 'Client',
    wait_event: active ? null : 'ClientRead',
    state: stateOf(session),
    backend_xid: null,
    backend_xmin: null,
    query_id: queryIdShown(session),
    query: session.lastQuery,
    backend_type: 'client backend',
  };
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

function sslRow({ processId, tls }: Session): Row {
  return tls === undefined
    ? { pid: processId, ssl: false }
    : { pid: processId, ssl: true, version: tls.version, cipher: tls.cipher, bits: tls.bits };
}

function preparedTransactionRows(session: Session): Row[] {
  const { server } = session;
  const catalog = session.catalog();
  return [...server.preparedTransactions.all()].map(
    ({ transaction, identifier, owner, database, preparedAt }) => ({
      transaction: transaction.id,
      gid: identifier,
      prepared: timestamp(preparedAt),
      owner: catalog.roleByOid(owner)?.name ?? null,
      database: databaseNameOf(server, database),
    }),
  );
}

function databaseNameOf(server: Server, oid: number): string | null {
  const database = server.catalogStore.scope(clusterScope).object(oid);
  return database?.kind === 'database' ? database.name : null;
}

function preparedRows(session: Session): Row[] {
  return [...session.prepared.values()]
    .filter((prepared) => prepared.name !== '')
    .map((prepared) => ({
      name: prepared.name,
      statement: prepared.text,
      prepare_time: timestamp(prepared.preparedAt),
      parameter_types: ArrayValue.of(
        TypeOid.regtype,
        prepared.parameterTypes.map(({ oid }) => oid),
      ),
      from_sql: prepared.fromSql,
      generic_plans: 0,
      custom_plans: 0,
    }));
}

function cursorRows(session: Session): Row[] {
  return [...session.cursors.all()].map(({ options }) => ({
    name: options.name,
    statement: options.portal.text,
    is_holdable: options.hold,
    is_binary: options.portal.resultFormats[0] === 1,
    is_scrollable: options.scroll !== 'none',
    creation_time: timestamp(options.createdAt),
  }));
}
