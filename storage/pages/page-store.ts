// The PageStore of the main thread: reads through a pinned LMDB view, writes through the writer thread.
//
// `#latest` is always pinned and matches its directory. A notice from the writer says what changed up
// to some sequence number; the store then pins a new view. When that view is already past the notice
// (another write came in between), the directory starts empty, since what else changed is not known
// yet.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { assert, type DatabaseError, databaseError } from '#common';
import type { CommitTimestamp, Key, TreeId } from '../contract.ts';
import { diskFull, ioFailure } from '../errors.ts';
import type {
  BuildOptions,
  BulkPageStore,
  FlushedKey,
  FlushMetadata,
  PageStore,
  TreeBuilder,
} from '../page-store.ts';
import { RecordBuffer } from './change-buffer.ts';
import { LmdbSnapshot } from './lmdb-snapshot.ts';
import { type DirectoryStatistics, PageDirectory } from './page-directory.ts';
import {
  openPageEnvironment,
  type PageEnvironment,
  readCounters,
  stateKey,
} from './page-environment.ts';
import type { FromWriter, ToWriter, WriterFailure } from './protocol.ts';
import { decodeDirectory, type SegmentDirectory } from './segment-directory.ts';
import type { SegmentWriteResult } from './segment-install.ts';
import { type ChangeNotice, currentSlot, decodeRoot } from './tree-root.ts';
import { PageTreeBuilder } from './page-tree-builder.ts';

export interface PageStoreOptions {
  /** Heap bytes for decoded inner pages. */
  readonly directoryBudgetBytes?: number;
  /** The writer thread ended by itself: nothing can be written any more. */
  readonly onWriterFailure?: (error: Error) => void;
}

const defaultDirectoryBytes = 64 * 1024 * 1024;
type SegmentAction = (ToWriter & { kind: 'segments' })['action'];

/** A slice of encoding changes on the main thread. */
const encodeSliceMs = 1.5;
const changesPerClockReading = 64;

export async function openPageStore(
  directory: string,
  options: PageStoreOptions = {},
): Promise<LmdbPageStore> {
  const environment = openPageEnvironment(directory);
  const worker = new Worker(new URL(workerFile(), import.meta.url), { workerData: { directory } });
  const store = new LmdbPageStore(environment, worker, options);
  await store.started;
  return store;
}
function workerFile(): string {
  return import.meta.url.endsWith('.ts') ? './flush-worker.ts' : './flush-worker.js';
}

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

export class LmdbPageStore implements PageStore, BulkPageStore {
  readonly started: Promise<void>;
  readonly statistics: DirectoryStatistics = { hits: 0, misses: 0 };
  readonly #environment: PageEnvironment;
  readonly #worker: Worker;
  readonly #options: PageStoreOptions;
  readonly #builders = new Map<number, PageTreeBuilder>();
  readonly #segmentWrites = new Map<number, Waiting<SegmentWriteResult>>();
  readonly #prunes = new Map<number, Waiting<number>>();
  #adopted: { tree: TreeId; timestamp: CommitTimestamp }[] = [];
  #flushing: Waiting<void> | undefined;
  #starting: Waiting<void> | undefined;
  #closing: Waiting<void> | undefined;
  #failure: Error | undefined;
  #nextRequest = 1;
  /** Answers that the writer thread owes; the process stays alive for them. */
  #owed = 1;
  #metadata: FlushMetadata | undefined;
  #latest: LmdbSnapshot;

  constructor(environment: PageEnvironment, worker: Worker, options: PageStoreOptions) {
    this.#environment = environment;
    this.#worker = worker;
    this.#options = options;
    this.#latest = this.#pin(undefined);
    this.started = new Promise((resolve, reject) => (this.#starting = { resolve, reject }));
    worker.on('message', (message: FromWriter) => this.#receive(message));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('the page writer thread ended')));
  }

  get appliedPosition(): number {
    return this.#metadata?.position ?? 0;
  }
  metadata(): FlushMetadata | undefined {
    return this.#metadata;
  }
  snapshot(): LmdbSnapshot {
    return this.#latest.retain();
  }

  async apply(
    changes: Iterable<FlushedKey>,
    droppedTrees: readonly TreeId[],
    metadata: FlushMetadata,
  ): Promise<void> {
    assert(this.#flushing === undefined, 'one flush at a time');
    const done = new Promise<void>((resolve, reject) => (this.#flushing = { resolve, reject }));
    const records = new RecordBuffer((bytes) =>
      this.#send({ kind: 'changes', bytes }, [bytes.buffer]),
    );
    // A commit after the flushed ones may not be in the synced log yet: its trees wait for the next flush.
    const adopted = this.#adopted.filter(({ timestamp }) => timestamp <= metadata.lastCommit);
    this.#hold();
    try {
      await encodeInSlices(changes, records);
      this.#send({ kind: 'flush', droppedTrees, adopted, metadata: JSON.stringify(metadata) });
      await done;
      this.#adopted = this.#adopted.filter((adoption) => !adopted.includes(adoption));
    } finally {
      this.#flushing = undefined;
      this.#letGo();
    }
  }

  buildTree(tree: TreeId, options?: BuildOptions): TreeBuilder {
    const load = this.#nextRequest++;
    const builder = new PageTreeBuilder({
      send: (bytes) => this.#send({ kind: 'loadBytes', load, bytes }, [bytes.buffer]),
      finish: () => this.#send({ kind: 'finishLoad', load }),
      abort: () => {
        if (this.#builders.delete(load)) this.#letGo();
        this.#send({ kind: 'abortLoad', load });
      },
      discard: () => this.discardTree(tree),
    });
    this.#builders.set(load, builder);
    this.#hold();
    this.#send({ kind: 'load', load, tree, hidden: options?.hidden ?? false });
    return builder;
  }
  adoptTree(tree: TreeId, timestamp: CommitTimestamp): void {
    this.#adopted.push({ tree, timestamp });
    const slot = currentSlot(tree);
    const root = this.#latest.directory.storedRoot(slot);
    if (root !== undefined)
      this.#latest.directory.setRoot(slot, { ...root, bulkTimestamp: timestamp });
  }
  get hasUnsavedAdoptions(): boolean {
    return this.#adopted.length > 0;
  }
  discardTree(tree: TreeId): void {
    this.#send({ kind: 'discard', tree });
  }
  unadoptedTrees(): TreeId[] {
    const trees: TreeId[] = [];
    const named = new Set(this.#adopted.map(({ tree }) => tree));
    for (const { key, value } of this.#environment.roots.getRange()) {
      const tree = key >>> 1;
      if (decodeRoot(value).bulkTimestamp < 0 && !named.has(tree)) trees.push(tree);
    }
    return trees;
  }
  /** Removes closed versions that ended at or before a time. Resolves with how many there were. */
  pruneHistory(tree: TreeId, before: CommitTimestamp): Promise<number> {
    const request = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#prunes.set(request, { resolve, reject });
      this.#hold();
      this.#send({ kind: 'prune', request, tree, before });
    });
  }

  /** The named column segments of all trees, as of now. */
  segmentDirectories(): Map<TreeId, SegmentDirectory> {
    const found = new Map<TreeId, SegmentDirectory>();
    for (const { key, value } of this.#environment.segments.getRange()) {
      found.set(key, decodeDirectory(value));
    }
    return found;
  }
  segmentState(
    tree: TreeId,
  ): { readonly directory: SegmentDirectory; readonly changes: number } | undefined {
    const named = this.#latest.segments(tree);
    return named && { directory: named.directory, changes: this.#latest.changeCount(tree) };
  }
  changedKeys(tree: TreeId): { key: Key; time: CommitTimestamp }[] {
    const scan = this.#latest.scanChanges(tree, { lower: undefined, upper: undefined });
    const found: { key: Key; time: CommitTimestamp }[] = [];
    for (let leaf = scan.nextLeaf(); leaf !== undefined; leaf = scan.nextLeaf()) {
      for (let i = leaf.first; i < leaf.end; i++) {
        found.push({ key: leaf.key(i), time: leaf.from(i) });
      }
    }
    return found;
  }
  writeSegments(action: SegmentAction): Promise<SegmentWriteResult> {
    const request = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#segmentWrites.set(request, { resolve, reject });
      this.#hold();
      this.#send({ kind: 'segments', request, action });
    });
  }

  async close(): Promise<void> {
    if (this.#failure === undefined) {
      const closed = new Promise<void>((resolve, reject) => (this.#closing = { resolve, reject }));
      this.#hold();
      this.#send({ kind: 'close' });
      await closed;
    }
    await this.#worker.terminate();
    this.#latest.release();
    await this.#environment.root.close();
  }

  #pin(notice: ChangeNotice | undefined): LmdbSnapshot {
    const environment = this.#environment;
    environment.root.resetReadTxn();
    const transaction = environment.root.useReadTransaction();
    const { sequence } = readCounters(environment);
    const previous =
      notice === undefined || sequence !== notice.sequence ? undefined : this.#latest;
    const directory =
      previous !== undefined && notice !== undefined
        ? previous.directory.successor(transaction, notice, previous.references === 1)
        : new PageDirectory(environment, transaction, {
            budgetBytes: this.#options.directoryBudgetBytes ?? defaultDirectoryBytes,
            statistics: this.statistics,
          });
    const metadata = environment.state.getBinary(stateKey.metadata);
    this.#metadata =
      metadata === undefined ? undefined : (JSON.parse(metadata.toString()) as FlushMetadata);
    for (const { tree, timestamp } of this.#adopted) {
      const root = directory.storedRoot(currentSlot(tree));
      if (root !== undefined)
        directory.setRoot(currentSlot(tree), { ...root, bulkTimestamp: timestamp });
    }
    return new LmdbSnapshot(directory, transaction);
  }
  #renew(notice: ChangeNotice): void {
    const previous = this.#latest;
    this.#latest = this.#pin(notice);
    previous.release();
  }

  #receive(message: FromWriter): void {
    switch (message.kind) {
      case 'ready':
        this.#starting?.resolve();
        this.#letGo();
        return;
      case 'changed':
        this.#renew(message.notice);
        return;
      case 'flushed':
        this.#renew(message.notice);
        this.#flushing?.resolve();
        return;
      case 'flushFailed':
        this.#flushing?.reject(writerError(message.failure));
        return;
      case 'loadTaken':
        this.#builders.get(message.load)?.taken(message.bytes);
        return;
      case 'loadFinished':
        this.#renew(message.result.notice);
        this.#takeBuilder(message.load)?.finished(message.result);
        return;
      case 'loadFailed':
        this.#takeBuilder(message.load)?.failed(writerError(message.failure));
        return;
      case 'pruned':
        this.#prunes.get(message.request)?.resolve(message.versions);
        if (this.#prunes.delete(message.request)) this.#letGo();
        return;
      case 'segmentsWritten':
        this.#renew(message.result.notice);
        this.#takeSegmentWrite(message.request)?.resolve(message.result);
        return;
      case 'segmentsFailed':
        this.#takeSegmentWrite(message.request)?.reject(writerError(message.failure));
        return;
      case 'closed':
        this.#closing?.resolve();
        return;
    }
  }
  #takeBuilder(load: number): PageTreeBuilder | undefined {
    const builder = this.#builders.get(load);
    if (this.#builders.delete(load)) this.#letGo();
    return builder;
  }
  #takeSegmentWrite(request: number): Waiting<SegmentWriteResult> | undefined {
    const waiting = this.#segmentWrites.get(request);
    if (this.#segmentWrites.delete(request)) this.#letGo();
    return waiting;
  }
  #hold(): void {
    if (this.#owed++ === 0) this.#worker.ref();
  }
  #letGo(): void {
    if (--this.#owed === 0) this.#worker.unref();
  }
  #fail(error: Error): void {
    if (this.#closing !== undefined || this.#failure !== undefined) return;
    this.#failure = error;
    this.#starting?.reject(error);
    this.#flushing?.reject(error);
    for (const waiting of this.#prunes.values()) waiting.reject(error);
    for (const waiting of this.#segmentWrites.values()) waiting.reject(error);
    for (const builder of this.#builders.values()) builder.failed(error);
    this.#options.onWriterFailure?.(error);
  }
  #send(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    if (this.#failure !== undefined) throw ioFailure('could not write pages', this.#failure);
    this.#worker.postMessage(message, transfer);
  }
}

async function encodeInSlices(changes: Iterable<FlushedKey>, records: RecordBuffer): Promise<void> {
  let sliceEnd = performance.now() + encodeSliceMs;
  let untilClock = changesPerClockReading;
  for (const change of changes) {
    records.addChange(change);
    if (--untilClock > 0) continue;
    untilClock = changesPerClockReading;
    if (performance.now() < sliceEnd) continue;
    await nextTurn();
    sliceEnd = performance.now() + encodeSliceMs;
  }
  records.flush();
}

function writerError(failure: WriterFailure): DatabaseError {
  const cause = new Error(failure.message);
  if (/ENOSPC|No space left|MDB_MAP_FULL/i.test(`${failure.code} ${failure.message}`)) {
    return diskFull('the row store', cause);
  }
  if (failure.sqlState !== undefined) {
    return databaseError('dataCorrupted', failure.message, { cause });
  }
  return ioFailure('could not write pages', cause);
}

/** In another thread a snapshot serves one statement, so there is little to keep. */
const threadLeafCacheBytes = 1 << 20;

/** A reader's own view in an executor thread. */
export interface PageReader {
  snapshot(): LmdbSnapshot;
  /** The last commit that the snapshot taken last holds. */
  lastCommit(): CommitTimestamp;
  /** The number of the last write in the snapshot taken last. */
  sequence(): number;
  close(): Promise<void>;
}

/** Opens the pages for reading in another thread of the process; each snapshot is pinned by itself. */
export function openPageReader(directory: string): PageReader {
  const environment = openPageEnvironment(directory);
  return {
    snapshot() {
      environment.root.resetReadTxn();
      const transaction = environment.root.useReadTransaction();
      const pages = new PageDirectory(environment, transaction, {
        budgetBytes: defaultDirectoryBytes,
        leafCacheBytes: threadLeafCacheBytes,
        statistics: { hits: 0, misses: 0 },
      });
      return new LmdbSnapshot(pages, transaction);
    },
    lastCommit() {
      const metadata = environment.state.getBinary(stateKey.metadata);
      if (metadata === undefined) return 0;
      return (JSON.parse(metadata.toString()) as FlushMetadata).lastCommit;
    },
    sequence: () => readCounters(environment).sequence,
    close: () => environment.root.close(),
  };
}
