// What the session, and prepared transactions, have left open: pg_prepared_statements, pg_cursors,
// pg_prepared_xacts.

import { ArrayValue, TypeOid } from '#common';
import type { Session } from '../session.ts';
import { databases } from './database-statistics.ts';
import { type Row, timestamp } from './row.ts';

export function preparedTransactionRows(session: Session): Row[] {
  const { server } = session;
  const catalog = session.catalog();
  const names = new Map(databases(server).map(({ oid, name }) => [oid, name]));
  return [...server.preparedTransactions.all()].map(
    ({ transaction, identifier, owner, database, preparedAt }) => ({
      transaction: transaction.id,
      gid: identifier,
      prepared: timestamp(preparedAt),
      ownerid: owner,
      owner: catalog.roleByOid(owner)?.name ?? null,
      dbid: database,
      database: names.get(database) ?? null,
    }),
  );
}

export function preparedRows(session: Session): Row[] {
  return [...session.prepared.all()]
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

export function cursorRows(session: Session): Row[] {
  return [...session.cursors.all()].map(({ options }) => ({
    name: options.name,
    statement: options.portal.text,
    is_holdable: options.hold,
    is_binary: options.portal.resultFormats[0] === 1,
    is_scrollable: options.scroll !== 'none',
    creation_time: timestamp(options.createdAt),
  }));
}
