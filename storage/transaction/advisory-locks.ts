// Advisory locks: names that applications lock (manual, 13.3.5), held by a session until it lets go or
// by a transaction until it ends, shared or exclusive. First come, first served; a session that holds a
// name in some mode goes ahead, and never waits for itself.
//
// Session holds are counted. A wait restarts the statement, which then asks again: the hold that the
// wait brought is counted when it is granted, and the call that finds it (`fresh`) does not count it twice.

import type { LockPolicy, Transaction } from '../contract.ts';
import { type LockOwner, LockWait } from './lock-wait.ts';
import type { ActiveTransaction } from './transaction.ts';

export type AdvisoryMode = 'shared' | 'exclusive';
/** What ends a hold: an unlock or the session's end, or the transaction's end. */
export type AdvisoryScope = 'session' | 'transaction';

/** A session. */
export interface AdvisoryHolder {
  /** What it waits with; undefined while it is idle. */
  readonly transaction: Transaction | undefined;
}

export interface AdvisoryRequest {
  /** Names with equal keys are one lock. */
  readonly key: string;
  readonly mode: AdvisoryMode;
  readonly scope: AdvisoryScope;
}

interface Hold extends AdvisoryRequest {
  readonly holder: AdvisoryHolder;
  count: number;
}

interface Waiter {
  readonly wait: LockWait;
  readonly holder: AdvisoryHolder;
  readonly request: AdvisoryRequest;
}

interface LockState {
  holds: Hold[];
  queue: Waiter[];
}

/** One line of pg_locks. */
export interface AdvisoryListing {
  readonly key: string;
  readonly mode: AdvisoryMode;
  readonly holder: AdvisoryHolder;
  readonly granted: boolean;
}

export class AdvisoryLocks {
  readonly #locks = new Map<string, LockState>();
  /** Holds that a wait has brought and that their statement has not asked for again. */
  readonly #fresh = new Set<Hold>();

  /** False with policy skip when it is not to be had. Throws LockWait. */
  acquire(holder: AdvisoryHolder, request: AdvisoryRequest, policy: LockPolicy): boolean {
    let state = this.#locks.get(request.key);
    if (state === undefined) {
      state = { holds: [], queue: [] };
      this.#locks.set(request.key, state);
    }
    const own = findHold(state, holder, request);
    if (own !== undefined) {
      if (!this.#fresh.delete(own)) own.count++;
      return true;
    }
    if (blockersOf(state, holder, request, undefined).length === 0) {
      this.#hold(state, holder, request);
      return true;
    }
    if (policy !== 'wait') return false;
    return this.#wait(state, holder, request);
  }

  #hold(state: LockState, holder: AdvisoryHolder, request: AdvisoryRequest): Hold {
    const hold: Hold = { ...request, holder, count: 1 };
    state.holds.push(hold);
    if (request.scope === 'transaction') {
      const end = (): void => this.#drop(state, hold);
      holder.transaction?.onCommit(end);
      holder.transaction?.onRollback(end);
    }
    return hold;
  }

  #wait(state: LockState, holder: AdvisoryHolder, request: AdvisoryRequest): never {
    const owner = holder.transaction as ActiveTransaction;
    const wait = new LockWait(owner, {
      description: `${request.mode === 'shared' ? 'ShareLock' : 'ExclusiveLock'} on advisory lock [${request.key}]`,
      blockers: (self) => ownersOf(blockersOf(state, holder, request, self)),
      withdraw: (self) => {
        state.queue = state.queue.filter((waiter) => waiter.wait !== self);
        this.#grantWaiters(request.key, state);
      },
    });
    const ahead = state.holds.some((hold) => hold.holder === holder);
    if (ahead) state.queue.unshift({ wait, holder, request });
    else state.queue.push({ wait, holder, request });
    wait.begin();
    // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error: no stack is taken
    throw wait;
  }

  #grantWaiters(key: string, state: LockState): void {
    for (const waiter of state.queue.slice()) {
      if (blockersOf(state, waiter.holder, waiter.request, waiter.wait).length > 0) continue;
      state.queue = state.queue.filter((other) => other !== waiter);
      this.#fresh.add(this.#hold(state, waiter.holder, waiter.request));
      waiter.wait.grant();
    }
    if (state.holds.length === 0 && state.queue.length === 0 && this.#locks.get(key) === state)
      this.#locks.delete(key);
  }

  #drop(state: LockState, hold: Hold): void {
    this.#fresh.delete(hold);
    if (!state.holds.includes(hold)) return;
    state.holds = state.holds.filter((other) => other !== hold);
    this.#grantWaiters(hold.key, state);
  }

  /** Undoes one acquire of session scope. False: the session does not hold it in this mode. */
  release(holder: AdvisoryHolder, key: string, mode: AdvisoryMode): boolean {
    const state = this.#locks.get(key);
    const hold =
      state === undefined ? undefined : findHold(state, holder, { key, mode, scope: 'session' });
    if (state === undefined || hold === undefined) return false;
    if (--hold.count === 0) this.#drop(state, hold);
    return true;
  }

  /** Lets go of all that the session holds, but not of what its transaction holds. */
  releaseSession(holder: AdvisoryHolder): void {
    if (this.#locks.size === 0) return;
    for (const state of [...this.#locks.values()]) {
      for (const hold of state.holds.slice()) {
        if (hold.holder === holder && hold.scope === 'session') this.#drop(state, hold);
      }
    }
  }

  *listing(): Iterable<AdvisoryListing> {
    for (const [key, state] of this.#locks) {
      for (const { mode, holder } of state.holds) yield { key, mode, holder, granted: true };
      for (const { request, holder } of state.queue)
        yield { key, mode: request.mode, holder, granted: false };
    }
  }
}

function findHold(
  state: LockState,
  holder: AdvisoryHolder,
  request: AdvisoryRequest,
): Hold | undefined {
  return state.holds.find(
    (hold) => hold.holder === holder && hold.mode === request.mode && hold.scope === request.scope,
  );
}

/** Sessions that hold it in a mode that is in the way, and those that wait for it longer. */
function blockersOf(
  state: LockState,
  holder: AdvisoryHolder,
  request: AdvisoryRequest,
  until: LockWait | undefined,
): AdvisoryHolder[] {
  const isInTheWay = (other: AdvisoryHolder, mode: AdvisoryMode): boolean =>
    other !== holder && (mode === 'exclusive' || request.mode === 'exclusive');
  const found: AdvisoryHolder[] = [];
  for (const hold of state.holds) if (isInTheWay(hold.holder, hold.mode)) found.push(hold.holder);
  if (state.holds.some((hold) => hold.holder === holder)) return found;
  for (const waiter of state.queue) {
    if (waiter.wait === until) break;
    if (isInTheWay(waiter.holder, waiter.request.mode)) found.push(waiter.holder);
  }
  return found;
}

/** Idle sessions wait for nothing, so they close no cycle. */
function ownersOf(holders: readonly AdvisoryHolder[]): LockOwner[] {
  return holders.flatMap(({ transaction }) =>
    transaction === undefined ? [] : [transaction as ActiveTransaction],
  );
}
