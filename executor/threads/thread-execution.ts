// A statement that runs on an executor thread, seen from the main thread. It is pulled like any other
// execution, but next() may also return a promise: nothing has arrived yet.
//
// The thread runs ahead by a fixed number of batches and then waits for credit, so a reader who is slow
// or has gone away stops the scan. A statement without credit is idle: it does not count as running.

import type { Batch } from '#common';
import type { ObservedFractions, PhysicalPlan, ReplanRequest } from '#planner';
import type { SharedSnapshot } from '#storage';
import type { Replan } from '../adaptive/contract.ts';
import { type ExecutionContext, again } from '../contract.ts';
import { threadBatchesAhead } from '../limits.ts';
import type { NodeMeasurement } from '../measurement.ts';
import type { FromThread } from './protocol.ts';
import { decodeBatch, decodeError } from './value-transfer.ts';

/**
 * Control flow, not an error: the statement must start over, in the main thread when it asked for
 * something that threads do not have, anywhere when its thread died of another statement. Only
 * statements that have handed on no row can.
 */
export class ThreadRestart {
  readonly inMainThread: boolean;
  constructor(inMainThread: boolean) {
    this.inMainThread = inMainThread;
  }
}

/** Better no answer than half of one. */
function lostBatch(): Error {
  return new Error('a batch of an executor thread has not arrived');
}

/** What the pool does for its executions. */
export interface ThreadPort {
  credit(execution: ThreadExecution, batches: number): void;
  /** Can the rest of the statement run as this plan says? */
  takesRest(execution: ThreadExecution, plan: PhysicalPlan): boolean;
  /** To a statement that waits for the plan of its rest; undefined: it is to go on. */
  answer(execution: ThreadExecution, plan: PhysicalPlan | undefined): void;
  /** The caller lost interest before the end. */
  abandon(execution: ThreadExecution): void;
}

export class ThreadExecution {
  readonly id: number;
  readonly plan: PhysicalPlan;
  readonly context: ExecutionContext;
  readonly stopWord = new Int32Array(new SharedArrayBuffer(4));
  snapshot: SharedSnapshot | undefined = undefined;
  /** Batches that the thread may still send. */
  credits = threadBatchesAhead;
  closed = false;
  rowCount = 0;
  /** Threads that help the statement's thread and have not let go of it. */
  helperCount = 0;
  readonly instrument: boolean;
  /** Plans the rest anew, in the main thread. */
  readonly replan: Replan | undefined;
  /** Of an instrumented execution: complete when it has ended. */
  readonly measurements: Map<number, NodeMeasurement> | undefined;
  /** What is to teach the planner, at the end. */
  observed: ObservedFractions | undefined = undefined;
  /** The plan that it has gone on with. */
  replanned: PhysicalPlan | undefined = undefined;
  private readonly port: ThreadPort;
  private batches: Batch[] = [];
  private received = 0;
  private position = 0;
  private outcome: { readonly failure: unknown } | undefined = undefined;
  private wake: (() => void) | undefined = undefined;

  constructor(
    id: number,
    statement: {
      readonly plan: PhysicalPlan;
      readonly context: ExecutionContext;
      readonly instrument: boolean;
      readonly replan?: Replan | undefined;
    },
    port: ThreadPort,
  ) {
    this.id = id;
    this.plan = statement.plan;
    this.context = statement.context;
    this.instrument = statement.instrument;
    this.measurements = statement.instrument ? new Map() : undefined;
    this.replan = statement.replan;
    this.port = port;
  }

  /**
   * A batch, undefined at the end, or a promise to wait for before asking again; it never rejects.
   * Throws the statement's error, that of its interrupt, or a ThreadRestart.
   */
  next(): Batch | Promise<void> | undefined {
    const { interrupt } = this.context;
    interrupt.check();
    if (this.position < this.batches.length) {
      if (interrupt.sliceOver()) return new Promise((resolve) => setImmediate(resolve));
      return this.take();
    }
    if (this.outcome === undefined) return new Promise((resolve) => (this.wake = resolve));
    // oxlint-disable-next-line typescript/only-throw-error -- a ThreadRestart is a signal
    if (this.outcome.failure !== undefined) throw this.outcome.failure;
    return undefined;
  }

  private take(): Batch {
    const batch = this.batches[this.position++];
    this.rowCount += batch.length;
    if (this.position * 2 >= threadBatchesAhead || this.position === this.batches.length) {
      if (this.outcome === undefined) this.port.credit(this, this.position);
      this.batches = this.batches.slice(this.position);
      this.position = 0;
    }
    return batch;
  }

  /** A message of the thread; `finished` is for the pool, which knows what else hangs on it. */
  receive(message: Extract<FromThread, { readonly id: number }>): void {
    switch (message.kind) {
      case 'batch':
        this.credits--;
        this.received++;
        this.batches.push(decodeBatch(message.batch, this.plan));
        this.wakeUp();
        return;
      case 'notice':
        this.context.functions.notice(message.severity, message.message);
        return;
      case 'replan':
        this.planRest(message.request);
        return;
      case 'failed':
        this.finish(decodeError(message.error));
        return;
      case 'mainThreadNeeded':
        this.finish(new ThreadRestart(true));
        return;
      case 'end':
        for (const [nodeId, measurement] of message.measurements ?? [])
          this.measurements?.set(nodeId, measurement);
        this.observed = message.observed;
        this.finish(message.batches === this.received ? undefined : lostBatch());
        return;
      case 'closed':
        this.finish(undefined);
    }
  }

  /** Only plans that its snapshot has all pages of. */
  private planRest(request: ReplanRequest): void {
    try {
      const plan = this.replan?.(request);
      const taken =
        plan !== undefined && plan !== again && this.port.takesRest(this, plan) ? plan : undefined;
      this.replanned = taken ?? this.replanned;
      this.port.answer(this, taken);
    } catch (error) {
      this.finish(error);
      this.close();
    }
  }

  finish(failure: unknown): void {
    this.outcome ??= { failure };
    this.wakeUp();
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }

  get finished(): boolean {
    return this.outcome !== undefined;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.batches = [];
    this.position = 0;
    Atomics.store(this.stopWord, 0, 1);
    this.port.abandon(this);
    this.wakeUp();
  }
}
