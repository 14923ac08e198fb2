// One entry of a segment directory as a reader sees it, in up to three parts: rows of the file of current
// versions, unless their key has changed since; for a reader before the build, rows of the files of
// ended versions; and the changed keys, read from the row store.
//
// A reader at T at or after the build sees a row of the current file when its key has not changed. A
// reader before it sees, of unchanged keys, current versions that began by T and ended versions with
// from <= T < to.

import { join } from 'node:path';
import { type Block, blockRows, databaseError, type Vector } from '#common';
import {
  type CommitTimestamp,
  type Key,
  type KeyBounds,
  openEnd,
  type ReadView,
} from '../contract.ts';
import { limits } from '../limits.ts';
import type { LayeredReader, SegmentLayers } from '../page-store.ts';
import type { SegmentEntry } from '../pages/segment-directory.ts';
import { type BatchShape, RowRun } from '../table/column-batch.ts';
import type { RowReader, RowSource, TableAccess } from '../table/contract.ts';
import { openRowRuns } from '../table/row-scan.ts';
import { cachedVector, openSegment } from './block-cache.ts';
import { isPruned } from './block-pruning.ts';
import { changedPlaces, keysChangedAfter, keysOfOverlay, mergeKeys } from './changed-rows.ts';
import type { BlockCondition, BlockCursor } from './contract.ts';
import { reportDamage } from './damage-report.ts';
import { type RowStoreRange, RowStoreCursor, VectorBlock } from './row-store-cursor.ts';
import { runVectors } from './run-vectors.ts';
import type { ScanCounts } from './scan-counts.ts';
import { DamagedSegment, type SegmentFile } from './segment-file.ts';
import { SystemColumn } from './segment-format.ts';
import { sourceVector, typesMatch } from './segment-sources.ts';

export interface SegmentScanRequest {
  readonly reader: RowReader & Partial<LayeredReader>;
  readonly access: TableAccess;
  readonly shape: BatchShape;
  readonly conditions: readonly BlockCondition[];
  readonly layers: SegmentLayers;
  readonly view: ReadView | undefined;
  readonly counts: ScanCounts;
}

/** The rows of the directory's entry `position`. */
export function openSegmentEntry(request: SegmentScanRequest, position: number): BlockCursor {
  const { entries } = request.layers.directory;
  const entry = entries[position];
  const lower = position === 0 ? undefined : entry.lower;
  const bounds = { lower, upper: entries[position + 1]?.lower };
  const isHistoryGone =
    request.layers.at < entry.builtAt &&
    (entry.history === undefined || request.access.table.retentionMicros !== undefined);
  try {
    const changed = changesOf(request, entry, bounds);
    if (
      !isHistoryGone &&
      changed.keys.length <= Math.max(entry.rows * limits.segmentChangedShareRead, 100)
    ) {
      const files = openFiles(request, entry);
      if (files.every((file) => typesMatch(file, request.access))) {
        return new SegmentCursor(request, { entry, bounds, changed, files });
      }
    }
  } catch (error) {
    if (!(error instanceof DamagedSegment)) throw error;
    reportDamaged(request, error);
  }
  const { shape, view } = request;
  const range: RowStoreRange = { tree: shape.treeId, bounds, view, shape };
  return new RowStoreCursor(request.reader, range, request.counts);
}

function openFiles({ layers }: SegmentScanRequest, entry: SegmentEntry): SegmentFile[] {
  const names = entry.current === undefined ? [] : [entry.current];
  if (layers.at < entry.builtAt) names.push(...(entry.history ?? []));
  return names.map((name) => openSegment(join(layers.folder, name)));
}

function reportDamaged({ layers, shape }: SegmentScanRequest, error: DamagedSegment): void {
  const file = error.path.slice(layers.folder.length + 1);
  reportDamage(layers.folder, { tree: shape.treeId, file, reason: error.message });
}

/** What changed in an entry's keys since it was built, and the places that are void by it, per file. */
interface EntryChanges {
  readonly version: number;
  readonly keys: readonly Key[];
  readonly places: Map<string, (Uint8Array | undefined)[]>;
  /** The newest change; readers from then on see the same rows under the keys. */
  readonly newest: CommitTimestamp;
  /** Those rows as far as they were read, by position among the keys; null: there is none. */
  readonly rows: (ChangedRow | null)[];
}
interface ChangedRow {
  readonly tuple: Buffer;
  readonly from: CommitTimestamp;
}
const knownChanges = new Map<string, EntryChanges>();
let knownRowBytes = 0;
const knownChangesMax = 2000;

function changesOf(
  { layers, shape }: SegmentScanRequest,
  entry: SegmentEntry,
  bounds: KeyBounds,
): EntryChanges {
  const name = `${layers.folder} ${shape.treeId} ${entry.builtAt} ${entry.lower}`;
  const known = knownChanges.get(name);
  const overlay = layers.openOverlay(bounds);
  if (known?.version === layers.version && overlay === undefined) return known;
  const { version } = layers;
  const { keys, newest } = keysChangedAfter(layers.scanChanges(bounds), entry.builtAt);
  if (overlay !== undefined) {
    const all = mergeKeys(keys, keysOfOverlay(overlay));
    return { version, keys: all, places: new Map(), newest: Infinity, rows: [] };
  }
  const changes: EntryChanges = { version, keys, places: new Map(), newest, rows: [] };
  knownChanges.delete(name);
  knownChanges.set(name, changes);
  if (knownChanges.size > knownChangesMax) knownChanges.delete(knownChanges.keys().next().value!);
  return changes;
}

interface OpenEntry {
  readonly entry: SegmentEntry;
  readonly bounds: KeyBounds;
  readonly changed: EntryChanges;
  readonly files: readonly SegmentFile[];
}

class SegmentCursor implements BlockCursor {
  readonly #request: SegmentScanRequest;
  readonly #bounds: KeyBounds;
  readonly #changes: EntryChanges;
  readonly #isPast: boolean;
  readonly #files: readonly SegmentFile[];
  #file = 0;
  #block = 0;
  #changed = 0;

  /** Reads what decides which rows count. Throws DamagedSegment; later on, damage is made good. */
  constructor(request: SegmentScanRequest, { entry, bounds, changed, files }: OpenEntry) {
    this.#request = request;
    this.#bounds = bounds;
    this.#changes = changed;
    this.#isPast = request.layers.at < entry.builtAt;
    this.#files = files;
    for (const file of files) {
      if (changed.keys.length > 0) this.#findChanged(file);
      if (this.#isPast) file.footer.blocks.forEach((_, block) => this.#times(file, block));
    }
  }
  #findChanged(file: SegmentFile): void {
    const { places, keys } = this.#changes;
    if (places.has(file.path)) return;
    const { access } = this.#request;
    const column = (attribute: number, block: number): Vector => {
      const stored = file.column(attribute);
      if (stored === undefined) throw new DamagedSegment(file.path, 'a key column is missing');
      return cachedVector(file, stored, block).vector;
    };
    places.set(file.path, changedPlaces({ file, access, column }, keys));
  }

  nextBlock(): Block | undefined {
    for (; this.#file < this.#files.length; this.#file++, this.#block = 0) {
      const file = this.#files[this.#file];
      while (this.#block < file.footer.blocks.length) {
        const block = this.#openBlock(file, this.#block++);
        if (block !== undefined) return block;
      }
    }
    return this.#nextChanged();
  }
  close(): void {
    this.#file = this.#files.length;
    this.#changed = this.#changes.keys.length;
  }

  #openBlock(file: SegmentFile, block: number): Block | undefined {
    const { counts, shape, conditions } = this.#request;
    const { rows } = file.footer.blocks[block];
    if (
      isPruned(file, block, { sources: shape.sources, conditions }) ||
      this.#isOutOfTime(file, block)
    ) {
      counts.blocksPruned++;
      return undefined;
    }
    const changed = this.#changes.places.get(file.path)?.[block];
    const selection = this.#isPast
      ? this.#selectPast(file, block, changed)
      : changed === undefined
        ? undefined
        : selectUnmarked(changed, rows);
    const selected = selection === undefined ? rows : selection.length;
    if (selected === 0) return undefined;
    counts.blocksRead++;
    const read = (source: RowSource): Vector => this.#readSource(file, block, source);
    return new SegmentBlock(shape.sources, { rows, selection, selected }, read);
  }
  /** Did all its versions begin after the reader's moment, or end by it? */
  #isOutOfTime(file: SegmentFile, block: number): boolean {
    if (!this.#isPast) return false;
    const { at } = this.#request.layers;
    const begins = file.column(SystemColumn.from)?.chunks[block].min;
    if (typeof begins === 'number' && begins > at) return true;
    const ends = file.column(SystemColumn.to)?.chunks[block].max;
    return typeof ends === 'number' && ends <= at;
  }
  #selectPast(
    file: SegmentFile,
    block: number,
    changed: Uint8Array | undefined,
  ): Int32Array | undefined {
    const { at } = this.#request.layers;
    const { rows } = file.footer.blocks[block];
    const { froms, tos } = this.#times(file, block);
    const selection = new Int32Array(rows);
    let selected = 0;
    for (let row = 0; row < rows; row++) {
      if (froms[row] > at || tos[row] <= at) continue;
      if (changed === undefined || changed[row] === 0) selection[selected++] = row;
    }
    return selected === rows ? undefined : selection.subarray(0, selected);
  }
  #times(
    file: SegmentFile,
    block: number,
  ): { froms: Int32Array | Float64Array; tos: Int32Array | Float64Array } {
    const froms = timesOf(file, SystemColumn.from, block);
    return { froms, tos: timesOf(file, SystemColumn.to, block) };
  }

  #readSource(file: SegmentFile, block: number, source: RowSource): Vector {
    const { shape, counts } = this.#request;
    try {
      const { vector, bytesRead } = sourceVector({ file, block, shape }, source);
      counts.bytesRead += bytesRead;
      return vector;
    } catch (error) {
      if (!(error instanceof DamagedSegment)) throw error;
      reportDamaged(this.#request, error);
      return this.#recover(file, block, source);
    }
  }
  /** The row store as of the build has the same rows in the same order. */
  #recover(file: SegmentFile, block: number, source: RowSource): Vector {
    const { reader, shape, layers } = this.#request;
    const { blocks, kind, builtAt } = file.footer;
    if (kind === 'history' || layers.readableAt < builtAt) throw damagedForGood(file);
    const upper = blocks[block + 1]?.firstKey ?? this.#bounds.upper;
    const only = { ...shape, sources: [source] };
    const runs = openRowRuns(reader, {
      tree: shape.treeId,
      bounds: { lower: blocks[block].firstKey, upper },
      backward: false,
      view: { kind: 'asOf', at: builtAt },
      shape: only,
    });
    const run = runs.nextRun(blockRows + 1);
    const vector = run?.length === blocks[block].rows ? runVectors(only, run)[0] : undefined;
    runs.close();
    if (vector === undefined) throw damagedForGood(file);
    return vector;
  }

  #nextChanged(): Block | undefined {
    const { shape, counts } = this.#request;
    const { keys } = this.#changes;
    const run = new RowRun(blockRows, shape.sources);
    while (this.#changed < keys.length && run.length < blockRows) {
      const row = this.#changedRow(this.#changed++);
      if (row === null) continue;
      run.froms?.push(row.from);
      run.tos?.push(openEnd);
      run.tuples.push(row.tuple, 0, row.tuple.length);
      counts.bytesRead += row.tuple.length;
    }
    if (run.length === 0) return undefined;
    counts.blocksRead++;
    counts.rowsFromRowStore += run.length;
    return new VectorBlock(run.length, runVectors(shape, run));
  }
  #changedRow(position: number): ChangedRow | null {
    const { reader, shape, view, layers } = this.#request;
    const { keys, rows, newest } = this.#changes;
    const isShared = layers.at >= newest;
    const known = isShared ? rows[position] : undefined;
    if (known !== undefined) return known;
    const tuple = reader.get(shape.treeId, keys[position], view);
    const row =
      tuple === undefined ? null : { tuple: Buffer.from(tuple), from: reader.lastReadFrom };
    if (!isShared) return row;
    rows[position] = row;
    knownRowBytes += row === null ? rowOverheadBytes : row.tuple.length + rowOverheadBytes;
    if (knownRowBytes > limits.segmentChangedCacheBytes) {
      knownChanges.clear();
      knownRowBytes = 0;
    }
    return row;
  }
}
const rowOverheadBytes = 150;

function timesOf(file: SegmentFile, attribute: number, block: number): Int32Array | Float64Array {
  const column = file.column(attribute);
  const vector = column === undefined ? undefined : cachedVector(file, column, block).vector;
  if (vector?.kind !== 'integer') throw new DamagedSegment(file.path, 'it has no times');
  return vector.values;
}

function damagedForGood(file: SegmentFile): Error {
  return databaseError('dataCorrupted', `column segment "${file.path}" is damaged`, {
    hint: 'It is being built anew from the row store; try again.',
  });
}

function selectUnmarked(marks: Uint8Array, rows: number): Int32Array {
  const selection = new Int32Array(rows);
  let selected = 0;
  for (let row = 0; row < rows; row++) if (marks[row] === 0) selection[selected++] = row;
  return selection.subarray(0, selected);
}

/** A block of a file; columns are read when they are asked for. */
class SegmentBlock implements Block {
  readonly length: number;
  readonly selection: Int32Array | undefined;
  readonly selected: number;
  readonly #sources: readonly RowSource[];
  readonly #read: (source: RowSource) => Vector;
  readonly #vectors: (Vector | undefined)[];

  constructor(
    sources: readonly RowSource[],
    rows: {
      readonly rows: number;
      readonly selection: Int32Array | undefined;
      readonly selected: number;
    },
    read: (source: RowSource) => Vector,
  ) {
    this.length = rows.rows;
    this.selection = rows.selection;
    this.selected = rows.selected;
    this.#sources = sources;
    this.#read = read;
    this.#vectors = new Array<Vector | undefined>(sources.length).fill(undefined);
  }
  vector(column: number): Vector {
    const vector = this.#vectors[column] ?? this.#read(this.#sources[column]);
    this.#vectors[column] = vector;
    return vector;
  }
}
