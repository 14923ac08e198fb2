// The statement driver: runs one plan in the session's transaction and hands its rows on.
//
// Lock waits are restarts: when storage throws a LockWaitSignal or a StatementRestart, the workspace
// goes back to the statement's start (locks are kept), the wait is awaited, a fresh statement snapshot
// is taken and the plan runs again. Rows of statements that write or lock are therefore encoded into a
// buffer of their own and shown when the statement is complete; rows of plain reads are streamed.

import { ByteWriter, databaseError, type Batch, type Datum } from '#common';
import { again, executePlan, type Execution, type ExecutionContext } from '#executor';
import type { PhysicalPlan } from '#planner';
import { isLockWait, isStatementRestart, TableLock, type Savepoint } from '#storage';
import type { PortalOutput } from '../connection/portal-output.ts';
import type { RowEncoder } from '../protocol/row-encoder.ts';
import type { Session } from './session.ts';

/** Held-back rows of one statement may take this many bytes. */
const heldBytesMax = 1 << 29;

const lockModes = {
  read: TableLock.accessShare,
  rowLock: TableLock.rowShare,
  write: TableLock.rowExclusive,
} as const;

export interface RowRequest {
  readonly encoder: RowEncoder;
  readonly output: PortalOutput;
  /** Infinity: all. */
  readonly maxRows: number;
}

/** done: the statement is complete; suspended: maxRows were sent and more may follow. */
export type FetchOutcome = 'done' | 'suspended';

export class QueryExecution {
  private readonly session: Session;
  private readonly plan: PhysicalPlan;
  private readonly context: ExecutionContext;
  private readonly holdsRows: boolean;
  private execution: Execution | undefined;
  private savepoint: Savepoint = 0;
  private batch: Batch | undefined;
  private batchPosition = 0;
  private held: HeldRows | undefined;
  private finished = false;
  private sentRows = 0;
  restarts = 0;

  constructor(session: Session, plan: PhysicalPlan, parameters: readonly Datum[]) {
    this.session = session;
    this.plan = plan;
    this.context = session.executionContext(parameters);
    this.holdsRows = !plan.readOnly;
  }

  /** Rows for the command tag: written ones, or for a SELECT those sent so far. */
  get rowCount(): number {
    return this.plan.command === 'SELECT' || this.plan.command === 'VALUES'
      ? this.sentRows
      : (this.execution?.rowCount ?? this.writtenRows);
  }

  private writtenRows = 0;

  /** Takes table locks and opens the plan under a new statement snapshot. */
  private start(): void {
    const { transaction } = this.context;
    this.savepoint = transaction.savepoint();
    for (const { oid, access } of this.plan.relations)
      transaction.lockTable(oid, lockModes[access]);
    transaction.beginStatement();
    this.execution = executePlan(this.plan, this.context);
  }

  /** Sends up to maxRows rows. Synchronous while nothing has to be waited for. */
  fetch(request: RowRequest): FetchOutcome | Promise<FetchOutcome> {
    let remaining = request.maxRows;
    for (;;) {
      let step: Step;
      try {
        step = this.step(request, remaining);
      } catch (signal) {
        const wait = this.restart(signal);
        return wait.then(() => this.fetch({ ...request, maxRows: remaining }));
      }
      remaining -= step.rows;
      if (step.outcome !== undefined) return step.outcome;
      if (step.wait !== undefined) {
        const left = remaining;
        return step.wait.then(() => {
          this.session.interrupt.newSlice();
          return this.fetch({ ...request, maxRows: left });
        });
      }
    }
  }

  private step(request: RowRequest, remaining: number): Step {
    if (this.execution === undefined && !this.finished) this.start();
    return this.holdsRows
      ? this.stepHeld(request, remaining)
      : this.stepStreamed(request, remaining);
  }

  private stepStreamed(request: RowRequest, remaining: number): Step {
    if (this.batch === undefined) {
      if (this.finished) return { rows: 0, outcome: 'done' };
      const pulled = this.execution!.next();
      if (pulled === again) return { rows: 0, wait: nextTurn() };
      if (pulled === undefined) {
        this.finish();
        return { rows: 0, outcome: 'done' };
      }
      this.batch = pulled;
      this.batchPosition = 0;
    }
    const from = this.batchPosition;
    const to = Math.min(this.batch.length, from + remaining);
    request.output.require(this.context.transaction.dependsOn);
    request.output.rows(request.encoder, this.batch, { from, to }, this.plan.resultOrdinals);
    this.sentRows += to - from;
    this.batchPosition = to;
    if (to === this.batch.length) this.batch = undefined;
    if (to - from === remaining) return { rows: to - from, outcome: 'suspended' };
    if (request.output.pressure()) return { rows: to - from, wait: request.output.drained() };
    return { rows: to - from };
  }

  /** Runs the statement to its end first; then serves rows from the buffer. */
  private stepHeld(request: RowRequest, remaining: number): Step {
    if (!this.finished) {
      this.held ??= new HeldRows();
      for (;;) {
        const pulled = this.execution!.next();
        if (pulled === again) return { rows: 0, wait: nextTurn() };
        if (pulled === undefined) break;
        this.held.add(pulled, request.encoder, this.plan.resultOrdinals, this.session);
      }
      this.finish();
    }
    const held = this.held!;
    request.output.require(this.context.transaction.dependsOn);
    const rows = held.send(request.output, remaining);
    this.sentRows += rows;
    return { rows, outcome: held.isEmpty ? 'done' : 'suspended' };
  }

  private finish(): void {
    this.finished = true;
    this.writtenRows = this.execution!.rowCount;
    this.execution!.close();
    this.execution = undefined;
  }

  /** Handles the two signals of storage; anything else is the statement's error. */
  private restart(signal: unknown): Promise<void> {
    const waits = isLockWait(signal);
    if (!waits && !isStatementRestart(signal)) throw signal;
    if (this.sentRows > 0) {
      throw databaseError('internalError', 'a statement that had sent rows asked to be restarted');
    }
    this.execution?.close();
    this.execution = undefined;
    this.batch = undefined;
    this.held = undefined;
    this.restarts++;
    this.session.server.metrics.statementRestarts++;
    const { transaction, interrupt } = this.context;
    transaction.rollbackTo(this.savepoint);
    interrupt.check();
    return waits ? this.session.interrupt.waitFor(signal) : Promise.resolve();
  }

  close(): void {
    this.execution?.close();
    this.execution = undefined;
    this.finished = true;
  }
}

interface Step {
  readonly rows: number;
  readonly outcome?: FetchOutcome;
  readonly wait?: Promise<void>;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Encoded DataRow messages; their lengths are found in the messages themselves. */
class HeldRows {
  private readonly writer = new ByteWriter(512);
  private position = 0;
  private rows = 0;
  private sent = 0;

  get isEmpty(): boolean {
    return this.sent === this.rows;
  }

  add(batch: Batch, encoder: RowEncoder, ordinals: readonly number[], session: Session): void {
    if (ordinals.length === 0) return;
    const { formats } = session.settings;
    for (let row = 0; row < batch.length; row++)
      encoder.writeRow(this.writer, batch, row, ordinals, formats);
    this.rows += batch.length;
    if (this.writer.position > heldBytesMax) {
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

  send(output: PortalOutput, maxRows: number): number {
    const bytes = this.writer.view();
    let end = this.position;
    let rows = 0;
    while (rows < maxRows && this.sent + rows < this.rows) {
      end += 1 + bytes.readInt32BE(end + 1);
      rows++;
    }
    output.encoded(bytes.subarray(this.position, end));
    this.position = end;
    this.sent += rows;
    return rows;
  }
}
