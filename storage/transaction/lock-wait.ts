// Waiting for locks: the signal that a statement throws when it must wait, and the search for
// deadlocks. Execution is synchronous, so a wait is an exception: the statement driver rolls back to
// the statement's start, awaits `granted`, and runs the statement again, now holding the lock.
//
// Deadlocks are found when a wait begins: the new wait asks who stands in its way, those ask in turn,
// and whoever closes a cycle is the victim (40P01). As a cycle can only appear when a wait begins (a
// lock that is granted later never adds an edge to a transaction that waits), no timer is needed.

import { assert } from '#common';
import type { LockWaitSignal } from '../contract.ts';
import { deadlockDetected, lockTimeout } from '../errors.ts';

/** What the lock tables know of a transaction. */
export interface LockOwner {
  readonly id: number;
  readonly lockTimeoutMs: number;
  waiting: LockWait | undefined;
  /** It was chosen as the victim of a deadlock. */
  deadlocked(): void;
}

/** Thrown to the statement driver; see LockWaitSignal. */
export class LockWait implements LockWaitSignal {
  readonly owner: LockOwner;
  /** "ShareLock on relation 16384", for the deadlock report. */
  readonly description: string;
  readonly granted: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (reason: Error) => void;
  readonly #blockers: (wait: LockWait) => Iterable<LockOwner>;
  readonly #withdraw: (wait: LockWait) => void;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(
    owner: LockOwner,
    queue: {
      readonly description: string;
      /** Owners that must finish before this wait ends. */
      readonly blockers: (wait: LockWait) => Iterable<LockOwner>;
      /** Takes the wait out of its queue; called once, unless it was granted. */
      readonly withdraw: (wait: LockWait) => void;
    },
  ) {
    this.owner = owner;
    this.description = queue.description;
    this.#blockers = queue.blockers;
    this.#withdraw = queue.withdraw;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.granted = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    // The driver awaits `granted` a little later; a rejection before that is not an unhandled one.
    promise.catch(() => {});
  }

  /** Starts waiting; the wait is in its queue. Throws 40P01 when that closes a cycle. */
  begin(): void {
    assert(this.owner.waiting === undefined, 'a transaction waits for one lock at a time');
    this.owner.waiting = this;
    const cycle = findCycle(this);
    if (cycle !== undefined) {
      this.#settle();
      this.#withdraw(this);
      this.owner.deadlocked();
      throw deadlockDetected(describeCycle(cycle));
    }
    if (this.owner.lockTimeoutMs > 0) {
      this.#timer = setTimeout(() => this.cancel(lockTimeout()), this.owner.lockTimeoutMs);
    }
  }

  grant(): void {
    if (this.#settled) return;
    this.#settle();
    this.#resolve();
  }

  cancel(reason: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#withdraw(this);
    this.#reject(reason);
  }

  get isForRow(): boolean {
    return / on (?:tuple of )?tree /.test(this.description);
  }

  blockers(): Iterable<LockOwner> {
    return this.#blockers(this);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.owner.waiting = undefined;
  }
}

/** Under READ COMMITTED a locked row has a newer version: run the statement again on a new snapshot. */
export class StatementRestart {
  readonly kind = 'statement restart';
}

/** The waits from `start` back to its own owner, or undefined. */
function findCycle(start: LockWait): LockWait[] | undefined {
  const visited = new Set<LockOwner>();
  const path: LockWait[] = [];
  const visit = (wait: LockWait): boolean => {
    path.push(wait);
    for (const blocker of wait.blockers()) {
      if (blocker === start.owner) return true;
      if (visited.has(blocker)) continue;
      visited.add(blocker);
      if (blocker.waiting !== undefined && visit(blocker.waiting)) return true;
    }
    path.pop();
    return false;
  };
  return visit(start) ? path : undefined;
}

function describeCycle(cycle: readonly LockWait[]): string {
  return cycle
    .map((wait, ordinal) => {
      const blocker = cycle[ordinal + 1] ?? cycle[0];
      return `Process ${wait.owner.id} waits for ${wait.description}; blocked by process ${blocker.owner.id}.`;
    })
    .join('\n');
}
