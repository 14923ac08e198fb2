// What rows in memory count against: uncommitted ones (transaction/workspace.ts) and committed ones that are
// not in the pages yet (memtable/). The server gives the budget that its statements have, too.

export interface MemoryBudget {
  readonly limitBytes: number;
  /** Counts bytes that are wanted; 53200, and nothing is counted, when there would be too many. */
  take(bytes: number): void;
  /** Counts bytes that are there already; negative: gives them back. */
  note(bytes: number): void;
}

/** Counted in steps of this size, so that single rows cost nothing. */
export const memoryStepBytes = 1 << 20;

export const noBudget: MemoryBudget = {
  limitBytes: Infinity,
  take() {},
  note() {},
};
