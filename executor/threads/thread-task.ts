/** What an executor thread runs in turns: a statement, or its part in another thread's statement. */
export interface ThreadTask {
  readonly id: number;
  /** Bytes, summed up over its slices; garbage that is collected meanwhile counts against it. */
  heapGrowth: number;
  readonly isRunnable: boolean;
  addCredits(batches: number): void;
  /** Runs until its slice is used up or it must wait; false when it is over. */
  runSlice(): boolean;
  /** Ends it with an error from outside. */
  fail(error: Error): void;
  close(): void;
}
