// The build thread as the segment manager sees it: started when it is needed, one build at a time. It
// keeps the process alive only while it builds.

import { Worker } from 'node:worker_threads';
import { limits } from '../limits.ts';
import type { BuildAnswer, BuildRequest } from './build-protocol.ts';

export class BuildThread {
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  run(request: BuildRequest): Promise<BuildAnswer> {
    clearTimeout(this.#idleTimer);
    this.#worker ??= this.#startWorker();
    const worker = this.#worker;
    worker.ref();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        worker.off('message', receive);
        worker.off('error', fail);
        worker.off('exit', fail);
        worker.unref();
        this.#endWhenIdle();
        settle();
      };
      const receive = (answer: BuildAnswer): void => finish(() => resolve(answer));
      const fail = (error: unknown): void => {
        this.#worker = undefined;
        const reason = error instanceof Error ? error : new Error('the build thread ended');
        finish(() => reject(reason));
      };
      worker.on('message', receive);
      worker.on('error', fail);
      worker.on('exit', fail);
      worker.postMessage(request);
    });
  }
  #startWorker(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './build-worker.ts' : './build-worker.js';
    const worker = new Worker(new URL(file, import.meta.url));
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    worker.unref();
    return worker;
  }
  /** A thread that has built a large table holds memory that nobody needs until the next build. */
  #endWhenIdle(): void {
    this.#idleTimer = setTimeout(() => {
      void this.terminate();
    }, limits.segmentThreadIdleMs).unref();
  }
  async terminate(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
