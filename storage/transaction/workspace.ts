// A transaction's own writes until it commits: per tree a map from key to the newest own version, with
// earlier own versions behind it, so that savepoints roll back and a cursor sees what had been written
// when it was opened (a statement must not meet the rows that it is just writing).
//
// Every write pushes its slot on the undo list; a write's sequence is the length of that list after it.
// A savepoint is a length of the list.

import type { Key, TreeId } from '../contract.ts';
import { workspaceFull } from '../errors.ts';
import { limits } from '../limits.ts';
import { deletedLength } from '../memtable/memtable.ts';
import { OrderedEntries } from '../memtable/ordered-entries.ts';
import type { ValueSlabs } from '../memtable/value-slabs.ts';

/** length of a slot whose writes were all undone. */
export const absentLength = -2;
const slotOverheadBytes = 150;

export interface WorkVersion {
  readonly sequence: number;
  readonly slab: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly previous: WorkVersion | undefined;
}

export class WorkSlot implements WorkVersion {
  readonly key: Key;
  sequence: number;
  slab: Uint8Array;
  offset: number;
  length: number;
  previous: WorkVersion | undefined = undefined;

  constructor(key: Key, sequence: number, slab: Uint8Array, offset: number, length: number) {
    this.key = key;
    this.sequence = sequence;
    this.slab = slab;
    this.offset = offset;
    this.length = length;
  }

  /** The version as of a point of the undo list; undefined when there was none. */
  asOf(sequence: number): WorkVersion | undefined {
    let version: WorkVersion | undefined = this.length === absentLength ? undefined : this;
    while (version !== undefined && version.sequence > sequence) version = version.previous;
    return version;
  }

  undo(): void {
    const { previous } = this;
    if (previous === undefined) {
      this.length = absentLength;
      this.sequence = 0;
      this.slab = noBytes;
      return;
    }
    this.sequence = previous.sequence;
    this.slab = previous.slab;
    this.offset = previous.offset;
    this.length = previous.length;
    this.previous = previous.previous;
  }
}

export class TreeWrites {
  readonly tree: TreeId;
  readonly slots = new Map<Key, WorkSlot>();
  readonly ordered = new OrderedEntries<WorkSlot>();

  constructor(tree: TreeId) {
    this.tree = tree;
  }
}

/** Something other than a row write that a rollback must take back. */
interface UndoAction {
  readonly undo: () => void;
}

const noBytes = new Uint8Array(0);

export class Workspace {
  readonly trees = new Map<TreeId, TreeWrites>();
  /** Rough bytes held. */
  bytes = 0;
  readonly #undo: UndoAction[] = [];
  readonly #slabs: ValueSlabs;
  readonly #bytesMax: number;

  constructor(slabs: ValueSlabs, bytesMax: number = limits.workspaceBytesMax) {
    this.#slabs = slabs;
    this.#bytesMax = bytesMax;
  }

  get sequence(): number {
    return this.#undo.length;
  }

  put(tree: TreeId, key: Key, value: Uint8Array): void {
    this.#slabs.append(value);
    this.#write(tree, key, this.#slabs.slab, this.#slabs.offset, value.length);
  }

  remove(tree: TreeId, key: Key): void {
    this.#write(tree, key, noBytes, 0, deletedLength);
  }

  #write(tree: TreeId, key: Key, slab: Uint8Array, offset: number, length: number): void {
    let writes = this.trees.get(tree);
    if (writes === undefined) {
      writes = new TreeWrites(tree);
      this.trees.set(tree, writes);
    }
    this.bytes += slotOverheadBytes + key.length + (length > 0 ? length : 0);
    if (this.bytes > this.#bytesMax) throw workspaceFull(this.bytes);
    const sequence = this.#undo.length + 1;
    let slot = writes.slots.get(key);
    if (slot === undefined) {
      slot = new WorkSlot(key, sequence, slab, offset, length);
      writes.slots.set(key, slot);
      writes.ordered.add(slot);
    } else {
      if (slot.length !== absentLength) {
        slot.previous = {
          sequence: slot.sequence,
          slab: slot.slab,
          offset: slot.offset,
          length: slot.length,
          previous: slot.previous,
        };
      }
      slot.sequence = sequence;
      slot.slab = slab;
      slot.offset = offset;
      slot.length = length;
    }
    this.#undo.push(slot);
  }

  /** Notes an effect outside of the rows; it has a place in the order of writes. */
  note(undo: () => void): void {
    this.#undo.push({ undo });
  }

  rollbackTo(sequence: number): void {
    while (this.#undo.length > sequence) (this.#undo.pop() as UndoAction).undo();
  }

  /** The newest own version of a key; undefined when there is none. */
  find(tree: TreeId, key: Key): WorkSlot | undefined {
    const slot = this.trees.get(tree)?.slots.get(key);
    return slot === undefined || slot.length === absentLength ? undefined : slot;
  }
}
