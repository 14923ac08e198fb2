// The contract of storage: what the layers above may rely on. Storage is a transactional, versioned,
// ordered key-value store of many trees, with a table layer on top (table/). It knows rows and
// schemas as descriptors, never SQL.
//
// Keys are binary strings: one character 0..255 per byte, so `<` on keys is byte order and a key can
// be a Map key. Values are Uint8Array, owned by storage when read (valid until the next call into
// storage on this thread; copy to keep) and copied by storage when written.
//
// Everything here is synchronous unless it returns a promise: reads come from memory or a memory map.
// What must wait (a lock) throws LockWait; the statement driver rolls back to the statement's start,
// awaits the promise, takes a fresh statement snapshot and runs the statement again. The lock is held
// by then, so every restart makes progress.

import type { TableDescriptor } from '#common';
import type { BuildOptions, TreeBuilder } from './page-store.ts';

export type { TreeBuilder } from './page-store.ts';

export type Key = string;
export type TreeId = number;
/** Microseconds since 1970-01-01 UTC, strictly increasing over commits; always a safe integer. */
export type CommitTimestamp = number;
/** A byte position in the commit log, over all its segments; a safe integer. */
export type LogPosition = number;
/** `to` of a version that is current. */
export const openEnd: CommitTimestamp = Number.MAX_SAFE_INTEGER;

export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable';

/** Keys in [lower, upper); undefined is unbounded. A prefix scan uses prefixRange(prefix). */
export interface KeyBounds {
  readonly lower: Key | undefined;
  readonly upper: Key | undefined;
}

/** One version of one key, as a scan meets it. */
export interface VersionCursor {
  /** Moves to the next version; false at the end. */
  next(): boolean;
  /** Valid after next() returned true. */
  readonly key: Key;
  readonly value: Uint8Array;
  readonly from: CommitTimestamp;
  readonly to: CommitTimestamp;
  close(): void;
}

/** Which versions a read sees. */
export type ReadView =
  /** The transaction's snapshot and its own writes. */
  | { readonly kind: 'statement' }
  /** Newest committed versions and own writes: uniqueness and foreign keys. */
  | { readonly kind: 'latest' }
  /** As recorded at a time; own writes are not seen. */
  | { readonly kind: 'asOf'; readonly at: CommitTimestamp }
  /** All versions whose [from, to) overlaps [from, to) (or [from, to] when inclusive), oldest first per key; committed ones, and own writes with from = openEnd - 1. */
  | {
      readonly kind: 'range';
      readonly from: CommitTimestamp;
      readonly to: CommitTimestamp;
      readonly inclusive: boolean;
    };

export const RowLock = { keyShare: 0, share: 1, noKeyUpdate: 2, update: 3 } as const;
export type RowLockMode = (typeof RowLock)[keyof typeof RowLock];

/** PostgreSQL's eight table-lock modes, weakest first (manual, 13.3.1). */
export const TableLock = {
  accessShare: 1,
  rowShare: 2,
  rowExclusive: 3,
  shareUpdateExclusive: 4,
  share: 5,
  shareRowExclusive: 6,
  exclusive: 7,
  accessExclusive: 8,
} as const;
export type TableLockMode = (typeof TableLock)[keyof typeof TableLock];

export type LockPolicy = 'wait' | 'nowait' | 'skip';

/**
 * Control flow, not an error: the lock is held by others. `granted` resolves when this transaction
 * holds it; rejects with 40P01 (deadlock), 55P03 (lock_timeout) or whatever cancelled the wait.
 */
export interface LockWaitSignal {
  readonly granted: Promise<void>;
  /** Stops waiting and rejects `granted` with the reason (cancel, statement_timeout, shutdown). */
  cancel(reason: Error): void;
}

/** Where a statement or a savepoint began; rolling back to it undoes the writes since, not the locks. */
export type Savepoint = number;

export interface Transaction {
  readonly id: number;
  readonly isolation: IsolationLevel;
  readonly readOnly: boolean;
  /** Fixed when the transaction began: now(). Microseconds since 1970. */
  readonly startTimestamp: number;
  /** The snapshot that `statement` reads use. */
  readonly snapshotTimestamp: CommitTimestamp;
  /** Log position that must be synced before anything read so far may be shown to a client. */
  readonly dependsOn: LogPosition;
  readonly hasWrites: boolean;

  /** READ COMMITTED: takes a new snapshot. Other levels: the first call takes it, later ones keep it. */
  beginStatement(): void;
  /** Reads as of a moment from now on, not READ COMMITTED: another transaction that runs has that snapshot. */
  adoptSnapshot(timestamp: CommitTimestamp): void;
  /** Others have committed since the snapshot was taken. */
  readonly isOvertaken: boolean;
  savepoint(): Savepoint;
  rollbackTo(savepoint: Savepoint): void;
  /**
   * Hides own writes made after the savepoint from `statement` reads: a command does not see what its
   * parts write. undefined: none is hidden. The other views see all own writes.
   */
  ownWritesUntil: Savepoint | undefined;

  get(tree: TreeId, key: Key, view?: ReadView): Uint8Array | undefined;
  /** Commit timestamp of the version that the last get() returned (openEnd - 1 for an own write). */
  readonly lastReadFrom: CommitTimestamp;
  /** Own writes made after the cursor was opened are not seen by it. Close it. */
  scan(tree: TreeId, bounds: KeyBounds, options?: ScanOptions): VersionCursor;

  /**
   * Takes a row lock (or a unique key's). "granted" or, with policy skip, "skipped". Throws LockWait
   * when another transaction holds a conflicting one (55P03 under nowait). When the key has a newer
   * committed version than the snapshot: READ COMMITTED throws StatementRestart (run the statement
   * again under a new snapshot; the lock is kept), the others throw 40001. `checkSnapshot: false`
   * skips that test (uniqueness, foreign keys: they read the `latest` view).
   */
  lock(tree: TreeId, key: Key, mode: RowLockMode, options?: LockOptions): 'granted' | 'skipped';
  /** Throws LockWait when it must wait. Locks are held to the end of the transaction. */
  lockTable(oid: number, mode: TableLockMode, policy?: LockPolicy): void;
  /** Nobody holds or awaits a lock that keeps others from reading the table. */
  isReadable(oid: number): boolean;
  /** Oids of the tables that it has locked in any mode. */
  lockedTables(): Iterable<number>;
  /** Whom it waits for now. */
  blockers(): Iterable<Transaction>;
  /** The same, while it waits for a row and not for a table or an advisory lock. */
  rowBlockers(): Iterable<Transaction>;

  /** Writes into the workspace. The caller holds an `update` (or `noKeyUpdate`) lock on the key. */
  put(tree: TreeId, key: Key, value: Uint8Array): void;
  remove(tree: TreeId, key: Key): void;
  /** StorageEngine.nextRowId(), where only a transaction is at hand. */
  nextRowId(tree: TreeId): number;
  /** A bulk load has filled the table: column segments may be built once this transaction has committed. */
  noteTableLoad(table: TableDescriptor): void;
  /** Forgets the tree's data at commit (DROP, TRUNCATE's old tree). History goes with it unless kept. */
  dropTree(tree: TreeId, options?: { readonly keepHistory: boolean }): void;

  /**
   * Bulk load: builds the pages of a tree whose id this transaction has allocated, beside the log. Await
   * finish() before commit(); from then on this transaction reads the rows, the others after commit.
   * Rolling back (also to an earlier savepoint) discards the tree.
   */
  buildTree(tree: TreeId, options?: BuildOptions): TreeBuilder;

  /** Runs after the commit record is applied and before locks are released, synchronously. */
  onCommit(action: () => void): void;
  /** Runs synchronously when the transaction, or a savepoint from before this call, is rolled back. */
  onRollback(action: () => void): void;

  /**
   * Validates (SERIALIZABLE: 40001), appends the commit record, applies it, releases locks. What was
   * written is visible to others when it returns; it is durable once storage.synced(position). When it
   * throws (40001, 53100, 53200), the transaction has been rolled back.
   */
  commit(): CommitResult;
  rollback(): void;
}

export interface CommitResult {
  /** undefined when nothing was written. */
  readonly timestamp: CommitTimestamp | undefined;
  /** The reply may leave once this is synced. */
  readonly position: LogPosition;
}

export interface ScanOptions {
  readonly view?: ReadView;
  readonly backward?: boolean;
}

export interface LockOptions {
  readonly policy?: LockPolicy;
  readonly checkSnapshot?: boolean;
}

export interface BeginOptions {
  readonly isolation: IsolationLevel;
  readonly readOnly: boolean;
  /** Milliseconds; 0: none. May be changed while the transaction runs. */
  lockTimeoutMs?: number;
  /**
   * For statements that only read rows by their keys, and end in the turn of the event loop in which they begin:
   * each has a snapshot of its own, nothing is registered or locked, and the object serves one after another.
   * Before each, ask isReadable() of its tables; there is nothing to commit or roll back.
   */
  readonly momentary?: boolean;
}

/** Non-transactional values (sequences, hidden row ids): never rolled back, logged ahead in blocks. */
export interface CounterState {
  readonly lastValue: bigint;
  readonly isCalled: boolean;
}

export interface StorageEngine {
  begin(options: BeginOptions): Transaction;
  /** Resolves when the log is synced up to the position; immediately (synchronously resolved) when it already is. */
  readonly syncedPosition: LogPosition;
  whenSynced(position: LogPosition): Promise<void>;
  /** The position after the last appended record. */
  readonly appendedPosition: LogPosition;

  /** Ids for trees, oids and counters: never reused. */
  allocateTreeId(): TreeId;
  allocateOid(): number;

  readCounter(counterId: number): CounterState | undefined;
  /** Durable before any later commit is; `logAhead` is the value recovery starts from if it is further. */
  writeCounter(counterId: number, state: CounterState, logAhead?: bigint): void;
  /** 1, 2, 3 … for tables without a primary key. */
  nextRowId(treeId: TreeId): number;

  /** Rows of a tree that have been written or removed since the server started, roughly. */
  changes(tree: TreeId): number;
  /** Rough live count and bytes a row of a tree, for the planner. */
  estimate(tree: TreeId): { readonly rows: number; readonly rowBytes: number };
  /** What column segments hold of a tree, cheaply; undefined: it has none. For the planner. */
  segmentSummary(tree: TreeId): SegmentSummary | undefined;
  /** A long scan of the table begins: its column segments are built or renewed when that pays. Cheap, never waits. */
  noteTableUse(table: TableDescriptor): void;
  /** Builds or renews the table's column segments if it wants any (VACUUM). Resolves when that is done, or has failed. */
  renewSegments(table: TableDescriptor): Promise<void>;
  /** The same, whatever the table is like. */
  buildSegments(table: TableDescriptor): Promise<SegmentSummary | undefined>;
  /** Every file of column segments that a table has, for lattice_segments. */
  segmentFiles(tree: TreeId): readonly SegmentFileFacts[];
  /** Kept in memory only: whoever reads the catalog at start says it again. undefined: for ever. */
  setRetention(tree: TreeId, micros: number | undefined): void;

  /**
   * Writes the memtable out, if it holds something of the trees (default: of any), and returns a
   * plain-data handle that another thread opens with openSharedSnapshot(). A READ COMMITTED transaction
   * takes a new snapshot first. Own writes of the transaction are not in it. Until releaseSnapshot()
   * retention removes nothing that the handle sees.
   */
  shareSnapshot(transaction: Transaction, trees?: readonly TreeId[]): Promise<SharedSnapshot>;
  releaseSnapshot(shared: SharedSnapshot): void;
  /** Flush, sync and close; afterwards every call throws. */
  close(): Promise<void>;
  /** Table locks that are held, and those that are waited for. */
  tableLocks(): Iterable<TableLockListing>;
  /** Numbers for /metrics. */
  statistics(): StorageStatistics;
}

/** What one file of column segments holds. */
export interface SegmentFileFacts {
  readonly file: string;
  readonly kind: 'current' | 'history';
  readonly rows: number;
  readonly bytes: number;
  readonly builtAt: CommitTimestamp;
  /** Keys of its range that have changed since. */
  readonly changedKeys: number;
  readonly columns: readonly {
    readonly attributeNumber: number;
    readonly bytes: number;
    /** How its blocks are encoded, each way once. */
    readonly encodings: readonly string[];
  }[];
}

/** A table's column segments as of the newest flush. */
export interface SegmentSummary {
  /** Row versions that segments hold. */
  readonly rows: number;
  /** Keys among them, and new ones, that have changed since: a scan reads these from the row store. */
  readonly changedKeys: number;
  readonly segments: number;
  /** Of the files. */
  readonly bytes: number;
}

export interface TableLockListing {
  readonly oid: number;
  readonly mode: TableLockMode;
  readonly transaction: Transaction;
  readonly granted: boolean;
}

/** Structured-cloneable. */
export interface SharedSnapshot {
  readonly directory: string;
  readonly timestamp: CommitTimestamp;
  readonly handle: number;
}

/** What an executor thread gets: the read half of Transaction. */
export interface SnapshotReader {
  /**
   * The state of the pages that it reads. Readers of one shared snapshot see the same rows at any state;
   * with equal versions they also cut each table into the same morsels.
   */
  readonly version: number;
  get(tree: TreeId, key: Key, view?: ReadView): Uint8Array | undefined;
  readonly lastReadFrom: CommitTimestamp;
  scan(tree: TreeId, bounds: KeyBounds, options?: ScanOptions): VersionCursor;
  close(): void;
}

export interface StorageStatistics {
  readonly commits: number;
  readonly logSyncs: number;
  readonly logBytes: number;
  readonly memtableBytes: number;
  readonly memtableVersions: number;
  readonly flushes: number;
  readonly pageCacheHits: number;
  readonly pageCacheMisses: number;
  readonly lockWaits: number;
  readonly deadlocks: number;
  readonly segmentBuilds: number;
  readonly segmentRowsBuilt: number;
  readonly segmentBytesBuilt: number;
  readonly segmentBuildMilliseconds: number;
  readonly segmentDamagedFiles: number;
  /** Of all column segments that are in use. */
  readonly segmentFiles: number;
  readonly segmentBytes: number;
}
