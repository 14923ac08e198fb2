// Opens a data directory and puts the parts together: lock the directory, open the page store, find
// the end of the log, replay what the pages do not cover, and serve transactions.

import { join } from 'node:path';

import { assert, databaseError, type TableDescriptor } from '#common';
import type {
  BeginOptions,
  CommitTimestamp,
  CounterState,
  LogPosition,
  SegmentFileFacts,
  SegmentSummary,
  SharedSnapshot,
  StorageEngine,
  StorageStatistics,
  TableLockListing,
  TreeId,
} from './contract.ts';
import { Counters } from './counters.ts';
import { type DirectoryLock, checkFormat, lockDirectory } from './directory.ts';
import { limits } from './limits.ts';
import type { CommitLog } from './log/commit-log.ts';
import { type FileLayer, realFiles } from './log/file-layer.ts';
import { FileLog } from './log/file-log.ts';
import { CommittedState } from './memtable/committed-state.ts';
import { Flusher } from './memtable/flusher.ts';
import { type MemoryBudget, noBudget } from './memory-budget.ts';
import type { BulkPageStore, PageStore } from './page-store.ts';
import { openPageStore } from './pages/page-store.ts';
import { replayLog } from './recovery.ts';
import { Retention } from './retention.ts';
import { noSegments, SegmentManager, type SegmentStore } from './segments/segment-manager.ts';
import { TimeSource } from './transaction/time-source.ts';
import { TransactionManager } from './transaction/transaction-manager.ts';
import { ActiveTransaction } from './transaction/transaction.ts';

/** What the page store in use offers beyond the interface that all of them have. */
type StoragePages = PageStore &
  Partial<BulkPageStore> & {
    readonly statistics?: { readonly hits: number; readonly misses: number };
    pruneHistory?(tree: TreeId, before: CommitTimestamp): Promise<number>;
  };

export interface StorageOptions {
  readonly directory: string;
  /**
   * Called once, when the disk has failed in a way that leaves open what is durable. It must end the
   * process; the restart recovers. Until it does, commits fail and nothing is reported durable.
   */
  readonly onFatal: (error: Error) => void;
  /** Microseconds since 1970. */
  readonly clock?: () => number;
  readonly files?: FileLayer;
  /** Tests bring their own; the default is LMDB in the directory. */
  readonly pageStore?: StoragePages;
  readonly flushBytes?: number;
  /** Absent: rows in memory are not counted. */
  readonly memory?: MemoryBudget;
  readonly flushAgeMs?: number;
  readonly logSegmentBytes?: number;
  readonly logReserveBytes?: number;
  readonly rowLocksPerTreeMax?: number;
  /** Something is wrong that the engine gets over by itself, such as a damaged column segment. */
  readonly onWarning?: (message: string) => void;
}

/** A bit more than the contract: for tests and tools. */
export interface OpenStorage extends StorageEngine {
  begin(options: BeginOptions): ActiveTransaction;
  readonly log: CommitLog;
  /** Resolves when everything committed before is in the pages. */
  flush(): Promise<void>;
  /** Lets go of everything without writing, as a crash does. */
  abandon(): Promise<void>;
}

/** Throws XX001 when the log is damaged, 55006 when another server has the directory. */
export async function openStorage(options: StorageOptions): Promise<OpenStorage> {
  const inMemoryFiles = options.files !== undefined && options.pageStore !== undefined;
  const lock = inMemoryFiles ? undefined : await lockDirectory(options.directory);
  try {
    if (!inMemoryFiles) checkFormat(options.directory);
    const store = options.pageStore ?? (await openLmdb(options));
    const log = await FileLog.open({
      directory: join(options.directory, 'log'),
      files: options.files ?? realFiles,
      appliedPosition: store.appliedPosition,
      onFatal: options.onFatal,
      ...(options.logSegmentBytes !== undefined && { segmentBytes: options.logSegmentBytes }),
      ...(options.logReserveBytes !== undefined && { reserveBytes: options.logReserveBytes }),
    });
    if (!inMemoryFiles) await realFiles.syncDirectory(options.directory);
    return new Engine(options, store, log, lock);
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

function openLmdb(options: StorageOptions): Promise<StoragePages> {
  return openPageStore(join(options.directory, 'pages'), { onWriterFailure: options.onFatal });
}

function systemClock(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

class Engine implements OpenStorage {
  readonly log: CommitLog;
  readonly #directory: string;
  readonly #store: StoragePages;
  readonly #lock: DirectoryLock | undefined;
  readonly #committed: CommittedState;
  readonly #manager: TransactionManager;
  readonly #counters: Counters;
  readonly #flusher: Flusher;
  readonly #retention: Retention;
  readonly #segments: SegmentManager | undefined;
  readonly #shared = new Map<number, CommitTimestamp>();
  #lastHandle = 0;
  #closed = false;

  constructor(
    options: StorageOptions,
    store: StoragePages,
    log: CommitLog,
    lock: DirectoryLock | undefined,
  ) {
    this.log = log;
    this.#directory = options.directory;
    this.#store = store;
    this.#lock = lock;
    const committed = new CommittedState(store);
    this.#committed = committed;
    this.#counters = new Counters(store.metadata(), (kind, payload) => {
      this.#manager.appendRecord(kind, payload);
    });
    const bulk = 'buildTree' in store ? (store as BulkPageStore) : undefined;
    replayLog({ log, committed, bulk, counters: this.#counters, from: store.appliedPosition });
    const memory = options.memory ?? noBudget;
    // Two memtables, one of them on its way to disk, leave most of a small budget to others.
    const flushBytes = Math.min(
      options.flushBytes ?? limits.flushBytes,
      memory.limitBytes * limits.memtableMemoryShare,
    );
    this.#flusher = new Flusher({
      committed,
      log,
      counters: this.#counters,
      flushBytes,
      flushAgeMs: options.flushAgeMs ?? limits.flushAgeMs,
      memory,
      onFlushed: (droppedTrees) => this.#segments?.flushed(droppedTrees),
      onFatal: options.onFatal,
    });
    this.#manager = new TransactionManager({
      log,
      committed,
      bulk,
      time: new TimeSource(options.clock ?? systemClock, committed.lastCommit),
      onGrowth: () => this.#flusher.grown(),
      memory,
      memtableBytesMax: Math.min(flushBytes * limits.memtableStallFactor, memory.limitBytes / 2),
      escalateAt: options.rowLocksPerTreeMax,
      nextRowId: (tree) => this.#counters.nextRowId(tree),
      noteTableLoad: (table) => this.#segments?.noteLoad(table),
      pinSegments: () => this.#pinSegments(),
    });
    this.#retention = new Retention({
      now: () => this.#manager.time.now(),
      oldestSnapshot: () => this.#oldestSnapshot(),
      prune: async (tree, before) => {
        const removed = await store.pruneHistory?.(tree, before);
        if (removed !== undefined && removed > 0) this.#segments?.historyPruned(tree);
      },
      onFailure: options.onFatal,
    });
    if ('writeSegments' in store) {
      this.#segments = this.#openSegments(options, store as StoragePages & SegmentStore);
    }
    log.subscribe((position) => committed.synced(position));
    if (!committed.active.isEmpty) this.#flusher.grown();
  }

  #openSegments(options: StorageOptions, store: SegmentStore): SegmentManager {
    return new SegmentManager({
      directory: options.directory,
      store,
      flush: () => this.#flusher.flush(),
      estimateRows: (tree) => this.estimate(tree).rows,
      newestHandle: () => this.#lastHandle,
      oldestHandle: () => Math.min(...this.#shared.keys()),
      onWarning: options.onWarning ?? (() => {}),
    });
  }

  begin(options: BeginOptions): ActiveTransaction {
    assert(!this.#closed, 'storage is open');
    return new ActiveTransaction(this.#manager, options);
  }

  get syncedPosition(): LogPosition {
    return this.log.syncedPosition;
  }

  get appendedPosition(): LogPosition {
    return this.log.appendedPosition;
  }

  whenSynced(position: LogPosition): Promise<void> {
    return this.log.whenSynced(position);
  }

  allocateTreeId(): TreeId {
    return this.#counters.allocateTreeId();
  }

  allocateOid(): number {
    return this.#counters.allocateOid();
  }

  readCounter(counterId: number): CounterState | undefined {
    return this.#counters.read(counterId);
  }

  writeCounter(counterId: number, state: CounterState, logAhead?: bigint): void {
    this.#counters.write(counterId, state, logAhead);
  }

  nextRowId(treeId: TreeId): number {
    return this.#counters.nextRowId(treeId);
  }

  changes(tree: TreeId): number {
    return this.#committed.changes(tree);
  }

  estimate(tree: TreeId): { readonly rows: number; readonly rowBytes: number } {
    const { rows, rowBytes } = this.#committed.pages.estimate(tree);
    let inMemory = 0;
    let bytes = 0;
    for (const { entries } of this.#committed.memories(tree)) {
      inMemory = Math.max(inMemory, entries.size);
      const sample = entries.values().next().value;
      if (sample !== undefined && sample.length > 0) bytes = sample.length;
    }
    // How many of the rows in memory are new is not counted: all of them in a young tree, few later.
    if (rows === 0) return { rows: inMemory, rowBytes: bytes };
    return { rows: rows + Math.max(0, inMemory - rows), rowBytes };
  }

  segmentSummary(tree: TreeId): SegmentSummary | undefined {
    return this.#segments?.summary(tree);
  }
  noteTableUse(table: TableDescriptor): void {
    this.#segments?.noteUse(table);
  }
  async renewSegments(table: TableDescriptor): Promise<void> {
    await this.#segments?.renew(table);
  }
  async buildSegments(table: TableDescriptor): Promise<SegmentSummary | undefined> {
    return this.#segments?.build(table);
  }

  segmentFiles(tree: TreeId): readonly SegmentFileFacts[] {
    return this.#segments?.files(tree) ?? [];
  }

  setRetention(tree: TreeId, micros: number | undefined): void {
    this.#retention.set(tree, micros);
  }

  async shareSnapshot(
    transaction: ActiveTransaction,
    trees?: readonly TreeId[],
  ): Promise<SharedSnapshot> {
    const handle = ++this.#lastHandle;
    this.#shared.set(handle, transaction.snapshotTimestamp);
    try {
      // What a reader sees of the pages at their newest moment costs least: a snapshot taken in the
      // same turn in which the memtable is frozen is that moment.
      while (this.#flusher.running !== undefined && this.#hasInMemory(trees))
        await this.#flusher.running;
      transaction.beginStatement();
      const timestamp = transaction.snapshotTimestamp;
      this.#shared.set(handle, timestamp);
      if (this.#hasInMemory(trees)) await this.#flusher.flush();
      return { directory: this.#directory, timestamp, handle };
    } catch (error) {
      this.#shared.delete(handle);
      throw error;
    }
  }

  /** May one of the trees have rows that the pages do not? */
  #hasInMemory(trees: readonly TreeId[] | undefined): boolean {
    const committed = this.#committed;
    if (trees === undefined) return true;
    if ('hasUnsavedAdoptions' in this.#store && this.#store.hasUnsavedAdoptions === true)
      return true;
    return trees.some((tree) => committed.memories(tree).length > 0);
  }

  releaseSnapshot(shared: SharedSnapshot): void {
    this.#shared.delete(shared.handle);
    this.#segments?.removeRetired();
  }

  #pinSegments(): { readonly folder: string; release(): void } | undefined {
    const segments = this.#segments;
    if (segments === undefined) return undefined;
    const handle = ++this.#lastHandle;
    this.#shared.set(handle, this.#committed.lastCommit);
    return {
      folder: segments.folder,
      release: () => {
        this.#shared.delete(handle);
        segments.removeRetired();
      },
    };
  }

  #oldestSnapshot(): CommitTimestamp {
    return Math.min(this.#manager.oldestSnapshot(), ...this.#shared.values());
  }

  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const stopped = databaseError('adminShutdown', 'the database system is shutting down');
    for (const transaction of this.#manager.active) {
      transaction.waiting?.cancel(stopped);
      transaction.rollback();
    }
    this.#retention.close();
    await this.#segments?.close();
    await this.#flusher.close();
    await this.log.close();
    await this.#store.close();
    await this.#lock?.release();
  }

  async abandon(): Promise<void> {
    this.#closed = true;
    this.#retention.close();
    this.#flusher.abandon();
    this.#segments?.abandon();
    await this.#lock?.release();
  }

  tableLocks(): Iterable<TableLockListing> {
    return this.#manager.tableLocks.listing() as Iterable<TableLockListing>;
  }

  statistics(): StorageStatistics {
    const { rowLocks, tableLocks, statistics } = this.#manager;
    return {
      commits: statistics.commits,
      logSyncs: this.log.statistics.syncs,
      logBytes: this.log.statistics.bytes,
      memtableBytes: this.#committed.memoryBytes,
      memtableVersions: this.#committed.memoryVersions,
      flushes: this.#flusher.statistics.flushes,
      pageCacheHits: this.#store.statistics?.hits ?? 0,
      pageCacheMisses: this.#store.statistics?.misses ?? 0,
      lockWaits: rowLocks.statistics.waits + tableLocks.statistics.waits,
      deadlocks: statistics.deadlocks,
      ...(this.#segments?.counts ?? noSegments),
    };
  }
}
