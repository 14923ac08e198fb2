// Runs statements: the texts of simple queries, statement by statement, and portals. Decides who
// carries a statement out (the executor for queries, executor/ddl for DDL, a command of the session for
// the rest), in which transaction, and writes its reply.

import { databaseError } from '#common';
import { again, openUtility, type UtilityExecution } from '#executor';
import { LockWait, StatementRestart } from '#storage';
import type { CopyReceiver } from '../connection/message-handlers.ts';
import type { PortalOutput } from '../connection/portal-output.ts';
import type { StatementKind } from '../observability/metrics.ts';
import { startSpan } from '../observability/tracing.ts';
import { RowEncoder } from '../protocol/row-encoder.ts';
import type { CommandResult, CommandRows } from './command.ts';
import { commandFor } from './commands/index.ts';
import { tableOfPrepared } from './commands/prepare.ts';
import type { CachedStatement } from './plan-cache.ts';
import { LoneReads } from './lone-read.ts';
import { Portal } from './portal.ts';
import { nextTurn, QueryExecution } from './query-execution.ts';
import { queryTag } from './query-tag.ts';
import { ClientRows } from './row-target.ts';
import type { Session } from './session.ts';
import {
  mayRunWhenFailed,
  type SimpleStatement,
  type StatementCompiler,
} from './statement-compiler.ts';

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
    if (statements.some((statement) => !mayRunWhenFailed(statement))) throw failedTransaction();
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
    if (portal.state === 'failed') {
      throw databaseError('objectNotInPrerequisiteState', `portal "${portal.name}" cannot be run`);
    }
    session.beginStatement(statement.text);
    const finish = (): void => {
      session.endStatement(kindOf(statement), portal);
    };
    try {
      const run = (): Pending =>
        statement.isQuery ? this.runQuery(portal, options) : this.runOther(portal, options);
      const pending =
        session.cursors.isEmpty || !this.mayWrite(statement)
          ? run()
          : session.cursors.materializeAll().then(run);
      if (pending === undefined) {
        finish();
        return undefined;
      }
      return pending.then(finish, (error: unknown) => {
        portal.state = 'failed';
        finish();
        throw error;
      });
    } catch (error) {
      portal.state = 'failed';
      finish();
      throw error;
    }
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
    const outcome = execution.fetch(new ClientRows(output, portal.encoder()), options.maxRows);
    const complete = (result: 'done' | 'suspended'): void => {
      span?.end();
      if (result === 'suspended') {
        output.suspended();
        return;
      }
      portal.rowCount = execution.rowCount;
      const tag = queryTag(statement.bound!.command, portal.rowCount);
      portal.close();
      if (options.endsTransaction === true) this.endImplicit();
      output.complete(tag);
    };
    if (typeof outcome === 'string') {
      complete(outcome);
      return undefined;
    }
    return outcome.then(complete);
  }

  private endImplicit(): void {
    const span = startSpan('commit');
    try {
      this.session.commitImplicit();
    } finally {
      span?.end();
    }
  }

  private checkReadOnly(statement: CachedStatement): void {
    const command = statement.bound!.command;
    if (command === 'SELECT' || command === 'VALUES') return;
    if (this.session.block.require().readOnly) {
      throw databaseError(
        'readOnlySqlTransaction',
        `cannot execute ${command} in a read-only transaction`,
      );
    }
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
    return { session: this.session, portal, statement, ...options } as never;
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
    const end = Math.min(computed.rows.length, computed.sent + options.maxRows);
    for (; computed.sent < end; computed.sent++)
      options.output.values(encoder, computed.rows[computed.sent]);
    if (end < computed.rows.length || options.maxRows === end) {
      options.output.suspended();
      return;
    }
    portal.state = 'done';
    if (options.endsTransaction === true) this.endImplicit();
    options.output.complete(computed.tag);
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
    }
    const { tag } = execution;
    execution.close();
    return tag;
  }
}

function failedTransaction(): Error {
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
