// A session: what one client has set, prepared, opened and begun. The connection calls it with decoded
// messages; statements run through it one at a time.
//
// A method returns undefined when it is done or a promise when it has to wait. Errors are thrown; the
// connection reports them and calls statementFailed().

import {
  databaseError,
  type DatabaseError,
  type Datum,
  type RoleDescriptor,
  sqlType,
  SqlState,
  type TableDescriptor,
} from '#common';
import { type ExecutionContext, RoutineCaller, type RowPlace, type SessionAccess } from '#executor';
import type { CatalogAccess, SequenceAccess } from '#functions';
import type { Catalog } from '#planner';
import type { AdvisoryHolder, Key, LogPosition, Transaction } from '#storage';
import type { CopyReceiver } from '../connection/message-handlers.ts';
import type { PortalOutput } from '../connection/portal-output.ts';
import type { FieldDescription, TransactionStatus } from '../protocol/messages.ts';
import type { Server } from '../server.ts';
import type { DatabaseUse } from '../observability/database-use.ts';
import type { StatementKind } from '../observability/metrics.ts';
import { authorizationChanged, roleChanged } from './authorization.ts';
import type { ClientChannel } from './client-channel.ts';
import { portalCursor } from './commands/cursor.ts';
import type { Cursor } from './cursor.ts';
import { Cursors } from './cursors.ts';
import { SessionFunctionContext } from './function-context.ts';
import { IdleTimeout } from './idle-timeout.ts';
import { StatementInterrupt } from './interrupt.ts';
import { isWanted, type Notice } from './notice.ts';
import { Descriptors } from './large-objects/descriptors.ts';
import { NoticeReplay } from './notice-replay.ts';
import type { CachedStatement } from './plan-cache.ts';
import { Portal } from './portal.ts';
import { Portals } from './portals.ts';
import { countExecution, noticeExtension } from './statement-counting.ts';
import { type PreparedStatement, PreparedStatements } from './prepared-statements.ts';
import { SessionProceduralHost } from './procedural-host.ts';
import type { SessionDatabase } from './session-database.ts';
import { Settings } from './settings/settings.ts';
import { Sleeps } from './sleeps.ts';
import { TransactionRecord } from './snapshots.ts';
import { StatementCompiler } from './statement-compiler.ts';
import { failedTransaction, type RunOptions, StatementRunner } from './statement-runner.ts';
import { TransactionBlock } from './transaction-block.ts';

export interface SessionOptions {
  readonly server: Server;
  readonly processId: number;
  readonly secret: number;
  readonly user: RoleDescriptor;
  readonly database: SessionDatabase;
  readonly settings: ReadonlyMap<string, string>;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls: TlsFacts | undefined;
}

/** As pg_stat_ssl shows an encrypted connection. */
export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
  readonly bits: number;
}

type Pending = Promise<void> | undefined;
type StartCopy = (receiver: CopyReceiver) => void;

export class Session implements SessionAccess {
  readonly server: Server;
  readonly processId: number;
  readonly secret: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls: TlsFacts | undefined;
  readonly settings: Settings;
  readonly block: TransactionBlock;
  readonly interrupt = new StatementInterrupt();
  readonly functions: SessionFunctionContext;
  readonly database: SessionDatabase;
  /** What is counted for pg_stat_database. */
  readonly use: DatabaseUse;
  /** Of the running transaction, once its id or snapshot was asked for. */
  record: TransactionRecord | undefined;
  readonly cursors = new Cursors();
  readonly portals = new Portals();
  /** Large objects that are open. */
  readonly largeObjects = new Descriptors();
  readonly sleeps = new Sleeps();
  readonly notices = new NoticeReplay();
  readonly routines: RoutineCaller;
  readonly prepared: PreparedStatements;
  /** The session as the holder of advisory locks. */
  readonly lockHolder: AdvisoryHolder;
  readonly startedAt: number;
  readonly loginUser: RoleDescriptor;
  sessionUser: RoleDescriptor;
  currentUser: RoleDescriptor;
  /** The statement that runs, or ran last (pg_stat_activity). */
  lastQuery = '';
  queryStartedAt = 0;
  /** How long the last statement ran. */
  private lastStatementMs = 0;
  /** On the monotonic clock. */
  private statementStartMs = 0;
  state: 'active' | 'idle' = 'idle';
  /** The statement is one of several of a simple query or a pipeline, which are a transaction together. */
  isAmongOthers = false;
  /** Of this pipeline. */
  private executed: Portal | undefined;
  readonly compiler: StatementCompiler;
  private readonly idleTimeout: IdleTimeout;
  private readonly runner: StatementRunner;
  private client: ClientChannel | undefined;
  private closed = false;

  constructor(options: SessionOptions) {
    this.server = options.server;
    this.processId = options.processId;
    this.secret = options.secret;
    this.remoteAddress = options.remoteAddress;
    this.remotePort = options.remotePort;
    this.tls = options.tls;
    this.loginUser = options.user;
    this.sessionUser = options.user;
    this.currentUser = options.user;
    this.database = options.database;
    this.use = options.server.databaseUses.of(options.database.descriptor.oid);
    this.startedAt = options.server.clock.nowMicros();
    this.prepared = new PreparedStatements(options.server.clock);
    this.compiler = new StatementCompiler(this);
    this.settings = new Settings(options.settings, (key, name, value) =>
      this.settingChanged(key, name, value),
    );
    this.idleTimeout = new IdleTimeout(this.settings, (error) => this.terminate(error));
    this.block = new TransactionBlock(options.server.storage, this.settings, [
      this.cursors,
      this.portals,
    ]);
    const { block } = this;
    this.lockHolder = {
      get transaction() {
        return block.active;
      },
    };
    this.block.beforeCommit = () => this.database.emptyTemporaryTables(this);
    this.block.onEnd((committed) => this.transactionEnded(committed));
    this.functions = new SessionFunctionContext(this);
    this.routines = new RoutineCaller(new SessionProceduralHost(this));
    this.runner = new StatementRunner(this, this.compiler);
    this.settings.force('session_authorization', options.user.name);
    this.settings.force('is_superuser', options.user.superuser ? 'on' : 'off');
  }

  attach(client: ClientChannel): void {
    this.client = client;
  }

  private settingChanged(key: string, name: string, value: string): void {
    if (key === 'role') roleChanged(this, value);
    else if (key === 'session_authorization') authorizationChanged(this, value);
    if (this.client !== undefined && this.server.isReportedSetting(key))
      this.client.parameterStatus(name, value);
  }

  // ---- transaction ---------------------------------------------------------------------------

  /** For statements that have to be alone in their transaction, or must not be. */
  get inTransactionBlock(): boolean {
    return this.block.inBlock || this.isAmongOthers;
  }

  /** Another statement has been executed since the last Sync. */
  get isInPipeline(): boolean {
    return this.executed?.state === 'done';
  }

  get transactionStatus(): TransactionStatus {
    return this.block.status;
  }

  /** Nothing that is written from now on leaves before the log is synced up to here. */
  requireSync(position: LogPosition): void {
    this.client?.requireSync(position);
  }

  /** Commits an implicit transaction. */
  commitImplicit(): void {
    if (this.block.inBlock) return;
    if (this.block.active === undefined) {
      // Settings change without a transaction of storage; what comes later must not undo them.
      if (this.settings.mark() > 0) this.settings.commit();
      if (!this.portals.isEmpty) this.portals.closeAll();
      return;
    }
    const position = this.block.commit();
    if (position !== undefined) this.requireSync(position);
  }

  statementFailed(error: DatabaseError): void {
    this.interrupt.end();
    this.lastStatementMs = performance.now() - this.statementStartMs;
    this.countFailure(error);
    if (this.block.active !== undefined) this.requireSync(this.block.active.dependsOn);
    this.block.statementFailed();
    // Those of reads that needed no transaction, too.
    if (!this.block.inBlock) this.portals.closeAll();
    if (error.severity !== 'ERROR') this.close();
  }

  private countFailure({ sqlState, severity }: DatabaseError): void {
    if (sqlState === SqlState.deadlockDetected) this.use.deadlocks++;
    if (severity === 'FATAL' && sqlState !== SqlState.adminShutdown) this.use.sessionsFatal++;
  }

  /** The record of the transaction that runs, or begins now. */
  ownRecord(): TransactionRecord {
    return (this.record ??= new TransactionRecord(this.server.records, this.block.require().id));
  }

  get ageMs(): number {
    return (this.server.clock.nowMicros() - this.startedAt) / 1000;
  }

  /** When the session began or ended its last statement, in microseconds. */
  get stateChangedAt(): number {
    const ranMs = this.state === 'active' ? 0 : this.lastStatementMs;
    return this.queryStartedAt + Math.round(ranMs * 1000);
  }

  private transactionEnded(committed: boolean): void {
    if (committed) this.use.commits++;
    else if (!this.closed) this.use.rollbacks++;
    this.record?.ended(committed);
    this.record = undefined;
    this.server.channels.transactionEnded(this, committed);
    this.cursors.transactionEnded(committed);
    this.largeObjects.clear();
    this.portals.closeAll();
  }

  // ---- statements ----------------------------------------------------------------------------

  simpleQuery(text: string, output: PortalOutput, startCopy: StartCopy): Pending {
    this.prepared.close('');
    return this.runner.simpleQuery(text, output, startCopy);
  }

  parse(name: string, text: string, parameterOids: readonly number[]): Pending {
    if (name === '') this.prepared.close(name);
    const types = parameterOids.map((oid) => (oid === 0 || oid === 705 ? undefined : sqlType(oid)));
    this.runner.checkNotFailedFor(text);
    const statement = this.compiler.single(text, types);
    this.prepared.requireFree(name);
    this.prepared.add({ name, text, statement, fromSql: false });
    return undefined;
  }

  preparedStatement(name: string): PreparedStatement {
    return this.prepared.require(name);
  }

  /** What Bind refuses before it reads its values. 25P02, 42P03. */
  checkBind(portalName: string, { statement, parameterTypes }: PreparedStatement): void {
    if (this.block.isFailed) this.runner.checkBindWhenFailed(statement, parameterTypes.length);
    if (portalName === '') return;
    if (this.portals.has(portalName) || this.cursors.get(portalName) !== undefined)
      throw databaseError('duplicateCursor', `cursor "${portalName}" already exists`);
  }

  bind(
    portalName: string,
    prepared: PreparedStatement,
    values: Datum[],
    resultFormats: readonly number[],
  ): void {
    const statement = this.compiler.current(prepared.statement, prepared.parameterTypes);
    const fieldCount = statement.fields?.length ?? 0;
    if (resultFormats.length > 1 && resultFormats.length !== fieldCount) {
      throw databaseError(
        'protocolViolation',
        `bind message has ${resultFormats.length} result formats but query has ${fieldCount} columns`,
      );
    }
    // As in PostgreSQL, which opens a SELECT here and runs the others at Execute.
    if (this.block.active?.readOnly === true && statement.node === 'SelectStmt')
      this.runner.checkReadOnly(statement);
    this.portals.add(new Portal(portalName, statement, values, resultFormats));
  }

  portal(name: string): Portal {
    const portal = this.portals.get(name) ?? this.cursors.portal(name);
    if (portal === undefined) {
      throw databaseError('invalidCursorName', `portal "${name}" does not exist`);
    }
    return portal;
  }

  /** A cursor that SQL declared, or a portal of the protocol, which FETCH and MOVE name as well. */
  cursor(name: string): Cursor {
    return this.findCursor(name) ?? this.cursors.require(name);
  }

  findCursor(name: string): Cursor | undefined {
    const portal = this.portals.get(name);
    return portal === undefined ? this.cursors.get(name) : portalCursor(this, portal);
  }

  /** Of Close, which no portal need answer to. */
  closePortal(name: string): void {
    if (this.portals.has(name) || this.cursors.get(name) !== undefined) this.closeCursor(name);
  }

  /** CLOSE. */
  closeCursor(name: string): void {
    if (this.portals.has(name)) this.portals.close(name);
    else this.cursors.close(name);
  }

  closeStatement(name: string): void {
    this.prepared.close(name);
  }

  /** 25P02. */
  checkNotFailed(): void {
    if (this.block.isFailed) throw failedTransaction();
  }

  /** Describe in a failed transaction is refused for statements that return rows. */
  checkDescribable(statement: CachedStatement): void {
    if (this.block.isFailed && statement.fields !== undefined)
      this.runner.checkNotFailed(statement);
  }

  /** Without result columns it is not looked at again, as in PostgreSQL. */
  resultFields(statement: CachedStatement): readonly FieldDescription[] | undefined {
    if (statement.fields === undefined) return undefined;
    return this.compiler.current(statement, statement.parameterTypes).fields;
  }

  /** A named statement that is not a query, by EXECUTE; writes its own reply. */
  runNamed(portal: Portal, options: RunOptions): Promise<undefined> | undefined {
    return this.runner.runNamed(portal, options);
  }

  execute(portal: Portal, maxRows: number, output: PortalOutput, startCopy: StartCopy): Pending {
    this.isAmongOthers = this.isInPipeline;
    if (!this.isAmongOthers) this.executed = portal;
    return this.runner.executePortal(portal, {
      maxRows: maxRows === 0 ? Infinity : maxRows,
      output,
      startCopy,
      simple: false,
    });
  }

  /** A message has arrived. */
  clientSent(): void {
    this.idleTimeout.stop();
  }

  /** The reply is complete: it is the client's turn (ReadyForQuery). */
  becameIdle(): void {
    this.state = 'idle';
    this.executed = undefined;
    this.idleTimeout.start(this.block.inBlock);
  }

  sync(): Pending {
    if (this.block.isFailed && !this.block.inBlock) this.block.rollback();
    this.commitImplicit();
    return undefined;
  }

  // ---- what statements see -------------------------------------------------------------------

  get databaseName(): string {
    return this.database.name;
  }

  catalog(): Catalog {
    return this.database.catalog(this.block.active);
  }

  get hasUncommittedChanges(): boolean {
    return this.database.hasUncommittedChanges(this.block.active);
  }

  searchPath(): readonly string[] {
    return this.database.searchPath(this);
  }

  catalogAccess(): CatalogAccess {
    return this.database.catalogAccess(this);
  }

  sequences(): SequenceAccess {
    return this.database.sequences(this);
  }

  executionContext(
    parameters: readonly Datum[],
    transaction: Transaction = this.block.require(),
  ): ExecutionContext {
    return {
      storage: this.server.storage,
      transaction,
      catalog: this.catalog(),
      functions: this.functions,
      parameters,
      workMemBytes: this.settings.numbers.workMemBytes,
      statementMemoryBytes: this.settings.numbers.statementMemoryBytes,
      spillDirectory: this.server.spillDirectory,
      interrupt: this.interrupt,
      session: this,
    };
  }

  /** Timers and clock readings of a new statement. */
  beginStatement(text: string): void {
    const now = this.server.clock.nowMicros();
    this.lastQuery = text;
    this.queryStartedAt = now;
    this.notices.begin();
    this.routines.driven = undefined;
    this.state = 'active';
    this.functions.statementTimestamp = this.server.clock.toSql(now);
    this.statementStartMs = this.interrupt.begin(
      this.settings.numbers.statementTimeoutMs,
      this.settings.numbers.holdTimeoutMs,
    );
  }

  /** compute_query_id, which by default means: if pg_stat_statements is there. */
  get showsQueryId(): boolean {
    const chosen = this.settings.require('compute_query_id');
    return chosen === 'on' || (chosen === 'auto' && this.server.statementStatistics.isTracking);
  }

  endStatement(kind: StatementKind, portal: Portal): void {
    this.interrupt.end();
    const milliseconds = performance.now() - this.statementStartMs;
    this.lastStatementMs = milliseconds;
    this.server.metrics.latency[kind].observe(milliseconds / 1000);
    if (kind === 'ddl') noticeExtension(this);
    if (this.server.statementStatistics.isTracking) countExecution(this, portal, milliseconds);
  }

  // ---- WHERE CURRENT OF ---------------------------------------------------------------------

  currentRow(name: string, table: TableDescriptor): Key | undefined {
    return this.cursor(name).currentKey(table);
  }

  currentRowMoved(from: RowPlace, to: RowPlace): void {
    for (const cursor of this.cursors.all()) cursor.rowMoved(from, to);
  }

  // ---- SessionAccess (effects of statements) -------------------------------------------------

  notice(notice: DatabaseError): void {
    const severity = (notice as Notice).noticeSeverity ?? 'NOTICE';
    if (!this.notices.isNew()) return;
    if (isWanted(severity, this.settings.require('client_min_messages')))
      this.client?.notice(notice as Notice);
  }

  notify(channel: string, payload: string, processId: number): void {
    this.client?.notification({ processId, channel, payload });
  }

  deferConstraintCheck(check: () => void): void {
    this.block.deferredChecks.push(check);
  }

  constraintsDeferred(constraintOid: number, initiallyDeferred: boolean): boolean {
    const modes = this.block.constraintModes;
    const mode = modes.get(constraintOid) ?? modes.get('all');
    return mode === undefined ? initiallyDeferred : mode === 'deferred';
  }

  terminate(error: DatabaseError): void {
    this.use.sessionsKilled++;
    this.client?.terminate(error);
  }

  private endDatabase(): void {
    this.server.channels.forget(this);
    try {
      this.database.dropTemporaryObjects(this);
    } catch (error) {
      // They are removed when the server starts next.
      this.server.logger.warn({ error }, 'temporary objects of a session remain');
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.block.active !== undefined) this.use.rollbacks++;
    this.idleTimeout.stop();
    this.interrupt.cancel();
    this.portals.closeAll();
    this.cursors.closeAll();
    this.block.close();
    this.server.advisoryLocks.releaseSession(this.lockHolder);
    this.endDatabase();
    this.server.sessions.remove(this);
    this.client = undefined;
  }
}
