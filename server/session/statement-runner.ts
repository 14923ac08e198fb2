// Runs statements: the texts of simple queries, statement by statement, and portals. Decides who
// carries a statement out (the executor for queries, executor/ddl for DDL, a command of the session for
// the rest), in which transaction, and writes its reply.

import { databaseError } from '#common';
import { again, openUtility, type UtilityExecution } from '#executor';
import { bodyOf, type ParsedStatement, writesRows } from '#planner';
import { LockWait, StatementRestart } from '#storage';
import type { CopyReceiver } from '../connection/message-handlers.ts';
import type { PortalOutput } from '../connection/portal-output.ts';
import type { StatementKind } from '../observability/metrics.ts';
import { startSpan } from '../observability/tracing.ts';
import { RowEncoder } from '../protocol/row-encoder.ts';
import type { CommandResult, CommandRows } from './command.ts';
import { commandFor } from './commands/index.ts';
import { tableOfPrepared } from './commands/prepare.ts';
import type { Cursor } from './cursor.ts';
import type { CachedStatement } from './plan-cache.ts';
import { LoneReads } from './lone-read.ts';
import { Portal } from './portal.ts';
import { type FetchOutcome, nextTurn, QueryExecution } from './query-execution.ts';
import { queryTag } from './query-tag.ts';
import { ClientRows } from './row-target.ts';
import type { Session } from './session.ts';
import { mayRunWhenFailed, severalCommands } from './new-statement.ts';
import { type SimpleStatement, type StatementCompiler } from './statement-compiler.ts';

type Pending = Promise<void> | undefined;

/** The statements of one query string let others have their turn after this long. */
const turnMs = 2;

export interface RunOptions {
  readonly maxRows: number;
  readonly output: PortalOutput;
  readonly startCopy: (receiver: CopyReceiver) => void;
  /** Simple protocol: RowDescription precedes rows, and the implicit transaction ends with the last statement. */
  readonly simple: boolean;
}

export class StatementRunner {
  private readonly session: Session;
  private readonly compiler: StatementCompiler;
  private readonly loneReads: LoneReads;

  constructor(session: Session, compiler: StatementCompiler) {
    this.session = session;
    this.compiler = compiler;
    this.loneReads = new LoneReads(session, compiler);
  }

  simpleQuery(
    text: string,
    output: PortalOutput,
    startCopy: (receiver: CopyReceiver) => void,
  ): Pending {
    const statements = this.compiler.simple(text);
    if (statements.length === 0) {
      output.emptyQuery();
      return undefined;
    }
    this.session.isAmongOthers = statements.length > 1 || this.session.isInPipeline;
    return this.simpleFrom(statements, 0, { maxRows: Infinity, output, startCopy, simple: true });
  }

  private simpleFrom(
    statements: readonly SimpleStatement[],
    first: number,
    options: RunOptions,
  ): Pending {
    const last = statements.length - 1;
    const turnEnd = last > first ? performance.now() + turnMs : Infinity;
    for (let index = first; index <= last; index++) {
      const pending = this.simpleStatement(statements[index], options, index === last);
      if (pending !== undefined)
        return pending.then(() => this.simpleFrom(statements, index + 1, options));
      if (index < last && performance.now() > turnEnd)
        return nextTurn().then(() => this.simpleFrom(statements, index + 1, options));
    }
    return undefined;
  }

  private simpleStatement(simple: SimpleStatement, options: RunOptions, isLast: boolean): Pending {
    this.checkNotFailed(simple.statement);
    const statement = this.compiler.currentWithoutParameters(simple.statement);
    this.session.portals.close('');
    const portal = new Portal('', statement, simple.parameters, []);
    return this.executePortal(portal, isLast ? { ...options, endsTransaction: true } : options);
  }

  /** 25P02 unless the statement ends the failed transaction. */
  checkNotFailed(statement: CachedStatement): void {
    if (this.session.block.isFailed && !mayRunWhenFailed(statement)) throw failedTransaction();
  }

  /** Parse in a failed transaction accepts only what may run there; the text must be looked at first. */
  checkNotFailedFor(text: string): void {
    if (!this.session.block.isFailed) return;
    const statements = this.compiler.many(text);
    if (statements.length > 1) throw severalCommands();
    if (statements.some((statement) => !mayRunWhenFailed(statement))) throw failedTransaction();
  }

  checkBindWhenFailed(statement: CachedStatement, parameters: number): void {
    if (parameters > 0 || !mayRunWhenFailed(statement)) throw failedTransaction();
  }

  executePortal(
    portal: Portal,
    options: RunOptions & { readonly endsTransaction?: boolean },
  ): Pending {
    const { session } = this;
    const { statement } = portal;
    if (statement.node === 'EmptyStmt') {
      options.output.emptyQuery();
      return undefined;
    }
    this.checkNotFailed(statement);
    if (!mayBeRun(portal)) {
      throw databaseError('objectNotInPrerequisiteState', `portal "${portal.name}" cannot be run`);
    }
    session.beginStatement(statement.text);
    try {
      const pending =
        session.cursors.isEmpty || !this.mayWrite(statement)
          ? this.run(portal, options)
          : session.cursors.materializeAll().then(() => this.run(portal, options));
      if (pending !== undefined) return this.finishLater(portal, pending);
    } catch (error) {
      this.portalFailed(portal);
      session.endStatement(kindOf(statement), portal);
      throw error;
    }
    session.endStatement(kindOf(statement), portal);
    return undefined;
  }

  private run(
    portal: Portal,
    options: RunOptions & { readonly endsTransaction?: boolean },
  ): Pending {
    return portal.statement.isQuery
      ? this.runQuery(portal, options)
      : this.runOther(portal, options);
  }

  private async finishLater(portal: Portal, pending: Promise<void>): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.portalFailed(portal);
      throw error;
    } finally {
      this.session.endStatement(kindOf(portal.statement), portal);
    }
  }

  /** It stays until the block is rolled back, also that of a simple query. */
  private portalFailed(portal: Portal): void {
    portal.state = 'failed';
    const { block, portals } = this.session;
    if (block.inBlock && portal.name === '' && !portals.has('')) portals.add(portal);
  }

  /** Open cursors must not see what the statement changes. */
  private mayWrite(statement: CachedStatement): boolean {
    if (statement.isQuery) return !this.compiler.plan(statement).readOnly;
    return statement.node === 'CopyStmt' || commandFor(statement.node) === undefined;
  }

  private runQuery(
    portal: Portal,
    options: RunOptions & { readonly endsTransaction?: boolean },
  ): Pending {
    const { session } = this;
    const { output } = options;
    const { statement } = portal;
    if (portal.declared !== undefined) return this.runCursor(portal, portal.declared, options);
    if (portal.state === 'done') {
      output.complete(queryTag(statement.bound!.command, 0));
      return undefined;
    }
    if (portal.state === 'ready' && this.loneReads.run(portal, options)) return undefined;
    portal.state = 'active';
    this.checkReadOnly(statement);
    const span = startSpan('execute', { 'db.statement': statement.text });
    session.block.hadStatement = true;
    portal.execution ??= new QueryExecution(
      session,
      this.compiler.plan(statement, portal.parameters),
      portal.parameters,
      {
        recompile: () => this.compiler.recompiled(statement),
        endsTransaction: options.endsTransaction,
      },
    );
    if (options.simple && statement.fields !== undefined) output.describe(statement.fields, []);
    const { execution } = portal;
    const sentBefore = execution.sentCount;
    const outcome = execution.fetch(new ClientRows(output, portal.encoder()), options.maxRows);
    if (typeof outcome === 'string') {
      span?.end();
      this.completeQuery(portal, execution, options, { outcome, sentBefore });
      return undefined;
    }
    return outcome.then((later) => {
      span?.end();
      this.completeQuery(portal, execution, options, { outcome: later, sentBefore });
    });
  }

  private completeQuery(
    portal: Portal,
    execution: QueryExecution,
    { output, endsTransaction }: RunOptions & { readonly endsTransaction?: boolean },
    { outcome, sentBefore }: { readonly outcome: FetchOutcome; readonly sentBefore: number },
  ): void {
    if (outcome === 'suspended') {
      output.suspended();
      return;
    }
    const { statement } = portal;
    portal.rowCount = execution.rowCount;
    // Of rows that are fetched in parts, each part has its own count.
    const rows =
      statement.fields === undefined ? portal.rowCount : execution.sentCount - sentBefore;
    const tag = queryTag(statement.bound!.command, rows);
    portal.close();
    if (endsTransaction === true) this.endImplicit();
    output.complete(tag);
  }

  /** Execute goes on where FETCH stopped, and the other way round. */
  private async runCursor(
    portal: Portal,
    cursor: Cursor,
    { output, maxRows }: RunOptions,
  ): Promise<void> {
    const rows = await cursor.move(maxRows);
    this.session.requireSync(cursor.dependsOn);
    output.require(cursor.dependsOn);
    for (const row of rows) output.values(portal.encoder(), row);
    if (rows.length === maxRows) output.suspended();
    else output.complete(queryTag('SELECT', rows.length));
  }

  private endImplicit(): void {
    const span = startSpan('commit');
    try {
      this.session.commitImplicit();
    } finally {
      span?.end();
    }
  }

  /** 25006. */
  checkReadOnly(statement: CachedStatement): void {
    if (!this.session.block.require().readOnly) return;
    const { command } = statement.bound!;
    const isSelect = command === 'SELECT' || command === 'VALUES';
    if (isSelect && !writesRows(this.compiler.plan(statement))) return;
    const name = isSelect ? nameOfSelect(statement.parsed) : command;
    throw databaseError(
      'readOnlySqlTransaction',
      `cannot execute ${name} in a read-only transaction`,
    );
  }

  /** The statement that EXECUTE names, where it is not a query. */
  runNamed(portal: Portal, options: RunOptions): Promise<undefined> | undefined {
    this.session.isAmongOthers = true;
    return this.runOther(portal, options)?.then(() => undefined);
  }

  private runOther(
    portal: Portal,
    options: RunOptions & { readonly endsTransaction?: boolean },
  ): Pending {
    const { statement } = portal;
    if (portal.computed !== undefined) {
      this.sendComputed(portal, options);
      return undefined;
    }
    if (portal.state === 'done') {
      options.output.complete(countedTag(portal.tag ?? '', 0));
      return undefined;
    }
    const command = commandFor(statement.node);
    const result =
      command === undefined
        ? this.runUtility(portal)
        : command.run(this.invocation(portal, options));
    const complete = (value: CommandResult): void => this.completeOther(portal, options, value);
    if (result instanceof Promise) return result.then(complete);
    complete(result);
    return undefined;
  }

  private invocation(portal: Portal, options: RunOptions): never {
    const { parsed, node } = portal.statement;
    const statement = (parsed.statement as Record<string, unknown>)[node];
    return { ...options, session: this.session, portal, statement } as never;
  }

  private completeOther(
    portal: Portal,
    options: RunOptions & { readonly endsTransaction?: boolean },
    result: CommandResult,
  ): void {
    if (result !== undefined && typeof result !== 'string') {
      this.startComputed(portal, options, result);
      return;
    }
    portal.state = 'done';
    portal.tag = result;
    if (options.endsTransaction === true) this.endImplicit();
    if (result !== undefined) options.output.complete(result);
  }

  private startComputed(
    portal: Portal,
    options: RunOptions & { readonly endsTransaction?: boolean },
    result: CommandRows,
  ): void {
    portal.computed = { rows: result.rows, sent: 0, tag: result.tag, fields: result.fields };
    if (options.simple) options.output.describe(result.fields, []);
    this.sendComputed(portal, options);
  }

  private sendComputed(
    portal: Portal,
    options: RunOptions & { readonly endsTransaction?: boolean },
  ): void {
    const computed = portal.computed!;
    const encoder = new RowEncoder(
      computed.fields.map((field) => field.typeOid),
      portal.resultFormats,
    );
    const first = computed.sent;
    const end = Math.min(computed.rows.length, first + options.maxRows);
    for (; computed.sent < end; computed.sent++)
      options.output.values(encoder, computed.rows[computed.sent]);
    if (end - first === options.maxRows) {
      options.output.suspended();
      return;
    }
    portal.state = 'done';
    if (options.endsTransaction === true) this.endImplicit();
    options.output.complete(countedTag(computed.tag, end - first));
  }

  /** DDL: a statement of executor/ddl, driven like a plan. */
  private async runUtility(portal: Portal): Promise<string> {
    const { session } = this;
    const transaction = session.block.require();
    session.block.hadStatement = true;
    const { parsed, parameters, parameterTypes } = tableOfPrepared(session, portal) ?? {
      parsed: portal.statement.parsed,
      parameters: portal.parameters,
      parameterTypes: portal.statement.parameterTypes,
    };
    const savepoint = transaction.savepoint();
    for (;;) {
      let execution: UtilityExecution | undefined;
      try {
        transaction.beginStatement();
        execution = openUtility(
          parsed,
          session.database.utilityContext(session, parameters, parameterTypes),
        );
        return await this.driveUtility(execution);
      } catch (signal) {
        execution?.close();
        if (!(signal instanceof LockWait) && !(signal instanceof StatementRestart)) throw signal;
        session.server.metrics.statementRestarts++;
        transaction.rollbackTo(savepoint);
        if (signal instanceof LockWait) await session.interrupt.waitFor(signal);
      }
    }
  }

  private async driveUtility(execution: UtilityExecution): Promise<string> {
    for (;;) {
      const step = execution.next();
      if (step === undefined) break;
      if (step === again) await nextTurn();
      else await step;
      this.session.interrupt.newSlice();
      if (step === again) this.session.interrupt.check();
    }
    const { tag } = execution;
    execution.close();
    return tag;
  }
}

const lockNames: Readonly<Record<string, string>> = {
  LCS_FORUPDATE: 'SELECT FOR UPDATE',
  LCS_FORNOKEYUPDATE: 'SELECT FOR NO KEY UPDATE',
  LCS_FORSHARE: 'SELECT FOR SHARE',
  LCS_FORKEYSHARE: 'SELECT FOR KEY SHARE',
};

/** One that locks rows is named for it. */
function nameOfSelect({ statement }: ParsedStatement): string {
  const [clause] = bodyOf(statement, 'SelectStmt')?.lockingClause ?? [];
  return lockNames[bodyOf(clause, 'LockingClause')?.strength ?? ''] ?? 'SELECT';
}

/** The tag with the rows of this part of the result. */
function countedTag(tag: string, rows: number): string {
  return tag.replace(/\d+$/, String(rows));
}

/** One that has returned its last row answers that there are no more; other statements run once. */
function mayBeRun({ state, statement, computed }: Portal): boolean {
  if (state === 'failed') return false;
  return state !== 'done' || computed !== undefined || statement.fields !== undefined;
}

export function failedTransaction(): Error {
  return databaseError(
    'inFailedSqlTransaction',
    'current transaction is aborted, commands ignored until end of transaction block',
  );
}

function kindOf(statement: CachedStatement): StatementKind {
  switch (statement.node) {
    case 'SelectStmt':
      return 'select';
    case 'InsertStmt':
      return 'insert';
    case 'UpdateStmt':
      return 'update';
    case 'DeleteStmt':
      return 'delete';
    case 'MergeStmt':
      return 'other';
    case 'TransactionStmt':
      return 'transaction';
    case 'CopyStmt':
      return 'copy';
    default:
      return commandFor(statement.node) === undefined ? 'ddl' : 'other';
  }
}
