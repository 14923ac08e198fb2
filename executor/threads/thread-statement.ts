// One statement inside an executor thread: its snapshot, its operators, its credit. It runs in slices,
// between which the thread listens for messages and lets other statements have a turn.

import type { PhysicalPlan } from '#planner';
import { type SnapshotReader, openSharedSnapshot } from '#storage';
import { type Execution, type Interrupt, again } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import { threadSliceMs } from '../limits.ts';
import type { FromThread, StartMessage } from './protocol.ts';
import { MainThreadNeeded, StatementStopped, threadContext } from './thread-context.ts';
import { encodeBatch, encodeError } from './value-transfer.ts';

export type Send = (message: FromThread, transfer?: ArrayBuffer[]) => void;

export class ThreadStatement {
  readonly id: number;
  /** Bytes, summed up over its slices; garbage that is collected meanwhile counts against it. */
  heapGrowth = 0;
  private readonly plan: PhysicalPlan;
  private readonly start: StartMessage;
  private readonly send: Send;
  private readonly interrupt: ThreadInterrupt;
  private reader: SnapshotReader | undefined = undefined;
  private execution: Execution | undefined = undefined;
  private credits: number;

  constructor(start: StartMessage, plan: PhysicalPlan, send: Send) {
    this.id = start.id;
    this.plan = plan;
    this.start = start;
    this.send = send;
    this.credits = start.credits;
    this.interrupt = new ThreadInterrupt(start.stopWord);
  }

  get isRunnable(): boolean {
    return this.credits > 0;
  }

  addCredits(batches: number): void {
    this.credits += batches;
  }

  /** Opens the snapshot at once: the longer one waits, the more the pages have moved on. */
  open(): boolean {
    return this.guarded(() => {
      this.reader = openSharedSnapshot(this.start.snapshot);
      const context = threadContext({
        start: this.start,
        reader: this.reader,
        interrupt: this.interrupt,
        notice: (severity, message) =>
          this.send({ kind: 'notice', id: this.id, severity, message }),
      });
      this.execution = executePlan(this.plan, context);
      return true;
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
          this.close();
          this.send({ kind: 'end', id: this.id });
          return false;
        }
        const transfer: ArrayBuffer[] = [];
        const batch = encodeBatch(pulled, this.plan.resultOrdinals, transfer);
        this.credits--;
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
      this.reader?.close();
      this.reader = undefined;
    }
  }
}

class ThreadInterrupt implements Interrupt {
  private readonly stopWord: Int32Array;
  private sliceEnd = 0;

  constructor(stopWord: Int32Array) {
    this.stopWord = stopWord;
  }

  newSlice(): void {
    this.sliceEnd = performance.now() + threadSliceMs;
  }

  check(): void {
    if (Atomics.load(this.stopWord, 0) !== 0) throw new StatementStopped();
  }

  sliceOver(): boolean {
    return performance.now() > this.sliceEnd;
  }
}
