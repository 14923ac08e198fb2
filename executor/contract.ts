// The contract of the executor with the server above it: a session's execution context goes in,
// batches and a command tag come out.
//
// An Execution is pulled. next() is synchronous and returns a batch, `again` (its time slice is over:
// give the event loop a turn, then call next() again), or undefined at the end. It may throw a
// DatabaseError, a LockWaitSignal or StatementRestart (storage/contract.ts); for the last two the
// statement driver rolls back to the statement's savepoint, waits, and starts the plan anew. So
// nothing may have been sent to the client before the first batch of a statement that writes or locks
// is complete: the driver buffers RETURNING and FOR UPDATE output until the end (spilling past a limit).

import type { Batch, DatabaseError, Datum, TableDescriptor } from '#common';
import type { FunctionContext } from '#functions';
import type { Catalog } from '#planner';
import type { BulkLoad, Key, StorageEngine, Transaction } from '#storage';
import type { ParallelContext } from './parallel/contract.ts';

export const again: unique symbol = Symbol('again');

export interface ExecutionContext {
  readonly storage: StorageEngine;
  readonly transaction: Transaction;
  readonly catalog: Catalog;
  readonly functions: FunctionContext;
  readonly parameters: readonly Datum[];
  /** Bytes a sort, hash or buffer may hold before it spills. */
  readonly workMemBytes: number;
  /** Bytes that the whole statement may hold; 53200 past it. undefined: no limit. */
  readonly statementMemoryBytes?: number;
  /** Directory for spill files. */
  readonly spillDirectory: string;
  /** Cancel word and deadline; polled in every loop. */
  readonly interrupt: Interrupt;
  /** The rows of a plan's feed node. */
  readonly feed?: Batch;
  /** Which row of the feed is being inserted. */
  readonly feedProgress?: { row: number };
  /** Inserted rows of its table go here instead of into the workspace. */
  readonly bulkLoad?: TableBulkLoad;
  /** Session-level effects of statements (notices, settings, deferred constraints). */
  readonly session: SessionAccess;
  /** The statement runs on several executor threads. */
  readonly parallel?: ParallelContext;
}

/** A bulk load under way, and the table that it is for. */
export interface TableBulkLoad {
  readonly tableOid: number;
  readonly load: BulkLoad;
}

export interface Interrupt {
  /** Throws 57014 when cancelled or past statement_timeout. Cheap enough for every batch. */
  check(): void;
  /** True when the current time slice is used up (never on an executor thread). */
  sliceOver(): boolean;
  /** The statement cannot be left and resumed: its time slice never ends. */
  readonly atOnce?: boolean;
}

export interface SessionAccess {
  notice(notice: DatabaseError): void;
  /** Constraint triggers deferred to commit: run and removed by the transaction driver. */
  deferConstraintCheck(check: () => void): void;
  constraintsDeferred(constraintOid: number, initiallyDeferred: boolean): boolean;
  /** WHERE CURRENT OF: the key of the cursor's current row, if it is a row of this table. 24000, 34000. */
  currentRow(cursor: string, table: TableDescriptor): Key | undefined;
  /** UPDATE … WHERE CURRENT OF has moved the row to another key. */
  currentRowMoved(from: RowPlace, to: RowPlace): void;
}

/** A row's key, and the table that has it. */
export interface RowPlace {
  readonly tableOid: number;
  readonly key: Key;
}

export interface Execution {
  next(): Batch | typeof again | undefined;
  /** Rows inserted, updated, deleted or returned, for the command tag. */
  readonly rowCount: number;
  close(): void;
}
