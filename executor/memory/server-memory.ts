// Bytes that all statements of the process hold, and the rows that are not in the pages yet, against the
// server's budget, and arrays that threads keep for statements to come. Every thread has a word of shared memory to
// itself, which it alone writes while it lives; the sum is read when a statement grows.

import { databaseError } from '#common';
import type { MemoryBudget } from '#storage';

const kilobyte = 1024;
/** Threads that are alive at the same time, the main thread among them. */
const slotsMax = 1024;

export interface ServerMemoryShare {
  /** Kilobytes by slot. */
  readonly words: Int32Array;
  readonly slot: number;
  readonly limitBytes: number;
  /** What the statements of this thread may hold together, because its heap is no larger. */
  readonly threadBytesMax: number;
  /** What each thread may keep beside its statements. */
  readonly keptBytesMax: number;
}

const mainSlot = 0;

/** A share for the main thread, from which those of other threads are made. */
export function newServerMemory(
  limits: Omit<ServerMemoryShare, 'words' | 'slot'>,
): ServerMemoryShare {
  const words = new Int32Array(new SharedArrayBuffer(slotsMax * Int32Array.BYTES_PER_ELEMENT));
  return { words, slot: mainSlot, ...limits };
}

/** Of this thread; undefined: there is no budget. */
let share: ServerMemoryShare | undefined;

export function useServerMemory(used: ServerMemoryShare | undefined): void {
  share = used;
}

/** A share for a thread with an own heap; its slot must be free. */
export function threadShare(slot: number): ServerMemoryShare | undefined {
  return share && { ...share, slot, threadBytesMax: Infinity };
}

/** The thread has ended, and holds nothing any more. */
export function forgetThread(slot: number): void {
  if (share !== undefined) Atomics.store(share.words, slot, 0);
}

/** Counts bytes that a statement of this thread has taken (or given back); 53200 when they are too many. */
export function countBytes(bytes: number): void {
  if (share === undefined) return;
  const { words, slot, limitBytes, threadBytesMax } = share;
  Atomics.add(words, slot, Math.trunc(bytes / kilobyte));
  if (bytes <= 0) return;
  if (Atomics.load(words, slot) * kilobyte > threadBytesMax || bytesInUse() > limitBytes)
    releaseKept();
  const own = Atomics.load(words, slot) * kilobyte;
  if (own > threadBytesMax)
    throw overBudget('the statements and transactions of the main thread', threadBytesMax);
  if (bytesInUse() > limitBytes)
    throw overBudget('all statements and transactions together', limitBytes);
}

/** Gives up all that this thread keeps for statements to come. */
let releaseKept = (): void => {};

export function whenScarce(release: () => void): void {
  releaseKept = release;
}

export function keptBytesMax(): number {
  return share?.keptBytesMax ?? Infinity;
}

/** Counts bytes that this thread keeps for statements to come (or gives up). */
export function countKept(bytes: number): void {
  if (share !== undefined) Atomics.add(share.words, share.slot, Math.trunc(bytes / kilobyte));
}

/** For the rows of transactions and of the memtable, all of which the main thread holds. */
export function memoryForRows({ words, slot, ...limits }: ServerMemoryShare): MemoryBudget {
  return {
    limitBytes: Math.min(limits.limitBytes, limits.threadBytesMax),
    take(bytes) {
      try {
        countBytes(bytes);
      } catch (error) {
        countBytes(-bytes);
        throw error;
      }
    },
    note(bytes) {
      Atomics.add(words, slot, Math.trunc(bytes / kilobyte));
    },
  };
}

export function bytesInUse(): number {
  if (share === undefined) return 0;
  let kilobytes = 0;
  for (let slot = 0; slot < slotsMax; slot++) kilobytes += Atomics.load(share.words, slot);
  return kilobytes * kilobyte;
}

function overBudget(who: string, limitBytes: number): Error {
  return databaseError('outOfMemory', 'out of memory', {
    detail: `With this one ${who} would hold more than ${shownBytes(limitBytes)} (lattice.server_memory).`,
    hint: 'Try again when others have ended, lower work_mem, or raise server_memory in the configuration.',
  });
}

export function shownBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= kilobyte && unit < units.length - 1) {
    value /= kilobyte;
    unit++;
  }
  return `${Math.round(value)} ${units[unit]}`;
}
