// The executor threads, as the main thread runs them. Threads start when they are needed; each runs a
// few statements in turns, so a long one does not keep a shorter one waiting, and what exceeds that
// waits in line. Statements whose client does not read (no credit) do not count.
//
// A thread that dies (its heap is full) takes its statements with it: the one that held most of the heap
// gets 53200, the others start over if they can, and a new thread takes the place.
//
// A plan that threads can share (parallel/) gets idle threads as helpers when it starts; a thread that has
// other statements is not asked.
//
// Invariants
// - An execution is in `queue`, or in one thread's `executions`, or finished; never in two of them.
// - A shared snapshot is released exactly once: when the statement's thread and its helpers have let go of
//   it, or are dead.

import { type MessagePort, MessageChannel } from 'node:worker_threads';

import type { PhysicalPlan } from '#planner';
import type { ExecutionContext } from '../contract.ts';
import { outOfMemory } from '../errors.ts';
import { forgetThread } from '../memory/server-memory.ts';
import type { ExecuteOptions } from '../execute-plan.ts';
import { threadBatchesAhead, threadStatementsMax, threadStopMs } from '../limits.ts';
import { helpersMax } from '../parallel/helpers-max.ts';
import { parallelPlanOf } from '../parallel/parallel-plan.ts';
import { planSuitability } from './plan-suitability.ts';
import { PoolThread, isRunning } from './pool-thread.ts';
import type { FromThread } from './protocol.ts';
import { StatementMessages, type UnplacedMessage } from './statement-messages.ts';
import { ThreadExecution, type ThreadPort, ThreadRestart } from './thread-execution.ts';

export interface ThreadPoolOptions {
  readonly threads: number;
  /** JavaScript heap of one thread; past it the largest statement gets 53200. */
  readonly heapMegabytes: number;
  /** 0 to 19: how far short statements, on the main thread, go first when processors are scarce. */
  readonly niceness: number;
  /** Decoded column segments that one thread keeps. */
  readonly segmentCacheBytes: number;
  /** A thread ended by itself. */
  readonly onThreadLost?: (error: Error | undefined) => void;
}

/** Threads that die before they are ready, one after another, until the pool gives up. */
const failedStartsMax = 3;

export class ThreadPool implements ThreadPort {
  private readonly options: ThreadPoolOptions;
  private readonly threads = new Set<PoolThread>();
  private readonly homes = new Map<ThreadExecution, PoolThread>();
  private readonly messages = new StatementMessages();
  private queue: ThreadExecution[] = [];
  private lastId = 0;
  private lastThread = 0;
  private failedStarts = 0;
  private closing = false;

  constructor(options: ThreadPoolOptions) {
    this.options = options;
  }

  /** Starts a thread ahead of need. */
  warmUp(): void {
    if (this.threads.size === 0 && this.isAvailable) this.startThread();
  }

  /** How many threads run statements now. */
  get busyThreads(): number {
    let busy = 0;
    for (const thread of this.threads) if (!thread.isIdle) busy++;
    return busy;
  }

  private get isAvailable(): boolean {
    return !this.closing && this.failedStarts < failedStartsMax;
  }

  /** Can the plan run here at all, whatever it costs? */
  takes(plan: PhysicalPlan): boolean {
    return (
      this.isAvailable &&
      planSuitability(plan).possible &&
      this.messages.encoded(plan) !== undefined
    );
  }

  /** … and is it expected to take so long that it should? */
  wants(plan: PhysicalPlan): boolean {
    return planSuitability(plan).worthIt && this.takes(plan);
  }

  /**
   * Runs a plan that takes() accepts. The transaction holds its table locks, has no writes of its own and
   * stays as it is until the execution ends; a READ COMMITTED one may get a newer snapshot.
   */
  execute(
    plan: PhysicalPlan,
    context: ExecutionContext,
    options?: ExecuteOptions,
  ): ThreadExecution {
    const instrument = options?.instrument ?? false;
    const replan = plan.adaptive === undefined ? undefined : options?.replan;
    const statement = { plan, context, instrument, replan };
    const execution = new ThreadExecution(++this.lastId, statement, this);
    this.queue.push(execution);
    this.dispatch();
    return execution;
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const thread = this.freeThread();
      if (thread === undefined) return;
      const execution = this.queue.shift()!;
      thread.executions.set(execution.id, execution);
      this.homes.set(execution, thread);
      thread.hold();
      void this.start(execution, thread);
    }
  }

  /** The thread with the fewest running statements; a new one rather than a busy one. */
  private freeThread(): PoolThread | undefined {
    let best: PoolThread | undefined;
    let bestRunning = threadStatementsMax;
    for (const thread of this.threads) {
      const { running } = thread;
      if (running < bestRunning) {
        best = thread;
        bestRunning = running;
      }
    }
    if (this.mayStart && (best === undefined || bestRunning > 0)) return this.startThread();
    return best;
  }

  private async start(execution: ThreadExecution, thread: PoolThread): Promise<void> {
    const { plan, context } = execution;
    try {
      const { trees, scanned } = planSuitability(plan);
      const snapshot = await context.storage.shareSnapshot(context.transaction, trees);
      for (const table of scanned) context.storage.noteTableUse(table);
      execution.snapshot = snapshot;
      if (execution.closed || !this.threads.has(thread)) {
        this.release(execution);
        // A statement that waits for a thread which died meanwhile tries again.
        execution.finish(new ThreadRestart(false));
        return;
      }
      const message = this.messages.of(execution, snapshot);
      const { ports, slot } = this.invite(execution, thread, message);
      const { instrument } = execution;
      const start = { ...message, kind: 'start', credits: threadBatchesAhead } as const;
      const adaptive = execution.replan !== undefined;
      thread.send({ ...start, slot, ports, instrument, adaptive }, ports);
    } catch (error) {
      // The memtable could not be written (a full disk): the main thread reads it where it is.
      execution.finish(execution.snapshot === undefined ? new ThreadRestart(true) : error);
      this.release(execution);
    }
  }

  /** Asks idle threads to help with a statement; the coordinator's ports to them, and its place. */
  private invite(
    execution: ThreadExecution,
    coordinator: PoolThread,
    message: UnplacedMessage,
  ): { readonly ports: readonly MessagePort[]; readonly slot: number } {
    const helpers = this.helpersFor(execution, coordinator);
    const numbers = [coordinator, ...helpers]
      .map(({ number }) => number)
      .toSorted((left, right) => left - right);
    const threads = numbers.length;
    const ports = helpers.map((helper) => {
      const { port1, port2 } = new MessageChannel();
      helper.helped.set(execution.id, execution);
      execution.helperCount++;
      helper.hold();
      const slot = numbers.indexOf(helper.number);
      helper.send({ ...message, kind: 'help', slot, port: port2, threads }, [port2]);
      return port1;
    });
    return { ports, slot: numbers.indexOf(coordinator.number) };
  }

  private helpersFor(execution: ThreadExecution, coordinator: PoolThread): PoolThread[] {
    const { plan, context } = execution;
    if (this.options.threads === 1 || parallelPlanOf(plan) === undefined) return [];
    const wanted = helpersMax(context.functions);
    const helpers = [...this.threads]
      .filter((thread) => thread !== coordinator && thread.isIdle)
      // One that is starting may come in time for a first statement; it is not asked again until it is ready.
      .filter((thread) => thread.ready || thread.helped.size === 0)
      .slice(0, wanted);
    while (helpers.length < wanted && this.mayStart) helpers.push(this.startThread());
    return helpers;
  }

  private get mayStart(): boolean {
    return this.threads.size < this.options.threads && this.isAvailable;
  }

  private startThread(): PoolThread {
    const thread = new PoolThread(++this.lastThread, this.freeSlot(), this.options);
    const { worker } = thread;
    this.threads.add(thread);
    worker.on('message', (message: FromThread) => this.receive(thread, message));
    worker.on('error', (error: Error) => (thread.failure = error));
    // What was in the message is lost, and so is the statement that it was of.
    worker.on('messageerror', (error: Error) => {
      thread.failure = error;
      void worker.terminate();
    });
    worker.on('exit', () => this.threadEnded(thread));
    return thread;
  }

  private freeSlot(): number {
    const used = new Set(Array.from(this.threads, ({ slot }) => slot));
    let slot = 1;
    while (used.has(slot)) slot++;
    return slot;
  }

  private receive(thread: PoolThread, message: FromThread): void {
    if (message.kind === 'ready') {
      thread.ready = true;
      this.failedStarts = 0;
      return;
    }
    const execution = thread.executions.get(message.id);
    if (execution === undefined) {
      const helped = thread.helped.get(message.id);
      if (helped !== undefined) this.helperLeft(thread, helped);
      return;
    }
    const wasRunning = isRunning(execution);
    if (message.kind !== 'closed' && !execution.closed) execution.receive(message);
    const isOver = !['batch', 'notice', 'replan'].includes(message.kind);
    if (isOver) this.release(execution);
    else if (wasRunning && !isRunning(execution)) this.dispatch();
  }

  /** The thread has let go of the statement, or never had it. */
  private release(execution: ThreadExecution): void {
    const thread = this.homes.get(execution);
    this.homes.delete(execution);
    if (execution.helperCount > 0) this.sendHelpersAway(execution);
    this.releaseSnapshot(execution);
    if (thread === undefined) return;
    thread.executions.delete(execution.id);
    thread.letGo();
    this.dispatch();
  }

  private sendHelpersAway(execution: ThreadExecution): void {
    Atomics.store(execution.stopWord, 0, 1);
    for (const thread of this.threads) {
      if (thread.helped.has(execution.id)) this.closeIn(thread, execution);
    }
  }

  private helperLeft(thread: PoolThread, execution: ThreadExecution): void {
    thread.helped.delete(execution.id);
    execution.helperCount--;
    thread.letGo();
    this.releaseSnapshot(execution);
  }

  private releaseSnapshot(execution: ThreadExecution): void {
    const { snapshot } = execution;
    if (snapshot === undefined || execution.helperCount > 0 || this.homes.has(execution)) return;
    execution.context.storage.releaseSnapshot(snapshot);
    execution.snapshot = undefined;
  }

  credit(execution: ThreadExecution, batches: number): void {
    execution.credits += batches;
    const thread = this.homes.get(execution);
    thread?.send({ kind: 'credit', id: execution.id, batches });
  }

  takesRest({ plan: begun }: ThreadExecution, plan: PhysicalPlan): boolean {
    const trees = new Set(planSuitability(begun).trees);
    return this.takes(plan) && planSuitability(plan).trees.every((tree) => trees.has(tree));
  }

  answer(execution: ThreadExecution, plan: PhysicalPlan | undefined): void {
    const encoded = plan === undefined ? undefined : this.messages.encoded(plan);
    this.homes.get(execution)?.send({ kind: 'replanned', id: execution.id, plan: encoded });
  }

  abandon(execution: ThreadExecution): void {
    const thread = this.homes.get(execution);
    if (thread === undefined) {
      this.queue = this.queue.filter((queued) => queued !== execution);
      return;
    }
    // Before its snapshot is there, start() finds it closed.
    if (execution.finished || execution.snapshot === undefined) return;
    this.closeIn(thread, execution);
  }

  private closeIn(thread: PoolThread, execution: ThreadExecution): void {
    const { id } = execution;
    thread.send({ kind: 'close', id });
    // Only a loop that never looks at the stop word gets here: the thread is lost to everybody.
    const timer = setTimeout(() => {
      if (thread.executions.has(id) || thread.helped.has(id)) void thread.worker.terminate();
    }, threadStopMs);
    timer.unref();
  }

  private threadEnded(thread: PoolThread): void {
    if (!this.threads.delete(thread)) return;
    forgetThread(thread.slot);
    if (!thread.ready) this.failedStarts++;
    if (!this.closing) this.options.onThreadLost?.(thread.failure);
    const largest = Atomics.load(thread.largestWord, 0);
    const isAlone = thread.executions.size + thread.helped.size === 1;
    for (const execution of thread.executions.values()) {
      if (execution.snapshot === undefined) continue;
      const isCulprit = thread.ready && (isAlone || execution.id === largest);
      execution.finish(isCulprit ? outOfMemory() : new ThreadRestart(!this.isAvailable));
      this.release(execution);
    }
    for (const execution of thread.helped.values()) {
      const isCulprit = isAlone || execution.id === largest;
      // A thread that never was ready has taken nothing of the statement.
      if (thread.ready) this.helperLost(execution, isCulprit);
      this.helperLeft(thread, execution);
    }
    this.dispatch();
    if (!this.isAvailable) {
      for (const queued of this.queue.splice(0)) queued.finish(new ThreadRestart(true));
    }
  }

  /** What a helper had taken is lost, and with it the statement. */
  private helperLost(execution: ThreadExecution, isCulprit: boolean): void {
    const coordinator = this.homes.get(execution);
    if (coordinator === undefined || execution.finished) return;
    execution.finish(isCulprit ? outOfMemory() : new ThreadRestart(!this.isAvailable));
    Atomics.store(execution.stopWord, 0, 1);
    this.closeIn(coordinator, execution);
  }

  /** No statement is running any more, or the ones that are will fail. */
  async close(): Promise<void> {
    this.closing = true;
    const ends = [...this.threads].map(async (thread) => {
      const ended = new Promise<void>((resolve) => thread.worker.once('exit', () => resolve()));
      for (const { stopWord } of thread.executions.values()) Atomics.store(stopWord, 0, 1);
      thread.hold();
      thread.send({ kind: 'stop' });
      const timer = setTimeout(() => void thread.worker.terminate(), threadStopMs);
      await ended;
      clearTimeout(timer);
    });
    await Promise.all(ends);
  }
}
