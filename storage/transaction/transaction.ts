// A transaction: its snapshot, its workspace, its locks, and reads through all layers.

import { assert, databaseError, type TableDescriptor } from '#common';
import {
  type BeginOptions,
  type CommitResult,
  type CommitTimestamp,
  type IsolationLevel,
  type Key,
  type KeyBounds,
  type LockOptions,
  type LockPolicy,
  type LogPosition,
  type ReadView,
  type RowLockMode,
  type Savepoint,
  type ScanOptions,
  type TableLockMode,
  type Transaction,
  type TreeId,
  type VersionCursor,
} from '../contract.ts';
import { concurrentUpdate } from '../errors.ts';
import type { CommittedState } from '../memtable/committed-state.ts';
import type {
  BuildOptions,
  LayeredReader,
  PageScans,
  PageSnapshot,
  ScanLayers,
  SegmentLayers,
  TreeBuilder,
} from '../page-store.ts';
import { MergedCursor, PastCursor, PinnedCursor } from './cursors.ts';
import { type LockWait, StatementRestart } from './lock-wait.ts';
import { openOverlay } from './memory-overlay.ts';
import { RangeCursor, type TimeRange } from './range-cursor.ts';
import { ReadSet } from './read-set.ts';
import { RowLockList } from './row-locks.ts';
import type { TransactionManager } from './transaction-manager.ts';
import { type TreeWrites, Workspace, ownVersionAt, ownWriteFrom } from './workspace.ts';

type State = 'active' | 'committed' | 'rolled back';

export class ActiveTransaction implements Transaction, LayeredReader {
  readonly id: number;
  readonly isolation: IsolationLevel;
  readonly readOnly: boolean;
  readonly startTimestamp: number;
  snapshotTimestamp: CommitTimestamp;
  dependsOn: LogPosition = 0;
  lastReadFrom: CommitTimestamp = 0;
  ownWritesUntil: Savepoint | undefined = undefined;

  // What the lock tables and the manager keep here.
  readonly rowLocks = new RowLockList();
  tableLocks: Map<number, number> | undefined = undefined;
  waiting: LockWait | undefined = undefined;
  workspace: Workspace | undefined = undefined;
  readonly reads: ReadSet | undefined;
  droppedTrees: TreeId[] = [];
  builtTrees: TreeId[] = [];

  readonly #manager: TransactionManager;
  readonly #committed: CommittedState;
  readonly #options: BeginOptions;
  #hasSnapshot = false;
  #state: State = 'active';
  #commitActions: (() => void)[] = [];

  constructor(manager: TransactionManager, options: BeginOptions) {
    this.#manager = manager;
    this.#committed = manager.committed;
    this.#options = options;
    this.id = manager.nextId();
    this.isolation = options.isolation;
    this.readOnly = options.readOnly;
    this.startTimestamp = manager.time.now();
    this.snapshotTimestamp = this.#committed.lastCommit;
    this.reads =
      options.isolation === 'serializable' && !options.readOnly ? new ReadSet() : undefined;
    if (options.momentary !== true) manager.active.add(this);
  }

  get lockTimeoutMs(): number {
    return this.#options.lockTimeoutMs ?? 0;
  }

  deadlocked(): void {
    this.#manager.statistics.deadlocks++;
  }

  get hasWrites(): boolean {
    return (
      (this.workspace !== undefined && this.workspace.bytes > 0) ||
      this.droppedTrees.length > 0 ||
      this.builtTrees.length > 0
    );
  }

  beginStatement(): void {
    if (this.#options.momentary === true) this.dependsOn = 0;
    if (this.#hasSnapshot && this.isolation !== 'read committed') return;
    this.snapshotTimestamp = this.#committed.lastCommit;
    if (!this.#hasSnapshot && this.reads !== undefined) this.#manager.journal.enter(this);
    this.#hasSnapshot = true;
  }

  adoptSnapshot(timestamp: CommitTimestamp): void {
    this.snapshotTimestamp = timestamp;
    this.#hasSnapshot = true;
  }

  get isOvertaken(): boolean {
    return this.snapshotTimestamp !== this.#committed.lastCommit;
  }

  savepoint(): Savepoint {
    return this.workspace?.sequence ?? 0;
  }

  rollbackTo(savepoint: Savepoint): void {
    this.workspace?.rollbackTo(savepoint);
  }

  get(tree: TreeId, key: Key, view?: ReadView): Uint8Array | undefined {
    if (view !== undefined && view.kind !== 'statement') return this.#getView(tree, key, view);
    this.reads?.addKey(tree, key);
    return this.#find(tree, key, this.snapshotTimestamp, this.#visibleSequence());
  }

  #getView(tree: TreeId, key: Key, view: ReadView): Uint8Array | undefined {
    if (view.kind === 'latest') return this.#find(tree, key, this.#committed.lastCommit, Infinity);
    if (view.kind === 'asOf') {
      return this.#find(tree, key, Math.min(view.at, this.snapshotTimestamp), 0);
    }
    assert(view.kind !== 'range', 'a range of versions is scanned');
    return this.get(tree, key);
  }

  /** Own writes up to this one are seen by `statement` reads. */
  #visibleSequence(): number {
    return this.ownWritesUntil ?? Infinity;
  }

  /** `ownSequence`: own writes up to this one count. */
  #find(tree: TreeId, key: Key, at: CommitTimestamp, ownSequence: number): Uint8Array | undefined {
    if (ownSequence > 0 && this.workspace !== undefined) {
      const entry = this.workspace.find(tree, key);
      const own = entry === undefined ? undefined : ownVersionAt(entry, ownSequence);
      if (own !== undefined) {
        this.lastReadFrom = ownWriteFrom;
        return own.length < 0 ? undefined : own.slab.subarray(own.offset, own.offset + own.length);
      }
    }
    const committed = this.#committed;
    const value = committed.find(tree, key, at);
    this.lastReadFrom = committed.from;
    if (committed.from > committed.syncedCommit) this.#dependOn(committed.from);
    return value;
  }

  #dependOn(timestamp: CommitTimestamp): void {
    this.dependsOn = Math.max(this.dependsOn, this.#committed.positionOf(timestamp));
  }

  scan(tree: TreeId, bounds: KeyBounds, options?: ScanOptions): VersionCursor {
    const view = options?.view;
    const backward = options?.backward ?? false;
    const own = this.workspace?.trees.get(tree);
    if (view === undefined || view.kind === 'statement') {
      this.reads?.addRange(tree, bounds);
      return this.#scanAt(
        tree,
        bounds,
        {
          at: this.snapshotTimestamp,
          own,
          ownSequence: this.#visibleSequence(),
        },
        backward,
      );
    }
    if (view.kind === 'latest') {
      return this.#scanAt(
        tree,
        bounds,
        { at: this.#committed.lastCommit, own, ownSequence: Infinity },
        backward,
      );
    }
    if (view.kind === 'asOf') {
      const at = Math.min(view.at, this.snapshotTimestamp);
      return this.#scanAt(tree, bounds, { at, own: undefined, ownSequence: 0 }, backward);
    }
    return this.#scanRange(tree, bounds, view, backward);
  }

  #scanAt(
    tree: TreeId,
    bounds: KeyBounds,
    seen: {
      readonly at: CommitTimestamp;
      readonly own: TreeWrites | undefined;
      readonly ownSequence: number;
    },
    backward: boolean,
  ): VersionCursor {
    const { at, own } = seen;
    const committed = this.#committed;
    this.#dependOnTree(tree, at);
    const pages = committed.store.snapshot();
    const release = (): void => pages.release();
    const current = pages.scanCurrent(tree, bounds, backward);
    let base: PinnedCursor;
    if (at >= committed.flushedCommit(tree)) {
      base = new PinnedCursor(current, true, release);
    } else {
      const history = pages.scanHistory(tree, bounds, backward);
      base = new PinnedCursor(new PastCursor(current, history, at, backward), false, release);
    }
    const sequence = Math.min(this.workspace?.sequence ?? 0, seen.ownSequence);
    const memories = committed.memories(tree);
    const overlay = openOverlay({ own, sequence, memories, at }, bounds, backward);
    return overlay === undefined ? base : new MergedCursor(base, overlay, backward);
  }

  #scanRange(tree: TreeId, bounds: KeyBounds, range: TimeRange, backward: boolean): VersionCursor {
    const committed = this.#committed;
    this.#dependOnTree(tree, this.snapshotTimestamp);
    const pages = committed.store.snapshot();
    const sources = {
      current: pages.scanCurrent(tree, bounds, backward),
      history: pages.scanHistory(tree, bounds, backward),
      memories: committed.memories(tree),
      own: this.workspace?.trees.get(tree),
      sequence: this.workspace?.sequence ?? 0,
      snapshot: this.snapshotTimestamp,
    };
    const cursor = new RangeCursor(sources, range, bounds, backward);
    return new PinnedCursor(cursor, false, () => pages.release());
  }

  openLayers(tree: TreeId, bounds: KeyBounds, backward: boolean): ScanLayers | undefined {
    const committed = this.#committed;
    const at = this.snapshotTimestamp;
    const isCurrent = at >= committed.flushedCommit(tree);
    if (!isCurrent || !('scanLeaves' in committed.pages)) return undefined;
    this.reads?.addRange(tree, bounds);
    this.#dependOnTree(tree, at);
    const pages = committed.store.snapshot() as PageSnapshot & PageScans;
    const leaves = pages.scanLeaves(tree, bounds, backward);
    const own = this.workspace?.trees.get(tree);
    const sequence = Math.min(this.workspace?.sequence ?? 0, this.#visibleSequence());
    const memories = committed.memories(tree);
    let isOpen = true;
    return {
      leaves: {
        nextLeaf: () => leaves.nextLeaf(),
        close: () => {
          if (!isOpen) return;
          isOpen = false;
          leaves.close();
          pages.release();
        },
      },
      at,
      pages,
      overlay: openOverlay({ own, sequence, memories, at }, bounds, backward),
    };
  }

  openSegments(tree: TreeId, asOf: CommitTimestamp | undefined): SegmentLayers | undefined {
    const committed = this.#committed;
    if (!('segments' in committed.pages)) return undefined;
    const pages = committed.store.snapshot() as PageSnapshot & PageScans;
    const named = pages.segments(tree);
    const pin = named === undefined ? undefined : this.#manager.pinSegments();
    if (named === undefined || pin === undefined || named.directory.entries.length === 0) {
      pin?.release();
      pages.release();
      return undefined;
    }
    const readableAt = this.snapshotTimestamp;
    const at = Math.min(asOf ?? readableAt, readableAt);
    this.reads?.addRange(tree, { lower: undefined, upper: undefined });
    this.#dependOnTree(tree, at);
    const own = asOf === undefined ? this.workspace?.trees.get(tree) : undefined;
    const sequence = Math.min(this.workspace?.sequence ?? 0, this.#visibleSequence());
    const memories = committed.memories(tree);
    let isOpen = true;
    return {
      ...named,
      folder: pin.folder,
      at,
      readableAt,
      scanChanges: (bounds) => pages.scanChanges(tree, bounds),
      openOverlay: (bounds) => openOverlay({ own, sequence, memories, at }, bounds, false),
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        pin.release();
        pages.release();
      },
    };
  }

  isYounger(tree: TreeId, moment = this.snapshotTimestamp): boolean {
    const { pages } = this.#committed;
    if (!('builtAt' in pages)) return false;
    return (
      (pages as PageSnapshot & PageScans).builtAt(tree) > Math.min(moment, this.snapshotTimestamp)
    );
  }
  splitKeys(tree: TreeId, rows: number): Key[] {
    const { pages } = this.#committed;
    return 'splitKeys' in pages ? (pages as PageSnapshot & PageScans).splitKeys(tree, rows) : [];
  }

  /** Notes that what a scan of the tree shows may rest on commits that are not durable yet. */
  #dependOnTree(tree: TreeId, at: CommitTimestamp): void {
    const committed = this.#committed;
    const { syncedCommit } = committed;
    if (at <= syncedCommit) return;
    const newest = committed.newestCommit(tree);
    if (newest > syncedCommit) this.#dependOn(Math.min(newest, at));
  }

  lock(tree: TreeId, key: Key, mode: RowLockMode, options?: LockOptions): 'granted' | 'skipped' {
    const policy = options?.policy ?? 'wait';
    if (this.#state !== 'active') throw transactionEnded();
    if (!this.#manager.rowLocks.acquire(this, tree, key, mode, policy)) return 'skipped';
    if (options?.checkSnapshot === false) return 'granted';
    if (this.snapshotTimestamp === this.#committed.lastCommit) return 'granted';
    if (this.#committed.changedSince(tree, key, this.snapshotTimestamp)) {
      if (this.isolation !== 'read committed') throw concurrentUpdate();
      // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error: no stack is taken
      throw new StatementRestart();
    }
    return 'granted';
  }

  /** Its row locks, for a record of them; of a tree that is locked as a whole there are none. */
  heldRowLocks(): { readonly tree: TreeId; readonly key: Key; readonly modes: number }[] {
    return this.rowLocks.held.map((state) => ({
      tree: state.tree.tree,
      key: state.key,
      modes: state.modesOf(this),
    }));
  }

  blockers(): Iterable<ActiveTransaction> {
    return (this.waiting?.blockers() ?? []) as Iterable<ActiveTransaction>;
  }

  rowBlockers(): Iterable<ActiveTransaction> {
    return this.waiting?.isForRow === true ? this.blockers() : [];
  }

  lockedTables(): Iterable<number> {
    return this.tableLocks?.keys() ?? [];
  }

  lockTable(oid: number, mode: TableLockMode, policy: LockPolicy = 'wait'): void {
    if (this.#state !== 'active') throw transactionEnded();
    this.#manager.tableLocks.acquire(this, oid, mode, policy);
  }

  isReadable(oid: number): boolean {
    return this.#manager.tableLocks.isReadable(oid);
  }

  put(tree: TreeId, key: Key, value: Uint8Array): void {
    (this.workspace ?? this.#openWorkspace()).put(tree, key, value);
  }

  remove(tree: TreeId, key: Key): void {
    (this.workspace ?? this.#openWorkspace()).remove(tree, key);
  }

  #openWorkspace(): Workspace {
    if (this.readOnly) {
      throw databaseError('readOnlySqlTransaction', 'cannot write in a read-only transaction');
    }
    return this.#newWorkspace();
  }

  #newWorkspace(): Workspace {
    assert(this.#state === 'active', 'the transaction is active');
    this.workspace = new Workspace(this.#manager.slabs, this.#manager.memory);
    return this.workspace;
  }

  nextRowId(tree: TreeId): number {
    return this.#manager.nextRowId(tree);
  }

  dropTree(tree: TreeId, options?: { readonly keepHistory: boolean }): void {
    // Kept history needs nothing: the rows stay as they were, and nothing leads to them but the past.
    if (options?.keepHistory === true) return;
    this.droppedTrees.push(tree);
    this.#note(() => {
      this.droppedTrees.pop();
    });
  }

  buildTree(tree: TreeId, options?: BuildOptions): TreeBuilder {
    const { bulk } = this.#manager;
    assert(bulk !== undefined, 'the page store can build trees');
    const builder = bulk.buildTree(tree, options);
    this.builtTrees.push(tree);
    let isFinished = false;
    this.#note(() => {
      this.builtTrees.splice(this.builtTrees.indexOf(tree), 1);
      if (isFinished) bulk.discardTree(tree);
      else builder.abort();
    });
    return {
      add: (key, value) => builder.add(key, value),
      addSlice: (key, source, start, end) => builder.addSlice(key, source, start, end),
      get backlogBytes() {
        return builder.backlogBytes;
      },
      whenTaken: () => builder.whenTaken(),
      finish: async () => {
        const result = await builder.finish();
        isFinished = true;
        this.#committed.refreshPages();
        return result;
      },
      abort: () => builder.abort(),
    };
  }

  #note(undo: () => void): void {
    (this.workspace ?? this.#newWorkspace()).note(undo);
  }

  noteTableLoad(table: TableDescriptor): void {
    this.onCommit(() => this.#manager.noteTableLoad(table));
  }
  onCommit(action: () => void): void {
    this.#commitActions.push(action);
    const count = this.#commitActions.length;
    this.#note(() => {
      this.#commitActions.length = count - 1;
    });
  }

  onRollback(action: () => void): void {
    this.#note(action);
  }

  commit(): CommitResult {
    assert(this.#state === 'active', 'the transaction is active');
    let result: CommitResult;
    try {
      result = this.#manager.commit(this);
    } catch (error) {
      this.rollback();
      throw error;
    }
    this.#state = 'committed';
    for (const action of this.#commitActions) action();
    this.#end();
    return result;
  }

  rollback(): void {
    if (this.#state !== 'active') return;
    this.#state = 'rolled back';
    this.workspace?.rollbackTo(0);
    this.#end();
  }

  #end(): void {
    this.waiting?.cancel(transactionEnded());
    this.#manager.active.delete(this);
    if (this.reads !== undefined) this.#manager.journal.leave(this);
    this.#manager.rowLocks.releaseAll(this);
    this.#manager.tableLocks.releaseAll(this);
    this.workspace?.release();
    this.workspace = undefined;
    this.#commitActions = [];
  }
}

/** A statement goes on although its session has gone: nobody would release what it locks. */
function transactionEnded(): Error {
  return databaseError('queryCanceled', 'the transaction has ended');
}
