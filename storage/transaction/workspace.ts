// A transaction's own writes until it commits: per tree a map from key to the newest own version, with
// earlier own versions behind it, so that savepoints roll back and a cursor sees what had been written
// when it was opened (a statement must not meet the rows that it is just writing).
//
// Every write pushes its entry on the undo list; a write's sequence is the length of that list after it.
// A savepoint is a length of the list.

import type { CommitTimestamp, Key, TreeId } from '../contract.ts';
import { workspaceFull } from '../errors.ts';
import { limits } from '../limits.ts';
import { type MemoryBudget, memoryStepBytes } from '../memory-budget.ts';
import { MemoryEntry, type OwnVersion, absentLength, deletedLength } from '../memtable/memtable.ts';
import { OrderedEntries } from '../memtable/ordered-entries.ts';
import type { ValueSlabs } from '../memtable/value-slabs.ts';

/** `from` of an own write: after everything committed, before the open end. */
export const ownWriteFrom: CommitTimestamp = Number.MAX_SAFE_INTEGER - 1;

const entryOverheadBytes = 150;

/** The version as of a point of the undo list; undefined when there was none. */
export function ownVersionAt(entry: MemoryEntry, sequence: number): OwnVersion | undefined {
  let version: OwnVersion | undefined = entry.length === absentLength ? undefined : entry;
  while (version !== undefined && version.sequence > sequence) version = version.previous;
  return version;
}

export class TreeWrites {
  readonly tree: TreeId;
  readonly entries = new Map<Key, MemoryEntry>();
  readonly ordered = new OrderedEntries<MemoryEntry>();
  /** Some entry has no version left. */
  hasUndone = false;

  constructor(tree: TreeId) {
    this.tree = tree;
  }

  undo(entry: MemoryEntry): void {
    const { previous } = entry;
    if (previous === undefined) {
      entry.length = absentLength;
      entry.sequence = 0;
      entry.slab = noBytes;
      this.hasUndone = true;
      return;
    }
    entry.sequence = previous.sequence;
    entry.slab = previous.slab;
    entry.offset = previous.offset;
    entry.length = previous.length;
    entry.previous = previous.previous;
  }
}

/** Something other than a row write that a rollback must take back. */
type UndoAction = () => void;

const noBytes = new Uint8Array(0);

export class Workspace {
  readonly trees = new Map<TreeId, TreeWrites>();
  /** Rough bytes held. */
  bytes = 0;
  readonly #undo: (MemoryEntry | UndoAction)[] = [];
  /** Where each write went; parallel to #undo. */
  readonly #undoTrees: (TreeWrites | undefined)[] = [];
  readonly #slabs: ValueSlabs;
  readonly #memory: MemoryBudget;
  /** What the budget knows of. */
  #counted = 0;
  /** Past this the budget is asked. */
  #countAt = memoryStepBytes;

  constructor(slabs: ValueSlabs, memory: MemoryBudget) {
    this.#slabs = slabs;
    this.#memory = memory;
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
    this.bytes += entryOverheadBytes + key.length + (length > 0 ? length : 0);
    if (this.bytes > this.#countAt) this.#count();
    const sequence = this.#undo.length + 1;
    let entry = writes.entries.get(key);
    if (entry === undefined) {
      entry = new MemoryEntry(key, ownWriteFrom, { slab, offset, length }, sequence);
      writes.entries.set(key, entry);
      writes.ordered.add(entry);
    } else {
      if (entry.length !== absentLength) {
        entry.previous = {
          sequence: entry.sequence,
          slab: entry.slab,
          offset: entry.offset,
          length: entry.length,
          previous: entry.previous,
        };
      }
      entry.sequence = sequence;
      entry.slab = slab;
      entry.offset = offset;
      entry.length = length;
    }
    this.#undo.push(entry);
    this.#undoTrees.push(writes);
  }

  /** 53200 when all transactions and statements, or this one alone, would hold too much. */
  #count(): void {
    if (this.bytes > limits.workspaceBytesMax) throw workspaceFull(this.bytes);
    const wanted = Math.ceil(this.bytes / memoryStepBytes) * memoryStepBytes;
    this.#memory.take(wanted - this.#counted);
    this.#counted = wanted;
    this.#countAt = wanted;
  }

  /** The rows have been committed or rolled back. */
  release(): void {
    if (this.#counted > 0) this.#memory.note(-this.#counted);
    this.#counted = 0;
  }

  /** Notes an effect outside of the rows; it has a place in the order of writes. */
  note(undo: UndoAction): void {
    this.#undo.push(undo);
    this.#undoTrees.push(undefined);
  }

  rollbackTo(sequence: number): void {
    while (this.#undo.length > sequence) {
      const undone = this.#undo.pop() as MemoryEntry | UndoAction;
      const writes = this.#undoTrees.pop();
      if (typeof undone === 'function') undone();
      else if (writes !== undefined) this.#undoWrite(writes, undone);
    }
  }

  #undoWrite(writes: TreeWrites, entry: MemoryEntry): void {
    this.bytes -= Math.max(0, entry.length);
    // The entry of a key that was new stays, empty.
    if (entry.previous !== undefined) this.bytes -= entryOverheadBytes + entry.key.length;
    writes.undo(entry);
  }

  /** The newest own version of a key; undefined when there is none. */
  find(tree: TreeId, key: Key): MemoryEntry | undefined {
    const entry = this.trees.get(tree)?.entries.get(key);
    return entry === undefined || entry.length === absentLength ? undefined : entry;
  }
}
