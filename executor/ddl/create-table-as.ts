// CREATE TABLE AS and SELECT INTO: a table shaped like the result of a query, and filled with it.

import type { CreateTableAsStmt, IntoClause, Node, SelectStmt } from '@pgsql/types';
import {
  type Batch,
  columnValue,
  databaseError,
  type Datum,
  notSupported,
  type SqlType,
  type TableDescriptor,
  TypeOid,
} from '#common';
import {
  bindStatement,
  type BoundQuery,
  definitionElements,
  optimize,
  type ParsedStatement,
  stringsOf,
} from '#planner';
import { tableAccess } from '#storage';
import type { UtilityStep, UtilityWork } from './contract.ts';
import { columnSpecifiedTwice } from './errors.ts';
import { buildTable } from './create-table.ts';
import { nextBatch, openPlan } from './inner-query.ts';
import { createMaterializedView } from './materialized-views.ts';
import { persistenceOf } from './sequences.ts';
import type { DdlStatement } from './statement.ts';
import { checkColumnName, checkColumnType, type ColumnElement } from './table-elements.ts';
import { readTableOptions } from './table-options.ts';
import { scheduleOnCommit } from './temporary-tables.ts';

/** Bytes that a bulk load may be ahead of its writer. */
const backlogBytesMax = 16 << 20;

export function* createTableAs(ddl: DdlStatement, statement: CreateTableAsStmt): UtilityWork {
  if (statement.objtype === 'OBJECT_MATVIEW') return yield* createMaterializedView(ddl, statement);
  const query = statement.query!;
  if (!('SelectStmt' in query)) throw notSupported('CREATE TABLE AS EXECUTE');
  return yield* makeTable(ddl, query, statement.into!, statement.if_not_exists ?? false);
}

export function* selectInto(ddl: DdlStatement, statement: SelectStmt): UtilityWork {
  const { intoClause, ...query } = statement;
  return yield* makeTable(ddl, { SelectStmt: query }, intoClause!, false);
}

function* makeTable(
  ddl: DdlStatement,
  query: Node,
  into: IntoClause,
  ifNotExists: boolean,
): UtilityWork {
  const range = into.rel!;
  const place = ddl.creationName(range);
  if (!ddl.claimName(place)) {
    if (!ifNotExists) ddl.requireFreeName(place);
    ddl.notice(`relation "${place.name}" already exists, skipping`, '42P07');
    return 'CREATE TABLE AS';
  }
  const parsed: ParsedStatement = { ...ddl.parsed, statement: query };
  const { parameterTypes } = ddl.context;
  const bound = bindStatement(parsed, {
    ...ddl.bindContext,
    parameterTypes,
    allowParameters: parameterTypes.length > 0,
  });
  const table = buildTable(ddl, {
    place,
    elements: { columns: columnsOf(bound, stringsOf(into.colNames)), constraints: [] },
    options: readTableOptions(ddl, definitionElements(into.options)),
    persistence: place.schema.name.startsWith('pg_temp_')
      ? 'temporary'
      : persistenceOf(range.relpersistence),
  });
  scheduleOnCommit(ddl, table, into.onCommit);
  if (into.skipData === true) return 'CREATE TABLE AS';
  const rows = yield* fill(ddl, ddl.table(table.oid), bound);
  return `SELECT ${rows}`;
}

export function columnsOf(bound: BoundQuery, names: readonly string[]): ColumnElement[] {
  if (names.length > bound.results.length) {
    throw databaseError('syntaxError', 'too many column names were specified');
  }
  const seen = new Set<string>();
  return bound.results.map((result, index) => {
    const name = names[index] ?? result.name;
    if (seen.has(name)) throw columnSpecifiedTwice(name);
    seen.add(name);
    const type: SqlType =
      result.type.oid === TypeOid.unknown ? { oid: TypeOid.text, typmod: -1 } : result.type;
    checkColumnType(name, type.oid);
    checkColumnName(name);
    return { name, type, notNull: false, serial: false };
  });
}

export function* fill(
  ddl: DdlStatement,
  table: TableDescriptor,
  bound: BoundQuery,
): Generator<Exclude<UtilityStep, undefined>, number> {
  const plan = optimize(bound, ddl.catalog);
  const execution = openPlan(ddl, plan);
  const access = tableAccess(table);
  const bulk = access.openBulkLoad(ddl.transaction, { fresh: true, lastStatement: false });
  let rows = 0;
  try {
    for (;;) {
      const batch = yield* nextBatch(execution);
      if (batch === undefined) break;
      for (const row of rowsOf(batch, plan.resultOrdinals)) {
        if (bulk === undefined) access.insertRow(ddl.transaction, row);
        else bulk.addRow(row);
      }
      rows += batch.length;
      ddl.context.interrupt.check();
      if (bulk !== undefined && bulk.backlogBytes > backlogBytesMax) yield bulk.whenTaken();
    }
    if (bulk !== undefined) yield bulk.finish();
    return rows;
  } catch (error) {
    bulk?.abort();
    throw error;
  } finally {
    execution.close();
  }
}

function rowsOf(batch: Batch, ordinals: readonly number[]): Datum[][] {
  return Array.from({ length: batch.length }, (_, row) =>
    ordinals.map((ordinal) => columnValue(batch.columns[ordinal], row)),
  );
}
