// Runs the statements of routines: plans batch by batch, DDL, and the session's own commands.
//
// A statement of a volatile routine sees everything that was written before it; one of a stable routine
// sees what the calling statement sees. Where waiting is possible, a statement that meets a lock is
// undone, waits, and runs again by itself.

import {
  type Batch,
  columnValue,
  DatabaseError,
  databaseError,
  type Datum,
  notSupported,
} from '#common';
import type { PhysicalPlan } from '#planner';
import { TableLock } from '#storage';
import { again, type Execution, type Interrupt } from '../contract.ts';
import { openUtility } from '../ddl/open-utility.ts';
import { executePlan } from '../execute-plan.ts';
import type { Work } from './host.ts';
import {
  checkMayRun,
  type InnerStatement,
  type StatementScope,
  withoutWaiting,
} from './inner-statement.ts';

const lockModes = {
  read: TableLock.accessShare,
  rowLock: TableLock.rowShare,
  write: TableLock.rowExclusive,
} as const;

/** A running query whose rows are pulled as they are wanted. */
export class QueryRun {
  private readonly scope: StatementScope;
  private readonly plan: PhysicalPlan;
  private readonly execution: Execution;
  private readonly seenUntil: number;
  private batch: Batch | undefined = undefined;
  private position = 0;
  private rest: Datum[][] | undefined = undefined;
  private ended = false;
  rowCount = 0;

  constructor(scope: StatementScope, plan: PhysicalPlan) {
    this.scope = scope;
    this.plan = plan;
    // The variables may change while rows are read.
    const given = scope.host.executionContext(scope.values.slice());
    const context =
      scope.pace === 'atOnce' ? { ...given, interrupt: withoutTurns(given.interrupt) } : given;
    const { transaction } = context;
    for (const { oid, access } of plan.relations) transaction.lockTable(oid, lockModes[access]);
    if (scope.pace === 'waiting') transaction.beginStatement();
    this.seenUntil = transaction.savepoint();
    this.execution = executePlan(plan, context);
  }

  /** The next row; undefined at the end. */
  *next(): Work<Datum[] | undefined> {
    if (this.rest !== undefined) return this.rest.shift();
    for (;;) {
      if (this.batch !== undefined && this.position < this.batch.length) {
        const row = this.position++;
        const { columns } = this.batch;
        return this.plan.resultOrdinals.map((ordinal) => columnValue(columns[ordinal], row));
      }
      if (this.ended) return undefined;
      const pulled = this.pull();
      if (pulled === again) {
        yield again;
        continue;
      }
      if (pulled === undefined) {
        this.finish();
        return undefined;
      }
      this.batch = pulled;
      this.position = 0;
    }
  }

  /** Reads on to the end: the transaction ends, or later writes must not be seen. */
  *materialize(): Work<void> {
    if (this.rest !== undefined) return;
    const rows: Datum[][] = [];
    for (;;) {
      const row = yield* this.next();
      if (row === undefined) break;
      rows.push(row);
    }
    this.rest = rows;
  }

  /** A rollback to a savepoint from before it was opened. */
  forget(savepoint: number): void {
    if (this.seenUntil > savepoint) this.close();
  }

  close(): void {
    this.batch = undefined;
    if (!this.ended) this.finish();
  }

  private finish(): void {
    this.ended = true;
    this.rowCount = this.execution.rowCount;
    this.execution.close();
  }

  private pull(): Batch | typeof again | undefined {
    const { readOnly, host } = this.scope;
    const { transaction, interrupt } = host.executionContext([]);
    interrupt.check();
    if (readOnly) return this.execution.next();
    const outer = transaction.ownWritesUntil;
    transaction.ownWritesUntil = this.plan.readOnly ? this.seenUntil : undefined;
    try {
      return this.execution.next();
    } catch (error) {
      this.nameSchema(error);
      throw error;
    } finally {
      transaction.ownWritesUntil = outer;
    }
  }

  /** The row layer names the table whose key is violated; it knows no schemas. */
  private nameSchema(error: unknown): void {
    if (!(error instanceof DatabaseError)) return;
    if (error.table === undefined || error.schema !== undefined) return;
    const { catalog } = this.scope.host.bindContext();
    const relation = this.plan.relations
      .map(({ oid }) => catalog.relationByOid(oid))
      .find((candidate) => candidate?.name === error.table);
    if (relation !== undefined) error.schema = catalog.schemaByOid(relation.schemaOid)?.name;
  }
}

/** For statements that cannot give way: their time slice never ends. */
function withoutTurns(interrupt: Interrupt): Interrupt {
  return { check: () => interrupt.check(), sliceOver: () => false, atOnce: true };
}

/** A query whose rows are read without waiting: a cursor's. */
export function openQueryRun(scope: StatementScope, plan: PhysicalPlan): QueryRun {
  return new QueryRun(withoutWaiting(scope), plan);
}

/** Runs something again after each wait that it asks for, if waiting is possible here. */
export function* attempt<Result>(
  scope: StatementScope,
  run: () => Work<Result> | Result,
): Work<Result> {
  for (;;) {
    const mark = scope.host.mark();
    try {
      const result = run();
      return isWork(result) ? yield* result : result;
    } catch (signal) {
      const wait = scope.pace === 'waiting' ? scope.host.waitFor(signal, mark) : undefined;
      if (wait === undefined) throw signal;
      yield wait;
    }
  }
}

function isWork<Result>(value: Work<Result> | Result): value is Work<Result> {
  return (
    typeof value === 'object' && value !== null && Symbol.iterator in value && 'throw' in value
  );
}

/** Runs work that may not wait: it gives nobody a turn. */
export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (step.value !== again) {
      // What is waited for may fail later, when nobody listens any more.
      step.value.catch(() => {});
      work.return(undefined as Result);
      throw notSupported('a statement that has to wait inside of a function');
    }
  }
}

export interface StatementResult {
  /** Rows returned, or written. */
  readonly rowCount: number;
  /** Rows kept, at most `rowsMax`; undefined when the statement returns none. */
  readonly rows: readonly (readonly Datum[])[] | undefined;
  readonly prepared: ReturnType<InnerStatement['prepare']> | undefined;
}

/** Runs a statement to its end and keeps its first rows. */
export function* runStatement(
  statement: InnerStatement,
  scope: StatementScope,
  rowsMax: number,
  stopEarly = false,
): Work<StatementResult> {
  if (!statement.isQuery) {
    yield* runOther(statement, scope);
    return { rowCount: 0, rows: undefined, prepared: undefined };
  }
  return yield* attempt(scope, function* (): Work<StatementResult> {
    const prepared = statement.prepare(scope);
    const { command } = prepared.plan;
    if (command !== 'SELECT' && command !== 'VALUES') checkMayRun(statement, scope, command);
    const run = new QueryRun(scope, prepared.plan);
    const rows: Datum[][] = [];
    let count = 0;
    try {
      for (;;) {
        const row = yield* run.next();
        if (row === undefined) break;
        count++;
        if (rows.length < rowsMax) rows.push(row);
        if (stopEarly && rows.length >= rowsMax && prepared.plan.readOnly) break;
      }
    } finally {
      run.close();
    }
    const returnsRows =
      prepared.bound.results.length > 0 || command === 'SELECT' || command === 'VALUES';
    const written = command === 'SELECT' || command === 'VALUES' ? count : run.rowCount;
    return { rowCount: written, rows: returnsRows ? rows : undefined, prepared };
  });
}

const sessionCommands = new Set([
  'VariableSetStmt',
  'PrepareStmt',
  'DeallocateStmt',
  'DeclareCursorStmt',
  'ClosePortalStmt',
  'DiscardStmt',
  'ConstraintsSetStmt',
  'ListenStmt',
  'NotifyStmt',
  'UnlistenStmt',
]);

/** DDL and commands of the session. */
function* runOther(statement: InnerStatement, scope: StatementScope): Work<void> {
  const { host } = scope;
  if (statement.node === 'TransactionStmt') {
    throw databaseError('featureNotSupported', 'unsupported transaction command in PL/pgSQL');
  }
  if (statement.node === 'CopyStmt') {
    throw databaseError('featureNotSupported', 'cannot COPY to/from client in PL/pgSQL');
  }
  if (sessionCommands.has(statement.node)) {
    yield* host.runCommand(statement.parsed, scope);
    return;
  }
  checkMayRun(statement, scope, utilityName(statement));
  yield* attempt(scope, function* (): Work<void> {
    const context = host.utilityContext();
    context.transaction.beginStatement();
    const execution = openUtility(statement.parsed, context);
    try {
      for (;;) {
        const step = execution.next();
        if (step === undefined) return;
        yield step;
      }
    } finally {
      execution.close();
    }
  });
}

function utilityName(statement: InnerStatement): string {
  const [first = '', second = ''] = statement.text.trim().split(/\s+/);
  return `${first} ${second}`.toUpperCase().trim();
}
