// The executor threads, as the main thread runs them. Threads start when they are needed; each runs a
// few statements in turns, so a long one does not keep a shorter one waiting, and what exceeds that
// waits in line. Statements whose client does not read (no credit) do not count.
//
// A thread that dies (its heap is full) takes its statements with it: the one that held most of the heap
// gets 53200, the others start over if they can, and a new thread takes the place.
//
// Invariants
// - An execution is in `queue`, or in one thread's `executions`, or finished; never in two of them.
// - A shared snapshot is released exactly once: when the thread has let go of it, or is dead.

import { Worker } from 'node:worker_threads';
import { rangeInfoOf, registeredEnums, registeredValueTypes } from '#common';
import type { PhysicalPlan } from '#planner';
import type { ExecutionContext } from '../contract.ts';
import { outOfMemory } from '../errors.ts';
import { threadBatchesAhead, threadStatementsMax, threadStopMs } from '../limits.ts';
import { planSuitability } from './plan-suitability.ts';
import type { FromThread, ThreadData, ToThread } from './protocol.ts';
import { sessionValues } from './thread-context.ts';
import { ThreadExecution, type ThreadPort, ThreadRestart } from './thread-execution.ts';
import { encodePlan, encodeValues } from './value-transfer.ts';

export interface ThreadPoolOptions {
  readonly threads: number;
  /** JavaScript heap of one thread; past it the largest statement gets 53200. */
  readonly heapMegabytes: number;
  /** A thread ended by itself. */
  readonly onThreadLost?: (error: Error | undefined) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly largestWord: Int32Array;
  readonly executions: Map<number, ThreadExecution>;
  failure: Error | undefined;
  ready: boolean;
}

interface EncodedPlan {
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

/** Threads that die before they are ready, one after another, until the pool gives up. */
const failedStartsMax = 3;

export class ThreadPool implements ThreadPort {
  private readonly options: ThreadPoolOptions;
  private readonly threads = new Set<Thread>();
  private readonly homes = new Map<ThreadExecution, Thread>();
  private readonly plans = new WeakMap<PhysicalPlan, EncodedPlan>();
  private queue: ThreadExecution[] = [];
  private lastId = 0;
  private lastPlanId = 0;
  private failedStarts = 0;
  private closing = false;

  constructor(options: ThreadPoolOptions) {
    this.options = options;
  }

  /** Starts a thread ahead of need. */
  warmUp(): void {
    if (this.threads.size === 0 && this.isAvailable) this.startThread();
  }

  private get isAvailable(): boolean {
    return !this.closing && this.failedStarts < failedStartsMax;
  }

  /** Can the plan run here at all, whatever it costs? */
  takes(plan: PhysicalPlan): boolean {
    return (
      this.isAvailable && planSuitability(plan).possible && this.encoded(plan).bytes !== undefined
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
  execute(plan: PhysicalPlan, context: ExecutionContext): ThreadExecution {
    const execution = new ThreadExecution(++this.lastId, plan, context, this);
    this.queue.push(execution);
    this.dispatch();
    return execution;
  }

  private encoded(plan: PhysicalPlan): EncodedPlan {
    let encoded = this.plans.get(plan);
    if (encoded === undefined) {
      encoded = { id: ++this.lastPlanId, bytes: encodePlan(plan) };
      this.plans.set(plan, encoded);
    }
    return encoded;
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const thread = this.freeThread();
      if (thread === undefined) return;
      const execution = this.queue.shift()!;
      thread.executions.set(execution.id, execution);
      this.homes.set(execution, thread);
      thread.worker.ref();
      void this.start(execution, thread);
    }
  }

  /** The thread with the fewest running statements; a new one rather than a busy one. */
  private freeThread(): Thread | undefined {
    let best: Thread | undefined;
    let bestRunning = threadStatementsMax;
    for (const thread of this.threads) {
      const running = runningIn(thread);
      if (running < bestRunning) {
        best = thread;
        bestRunning = running;
      }
    }
    const mayStart = this.threads.size < this.options.threads && this.isAvailable;
    if (mayStart && (best === undefined || bestRunning > 0)) return this.startThread();
    return best;
  }

  private async start(execution: ThreadExecution, thread: Thread): Promise<void> {
    const { plan, context } = execution;
    const { bytes, id: planId } = this.encoded(plan);
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
      send(thread, {
        kind: 'start',
        id: execution.id,
        planId,
        plan: bytes!,
        parameters: encodeValues(context.parameters),
        snapshot,
        session: sessionValues(context.functions),
        types: registeredValueTypes(),
        enums: registeredEnums(),
        ranges: registeredValueTypes().flatMap(({ oid }) => rangeInfoOf(oid) ?? []),
        workMemBytes: context.workMemBytes,
        spillDirectory: context.spillDirectory,
        stopWord: execution.stopWord,
        credits: threadBatchesAhead,
      });
    } catch (error) {
      // The memtable could not be written (a full disk): the main thread reads it where it is.
      execution.finish(execution.snapshot === undefined ? new ThreadRestart(true) : error);
      this.release(execution);
    }
  }

  private startThread(): Thread {
    const largestWord = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL(workerFile(), import.meta.url), {
      workerData: { largestWord } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: this.options.heapMegabytes },
    });
    const thread: Thread = {
      worker,
      largestWord,
      executions: new Map(),
      failure: undefined,
      ready: false,
    };
    this.threads.add(thread);
    worker.on('message', (message: FromThread) => this.receive(thread, message));
    worker.on('error', (error: Error) => (thread.failure = error));
    worker.on('exit', () => this.threadEnded(thread));
    worker.unref();
    return thread;
  }

  private receive(thread: Thread, message: FromThread): void {
    if (message.kind === 'ready') {
      thread.ready = true;
      this.failedStarts = 0;
      return;
    }
    const execution = thread.executions.get(message.id);
    if (execution === undefined) return;
    const wasRunning = isRunning(execution);
    if (message.kind !== 'closed' && !execution.closed) execution.receive(message);
    if (message.kind !== 'batch' && message.kind !== 'notice') this.release(execution);
    else if (wasRunning && !isRunning(execution)) this.dispatch();
  }

  /** The thread has let go of the statement, or never had it. */
  private release(execution: ThreadExecution): void {
    const thread = this.homes.get(execution);
    this.homes.delete(execution);
    if (execution.snapshot !== undefined) {
      execution.context.storage.releaseSnapshot(execution.snapshot);
      execution.snapshot = undefined;
    }
    if (thread === undefined) return;
    thread.executions.delete(execution.id);
    if (thread.executions.size === 0) thread.worker.unref();
    this.dispatch();
  }

  credit(execution: ThreadExecution, batches: number): void {
    execution.credits += batches;
    const thread = this.homes.get(execution);
    if (thread !== undefined) send(thread, { kind: 'credit', id: execution.id, batches });
  }

  abandon(execution: ThreadExecution): void {
    const thread = this.homes.get(execution);
    if (thread === undefined) {
      this.queue = this.queue.filter((queued) => queued !== execution);
      return;
    }
    // Before its snapshot is there, start() finds it closed.
    if (execution.finished || execution.snapshot === undefined) return;
    send(thread, { kind: 'close', id: execution.id });
    // Only a loop that never looks at the stop word gets here: the thread is lost to everybody.
    const timer = setTimeout(() => {
      if (this.homes.get(execution) === thread) void thread.worker.terminate();
    }, threadStopMs);
    timer.unref();
  }

  private threadEnded(thread: Thread): void {
    if (!this.threads.delete(thread)) return;
    if (!thread.ready) this.failedStarts++;
    if (!this.closing) this.options.onThreadLost?.(thread.failure);
    const largest = Atomics.load(thread.largestWord, 0);
    const isAlone = thread.executions.size === 1;
    for (const execution of thread.executions.values()) {
      if (execution.snapshot === undefined) continue;
      const isCulprit = thread.ready && (isAlone || execution.id === largest);
      execution.finish(isCulprit ? outOfMemory() : new ThreadRestart(!this.isAvailable));
      this.release(execution);
    }
    this.dispatch();
    if (!this.isAvailable) {
      for (const queued of this.queue.splice(0)) queued.finish(new ThreadRestart(true));
    }
  }

  /** No statement is running any more, or the ones that are will fail. */
  async close(): Promise<void> {
    this.closing = true;
    const ends = [...this.threads].map(async (thread) => {
      const ended = new Promise<void>((resolve) => thread.worker.once('exit', () => resolve()));
      for (const { stopWord } of thread.executions.values()) Atomics.store(stopWord, 0, 1);
      thread.worker.ref();
      send(thread, { kind: 'stop' });
      const timer = setTimeout(() => void thread.worker.terminate(), threadStopMs);
      await ended;
      clearTimeout(timer);
    });
    await Promise.all(ends);
  }
}

function workerFile(): string {
  return import.meta.url.endsWith('.ts') ? './plan-worker.ts' : './plan-worker.js';
}

function send(thread: Thread, message: ToThread): void {
  thread.worker.postMessage(message);
}

function isRunning(execution: ThreadExecution): boolean {
  return execution.credits > 0 && !execution.finished;
}

function runningIn(thread: Thread): number {
  let running = 0;
  for (const execution of thread.executions.values()) if (isRunning(execution)) running++;
  return running;
}
