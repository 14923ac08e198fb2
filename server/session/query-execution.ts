// The statement driver: runs one plan in the session's transaction and hands its rows on.
//
// Lock waits are restarts: when storage throws a LockWait or a StatementRestart, the workspace goes
// back to the statement's start (locks are kept), the wait is awaited, a fresh statement snapshot is
// taken and the plan runs again. Rows of statements that write or lock are therefore held back and
// shown when the statement is complete; rows of plain reads are streamed.
//
// Long reads run on an executor thread: those whose plan says so, and those that turn out to be long
// before they have returned a row. The rest runs here, in slices.

import {
  columnValue,
  DatabaseError,
  databaseError,
  notSupported,
  type Batch,
  type Datum,
} from '#common';
import {
  again,
  CallRequest,
  bulkInsert,
  DrivenCalls,
  repeatsItsCalls,
  executePlan,
  fastPath,
  mainThreadSlicesMax,
  mayInsertInBulk,
  ThreadRestart,
  type BulkInsert,
  type ExecuteOptions,
  type ExecutionContext,
  type FastPath,
  type MeasuredExecution,
  type NodeMeasurement,
  type ThreadExecution,
} from '#executor';
import {
  type Catalog,
  learnFromExecution,
  type PhysicalPlan,
  replan,
  type ReplanRequest,
} from '#planner';
import { LockWait, StatementRestart, TableLock, type Savepoint } from '#storage';
import type { RowTarget } from './row-target.ts';
import { isCurrent, isKnownCurrent } from './current-plans.ts';
import type { Session } from './session.ts';
import { driveWork } from './drive-work.ts';
import { SleepWait } from './sleeps.ts';

/** Rows that one statement holds back may take about this many bytes. */
const heldBytesMax = 1 << 29;
const datumBytes = 24;
/** Rows written to the client before its pace and the time slice are looked at: at most, at first. */
const rowsPerStepMax = 64;
const rowsPerStepFirst = 8;

const lockModes = {
  read: TableLock.accessShare,
  rowLock: TableLock.rowShare,
  write: TableLock.rowExclusive,
} as const;

/** done: the statement is complete; suspended: maxRows were taken and more may follow. */
export type FetchOutcome = 'done' | 'suspended';

interface Step {
  readonly rows: number;
  readonly outcome?: FetchOutcome;
  readonly wait?: Promise<void>;
}

/** Where the statement runs: as the plan's cost says, on a thread if it can, or in the main thread. */
type Place = 'open' | 'thread' | 'main';

/**
 * Plans that took long in the main thread although their cost did not say so, and how many more times
 * that is believed: the machine may just have been busy.
 */
const longPlans = new WeakMap<PhysicalPlan, number>();
const longPlanRuns = 100;
/** Executor threads that may die under a statement before it is given up. */
const threadRestartsMax = 3;

export interface QueryOptions extends ExecuteOptions {
  /** The plan for the tables as they are now, when they turn out to have changed since it was made. */
  readonly recompile?: () => PhysicalPlan;
  /** The transaction ends with this statement, so nothing in it reads again what is written. */
  readonly endsTransaction?: boolean | undefined;
}

export class QueryExecution {
  private readonly session: Session;
  private plan: PhysicalPlan;
  private context: ExecutionContext;
  private readonly parameters: readonly Datum[];
  private readonly options: QueryOptions;
  private fast: FastPath | undefined;
  private execution: MeasuredExecution | ThreadExecution | BulkInsert | undefined;
  private place: Place = 'open';
  private slices = 0;
  private threadRestarts = 0;
  /** With `instrument`, by node id; complete once the rows are. */
  measurements: ReadonlyMap<number, NodeMeasurement> | undefined;
  /** The plan that it ended with, when that is another one. */
  replanned: PhysicalPlan | undefined = undefined;
  private savepoint: Savepoint = 0;
  private batch: Batch | undefined;
  private batchPosition = 0;
  /** Few at first and after a reader fell behind, as rows may be of many megabytes. */
  private rowsPerStep = rowsPerStepFirst;
  private held: Datum[][] = [];
  private heldBytes = 0;
  private heldPosition = 0;
  private readonly driven: DrivenCalls | undefined;
  private finished = false;
  private sentRows = 0;
  private writtenRows = 0;

  constructor(
    session: Session,
    plan: PhysicalPlan,
    parameters: readonly Datum[],
    options: QueryOptions = {},
  ) {
    this.options = options;
    this.parameters = parameters;
    session.sleeps.done = 0;
    this.fast = options.instrument === true ? undefined : fastPath(plan);
    this.driven = this.fast === undefined && isDriven(plan) ? new DrivenCalls() : undefined;
    this.session = session;
    this.plan = plan;
    this.context = session.executionContext(parameters);
  }

  /** Rows for the command tag: written ones, or for a SELECT those handed on so far. */
  get rowCount(): number {
    const { command } = this.plan;
    return command === 'SELECT' || command === 'VALUES' ? this.sentRows : this.writtenRows;
  }

  /** Rows handed on so far. */
  get sentCount(): number {
    return this.sentRows;
  }

  /** Takes the locks and the snapshot now, for rows that are fetched after other statements (cursors). */
  async open(): Promise<void> {
    this.fast = undefined;
    while (this.execution === undefined && !this.finished) {
      try {
        this.start();
      } catch (signal) {
        await this.restart(signal);
        this.session.interrupt.newSlice();
      }
    }
  }

  /** Hands up to maxRows rows (Infinity: all) to the target. Synchronous while nothing must be waited for. */
  fetch(target: RowTarget, maxRows: number): FetchOutcome | Promise<FetchOutcome> {
    if (this.fast !== undefined && !this.finished) {
      const outcome = this.fetchFast(this.fast, target, maxRows);
      if (outcome !== undefined) return outcome;
    }
    let remaining = maxRows;
    for (;;) {
      let step: Step;
      try {
        step = this.step(target, remaining);
      } catch (signal) {
        return this.restart(signal).then(() => this.fetchAnew(target, remaining));
      }
      remaining -= step.rows;
      if (step.outcome !== undefined) return step.outcome;
      if (step.wait !== undefined) {
        return step.wait.then(() => {
          this.session.interrupt.newSlice();
          return this.fetch(target, remaining);
        });
      }
    }
  }

  /** After a wait, which was nobody's slice. */
  private fetchAnew(target: RowTarget, maxRows: number): FetchOutcome | Promise<FetchOutcome> {
    this.session.interrupt.newSlice();
    return this.fetch(target, maxRows);
  }

  /** The whole statement at once; undefined when the rows are to be fetched from what is held. */
  private fetchFast(
    path: FastPath,
    target: RowTarget,
    maxRows: number,
  ): FetchOutcome | Promise<FetchOutcome> | undefined {
    const { transaction } = this.context;
    const values: Datum[] = [];
    let count: number;
    try {
      this.begin();
      count = path.execute(this.context, values);
    } catch (signal) {
      return this.restart(signal).then(() => this.fetchAnew(target, maxRows));
    }
    if (path.returnsRow || !this.session.block.inBlock) target.require(transaction.dependsOn);
    this.finished = true;
    this.writtenRows = count;
    if (count === 0 || !path.returnsRow) return 'done';
    if (maxRows > 1) {
      this.sentRows = 1;
      target.values(values);
      return 'done';
    }
    this.held.push(values);
    return undefined;
  }

  private step(target: RowTarget, remaining: number): Step {
    if (this.execution === undefined && !this.finished) this.start();
    const isHeld = !this.plan.readOnly || this.held.length > 0 || this.driven !== undefined;
    return isHeld ? this.stepHeld(target, remaining) : this.stepStreamed(target, remaining);
  }

  /** Takes table locks and a new statement snapshot. */
  private begin(): void {
    const { transaction } = this.context;
    this.session.sleeps.seen = 0;
    this.session.notices.seen = 0;
    this.session.routines.driven = this.driven;
    this.driven?.restart();
    this.savepoint = transaction.savepoint();
    const { relations } = this.plan;
    for (let index = 0; index < relations.length; index++) {
      transaction.lockTable(relations[index].oid, lockModes[relations[index].access]);
    }
    const catalog = this.session.catalog();
    if (!isKnownCurrent(this.plan, catalog)) this.keepCurrent(catalog);
    transaction.beginStatement();
  }

  /**
   * The tables may have changed between planning and locking: while the statement waited for a lock, or
   * between Bind and Execute. Their rows may even be elsewhere, so the statement starts over with a plan
   * for what they are now.
   */
  private keepCurrent(catalog: Catalog): void {
    if (isCurrent(this.plan, catalog)) {
      if (this.context.catalog !== catalog)
        this.context = this.session.executionContext(this.parameters);
      return;
    }
    const { recompile } = this.options;
    if (recompile === undefined) {
      throw databaseError(
        'serializationFailure',
        'a table was changed while the statement waited',
        {
          hint: 'Try the statement again.',
        },
      );
    }
    this.plan = recompile();
    this.fast = this.fast === undefined ? undefined : fastPath(this.plan);
    this.context = this.session.executionContext(this.parameters);
    // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error
    throw new StatementRestart();
  }

  private start(): void {
    this.begin();
    const { server, interrupt } = this.session;
    const onThread = this.isLong() && this.mayUseThread();
    const options =
      this.plan.adaptive === undefined ? this.options : this.adaptiveOptions(this.plan);
    this.execution = onThread
      ? server.threads.execute(this.plan, this.context, options)
      : (this.bulkInsert() ?? executePlan(this.plan, this.context, options));
    interrupt.onOverrun = !onThread && this.mayUseThread() ? (): void => this.overrun() : undefined;
    this.measurements = this.execution.measurements;
  }

  /** The rest of the statement is planned anew for as long as it has returned nothing. */
  private adaptiveOptions(begun: PhysicalPlan): QueryOptions {
    let plan = begun;
    const planRest = (request: ReplanRequest): PhysicalPlan | undefined => {
      const next = replan(plan, request, {
        catalog: this.session.catalog(),
        parameters: this.parameters,
      });
      plan = next ?? plan;
      return next;
    };
    return { ...this.options, replan: planRest };
  }

  /** An INSERT … SELECT of many rows may build pages of its own instead of going through the workspace. */
  private bulkInsert(): BulkInsert | undefined {
    const { plan, context, options, session } = this;
    if (options.instrument === true || !mayInsertInBulk(plan)) return undefined;
    return bulkInsert(plan, context, (tableOid) => ({
      fresh: session.database.isOwnTree(session, tableOid),
      lastStatement: options.endsTransaction === true && !session.block.inBlock,
    }));
  }

  private isLong(): boolean {
    if (this.place === 'thread') return true;
    const runs = longPlans.get(this.plan);
    if (runs === undefined) return this.session.server.threads.wants(this.plan);
    if (runs === 1) longPlans.delete(this.plan);
    else longPlans.set(this.plan, runs - 1);
    return true;
  }

  /** Threads see what is committed, and keep no record of what was read. */
  private mayUseThread(): boolean {
    const { transaction } = this.context;
    return (
      this.place !== 'main' &&
      this.plan.readOnly &&
      !transaction.hasWrites &&
      (transaction.isolation !== 'serializable' || transaction.readOnly) &&
      this.session.server.threads.takes(this.plan)
    );
  }

  /** A slice in the main thread is over: has it been enough of them? */
  private sliceEnded(): void {
    if (++this.slices !== mainThreadSlicesMax || this.sentRows > 0 || !this.mayUseThread()) return;
    this.moveToThread();
    this.execution!.close();
    this.execution = undefined;
  }

  /** Called in the middle of an expression that keeps the main thread. */
  private overrun(): void {
    if (this.sentRows > 0 || this.execution === undefined) return;
    this.moveToThread();
    // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error: no stack is taken
    throw new ThreadRestart(false);
  }

  private moveToThread(): void {
    longPlans.set(this.plan, longPlanRuns);
    this.place = 'thread';
    this.session.interrupt.onOverrun = undefined;
  }

  private stepStreamed(target: RowTarget, remaining: number): Step {
    if (this.batch === undefined) {
      if (this.finished) return { rows: 0, outcome: 'done' };
      const pulled = this.execution!.next();
      if (pulled === again) {
        this.sliceEnded();
        return { rows: 0, wait: nextTurn() };
      }
      if (pulled instanceof Promise) return { rows: 0, wait: this.arrival(pulled) };
      target.require(this.context.transaction.dependsOn);
      if (pulled === undefined) {
        this.finish();
        return { rows: 0, outcome: 'done' };
      }
      this.batch = pulled;
      this.batchPosition = 0;
    }
    const from = this.batchPosition;
    const to = Math.min(this.batch.length, from + remaining, from + this.rowsPerStep);
    target.rows(this.batch, { from, to }, this.plan.resultOrdinals);
    const rows = to - from;
    this.sentRows += rows;
    this.batchPosition = to;
    if (to === this.batch.length) this.batch = undefined;
    if (rows === remaining) return { rows, outcome: 'suspended' };
    if (target.pressure()) {
      this.rowsPerStep = Math.ceil(this.rowsPerStep / rowsPerStepFirst);
      return { rows, wait: target.drained() };
    }
    this.rowsPerStep = Math.min(this.rowsPerStep * 2, rowsPerStepMax);
    if (this.session.interrupt.sliceOver()) return { rows, wait: nextTurn() };
    return { rows };
  }

  /** Runs the statement to its end first; then serves the rows that it returned. */
  private stepHeld(target: RowTarget, remaining: number): Step {
    while (!this.finished) {
      const pulled = this.execution!.next();
      if (pulled === again) return { rows: 0, wait: nextTurn() };
      if (pulled instanceof Promise) return { rows: 0, wait: this.arrival(pulled) };
      if (pulled === undefined) this.finish();
      else this.hold(pulled);
    }
    // In a block, the bare count of rows written may leave before what it rests on is synced: the reply
    // that ends the transaction waits for it, and no lock on a hot row is held through the disk.
    if (this.plan.resultOrdinals.length > 0 || !this.session.block.inBlock)
      target.require(this.context.transaction.dependsOn);
    const from = this.heldPosition;
    const to = Math.min(this.held.length, from + remaining);
    for (let row = from; row < to; row++) target.values(this.held[row]);
    this.heldPosition = to;
    this.sentRows += to - from;
    const more = to < this.held.length || (to - from === remaining && remaining > 0);
    return { rows: to - from, outcome: more ? 'suspended' : 'done' };
  }

  /** Resolves when a thread has sent something, or when the statement is cancelled. */
  private arrival(sent: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const stopListening = this.session.interrupt.onCancel(() => resolve());
      void sent.then(() => {
        stopListening();
        resolve();
      });
    });
  }

  private hold(batch: Batch): void {
    const { resultOrdinals } = this.plan;
    if (resultOrdinals.length === 0) return;
    for (let row = 0; row < batch.length; row++) {
      const values = resultOrdinals.map((ordinal) => columnValue(batch.columns[ordinal], row));
      for (const value of values) {
        this.heldBytes += datumBytes;
        if (typeof value === 'string' || value instanceof Uint8Array)
          this.heldBytes += value.length;
      }
      this.held.push(values);
    }
    if (this.heldBytes > heldBytesMax) {
      throw databaseError(
        'outOfMemory',
        'the rows returned by a statement that writes or locks are too many to hold back',
        {
          detail: `They exceed ${heldBytesMax} bytes.`,
          hint: 'Return fewer rows at once.',
        },
      );
    }
  }

  private finish(): void {
    this.finished = true;
    this.writtenRows = this.execution!.rowCount;
    const { observed, replanned } = this.execution!;
    this.replanned = replanned;
    if (observed !== undefined) {
      const { parameters, context, plan } = this;
      const { catalog } = context;
      learnFromExecution(replanned ?? plan, observed, { catalog, parameters, begun: plan });
    }
    this.execution!.close();
    this.execution = undefined;
  }

  /** The statement goes on in the main thread, or on another thread; whose death it may be to blame for. */
  private leaveThread(signal: ThreadRestart): void {
    if (signal.inMainThread) this.place = 'main';
    else if (++this.threadRestarts > threadRestartsMax)
      throw databaseError('outOfMemory', 'out of memory');
  }

  /** Runs a routine that the query calls; what it has written stays while the query starts over. */
  private async runCall({ work }: CallRequest): Promise<void> {
    const { session } = this;
    session.routines.driven = undefined;
    this.batch = undefined;
    this.held = [];
    this.heldBytes = 0;
    session.notices.seen = 0;
    await driveWork(session, work);
    session.notices.begin();
  }

  /** Handles the two signals of storage; anything else is the statement's error. */
  private restart(signal: unknown): Promise<void> {
    this.execution?.close();
    this.execution = undefined;
    if (signal instanceof CallRequest) return this.runCall(signal);
    const isSleep = signal instanceof SleepWait;
    if (signal instanceof ThreadRestart) this.leaveThread(signal);
    else if (!isSleep && !(signal instanceof LockWait) && !(signal instanceof StatementRestart)) {
      if (signal instanceof DatabaseError) this.nameSchema(signal);
      throw signal;
    }
    if (this.sentRows > 0) throw notSupported('waiting in a statement that has returned rows');
    this.batch = undefined;
    this.held = [];
    this.heldBytes = 0;
    this.session.server.metrics.statementRestarts++;
    this.context.transaction.rollbackTo(this.savepoint);
    if (isSleep) return this.session.sleeps.wait(signal, this.session.interrupt);
    return signal instanceof LockWait ? this.session.interrupt.waitFor(signal) : nextTurn();
  }

  /** The row layer names the table whose key is violated; it knows no schemas. */
  private nameSchema(error: DatabaseError): void {
    if (error.table === undefined || error.schema !== undefined) return;
    const { catalog } = this.context;
    const relation = this.plan.relations
      .map(({ oid }) => catalog.relationByOid(oid))
      .find((candidate) => candidate?.name === error.table);
    if (relation !== undefined) error.schema = catalog.schemaByOid(relation.schemaOid)?.name;
  }

  close(): void {
    this.execution?.close();
    this.execution = undefined;
    this.finished = true;
    this.batch = undefined;
    this.held = [];
  }
}

const drivenPlans = new WeakMap<PhysicalPlan, boolean>();

/** Routines called by a query that reads no tables run step by step, where that can be repeated. */
function isDriven(plan: PhysicalPlan): boolean {
  if (plan.relations.length > 0) return false;
  let known = drivenPlans.get(plan);
  if (known === undefined) {
    known = repeatsItsCalls([plan.root, plan.subplans, plan.ctes]);
    drivenPlans.set(plan, known);
  }
  return known;
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
