// Row locks and unique-key locks (a lock on an index key), in PostgreSQL's four modes (manual,
// 13.3.2). First come, first served: a request also waits for conflicting requests that were queued
// before it, unless its transaction holds the lock in some mode already (then it goes ahead of them,
// or upgrades would deadlock for nothing).
//
// Escalation: a transaction with very many locks in a tree in which nobody else holds or awaits any
// gets one lock on the whole tree, which conflicts with every other one there.

import { assert } from '#common';
import { type Key, type LockPolicy, RowLock, type RowLockMode, type TreeId } from '../contract.ts';
import { rowLockNotAvailable } from '../errors.ts';
import { limits } from '../limits.ts';
import { type LockOwner, LockWait } from './lock-wait.ts';

/** Bit m of conflicts[k]: mode m held by another stands in the way of mode k. */
const conflicts: readonly number[] = [
  1 << RowLock.update,
  (1 << RowLock.noKeyUpdate) | (1 << RowLock.update),
  (1 << RowLock.share) | (1 << RowLock.noKeyUpdate) | (1 << RowLock.update),
  0b1111,
];

const modeNames = ['KeyShareLock', 'ShareLock', 'NoKeyUpdateLock', 'ExclusiveLock'];

interface Waiter {
  readonly wait: LockWait;
  readonly mode: RowLockMode;
}

/** A lock that someone holds or awaits. The first holder lies in the object; few have a second. */
class RowLockState {
  readonly tree: TreeLocks;
  readonly key: Key;
  holder: RowLockOwner | undefined;
  /** Bits of the modes that the first holder has taken. */
  modes: number;
  others: Map<RowLockOwner, number> | undefined = undefined;
  queue: Waiter[] | undefined = undefined;

  constructor(tree: TreeLocks, key: Key, holder: RowLockOwner, modes: number) {
    this.tree = tree;
    this.key = key;
    this.holder = holder;
    this.modes = modes;
  }

  modesOf(owner: RowLockOwner): number {
    if (this.holder === owner) return this.modes;
    return this.others?.get(owner) ?? 0;
  }
}

interface TreeLocks {
  readonly tree: TreeId;
  readonly locks: Map<Key, RowLockState>;
  /** Who holds the whole tree, and who waits for that to end. */
  escalatedBy: RowLockOwner | undefined;
  treeQueue: LockWait[];
}

/** A transaction, as this table sees it: it remembers its locks for the release. */
export interface RowLockOwner extends LockOwner {
  readonly rowLocks: RowLockList;
}

/** The locks of one transaction. Belongs to this module. */
export class RowLockList {
  held: RowLockState[] = [];
  escalated: TreeLocks[] = [];
  /** Locks taken since the last look at whether to escalate. */
  sinceEscalation = 0;
}

export class RowLocks {
  readonly statistics = { waits: 0 };
  readonly #trees = new Map<TreeId, TreeLocks>();
  readonly #escalateAt: number;

  constructor(escalateAt: number = limits.rowLocksPerTreeMax) {
    this.#escalateAt = escalateAt;
  }

  /** Returns whether the lock is held now. Throws LockWait (wait) or 55P03 (nowait). */
  acquire(
    owner: RowLockOwner,
    tree: TreeId,
    key: Key,
    mode: RowLockMode,
    policy: LockPolicy,
  ): boolean {
    let treeLocks = this.#trees.get(tree);
    if (treeLocks === undefined) {
      treeLocks = { tree, locks: new Map(), escalatedBy: undefined, treeQueue: [] };
      this.#trees.set(tree, treeLocks);
    }
    if (treeLocks.escalatedBy !== undefined) {
      if (treeLocks.escalatedBy === owner) return true;
      return this.#refuseOrWaitForTree(owner, treeLocks, policy);
    }
    const state = treeLocks.locks.get(key);
    if (state === undefined) {
      const added = new RowLockState(treeLocks, key, owner, 1 << mode);
      treeLocks.locks.set(key, added);
      owner.rowLocks.held.push(added);
      if (++owner.rowLocks.sinceEscalation >= this.#escalateAt) this.#escalate(owner, treeLocks);
      return true;
    }
    const own = state.modesOf(owner);
    if (own >> mode !== 0) return true;
    if (!this.#isBlocked(state, owner, mode, own !== 0, undefined)) {
      hold(state, owner, mode);
      return true;
    }
    if (policy === 'skip') return false;
    if (policy === 'nowait') throw rowLockNotAvailable();
    return this.#wait(owner, state, mode, own !== 0);
  }

  releaseAll(owner: RowLockOwner): void {
    const list = owner.rowLocks;
    const { held, escalated } = list;
    if (held.length > 0) {
      list.held = [];
      for (const state of held) this.#release(state, owner);
    }
    if (escalated.length > 0) {
      list.escalated = [];
      for (const treeLocks of escalated) {
        treeLocks.escalatedBy = undefined;
        const queue = treeLocks.treeQueue;
        treeLocks.treeQueue = [];
        for (const wait of queue) wait.grant();
        if (treeLocks.locks.size === 0) this.#trees.delete(treeLocks.tree);
      }
    }
  }

  #release(state: RowLockState, owner: RowLockOwner): void {
    if (state.holder === owner) {
      state.holder = undefined;
      state.modes = 0;
      const next = state.others?.entries().next().value;
      if (next !== undefined) {
        state.others?.delete(next[0]);
        [state.holder, state.modes] = next;
      }
    } else {
      state.others?.delete(owner);
    }
    if (state.queue !== undefined) this.#grantWaiters(state);
    this.#forgetIfFree(state);
  }

  #forgetIfFree(state: RowLockState): void {
    if (state.holder !== undefined || (state.queue?.length ?? 0) > 0) return;
    const { tree } = state;
    if (tree.locks.get(state.key) === state) tree.locks.delete(state.key);
    if (tree.locks.size === 0 && tree.escalatedBy === undefined && tree.treeQueue.length === 0) {
      this.#trees.delete(tree.tree);
    }
  }

  /** Holders, and (unless the owner holds the lock already) those queued before `until`. */
  #isBlocked(
    state: RowLockState,
    owner: RowLockOwner,
    mode: RowLockMode,
    isUpgrade: boolean,
    until: LockWait | undefined,
  ): boolean {
    for (const _ of this.#blockersOf(state, owner, mode, isUpgrade, until)) return true;
    return false;
  }

  *#blockersOf(
    state: RowLockState,
    owner: LockOwner,
    mode: RowLockMode,
    isUpgrade: boolean,
    until: LockWait | undefined,
  ): Generator<LockOwner> {
    const inTheWay = conflicts[mode];
    if (state.holder !== undefined && state.holder !== owner && (state.modes & inTheWay) !== 0) {
      yield state.holder;
    }
    if (state.others !== undefined) {
      for (const [other, modes] of state.others) {
        if (other !== owner && (modes & inTheWay) !== 0) yield other;
      }
    }
    if (isUpgrade || state.queue === undefined) return;
    for (const waiter of state.queue) {
      if (waiter.wait === until) return;
      if (waiter.wait.owner !== owner && (inTheWay & (1 << waiter.mode)) !== 0) {
        yield waiter.wait.owner;
      }
    }
  }

  #wait(owner: RowLockOwner, state: RowLockState, mode: RowLockMode, isUpgrade: boolean): never {
    this.statistics.waits++;
    const queue = (state.queue ??= []);
    const wait = new LockWait(owner, {
      description: `${modeNames[mode]} on tuple of tree ${state.tree.tree}`,
      blockers: (self) => this.#blockersOf(state, owner, mode, isUpgrade, self),
      withdraw: (self) => {
        state.queue = (state.queue ?? []).filter((waiter) => waiter.wait !== self);
        this.#grantWaiters(state);
        this.#forgetIfFree(state);
      },
    });
    // Upgrades stand before the others, behind earlier upgrades.
    let place = queue.length;
    if (isUpgrade) {
      place = queue.findIndex((other) => state.modesOf(other.wait.owner as RowLockOwner) === 0);
      if (place < 0) place = queue.length;
    }
    queue.splice(place, 0, { wait, mode });
    wait.begin();
    // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error: no stack is taken
    throw wait;
  }

  #grantWaiters(state: RowLockState): void {
    const queue = state.queue;
    if (queue === undefined || queue.length === 0) return;
    for (const waiter of queue.slice()) {
      const owner = waiter.wait.owner as RowLockOwner;
      const own = state.modesOf(owner);
      if (this.#isBlocked(state, owner, waiter.mode, own !== 0, waiter.wait)) continue;
      state.queue = (state.queue as Waiter[]).filter((other) => other !== waiter);
      hold(state, owner, waiter.mode);
      waiter.wait.grant();
    }
    if (state.queue?.length === 0) state.queue = undefined;
  }

  /** Replaces the owner's locks in a tree by one on the tree, when nobody else has any there. */
  #escalate(owner: RowLockOwner, treeLocks: TreeLocks): void {
    const list = owner.rowLocks;
    list.sinceEscalation = 0;
    if (treeLocks.locks.size < this.#escalateAt / 2) return;
    for (const state of treeLocks.locks.values()) {
      const isAlone = state.holder === owner && (state.others?.size ?? 0) === 0;
      if (!isAlone || state.queue !== undefined) return;
    }
    assert(treeLocks.escalatedBy === undefined, 'one escalation a tree');
    treeLocks.escalatedBy = owner;
    treeLocks.locks.clear();
    list.escalated.push(treeLocks);
    list.held = list.held.filter((state) => state.tree !== treeLocks);
  }

  #refuseOrWaitForTree(owner: RowLockOwner, treeLocks: TreeLocks, policy: LockPolicy): boolean {
    if (policy === 'skip') return false;
    if (policy === 'nowait') throw rowLockNotAvailable();
    this.statistics.waits++;
    const wait = new LockWait(owner, {
      description: `ExclusiveLock on tree ${treeLocks.tree}`,
      blockers: () => (treeLocks.escalatedBy === undefined ? [] : [treeLocks.escalatedBy]),
      withdraw: (self) => {
        treeLocks.treeQueue = treeLocks.treeQueue.filter((other) => other !== self);
      },
    });
    treeLocks.treeQueue.push(wait);
    wait.begin();
    // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error: no stack is taken
    throw wait;
  }
}

function hold(state: RowLockState, owner: RowLockOwner, mode: RowLockMode): void {
  if (state.holder === owner) {
    state.modes |= 1 << mode;
    return;
  }
  if (state.holder === undefined) {
    state.holder = owner;
    state.modes = 1 << mode;
    owner.rowLocks.held.push(state);
    return;
  }
  const others = (state.others ??= new Map<RowLockOwner, number>());
  const own = others.get(owner);
  if (own === undefined) owner.rowLocks.held.push(state);
  others.set(owner, (own ?? 0) | (1 << mode));
}
