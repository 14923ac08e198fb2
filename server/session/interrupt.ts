// What stops a running statement: a cancel request, statement_timeout, an administrator, shutdown. And
// what makes it give way: its time slice on the main thread.
//
// check() is called once a batch or every thousand steps; it costs a comparison while nothing happens.
// statement_timeout is a deadline that check() compares, plus a timer for statements that wait. What cannot
// give way (a routine called by a trigger, say) has a deadline too, lattice.hold_timeout: while it runs, no
// cancel request can arrive.

import { databaseError, type DatabaseError } from '#common';
import type { Interrupt } from '#executor';
import type { LockWaitSignal } from '#storage';

/** Longest time a statement keeps the main thread, in milliseconds. */
const sliceMs = 2;
/** Past the end of its slice by so much, a statement is inside of something that cannot give way. */
const overrunMs = 20;

export class StatementInterrupt implements Interrupt {
  private reason: DatabaseError | undefined;
  private deadline = Infinity;
  private sliceEnd = 0;
  private holdMs = Infinity;
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  private waiting: LockWaitSignal | undefined;
  /** May throw, to take a statement that overruns its slice out of the main thread. */
  onOverrun: (() => void) | undefined;
  private listeners = new Set<(reason: DatabaseError) => void>();

  /** A statement begins; times of 0: none. Returns when, in milliseconds of the monotonic clock. */
  begin(timeoutMs: number, holdTimeoutMs: number): number {
    this.running = true;
    this.holdMs = holdTimeoutMs > 0 ? holdTimeoutMs : Infinity;
    this.reason = undefined;
    const now = performance.now();
    this.sliceEnd = now + sliceMs;
    if (timeoutMs > 0) {
      this.deadline = now + timeoutMs;
      this.timer = setTimeout(() => this.cancel(timeoutError()), timeoutMs);
    }
    return now;
  }

  end(): void {
    this.running = false;
    this.onOverrun = undefined;
    this.reason = undefined;
    this.deadline = Infinity;
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** A new turn of the event loop. */
  newSlice(): void {
    this.sliceEnd = performance.now() + sliceMs;
  }

  check(): void {
    if (this.reason !== undefined) throw this.reason;
    if (this.deadline !== Infinity && performance.now() > this.deadline) throw timeoutError();
    const overrun = performance.now() - this.sliceEnd;
    if (overrun > this.holdMs) throw holdError(this.holdMs);
    if (this.onOverrun !== undefined && overrun > overrunMs) this.onOverrun();
  }

  sliceOver(): boolean {
    return performance.now() > this.sliceEnd;
  }

  get cancelled(): DatabaseError | undefined {
    return this.reason;
  }

  /** Stops the statement that is running, if any: at its next check, or out of its wait at once. */
  cancel(reason: DatabaseError = cancelError()): void {
    if (!this.running || this.reason !== undefined) return;
    this.reason = reason;
    this.waiting?.cancel(reason);
    for (const listener of this.listeners) listener(reason);
  }

  /** A lock that the statement waits for, so that cancel() reaches it. */
  async waitFor(signal: LockWaitSignal): Promise<void> {
    this.check();
    this.waiting = signal;
    try {
      await signal.granted;
    } finally {
      this.waiting = undefined;
      this.newSlice();
    }
  }

  /** Called on cancel(), for waits that are not locks; returns how to stop listening. */
  onCancel(listener: (reason: DatabaseError) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export function cancelError(): DatabaseError {
  return databaseError('queryCanceled', 'canceling statement due to user request');
}

function holdError(milliseconds: number): DatabaseError {
  return databaseError(
    'queryCanceled',
    `canceling statement: a call that cannot give way has kept the server from other sessions for ${milliseconds / 1000} s`,
    {
      hint: 'Call the routine by itself (SELECT f(), CALL), where it takes turns with others, or raise lattice.hold_timeout.',
    },
  );
}

function timeoutError(): DatabaseError {
  return databaseError('queryCanceled', 'canceling statement due to statement timeout');
}
