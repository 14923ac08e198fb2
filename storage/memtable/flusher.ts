// Writes the memtable to the page store in the background: when it is large, when it is old, or when
// someone asks. Commits go on into a new memtable meanwhile.
//
// A flush: freeze the active memtable; wait until its last commit is durable in the log (the pages
// must never be ahead of the log); put its keys in order, slice by slice; hand it to the page store,
// which writes it in one synced transaction with the log position that it covers; then readers switch
// to the new page snapshot and the log before the position is trimmed. One flush runs at a time.

import type { TreeId } from '../contract.ts';
import { limits } from '../limits.ts';
import type { CommitLog } from '../log/commit-log.ts';
import { isDiskFull } from '../log/file-layer.ts';
import { type MemoryBudget, memoryStepBytes } from '../memory-budget.ts';
import type { FlushMetadata } from '../page-store.ts';
import type { CommittedState } from './committed-state.ts';
import { flushOrder, orderMemtable } from './flush-order.ts';

export interface FlusherOptions {
  readonly committed: CommittedState;
  readonly log: CommitLog;
  readonly counters: {
    snapshot(exact: boolean): Pick<FlushMetadata, 'nextTreeId' | 'nextOid' | 'counters' | 'rowIds'>;
  };
  readonly flushBytes: number;
  readonly flushAgeMs: number;
  readonly memory: MemoryBudget;
  /** A flush is in the pages; it has removed these trees. */
  readonly onFlushed: (droppedTrees: readonly TreeId[]) => void;
  /** A flush failed for another reason than a full disk. */
  readonly onFatal: (error: Error) => void;
}

interface PendingFlush {
  readonly metadata: FlushMetadata;
}

export class Flusher {
  readonly statistics = { flushes: 0 };
  readonly #options: FlusherOptions;
  #running: Promise<void> | undefined;
  /** Frozen and not written yet: the metadata of the moment of freezing. */
  #pending: PendingFlush | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #orderingScheduled = false;
  #closed = false;
  /** What the budget knows of. */
  #counted = 0;

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  /** The flush under way. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** Called after every commit. */
  grown(): void {
    const { committed, flushBytes, flushAgeMs } = this.#options;
    this.#count();
    if (committed.active.bytes >= flushBytes) {
      if (this.#running === undefined && this.#retryTimer === undefined) this.#flushInBackground();
    } else if (this.#ageTimer === undefined) {
      this.#ageTimer = setTimeout(() => {
        this.#ageTimer = undefined;
        if (this.#running === undefined) this.#flushInBackground();
      }, flushAgeMs);
      this.#ageTimer.unref();
    }
    this.#orderLater();
  }

  /** Resolves when everything committed before the call is in the page store. */
  async flush(exact = false): Promise<void> {
    const { committed } = this.#options;
    if (committed.flushing !== undefined) await (this.#running ?? this.#start(false));
    const hasTrees =
      'hasUnsavedAdoptions' in committed.store && committed.store.hasUnsavedAdoptions;
    if (exact || hasTrees || !committed.active.isEmpty) await (this.#running ?? this.#start(exact));
  }

  async close(): Promise<void> {
    clearTimeout(this.#ageTimer);
    clearTimeout(this.#retryTimer);
    this.#closed = true;
    await this.flush(true);
  }

  /** Ends the timers without writing anything: a crash, for tests. */
  abandon(): void {
    this.#closed = true;
    clearTimeout(this.#ageTimer);
    clearTimeout(this.#retryTimer);
  }

  /** These rows are committed and have to be held: the budget is told, not asked. */
  #count(): void {
    const { committed, memory } = this.#options;
    const change = committed.memoryBytes - this.#counted;
    if (Math.abs(change) < memoryStepBytes) return;
    const whole = Math.trunc(change / memoryStepBytes) * memoryStepBytes;
    memory.note(whole);
    this.#counted += whole;
  }

  #flushInBackground(): void {
    if (this.#closed) return;
    this.#start(false).catch((error: unknown) => {
      if (this.#closed) return;
      if (!isDiskFull(error)) {
        this.#options.onFatal(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = undefined;
        if (this.#running === undefined) this.#flushInBackground();
      }, limits.flushRetryMs);
      this.#retryTimer.unref();
    });
  }

  #start(exact: boolean): Promise<void> {
    this.#running = this.#run(exact).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(exact: boolean): Promise<void> {
    const { committed, log, counters } = this.#options;
    if (committed.flushing === undefined || this.#pending === undefined) {
      clearTimeout(this.#ageTimer);
      this.#ageTimer = undefined;
      const { lastCommit } = committed;
      const position = log.appendedPosition;
      this.#pending = { metadata: { position, lastCommit, ...counters.snapshot(exact) } };
      committed.freeze();
    }
    const frozen = committed.flushing;
    if (frozen === undefined) return;
    const { metadata } = this.#pending;
    await log.whenSynced(metadata.position);
    await orderMemtable(frozen);
    await committed.store.apply(flushOrder(frozen), [...frozen.droppedTrees], metadata);
    this.#pending = undefined;
    committed.flushed();
    this.#count();
    this.#options.onFlushed([...frozen.droppedTrees]);
    this.statistics.flushes++;
    log.trim(metadata.position);
    if (!this.#closed && committed.active.bytes > 0) this.grown();
  }

  /** Keys that wait for their place in order get it between other work, before a scan or flush asks. */
  #orderLater(): void {
    if (this.#orderingScheduled || this.#closed) return;
    const { active } = this.#options.committed;
    for (const tree of active.trees.values()) {
      if (tree.ordered.pendingCount <= limits.orderingPendingMax) continue;
      this.#orderingScheduled = true;
      setImmediate(() => {
        this.#orderingScheduled = false;
        tree.ordered.order(limits.orderingSliceEntries);
        this.#orderLater();
      });
      return;
    }
  }
}
