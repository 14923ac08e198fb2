// What a query gives as a table's columns and rows: CREATE TABLE AS, materialized views.

import {
  type Batch,
  columnValue,
  databaseError,
  type Datum,
  type SqlType,
  type TableDescriptor,
  TypeOid,
} from '#common';
import { type BoundQuery, optimize } from '#planner';
import { tableAccess } from '#storage';
import type { UtilityStep } from './contract.ts';
import { columnSpecifiedTwice } from './errors.ts';
import { nextBatch, openPlan } from './inner-query.ts';
import type { DdlStatement } from './statement.ts';
import {
  checkColumnName,
  checkColumnType,
  checkDerivedCollation,
  type ColumnElement,
} from './table-elements.ts';
import { tableUse } from '../use-counters.ts';

/** Bytes that a bulk load may be ahead of its writer. */
const backlogBytesMax = 16 << 20;

/** Columns named by `names`, then as the query names them. 42601 for too many names, 42701 for two alike. */
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
    checkDerivedCollation(name, type);
    checkColumnName(name);
    return { name, type, notNull: false, serial: false };
  });
}

/** Runs the query into a new table; how many rows it gave. */
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
    tableUse(table.oid).inserted += rows;
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
