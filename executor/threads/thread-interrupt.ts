// Looks at the words by which others stop a statement on an executor thread, and at its time slice.

import type { Interrupt } from '../contract.ts';
import { threadSliceMs } from '../limits.ts';
import { StatementStopped } from './thread-context.ts';

/** Place of the stop word in a run's control block (parallel/run-control.ts). */
const runStopWord = 1;

export class ThreadInterrupt implements Interrupt {
  private readonly stopWord: Int32Array;
  private readonly runWords: Int32Array | undefined;
  private sliceEnd = 0;

  constructor(stopWord: Int32Array, runWords?: Int32Array) {
    this.stopWord = stopWord;
    this.runWords = runWords;
  }

  newSlice(): void {
    this.sliceEnd = performance.now() + threadSliceMs;
  }

  check(): void {
    if (Atomics.load(this.stopWord, 0) !== 0) throw new StatementStopped();
    if (this.runWords !== undefined && Atomics.load(this.runWords, runStopWord) !== 0)
      throw new StatementStopped();
  }

  sliceOver(): boolean {
    return performance.now() > this.sliceEnd;
  }
}
