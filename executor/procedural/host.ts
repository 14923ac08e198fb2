// What routines need of the session that they run in: contexts to bind and run their statements, the
// transaction and its sub-transactions, settings, cursors, notices. Implemented by the server.
//
// A routine that an expression calls runs to its end at once; a lock wait leaves it as an exception and
// the client's statement is run again. CALL and DO are driven in steps instead (Work): they give way,
// wait in place, and may end transactions.

import type { DatabaseError, Datum, RoleDescriptor } from '#common';
import type { FunctionContext } from '#functions';
import type { BindContext, ParsedStatement, PhysicalCheck } from '#planner';
import type { TableDescriptor } from '#common';
import type { ExecutionContext, again } from '../contract.ts';
import type { UtilityContext } from '../ddl/contract.ts';
import type { InnerStatement, StatementScope } from './inner-statement.ts';

/** Something that takes its turns: yields `again`, or what is to be awaited. */
export type Work<Result> = Generator<typeof again | Promise<void>, Result>;

/**
 * How a routine runs. atOnce: nobody else has a turn until it is done. inTurns: it gives way, but a lock that it
 * meets is the calling statement's business. waiting: it waits for locks in place, and each of its statements sees
 * what was committed before.
 */
export type Pace = 'atOnce' | 'inTurns' | 'waiting';

/** Where a transaction stood, for sub-transactions and for statements that start over. */
export interface TransactionMark {
  readonly storage: number;
  readonly settings: number;
  readonly deferred: number;
  readonly cursors: number;
  readonly notices: number;
}

/** A cursor of the session: made by OPEN or DECLARE. */
export interface ProceduralCursor {
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  /** Rows passed over, at most one of them for absolute and relative moves. */
  fetch(direction: CursorDirection): Work<readonly (readonly Datum[])[]>;
}

export interface CursorDirection {
  readonly kind: 'forward' | 'backward' | 'absolute' | 'relative';
  /** Infinity: all. */
  readonly count: number;
}

/** What a command of the session returns: EXPLAIN, SHOW. */
export interface CommandRows {
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly rows: readonly (readonly Datum[])[];
}

export interface ProceduralHost {
  readonly functions: FunctionContext;
  executionContext(parameters: readonly Datum[]): ExecutionContext;
  bindContext(): BindContext;
  utilityContext(): UtilityContext;
  checksFor(table: TableDescriptor): readonly PhysicalCheck[];
  /** Constant folding's view of functions. */
  readonly planningFunctions: FunctionContext;
  setting(name: string): string;

  mark(): TransactionMark;
  rollbackTo(mark: TransactionMark): void;
  /** The wait that a signal of storage asks for; undefined: it is an error like any other. */
  waitFor(signal: unknown, mark: TransactionMark): Promise<void> | undefined;
  /** True for signals that no handler may catch. */
  isSignal(error: unknown): boolean;

  /** Commits or rolls back, and begins the next transaction. */
  endTransaction(how: 'commit' | 'rollback', chain: boolean): void;
  /** CALL or DO was given outside of a transaction block. */
  readonly mayEndTransaction: boolean;

  notice(severity: string, notice: DatabaseError): void;

  /** SET clauses and SECURITY DEFINER: until the returned function is called. */
  enter(options: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly role?: RoleDescriptor;
  }): () => void;

  /** SET, LISTEN, NOTIFY and whatever else the session carries out itself. */
  runCommand(parsed: ParsedStatement, scope: StatementScope): Work<CommandRows | undefined>;

  cursor(name: string): ProceduralCursor | undefined;
  openCursor(options: {
    /** undefined: the server chooses one. */
    readonly name: string | undefined;
    readonly statement: InnerStatement;
    readonly scope: StatementScope;
    readonly scroll: boolean | undefined;
  }): string;
  closeCursor(name: string): void;

  /** It is others' turn. */
  sliceOver(): boolean;
}
