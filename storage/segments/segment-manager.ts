// Keeps the column segments of all tables, in the main thread: decides when to build, has a thread build
// and the page writer name what it built, and removes files that nobody can name any more.
//
// A build: the memtable is flushed; the writer starts to record the tree's changes; the build thread takes
// the newest LMDB snapshot and writes files, synced with their folder; the writer puts their names into
// LMDB. So at any moment of a crash the named files are whole; what is not named is removed at start.
//
// Invariants
// - One build runs at a time.
// - A file leaves the disk only when every shared snapshot from before it was replaced is released.

import { join } from 'node:path';
import { type TableDescriptor, typeDefinitions } from '#common';
import type {
  CommitTimestamp,
  Key,
  SegmentFileFacts,
  SegmentSummary,
  StorageStatistics,
  TreeId,
} from '../contract.ts';
import { limits } from '../limits.ts';
import type { SegmentDirectory } from '../pages/segment-directory.ts';
import type { SegmentInstall, SegmentWriteResult } from '../pages/segment-install.ts';
import { BuildThread } from './build-thread.ts';
import { type DamageReport, listenForDamage } from './damage-report.ts';
import { SegmentFolder } from './segment-folder.ts';
import { segmentFolder } from './segment-format.ts';
import { segmentFileFacts } from './segment-facts.ts';

/** What the manager needs of the page store. */
export interface SegmentStore {
  segmentDirectories(): Map<TreeId, SegmentDirectory>;
  segmentState(
    tree: TreeId,
  ): { readonly directory: SegmentDirectory; readonly changes: number } | undefined;
  /** Keys that have changed since the tree's segments were recorded, with the times of the newest changes. */
  changedKeys(tree: TreeId): readonly { readonly key: Key; readonly time: CommitTimestamp }[];
  writeSegments(
    action:
      | { readonly kind: 'begin' | 'drop'; readonly tree: TreeId }
      | { readonly kind: 'install'; readonly install: SegmentInstall },
  ): Promise<SegmentWriteResult>;
}

export interface SegmentManagerOptions {
  /** The data directory. */
  readonly directory: string;
  readonly store: SegmentStore;
  /** Resolves when all that is committed is in the pages. */
  readonly flush: () => Promise<void>;
  readonly estimateRows: (tree: TreeId) => number;
  /** The newest handle of a shared snapshot, and the oldest that is not released. */
  readonly newestHandle: () => number;
  readonly oldestHandle: () => number;
  readonly onWarning: (message: string) => void;
}

interface SegmentStatistics {
  builds: number;
  rowsBuilt: number;
  bytesBuilt: number;
  buildMilliseconds: number;
  damagedFiles: number;
}

export class SegmentManager {
  readonly statistics: SegmentStatistics = {
    builds: 0,
    rowsBuilt: 0,
    bytesBuilt: 0,
    buildMilliseconds: 0,
    damagedFiles: 0,
  };
  readonly folder: string;
  readonly #options: SegmentManagerOptions;
  readonly #directories: Map<TreeId, SegmentDirectory>;
  /** Tables that a scan or a load has shown, by tree. */
  readonly #tables = new Map<TreeId, TableDescriptor>();
  /** Trees that scans have asked for. */
  readonly #used = new Set<TreeId>();
  readonly #damaged = new Map<TreeId, Set<string>>();
  readonly #waiting = new Set<TreeId>();
  readonly #notBefore = new Map<TreeId, number>();
  readonly #loads = new Map<TreeId, NodeJS.Timeout>();
  readonly #stopListening: () => void;
  readonly #files: SegmentFolder;
  readonly #thread = new BuildThread();
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SegmentManagerOptions) {
    this.#options = options;
    this.folder = join(options.directory, segmentFolder);
    this.#directories = options.store.segmentDirectories();
    this.#files = new SegmentFolder(this.folder, [...this.#directories.values()].flatMap(filesOf));
    // A first build that did not end: nobody needs to record changes for it.
    for (const tree of this.#directories.keys()) {
      void this.#enqueue(() => this.#dropIfEmpty(tree));
    }
    this.#stopListening = listenForDamage(this.folder, (report) => this.#damage(report));
  }

  summary(tree: TreeId): SegmentSummary | undefined {
    if (!this.#directories.has(tree)) return undefined;
    const state = this.#options.store.segmentState(tree);
    if (state === undefined || state.directory.entries.length === 0) return undefined;
    const { entries } = state.directory;
    return {
      rows: entries.reduce((sum, entry) => sum + entry.rows, 0),
      changedKeys: state.changes,
      segments: entries.length,
      bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
    };
  }
  /** Opens every file: for people who look, not for plans. */
  files(tree: TreeId): SegmentFileFacts[] {
    const { entries } = this.#options.store.segmentState(tree)?.directory ?? nothing;
    const changedKeys = this.#options.store.changedKeys(tree);
    return entries.flatMap((entry, i) => {
      const upper = entries[i + 1]?.lower;
      const changed = changedKeys.filter(
        ({ key, time }) =>
          time > entry.builtAt &&
          (i === 0 || key >= entry.lower) &&
          (upper === undefined || key < upper),
      );
      return filesOf({ recording: 0, entries: [entry] }).map((file) =>
        segmentFileFacts(this.folder, file, changed.length),
      );
    });
  }
  get counts(): SegmentCounts {
    const { statistics } = this;
    const entries = [...this.#directories.values()].flatMap((directory) => directory.entries);
    return {
      segmentBuilds: statistics.builds,
      segmentRowsBuilt: statistics.rowsBuilt,
      segmentBytesBuilt: statistics.bytesBuilt,
      segmentBuildMilliseconds: statistics.buildMilliseconds,
      segmentDamagedFiles: statistics.damagedFiles,
      segmentFiles: filesOf({ recording: 0, entries }).length,
      segmentBytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** A long scan of the table begins: does it want segments, or newer ones? Decides, never waits. */
  noteUse(table: TableDescriptor): void {
    this.#used.add(table.treeId);
    this.#consider(table);
  }
  #consider(table: TableDescriptor): void {
    const { treeId: tree } = table;
    if (this.#closed || table.persistence === 'temporary') return;
    this.#tables.set(tree, table);
    if (this.#waiting.has(tree)) return;
    if (columnarSetting(table) === 'off') {
      if (this.#directories.has(tree)) void this.drop(tree);
      return;
    }
    if (performance.now() < (this.#notBefore.get(tree) ?? 0)) return;
    const summary = this.summary(tree);
    const isStale =
      summary !== undefined && summary.changedKeys > summary.rows * limits.segmentChangedShareMax;
    if (isStale || this.#damaged.has(tree) || (summary === undefined && this.#isWanted(table))) {
      void this.build(table);
    }
  }
  #isWanted(table: TableDescriptor): boolean {
    const setting = columnarSetting(table);
    if (setting === 'off' || table.persistence === 'temporary') return false;
    const isLarge = this.#options.estimateRows(table.treeId) >= limits.segmentRowsMin;
    return setting === 'on' || isLarge || this.#directories.has(table.treeId);
  }
  /** VACUUM. */
  async renew(table: TableDescriptor): Promise<void> {
    if (this.#isWanted(table)) await this.build(table);
  }

  /** A bulk load of the table has been committed; loads come in rows, so it waits a little. */
  noteLoad(table: TableDescriptor): void {
    const { treeId: tree } = table;
    if (this.#loads.has(tree) || table.persistence === 'temporary') return;
    const timer = setTimeout(() => {
      this.#loads.delete(tree);
      this.#consider(table);
    }, limits.segmentLoadDelayMs);
    this.#loads.set(tree, timer.unref());
  }
  /** Closed versions have been removed: files that hold them must not be read any more. */
  historyPruned(tree: TreeId): void {
    const directory = this.#directories.get(tree);
    if (directory?.entries.some(({ history = [] }) => history.length > 0) === true)
      void this.drop(tree);
  }

  /** Builds what is missing or stale. Resolves when that is done, also when it failed (onWarning tells). */
  async build(table: TableDescriptor): Promise<SegmentSummary | undefined> {
    const { treeId: tree } = table;
    this.#tables.set(tree, table);
    this.#waiting.add(tree);
    await this.#enqueue(async () => {
      const start = performance.now();
      let pauseMs = limits.segmentRetryMs;
      try {
        await this.#build(table);
        pauseMs = (performance.now() - start) / limits.segmentBuildShare;
      } catch (error) {
        if (!this.#closed) this.#warn(`segments of table "${table.name}" were not built`, error);
        await this.#dropIfEmpty(tree);
      }
      this.#waiting.delete(tree);
      this.#notBefore.set(tree, performance.now() + pauseMs);
    });
    return this.#closed ? undefined : this.summary(tree);
  }
  async #build(table: TableDescriptor): Promise<void> {
    const { treeId: tree } = table;
    const { store, flush, directory } = this.#options;
    const start = performance.now();
    await flush();
    const begun = await store.writeSegments({ kind: 'begin', tree });
    this.#replace(tree, begun.directory);
    const recording = begun.directory?.recording;
    if (recording === undefined) return;
    const name = `${tree}-${begun.notice.sequence}`;
    const damaged = [...(this.#damaged.get(tree) ?? [])];
    const types = typeDefinitions();
    const answer = await this.#thread.run({ directory, table, types, recording, name, damaged });
    if (answer.kind === 'failed') throw new Error(answer.message);
    if (answer.kind === 'unready') {
      await this.#dropIfEmpty(tree);
      return;
    }
    const { result } = answer;
    const installed = await store.writeSegments({
      kind: 'install',
      install: { tree, recording, ...result },
    });
    const added = result.replacements.flatMap(({ entries }) => entries);
    if (!installed.isDone)
      for (const file of filesOf({ recording, entries: added })) this.#files.remove(file);
    this.#replace(tree, installed.directory);
    this.#forgetDamaged(tree, damaged);
    this.statistics.builds++;
    for (const { rows, bytes } of added) {
      this.statistics.rowsBuilt += rows;
      this.statistics.bytesBuilt += bytes;
    }
    this.statistics.buildMilliseconds += performance.now() - start;
  }

  async drop(tree: TreeId): Promise<void> {
    await this.#enqueue(async () => {
      const { directory } = await this.#options.store.writeSegments({ kind: 'drop', tree });
      this.#replace(tree, directory);
    });
  }
  async #dropIfEmpty(tree: TreeId): Promise<void> {
    if (this.#closed || this.#directories.get(tree)?.entries.length !== 0) return;
    const { directory } = await this.#options.store.writeSegments({ kind: 'drop', tree });
    this.#replace(tree, directory);
  }
  /** A flush is in the pages. It has removed some trees, and their segments with them. */
  flushed(droppedTrees: readonly TreeId[]): void {
    this.#forgetTrees(droppedTrees);
    // A load may have built what only writers touch since: recording their changes is for nothing.
    for (const tree of this.#directories.keys()) {
      const table = this.#tables.get(tree);
      const isWanted = table === undefined || columnarSetting(table) !== 'auto';
      if (isWanted || this.#used.has(tree) || this.#waiting.has(tree)) continue;
      const { rows = 0, changedKeys = 0 } = this.summary(tree) ?? {};
      if (changedKeys > rows * limits.segmentChangedShareUnused) void this.drop(tree);
    }
  }
  #forgetTrees(trees: readonly TreeId[]): void {
    for (const tree of trees) {
      this.#tables.delete(tree);
      this.#damaged.delete(tree);
      this.#used.delete(tree);
      this.#notBefore.delete(tree);
      if (this.#directories.has(tree)) this.#replace(tree, undefined);
    }
  }

  /** Shared snapshots were released: files that only they could name can go. */
  removeRetired(): void {
    this.#files.removeRetired(this.#options.oldestHandle());
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#thread.terminate();
    await this.#queue;
  }
  #stop(): void {
    this.#closed = true;
    for (const timer of this.#loads.values()) clearTimeout(timer);
    this.#stopListening();
  }
  /** As after a crash. */
  abandon(): void {
    this.#stop();
    void this.#thread.terminate();
  }

  #damage({ tree, file, reason }: DamageReport): void {
    if (!filesOf(this.#directories.get(tree) ?? nothing).includes(file)) return;
    const known = this.#damaged.get(tree) ?? new Set<string>();
    if (known.has(file)) return;
    this.#damaged.set(tree, known.add(file));
    this.statistics.damagedFiles++;
    this.#options.onWarning(`${reason}; it is built anew from the row store`);
    this.#notBefore.delete(tree);
    const table = this.#tables.get(tree);
    if (table !== undefined) void this.build(table);
  }

  #forgetDamaged(tree: TreeId, files: readonly string[]): void {
    const known = this.#damaged.get(tree);
    if (known === undefined) return;
    for (const file of files) known.delete(file);
    if (known.size === 0) this.#damaged.delete(tree);
  }

  #replace(tree: TreeId, directory: SegmentDirectory | undefined): void {
    const before = filesOf(this.#directories.get(tree) ?? nothing);
    if (directory === undefined) this.#directories.delete(tree);
    else this.#directories.set(tree, directory);
    const kept = new Set(filesOf(directory ?? nothing));
    const handle = this.#options.newestHandle();
    for (const file of before) if (!kept.has(file)) this.#files.retire(file, handle);
    this.removeRetired();
  }
  #warn(what: string, error: unknown): void {
    this.#options.onWarning(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** One after another; a failure is a warning. */
  #enqueue(job: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      try {
        await job();
      } catch (error) {
        if (!this.#closed) this.#warn('column segments were not updated', error);
      }
    });
    return this.#queue;
  }
}

type SegmentCounts = Pick<
  StorageStatistics,
  | 'segmentBuilds'
  | 'segmentRowsBuilt'
  | 'segmentBytesBuilt'
  | 'segmentBuildMilliseconds'
  | 'segmentDamagedFiles'
  | 'segmentFiles'
  | 'segmentBytes'
>;
export const noSegments: SegmentCounts = {
  segmentBuilds: 0,
  segmentRowsBuilt: 0,
  segmentBytesBuilt: 0,
  segmentBuildMilliseconds: 0,
  segmentDamagedFiles: 0,
  segmentFiles: 0,
  segmentBytes: 0,
};

const nothing: SegmentDirectory = { recording: 0, entries: [] };

function filesOf({ entries }: SegmentDirectory): string[] {
  return entries.flatMap(({ current, history = [] }) =>
    current === undefined ? [...history] : [current, ...history],
  );
}

/** WITH (columnar = …); auto unless it says otherwise. */
function columnarSetting(table: TableDescriptor): 'on' | 'off' | 'auto' {
  const setting = table.options?.['columnar'];
  return setting === 'on' || setting === 'off' ? setting : 'auto';
}
