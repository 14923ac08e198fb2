// Table locks in PostgreSQL's eight modes (manual, 13.3.1, table 13.2). The usual request is a weak
// mode (reading, writing) that meets nothing but weak modes: one map lookup and one mask decide it.
// First come, first served, as for rows; a transaction that holds the table in some mode goes ahead.

import { type LockPolicy, TableLock, type TableLockMode } from '../contract.ts';
import { tableLockNotAvailable } from '../errors.ts';
import { type LockOwner, LockWait } from './lock-wait.ts';

const bit = (mode: TableLockMode): number => 1 << mode;
const strongModes =
  bit(TableLock.share) |
  bit(TableLock.shareRowExclusive) |
  bit(TableLock.exclusive) |
  bit(TableLock.accessExclusive);
const allModes = strongModes | bit(1) | bit(2) | bit(3) | bit(4);

/** By mode: the modes that it conflicts with. */
const conflicts: readonly number[] = [
  0,
  bit(TableLock.accessExclusive),
  bit(TableLock.exclusive) | bit(TableLock.accessExclusive),
  strongModes,
  strongModes | bit(TableLock.shareUpdateExclusive),
  allModes & ~(bit(1) | bit(2) | bit(TableLock.share)),
  allModes & ~(bit(1) | bit(2)),
  allModes & ~bit(1),
  allModes,
];

const modeNames = [
  '',
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** "AccessShareLock" … */
export function tableLockName(mode: TableLockMode): string {
  return modeNames[mode];
}

interface Waiter {
  readonly wait: LockWait;
  readonly mode: TableLockMode;
}

interface TableLockState {
  readonly oid: number;
  /** Modes held, as bits, by owner. */
  readonly holders: Map<TableLockOwner, number>;
  /** Union of the holders' modes; recomputed when one leaves. */
  granted: number;
  queue: Waiter[];
}

/** A transaction, as this table sees it. */
export interface TableLockOwner extends LockOwner {
  /** Modes held, as bits, by oid; undefined until the first. */
  tableLocks: Map<number, number> | undefined;
}

export class TableLocks {
  readonly statistics = { waits: 0 };
  readonly #tables = new Map<number, TableLockState>();

  /** Throws LockWait (wait) or 55P03 (nowait, skip). */
  acquire(owner: TableLockOwner, oid: number, mode: TableLockMode, policy: LockPolicy): void {
    const own = owner.tableLocks?.get(oid) ?? 0;
    if ((own & bit(mode)) !== 0) return;
    let state = this.#tables.get(oid);
    if (state === undefined) {
      state = { oid, holders: new Map(), granted: 0, queue: [] };
      this.#tables.set(oid, state);
    }
    const isFree = (conflicts[mode] & state.granted) === 0 && state.queue.length === 0;
    if (isFree || !isBlocked(state, owner, mode, own !== 0, undefined)) {
      hold(state, owner, mode);
      return;
    }
    if (policy !== 'wait') throw tableLockNotAvailable();
    this.#wait(owner, state, mode, own !== 0);
  }

  isReadable(oid: number): boolean {
    const state = this.#tables.get(oid);
    if (state === undefined) return true;
    return (conflicts[TableLock.accessShare] & state.granted) === 0 && state.queue.length === 0;
  }

  releaseAll(owner: TableLockOwner): void {
    if (owner.tableLocks === undefined) return;
    const oids = owner.tableLocks.keys();
    owner.tableLocks = undefined;
    for (const oid of oids) {
      const state = this.#tables.get(oid) as TableLockState;
      state.holders.delete(owner);
      state.granted = 0;
      for (const modes of state.holders.values()) state.granted |= modes;
      this.#grantWaiters(state);
    }
  }

  #wait(
    owner: TableLockOwner,
    state: TableLockState,
    mode: TableLockMode,
    isUpgrade: boolean,
  ): never {
    this.statistics.waits++;
    const wait = new LockWait(owner, {
      description: `${modeNames[mode]} on relation ${state.oid}`,
      blockers: (self) => blockersOf(state, owner, mode, isUpgrade, self),
      withdraw: (self) => {
        state.queue = state.queue.filter((waiter) => waiter.wait !== self);
        this.#grantWaiters(state);
      },
    });
    let place = state.queue.length;
    if (isUpgrade) {
      place = state.queue.findIndex(
        (other) => !state.holders.has(other.wait.owner as TableLockOwner),
      );
      if (place < 0) place = state.queue.length;
    }
    state.queue.splice(place, 0, { wait, mode });
    wait.begin();
    // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error: no stack is taken
    throw wait;
  }

  *listing(): Iterable<{
    oid: number;
    mode: TableLockMode;
    transaction: LockOwner;
    granted: boolean;
  }> {
    for (const { oid, holders, queue } of this.#tables.values()) {
      for (const [transaction, modes] of holders) {
        for (const mode of Object.values(TableLock))
          if ((modes & bit(mode)) !== 0) yield { oid, mode, transaction, granted: true };
      }
      for (const { wait, mode } of queue)
        yield { oid, mode, transaction: wait.owner, granted: false };
    }
  }

  #grantWaiters(state: TableLockState): void {
    for (const waiter of state.queue.slice()) {
      const owner = waiter.wait.owner as TableLockOwner;
      if (isBlocked(state, owner, waiter.mode, state.holders.has(owner), waiter.wait)) continue;
      state.queue = state.queue.filter((other) => other !== waiter);
      hold(state, owner, waiter.mode);
      waiter.wait.grant();
    }
    if (state.holders.size === 0 && state.queue.length === 0) this.#tables.delete(state.oid);
  }
}

function hold(state: TableLockState, owner: TableLockOwner, mode: TableLockMode): void {
  owner.tableLocks ??= new Map<number, number>();
  const modes = (owner.tableLocks.get(state.oid) ?? 0) | bit(mode);
  owner.tableLocks.set(state.oid, modes);
  state.holders.set(owner, modes);
  state.granted |= modes;
}

function isBlocked(
  state: TableLockState,
  owner: TableLockOwner,
  mode: TableLockMode,
  isUpgrade: boolean,
  until: LockWait | undefined,
): boolean {
  for (const _ of blockersOf(state, owner, mode, isUpgrade, until)) return true;
  return false;
}

function* blockersOf(
  state: TableLockState,
  owner: TableLockOwner,
  mode: TableLockMode,
  isUpgrade: boolean,
  until: LockWait | undefined,
): Generator<LockOwner> {
  const inTheWay = conflicts[mode];
  for (const [holder, modes] of state.holders) {
    if (holder !== owner && (modes & inTheWay) !== 0) yield holder;
  }
  if (isUpgrade) return;
  for (const waiter of state.queue) {
    if (waiter.wait === until) return;
    if (waiter.wait.owner !== owner && (bit(waiter.mode) & inTheWay) !== 0) yield waiter.wait.owner;
  }
}
