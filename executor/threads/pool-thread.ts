// One executor thread, as the main thread sees it.

import { type Transferable, Worker } from 'node:worker_threads';

import { threadShare } from '../memory/server-memory.ts';
import type { ThreadData, ToThread } from './protocol.ts';
import type { ThreadExecution } from './thread-execution.ts';

export class PoolThread {
  /** In the order in which the threads of a pool were started: a statement's threads keep their places. */
  readonly number: number;
  /** Of the server's memory budget. */
  readonly slot: number;
  readonly worker: Worker;
  readonly largestWord = new Int32Array(new SharedArrayBuffer(4));
  readonly executions = new Map<number, ThreadExecution>();
  /** Statements of other threads that it helps. */
  readonly helped = new Map<number, ThreadExecution>();
  failure: Error | undefined = undefined;
  ready = false;

  constructor(
    number: number,
    slot: number,
    options: Pick<ThreadData, 'niceness' | 'segmentCacheBytes'> & {
      readonly heapMegabytes: number;
    },
  ) {
    const { heapMegabytes, niceness, segmentCacheBytes } = options;
    this.number = number;
    this.slot = slot;
    this.worker = new Worker(new URL(workerFile(), import.meta.url), {
      workerData: {
        largestWord: this.largestWord,
        niceness,
        segmentCacheBytes,
        memory: threadShare(slot),
      } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    this.worker.unref();
  }

  /** Statements that use it right now; one whose client does not read, or which is over, does not. */
  get running(): number {
    let running = 0;
    for (const execution of this.executions.values()) if (isRunning(execution)) running++;
    for (const execution of this.helped.values()) if (!execution.finished) running++;
    return running;
  }

  get isIdle(): boolean {
    return this.executions.size === 0 && this.running === 0;
  }

  send(message: ToThread, transfer: readonly Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  /** The process stays alive for what it has to do. */
  hold(): void {
    this.worker.ref();
  }
  letGo(): void {
    if (this.executions.size === 0 && this.helped.size === 0) this.worker.unref();
  }
}

export function isRunning(execution: ThreadExecution): boolean {
  return execution.credits > 0 && !execution.finished;
}

function workerFile(): string {
  return import.meta.url.endsWith('.ts') ? './plan-worker.ts' : './plan-worker.js';
}
