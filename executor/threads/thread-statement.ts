// One statement inside an executor thread: its snapshot, its operators, its credit. It runs in slices,
// between which the thread listens for messages and lets other statements have a turn.

import type { PhysicalPlan, ReplanRequest } from '#planner';
import { type SnapshotReader, openSharedSnapshot } from '#storage';
import { type ExecutionContext, again } from '../contract.ts';
import { type MeasuredExecution, executePlan } from '../execute-plan.ts';
import type { ParallelContext } from '../parallel/contract.ts';
import type { ParallelPlan } from '../parallel/parallel-plan.ts';
import { Team } from '../parallel/team.ts';
import { MainThreadNeeded } from './main-thread-needed.ts';
import type { FromThread, StartMessage } from './protocol.ts';
import { StatementStopped, threadContext } from './thread-context.ts';
import { ThreadInterrupt } from './thread-interrupt.ts';
import type { ThreadTask } from './thread-task.ts';
import { encodeBatch, encodeError } from './value-transfer.ts';

export type Send = (message: FromThread, transfer?: ArrayBuffer[]) => void;

export class ThreadStatement implements ThreadTask {
  readonly id: number;
  heapGrowth = 0;
  private readonly plan: PhysicalPlan;
  private readonly start: StartMessage;
  private readonly send: Send;
  private readonly interrupt: ThreadInterrupt;
  private reader: SnapshotReader | undefined = undefined;
  private execution: MeasuredExecution | undefined = undefined;
  private readonly parallelPlan: ParallelPlan | undefined;
  private team: Team | undefined = undefined;
  private credits: number;
  private batches = 0;
  /** Whether the rest is to be planned anew. */
  private question: 'none' | 'asked' | { readonly plan: PhysicalPlan | undefined } = 'none';

  /** `parallelPlan`: with helpers, the plan as several threads run it. */
  constructor(
    start: StartMessage,
    plans: { readonly plan: PhysicalPlan; readonly parallelPlan: ParallelPlan | undefined },
    send: Send,
  ) {
    const { plan, parallelPlan } = plans;
    this.parallelPlan = parallelPlan;
    this.id = start.id;
    this.plan = plan;
    this.start = start;
    this.send = send;
    this.credits = start.credits;
    this.interrupt = new ThreadInterrupt(start.stopWord);
  }

  get isRunnable(): boolean {
    return this.credits > 0 && this.question !== 'asked';
  }

  /** The main thread's answer to replan(). */
  goOn(plan: PhysicalPlan | undefined): void {
    this.question = { plan };
  }

  /** The main thread has the catalog that a planner needs. */
  private replan(request: ReplanRequest): PhysicalPlan | typeof again | undefined {
    const { question } = this;
    if (question === 'none') {
      this.question = 'asked';
      this.send({ kind: 'replan', id: this.id, request });
    }
    if (typeof question === 'string') return again;
    this.question = 'none';
    return question.plan;
  }

  addCredits(batches: number): void {
    this.credits += batches;
  }

  /** Opens the snapshot at once: the longer one waits, the more the pages have moved on. */
  open(): boolean {
    return this.guarded(() => {
      this.reader = openSharedSnapshot(this.start.snapshot);
      this.team = this.openTeam();
      const parallel = this.team && { threads: this.team.threads, team: this.team };
      this.execution = executePlan(this.parallelPlan?.plan ?? this.plan, this.context(parallel), {
        instrument: this.start.instrument,
        replan: this.replans ? (request) => this.replan(request) : undefined,
      });
      return true;
    });
  }

  /** Not with helpers, who have the plan too. */
  private get replans(): boolean {
    return this.start.adaptive && this.team === undefined;
  }

  private context(parallel: ParallelContext | undefined): ExecutionContext {
    return threadContext({
      start: this.start,
      reader: this.reader!,
      interrupt: this.interrupt,
      notice: (severity, message) => this.send({ kind: 'notice', id: this.id, severity, message }),
      parallel,
    });
  }

  private openTeam(): Team | undefined {
    if (this.parallelPlan === undefined) return undefined;
    const { slot, ports } = this.start;
    return new Team({
      slot,
      ports,
      version: this.reader!.version,
      fragments: this.parallelPlan.fragments,
      execute: (fragment, parallel, instrument) =>
        executePlan(fragment, this.context(parallel), { instrument, largeBatches: true }),
      functions: this.context(undefined).functions,
    });
  }

  /** Runs until the slice or the credit is used up; false when the statement is over. */
  runSlice(): boolean {
    this.interrupt.newSlice();
    return this.guarded(() => {
      while (this.credits > 0) {
        const pulled = this.execution!.next();
        if (pulled === again) return true;
        if (pulled === undefined) {
          const { measurements, observed } = this.execution!;
          this.close();
          this.send({ kind: 'end', id: this.id, batches: this.batches, measurements, observed });
          return false;
        }
        const transfer: ArrayBuffer[] = [];
        const batch = encodeBatch(pulled, this.plan.resultOrdinals, transfer);
        this.credits--;
        this.batches++;
        this.send({ kind: 'batch', id: this.id, batch }, transfer);
        if (this.interrupt.sliceOver()) return true;
      }
      return true;
    });
  }

  /** Ends the statement with an error from outside. */
  fail(error: Error): void {
    this.guarded(() => {
      throw error;
    });
  }

  private guarded(step: () => boolean): boolean {
    try {
      return step();
    } catch (error) {
      this.close();
      if (error instanceof StatementStopped) this.send({ kind: 'closed', id: this.id });
      else if (error instanceof MainThreadNeeded)
        this.send({ kind: 'mainThreadNeeded', id: this.id });
      else this.send({ kind: 'failed', id: this.id, error: encodeError(error) });
      return false;
    }
  }

  close(): void {
    try {
      this.execution?.close();
    } finally {
      this.execution = undefined;
      this.team?.close();
      this.team = undefined;
      this.reader?.close();
      this.reader = undefined;
    }
  }
}
