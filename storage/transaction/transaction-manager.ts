// What all transactions share, and the commit pipeline. Everything here is synchronous: between two
// turns of the event loop the state is always that after some number of whole commits.

import type { TableDescriptor } from '#common';
import type { CommitResult, CommitTimestamp, LogPosition, TreeId } from '../contract.ts';
import { dependencyFailure, writesStalled } from '../errors.ts';
import { limits } from '../limits.ts';
import { type CommitLog, RecordKind } from '../log/commit-log.ts';
import type { CommittedState } from '../memtable/committed-state.ts';
import { absentLength } from '../memtable/memtable.ts';
import { ValueSlabs } from '../memtable/value-slabs.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { BulkPageStore } from '../page-store.ts';
import { CommitWriter } from './commit-record.ts';
import { CommitJournal } from './read-set.ts';
import { RowLocks } from './row-locks.ts';
import { TableLocks } from './table-locks.ts';
import type { TimeSource } from './time-source.ts';
import type { ActiveTransaction } from './transaction.ts';
import type { TreeWrites } from './workspace.ts';

export interface SegmentPin {
  readonly folder: string;
  release(): void;
}

interface ManagerOptions {
  readonly log: CommitLog;
  readonly committed: CommittedState;
  readonly time: TimeSource;
  readonly bulk: BulkPageStore | undefined;
  /** The memtable has grown: time to think of a flush. */
  readonly onGrowth: () => void;
  readonly memtableBytesMax: number;
  readonly memory: MemoryBudget;
  readonly escalateAt?: number | undefined;
  readonly nextRowId: (tree: TreeId) => number;
  readonly noteTableLoad: (table: TableDescriptor) => void;
  readonly pinSegments: () => SegmentPin | undefined;
}

export class TransactionManager {
  readonly committed: CommittedState;
  readonly time: TimeSource;
  readonly rowLocks: RowLocks;
  readonly tableLocks = new TableLocks();
  readonly journal = new CommitJournal();
  readonly slabs = new ValueSlabs();
  readonly memory: MemoryBudget;
  readonly bulk: BulkPageStore | undefined;
  readonly active = new Set<ActiveTransaction>();
  readonly statistics = { commits: 0, deadlocks: 0 };
  readonly epoch = 1;
  readonly nextRowId: (tree: TreeId) => number;
  readonly noteTableLoad: (table: TableDescriptor) => void;
  /** Keeps the files of column segments until release(). */
  readonly pinSegments: () => SegmentPin | undefined;

  readonly #log: CommitLog;
  readonly #writer = new CommitWriter();
  readonly #onGrowth: () => void;
  readonly #memtableBytesMax: number;
  #lastId = 0;

  constructor(options: ManagerOptions) {
    this.#log = options.log;
    this.committed = options.committed;
    this.time = options.time;
    this.bulk = options.bulk;
    this.memory = options.memory;
    this.rowLocks = new RowLocks(options.escalateAt);
    this.nextRowId = options.nextRowId;
    this.noteTableLoad = options.noteTableLoad;
    this.pinSegments = options.pinSegments;
    this.#onGrowth = options.onGrowth;
    this.#memtableBytesMax = options.memtableBytesMax;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  appendRecord(kind: RecordKind, payload: Uint8Array): LogPosition {
    return this.#log.append(this.#log.appendedPosition, this.epoch, [{ kind, payload }]);
  }

  /** The oldest moment that a running transaction may still read. */
  oldestSnapshot(): CommitTimestamp {
    let oldest = this.committed.lastCommit;
    for (const { snapshotTimestamp } of this.active) oldest = Math.min(oldest, snapshotTimestamp);
    return oldest;
  }

  /** Validates, logs, applies. Throws 40001, 53100 or 53200 without effect. Locks stay. */
  commit(transaction: ActiveTransaction): CommitResult {
    const { workspace, droppedTrees, builtTrees } = transaction;
    const trees = workspace === undefined ? [] : writtenTrees(workspace.trees.values());
    if (trees.length === 0 && droppedTrees.length === 0 && builtTrees.length === 0) {
      return { timestamp: undefined, position: transaction.dependsOn };
    }
    const { reads } = transaction;
    if (reads !== undefined && this.journal.hasChanged(reads, transaction.snapshotTimestamp)) {
      throw dependencyFailure();
    }
    if (this.committed.memoryBytes > this.#memtableBytesMax) throw writesStalled();
    const timestamp = this.time.next();
    const position = this.#logCommit(transaction, timestamp, trees);
    this.journal.record(timestamp, trees);
    this.#apply(timestamp, trees, droppedTrees, builtTrees);
    this.committed.committed(timestamp, position);
    this.statistics.commits++;
    this.#onGrowth();
    return { timestamp, position: Math.max(position, transaction.dependsOn) };
  }

  /** Past transactionChunkBytes the rows go ahead in chunks: recovery ignores those without a commit. */
  #logCommit(
    transaction: ActiveTransaction,
    timestamp: CommitTimestamp,
    trees: readonly TreeWrites[],
  ): LogPosition {
    const writer = this.#writer;
    const header = {
      timestamp,
      transaction: transaction.id,
      droppedTrees: transaction.droppedTrees,
      builtTrees: transaction.builtTrees,
    };
    const bytes = transaction.workspace?.bytes ?? 0;
    const isLarge = bytes > limits.transactionChunkBytes;
    const chunkHeader = { ...header, timestamp: 0, droppedTrees: [], builtTrees: [], chunks: 0 };
    let chunks = 0;
    writer.begin(isLarge ? chunkHeader : { ...header, chunks });
    for (const tree of trees) {
      for (const entry of tree.entries.values()) {
        if (entry.length === absentLength) continue;
        writer.row(tree.tree, entry.key, entry.slab, entry.offset, entry.length);
        if (!isLarge || writer.length < limits.transactionChunkBytes) continue;
        this.appendRecord(RecordKind.chunk, writer.finish());
        chunks++;
        writer.begin(chunkHeader);
      }
    }
    if (isLarge) {
      this.appendRecord(RecordKind.chunk, writer.finish());
      writer.begin({ ...header, chunks: chunks + 1 });
    }
    return this.appendRecord(RecordKind.commit, writer.finish());
  }

  #apply(
    timestamp: CommitTimestamp,
    trees: readonly TreeWrites[],
    droppedTrees: readonly TreeId[],
    builtTrees: readonly TreeId[],
  ): void {
    const { active } = this.committed;
    for (const tree of builtTrees) {
      this.bulk?.adoptTree(tree, timestamp);
      this.committed.adopted(tree, timestamp);
    }
    for (const writes of trees) active.takeWrites(writes.tree, writes, timestamp);
    for (const tree of droppedTrees) active.dropTree(tree);
  }
}

function writtenTrees(trees: Iterable<TreeWrites>): TreeWrites[] {
  const written: TreeWrites[] = [];
  for (const tree of trees) {
    for (const entry of tree.entries.values()) {
      if (entry.length === absentLength) continue;
      written.push(tree);
      break;
    }
  }
  return written;
}
