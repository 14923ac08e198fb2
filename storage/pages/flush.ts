// One flush: a memtable generation becomes edits of page trees, in one synced LMDB transaction. Runs in
// the writer thread. What a change replaces in `current` moves to `history`, large values included:
// their chunks stay where they are and only the reference moves.

import type { CommitTimestamp, TreeId } from '../contract.ts';
import { ChangeReader } from './change-buffer.ts';
import { historyKey } from './history-key.ts';
import { EntryKind, EntryList, inlineValueBytesMax } from './page-format.ts';
import { type PageEnvironment, readCounters, stateKey, writeCounters } from './page-environment.ts';
import { type ChangedPages, PageTreeWriter } from './page-tree-writer.ts';
import { noteChanges, removeSegments, type WriteContext } from './segment-directory.ts';
import { type ChangeNotice, currentSlot, historySlot } from './tree-root.ts';

export interface FlushRequest {
  readonly changes: readonly Uint8Array[];
  readonly droppedTrees: readonly TreeId[];
  readonly adopted: readonly { readonly tree: TreeId; readonly timestamp: CommitTimestamp }[];
  /** FlushMetadata as JSON. */
  readonly metadata: string;
}

export function flush(environment: PageEnvironment, request: FlushRequest): ChangeNotice {
  const changed: ChangedPages = { innerPages: [], treeSlots: [] };
  const sequence = environment.root.transactionSync(() => {
    const counters = readCounters(environment);
    const writer = new PageTreeWriter(environment, counters, changed);
    for (const { tree, timestamp } of request.adopted) {
      const root = writer.readRoot(currentSlot(tree));
      if (root !== undefined)
        writer.writeRoot(currentSlot(tree), { ...root, bulkTimestamp: timestamp });
    }
    const context = { environment, writer, sequence: counters.sequence + 1 };
    applyChanges(context, new ChangeReader(request.changes));
    for (const tree of request.droppedTrees) {
      removeSegments(context, tree);
      writer.drop(currentSlot(tree));
      writer.drop(historySlot(tree));
    }
    counters.sequence++;
    writeCounters(environment, counters);
    void environment.state.put(stateKey.metadata, Buffer.from(request.metadata));
    return counters.sequence;
  });
  return { ...changed, sequence };
}

/** The changes of one tree, newest versions as edits, older ones beside them. */
class TreeChanges {
  readonly edits = new EntryList();
  /** Versions older than the edit's, newest first; edit i owns [olderStarts[i], olderStarts[i + 1]). */
  readonly older = new EntryList();
  readonly olderStarts: number[] = [];
}

function applyChanges(context: WriteContext, reader: ChangeReader): void {
  const { writer } = context;
  let more = reader.next();
  while (more) {
    const tree = reader.tree;
    const changes = new TreeChanges();
    do {
      collectChange(writer, reader, changes);
      more = reader.next();
    } while (more && reader.tree === tree);
    changes.olderStarts.push(changes.older.length);
    applyTree(writer, tree, changes);
    noteChanges(context, tree, changes.edits);
  }
}
function collectChange(writer: PageTreeWriter, reader: ChangeReader, changes: TreeChanges): void {
  changes.olderStarts.push(changes.older.length);
  let list = changes.edits;
  while (reader.nextVersion()) {
    if (reader.end < reader.start) {
      list.push(reader.key, reader.from, reader.source, 0, 0, EntryKind.remove);
    } else if (reader.end - reader.start > inlineValueBytesMax) {
      const reference = writer.writeLarge(reader.source, reader.start, reader.end);
      list.push(reader.key, reader.from, reference, 0, reference.length, EntryKind.large);
    } else {
      list.push(reader.key, reader.from, reader.source, reader.start, reader.end, EntryKind.inline);
    }
    list = changes.older;
  }
}

function applyTree(writer: PageTreeWriter, tree: TreeId, changes: TreeChanges): void {
  const closed = new EntryList();
  const kept = new KeptValues();
  const { edits, older, olderStarts } = changes;
  writer.apply(currentSlot(tree), edits, (edit, old, oldPosition) => {
    let to = edits.times[edit];
    for (let i = olderStarts[edit]; i < olderStarts[edit + 1]; i++) {
      closeVersion(closed, older, i, to);
      to = older.times[i]!;
    }
    if (oldPosition !== undefined) {
      closeVersion(closed, old, oldPosition, to);
      kept.keepLast(closed);
    }
  });
  writer.apply(historySlot(tree), closed);
}

/** Copies of values whose page is about to go, in few buffers. */
class KeptValues {
  #buffer = Buffer.alloc(0);
  #used = 0;

  /** Gives the last entry of the list a copy of its value. */
  keepLast(entries: EntryList): void {
    const last = entries.length - 1;
    if (last < 0) return;
    const start = entries.starts[last];
    const length = entries.ends[last] - start;
    if (this.#used + length > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(keptBufferBytes);
      this.#used = 0;
    }
    this.#buffer.set(entries.sources[last].subarray(start, start + length), this.#used);
    entries.sources[last] = this.#buffer;
    entries.starts[last] = this.#used;
    entries.ends[last] = this.#used + length;
    this.#used += length;
  }
}
const keptBufferBytes = 256 * 1024;

function closeVersion(
  closed: EntryList,
  versions: EntryList,
  i: number,
  to: CommitTimestamp,
): void {
  // A version that a load wrote and its own transaction changed again never was anybody's.
  if (versions.kinds[i] === EntryKind.remove || versions.times[i] === to) return;
  closed.push(
    historyKey(versions.keys[i], versions.times[i]),
    to,
    versions.sources[i],
    versions.starts[i],
    versions.ends[i],
    versions.kinds[i],
  );
}
