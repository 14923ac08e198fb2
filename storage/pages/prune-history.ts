// Retention: removes the closed versions that ended before a time. Runs in the writer thread, some
// thousand versions per LMDB transaction.

import type { CommitTimestamp, TreeId } from '../contract.ts';
import { PageLeafScan } from './leaf-scan.ts';
import { PageDirectory } from './page-directory.ts';
import { type PageEnvironment, readCounters, writeCounters } from './page-environment.ts';
import { EntryKind, EntryList } from './page-format.ts';
import { PageTreeWriter } from './page-tree-writer.ts';
import { type ChangeNotice, historySlot } from './tree-root.ts';

const versionsPerTransaction = 20_000;
const directoryBudgetBytes = 4 * 1024 * 1024;

export function pruneHistory(
  environment: PageEnvironment,
  tree: TreeId,
  before: CommitTimestamp,
): { readonly versions: number; readonly changed: ChangeNotice } {
  const innerPages: number[] = [];
  const treeSlots: number[] = [];
  const transaction = environment.root.useReadTransaction();
  let versions = 0;
  let sequence = readCounters(environment).sequence;
  try {
    const directory = new PageDirectory(environment, transaction, {
      budgetBytes: directoryBudgetBytes,
      statistics: { hits: 0, misses: 0 },
    });
    const everything = { bounds: { lower: undefined, upper: undefined }, backward: false };
    const scan = new PageLeafScan(directory, directory.root(historySlot(tree)), everything);
    for (;;) {
      const ended = collectEnded(scan, before);
      if (ended.length === 0) break;
      versions += ended.length;
      sequence = environment.root.transactionSync(() => {
        const counters = readCounters(environment);
        const writer = new PageTreeWriter(environment, counters, { innerPages, treeSlots });
        writer.apply(historySlot(tree), ended, (_edit, old, position) => {
          if (position === undefined || old.kinds[position] !== EntryKind.large) return;
          writer.removeLarge(old.sources[position], old.starts[position]);
        });
        counters.sequence++;
        writeCounters(environment, counters);
        return counters.sequence;
      });
    }
  } finally {
    transaction.done();
  }
  return { versions, changed: { innerPages, treeSlots, sequence } };
}

const noBytes = new Uint8Array(0);

function collectEnded(scan: PageLeafScan, before: CommitTimestamp): EntryList {
  const ended = new EntryList();
  while (ended.length < versionsPerTransaction) {
    const leaf = scan.nextLeaf();
    if (leaf === undefined) break;
    for (let i = leaf.first; i < leaf.end; i++) {
      if (leaf.from(i) <= before) ended.push(leaf.key(i), 0, noBytes, 0, 0, EntryKind.remove);
    }
  }
  return ended;
}
