// Inserts rows that do not come from a plan (COPY FROM): with the checks, unique keys and foreign keys
// of the table, like an INSERT of all of them.

import type { Datum, TableDescriptor } from '#common';
import type { PhysicalCheck } from '#planner';
import type { ExecutionContext } from '../contract.ts';
import { buildOperator } from '../operators/build-operator.ts';
import { Runtime } from '../runtime.ts';
import { RowChecks } from './row-checks.ts';
import { TableWriter } from './table-writer.ts';

export interface RowInserter {
  /** The row by attribute number - 1. 23502, 23514, 23505, 23503; LockWait and StatementRestart. */
  insert(row: readonly Datum[]): void;
  /** NOT NULL and CHECK only, for rows that a bulk load writes. */
  verify(row: readonly Datum[]): void;
  /** The checks that wait for the end of the statement. */
  finish(): void;
}

export function openRowInserter(
  table: TableDescriptor,
  checks: readonly PhysicalCheck[],
  context: ExecutionContext,
): RowInserter {
  const root = {
    kind: 'result',
    condition: undefined,
    empty: true,
    id: 0,
    types: [],
    estimatedRows: 0,
    startupCost: 0,
    totalCost: 0,
  } as const;
  const runtime = new Runtime(
    {
      command: 'INSERT',
      root,
      resultOrdinals: [],
      results: [],
      subplans: [],
      ctes: [],
      slotCount: 0,
      parameterTypes: [],
      readOnly: false,
      relations: [],
    },
    buildOperator,
    false,
  );
  runtime.begin(context);
  const writer = new TableWriter(table, checks, runtime);
  const rowChecks = new RowChecks(table, checks, runtime);
  return {
    insert: (row) => {
      writer.insert(row);
    },
    verify: (row) => rowChecks.verify(row),
    finish: () => {
      for (const check of runtime.statementEndChecks) check();
      runtime.statementEndChecks = [];
    },
  };
}
