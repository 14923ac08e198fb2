// pg_stat_statements: which executions are counted, and the functions of the extension.

import {
  ArrayValue,
  canonicalInteger,
  databaseError,
  type Datum,
  Numeric,
  RecordValue,
  TypeOid,
} from '#common';
import { statementStatisticsTypes, statementTotalsTypes } from '#functions';
import { hasModule, hasPrivilegesOf, isSuperuser, PredefinedRole } from '#planner';
import type { StatementEntry } from '../observability/statement-statistics.ts';
import type { Portal } from './portal.ts';
import type { Session } from './session.ts';

const module = 'pg_stat_statements';

/** After DDL, and when a session begins: does the database have the extension? */
export function noticeExtension(session: Session): void {
  const { statementStatistics } = session.server;
  const catalog = session.catalog();
  const databases = [...catalog.databases()].map(({ oid }) => oid);
  const own = session.database.descriptor.oid;
  // What a transaction has dropped may come back with its rollback.
  if (hasModule(catalog, module)) statementStatistics.track(own, databases);
  else if (!session.block.inBlock) statementStatistics.forget(own, databases);
}

/** Statements that run others, which are counted in their place, or that PostgreSQL does not count. */
const notCounted = new Set(['PrepareStmt', 'DeallocateStmt']);

export function countExecution(session: Session, portal: Portal, milliseconds: number): void {
  if (portal.state !== 'done') return;
  const { statement } = portal;
  const { settings, server } = session;
  if (settings.require('pg_stat_statements.track') === 'none' || notCounted.has(statement.node))
    return;
  const isExecute = statement.node === 'ExecuteStmt';
  const isUtility = !statement.isQuery && !isExecute;
  if (isUtility && !settings.boolean('pg_stat_statements.track_utility')) return;
  const counted = isExecute ? executed(session, portal) : statement;
  if (counted === undefined) return;
  const place = { user: session.currentUser.oid, database: session.database.descriptor.oid };
  const rows = statement.isQuery ? portal.rowCount : rowsOfTag(portal.tag);
  server.statementStatistics.count(counted, place, { milliseconds, rows });
}

/** The statement that an EXECUTE names. */
function executed(session: Session, { statement }: Portal): Portal['statement'] | undefined {
  const tree = statement.parsed.statement;
  const name = 'ExecuteStmt' in tree ? (tree.ExecuteStmt.name ?? '') : '';
  return session.prepared.find(name)?.statement;
}

/** Of COPY, CREATE TABLE AS, FETCH and others whose tag ends with a count. */
function rowsOfTag(tag: string | undefined): number {
  return Number(/ (\d+)$/.exec(tag ?? '')?.[1] ?? 0);
}

/** Executions in the order of pg_stat_statements' columns; blocks, log records and JIT are not measured. */
export function statementRows(session: Session, [showsText]: readonly Datum[]): ArrayValue {
  requireExtension(session);
  const catalog = session.catalog();
  const role = session.currentUser.oid;
  const seesAll =
    isSuperuser(catalog, role) || hasPrivilegesOf(catalog, role, PredefinedRole.readAllStatistics);
  const rows = [...session.server.statementStatistics.all()].map((entry) =>
    statementRow(entry, seesAll || entry.user === role, showsText === true),
  );
  return ArrayValue.of(TypeOid.record, rows);
}

function statementRow(entry: StatementEntry, isVisible: boolean, showsText: boolean): RecordValue {
  const { calls, rows, totalMs, minMs, maxMs, meanMs, deviationMs } = entry;
  const text = isVisible ? entry.text : '<insufficient privilege>';
  const values: Datum[] = [
    entry.user,
    entry.database,
    true,
    isVisible ? canonicalInteger(entry.queryId) : null,
    showsText ? text : null,
    ...[0, 0, 0, 0, 0, 0],
    ...[calls, totalMs, minMs, maxMs, meanMs, deviationMs, rows],
  ];
  const measured = values.length;
  return new RecordValue(
    statementStatisticsTypes,
    statementStatisticsTypes.map((type, at) =>
      at < measured ? values[at] : type === TypeOid.numeric ? Numeric.zero : 0,
    ),
  );
}

export function statementTotals(session: Session): ArrayValue {
  requireExtension(session);
  const { evictions, resetAt } = session.server.statementStatistics;
  const row = [evictions, session.server.clock.toSql(resetAt)];
  return ArrayValue.of(TypeOid.record, [new RecordValue(statementTotalsTypes, row)]);
}

/** 42501 but for superusers, as the extension revokes it from everyone. */
export function resetStatements(session: Session, args: readonly Datum[]): Datum {
  requireExtension(session);
  if (!isSuperuser(session.catalog(), session.currentUser.oid)) {
    throw databaseError(
      'insufficientPrivilege',
      'permission denied for function pg_stat_statements_reset',
    );
  }
  const [user, database, queryId] = args;
  const { server } = session;
  server.statementStatistics.reset(
    { user: Number(user), database: Number(database), queryId: BigInt(queryId as number) },
    server.clock.nowMicros(),
  );
  return '';
}

function requireExtension(session: Session): void {
  if (session.server.statementStatistics.isTracking) return;
  throw databaseError('objectNotInPrerequisiteState', 'pg_stat_statements is not installed');
}
