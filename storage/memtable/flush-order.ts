// A frozen memtable in the order in which the page store wants it: by tree, then key, each key with
// its versions newest first. Ordering happens in slices beforehand (MemtableOrdering), so that reading
// it in order is a walk.

import { setImmediate as nextTurn } from 'node:timers/promises';

import type { TreeId } from '../contract.ts';
import { limits } from '../limits.ts';
import type { FlushedKey } from '../page-store.ts';
import { type MemoryEntry, type Memtable, type OldVersion, valueOf } from './memtable.ts';

/** Puts every tree's keys in order, a slice per turn of the event loop. */
export async function orderMemtable(memtable: Memtable): Promise<void> {
  for (const tree of memtable.trees.values()) {
    while (!tree.ordered.order(limits.orderingSliceEntries)) await nextTurn();
  }
}

/** A generator is affordable here: it yields once a key, to the flush only. */
export function* flushOrder(memtable: Memtable): Generator<FlushedKey> {
  const trees = [...memtable.trees.entries()].sort(([left], [right]) => left - right);
  for (const [tree, memory] of trees) {
    memory.ordered.order();
    for (const block of memory.ordered.blocks) {
      for (const entry of block) yield flushedKey(tree, entry);
    }
  }
}

function flushedKey(tree: TreeId, entry: MemoryEntry): FlushedKey {
  const versions = [flushedVersion(entry)];
  const { older } = entry;
  if (older !== undefined) {
    for (let i = older.length - 1; i >= 0; i--) versions.push(flushedVersion(older[i]));
  }
  return { tree, key: entry.key, versions };
}

function flushedVersion(version: OldVersion): FlushedKey['versions'][number] {
  return { from: version.from, value: valueOf(version) };
}
