// What the writer thread does for column segments: it starts the recording of changes, names the files
// of a finished build in place of those that they replace, and forgets all. Each is one synced LMDB
// transaction.

import type { CommitTimestamp, Key, TreeId } from '../contract.ts';
import { PageDirectory } from './page-directory.ts';
import { PageLeafScan } from './leaf-scan.ts';
import { type PageEnvironment, readCounters, writeCounters } from './page-environment.ts';
import { EntryKind, EntryList } from './page-format.ts';
import { type ChangedPages, PageTreeWriter } from './page-tree-writer.ts';
import {
  decodeDirectory,
  encodeDirectory,
  removeSegments,
  type SegmentDirectory,
  type SegmentEntry,
  type WriteContext,
} from './segment-directory.ts';
import { type ChangeNotice, changeSlot } from './tree-root.ts';

const directoryBudgetBytes = 4 * 1024 * 1024;
const removalsPerStep = 100_000;

/** Entries for the keys from `lower` up to `upper`, in place of those that began there. */
export interface SegmentReplacement {
  readonly lower: Key;
  readonly upper: Key | undefined;
  readonly entries: readonly SegmentEntry[];
}

export interface SegmentInstall {
  readonly tree: TreeId;
  /** The recording that the build went by. */
  readonly recording: number;
  readonly builtAt: CommitTimestamp;
  readonly replacements: readonly SegmentReplacement[];
}

export interface SegmentWriteResult {
  readonly notice: ChangeNotice;
  /** As it is now; undefined: the tree has no segments (any more). */
  readonly directory: SegmentDirectory | undefined;
  /** False: the recording has ended meanwhile, nothing was installed. */
  readonly isDone: boolean;
}

/** From here on the tree's changes are recorded; what was recorded before goes on. */
export function beginSegments(environment: PageEnvironment, tree: TreeId): SegmentWriteResult {
  return write(environment, tree, ({ sequence }, before) =>
    before !== undefined ? before : { recording: sequence, entries: [] },
  );
}

export function dropSegments(environment: PageEnvironment, tree: TreeId): SegmentWriteResult {
  return write(environment, tree, () => undefined);
}

export function installSegments(
  environment: PageEnvironment,
  install: SegmentInstall,
): SegmentWriteResult {
  let isDone = false;
  const stale = staleChanges(environment, install);
  const result = write(environment, install.tree, ({ writer }, before) => {
    if (before === undefined || before.recording !== install.recording) return before;
    isDone = true;
    if (stale === 'all') writer.drop(changeSlot(install.tree));
    else for (const edits of stale) writer.apply(changeSlot(install.tree), edits);
    return { ...before, entries: replaced(before.entries, install.replacements) };
  });
  return { ...result, isDone };
}

function replaced(
  before: readonly SegmentEntry[],
  replacements: readonly SegmentReplacement[],
): SegmentEntry[] {
  let entries = [...before];
  for (const { lower, upper, entries: added } of replacements) {
    const kept = entries.filter(
      (entry) => entry.lower < lower || (upper !== undefined && entry.lower >= upper),
    );
    entries = [...kept, ...added];
  }
  return entries.sort((left, right) => (left.lower < right.lower ? -1 : 1));
}

function write(
  environment: PageEnvironment,
  tree: TreeId,
  change: (
    context: WriteContext,
    before: SegmentDirectory | undefined,
  ) => SegmentDirectory | undefined,
): SegmentWriteResult {
  const changed: ChangedPages = { innerPages: [], treeSlots: [] };
  let directory: SegmentDirectory | undefined;
  const sequence = environment.root.transactionSync(() => {
    const counters = readCounters(environment);
    const writer = new PageTreeWriter(environment, counters, changed);
    const context = { environment, writer, sequence: ++counters.sequence };
    const record = environment.segments.getBinary(tree);
    directory = change(context, record === undefined ? undefined : decodeDirectory(record));
    if (directory === undefined) removeSegments(context, tree);
    else void environment.segments.put(tree, encodeDirectory(directory, counters.sequence));
    writeCounters(environment, counters);
    return counters.sequence;
  });
  return { notice: { ...changed, sequence }, directory, isDone: true };
}

/** Changes that the new files contain, as removals. This thread is the only one that writes. */
function staleChanges(environment: PageEnvironment, install: SegmentInstall): EntryList[] | 'all' {
  const transaction = environment.root.useReadTransaction();
  const stale: EntryList[] = [];
  const none = new Uint8Array(0);
  let kept = 0;
  try {
    const directory = new PageDirectory(environment, transaction, {
      budgetBytes: directoryBudgetBytes,
      statistics: { hits: 0, misses: 0 },
    });
    const root = directory.root(changeSlot(install.tree));
    for (const { lower, upper } of install.replacements) {
      const bounds = { lower: lower === '' ? undefined : lower, upper };
      const scan = new PageLeafScan(directory, root, { bounds, backward: false });
      for (let leaf = scan.nextLeaf(); leaf !== undefined; leaf = scan.nextLeaf()) {
        for (let i = leaf.first; i < leaf.end; i++) {
          if (leaf.from(i) > install.builtAt) {
            kept++;
            continue;
          }
          if (stale.length === 0 || stale.at(-1)!.length >= removalsPerStep) {
            stale.push(new EntryList());
          }
          stale.at(-1)!.push(leaf.key(i), 0, none, 0, 0, EntryKind.remove);
        }
      }
    }
    const removed = stale.reduce((sum, edits) => sum + edits.length, 0);
    return kept === 0 && removed === (root?.rows ?? 0) ? 'all' : stale;
  } finally {
    transaction.done();
  }
}
