// One entry of a segment directory as a reader sees it, in up to three parts: rows of the file of current
// versions, unless their key has changed since; for a reader before the build, rows of the files of
// ended versions; and the changed keys, read from the row store.
//
// A reader at T at or after the build sees a row of the current file when its key has not changed. A
// reader before it sees, of unchanged keys, current versions that began by T and ended versions with
// from <= T < to.

import { join } from 'node:path';
import { type Block, blockRows, databaseError, type Vector } from '#common';
import { type Key, type KeyBounds, openEnd, type ReadView } from '../contract.ts';
import { limits } from '../limits.ts';
import type { LayeredReader, SegmentLayers } from '../page-store.ts';
import type { SegmentEntry } from '../pages/segment-directory.ts';
import { type BatchShape, RowRun } from '../table/column-batch.ts';
import type { RowReader, RowSource, TableAccess } from '../table/contract.ts';
import { openRowRuns } from '../table/row-scan.ts';
import { giveBackArrays } from './block-arrays.ts';
import { cachedVector, openSegment, type ReadVector } from './block-cache.ts';
import { isPruned } from './block-pruning.ts';
import type { BlockCondition, BlockCursor } from './contract.ts';
import { reportDamage } from './damage-report.ts';
import { type ChangedRow, changesOf, type EntryChanges } from './entry-changes.ts';
import { type RowStoreRange, RowStoreCursor, VectorBlock } from './row-store-cursor.ts';
import { runVectors } from './run-vectors.ts';
import type { ScanCounts } from './scan-counts.ts';
import { DamagedSegment } from './damaged-segment.ts';
import type { SegmentFile } from './segment-file.ts';
import { sourceVector, typesMatch } from './segment-sources.ts';
import { selectAsOf, versionsSeen } from './version-times.ts';
import { type FileRows, intersected, type WantedRows } from './wanted-rows.ts';

export interface SegmentScanRequest {
  readonly reader: RowReader & Partial<LayeredReader>;
  readonly access: TableAccess;
  readonly shape: BatchShape;
  readonly conditions: readonly BlockCondition[];
  readonly wanted: WantedRows;
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
    const changed = changesOf(request.layers, entry, { tree: request.shape.treeId, bounds });
    if (
      !isHistoryGone &&
      changed.keys.length <= Math.max(entry.rows * limits.segmentChangedShareRead, 100)
    ) {
      const files = openFiles(request, entry, bounds);
      if (files.every((file) => typesMatch(file, request.access))) {
        // Files of ended versions are looked at row by row.
        const wanted = files.length === 1 ? request.wanted.ofEntry(position) : undefined;
        return new SegmentCursor(request, { entry, bounds, changed, files, wanted });
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

/** Throws DamagedSegment. */
function openFiles(
  { layers, shape }: SegmentScanRequest,
  entry: SegmentEntry,
  bounds: KeyBounds,
): SegmentFile[] {
  const open = (kind: 'current' | 'history', name: string): SegmentFile => {
    const file = openSegment(join(layers.folder, name));
    const { footer } = file;
    const isOther =
      footer.tree !== shape.treeId || footer.kind !== kind || footer.builtAt !== entry.builtAt;
    if (isOther || !beginsWithin(footer.blocks[0]?.firstKey, bounds))
      throw new DamagedSegment(file.path, 'it is another file');
    return file;
  };
  const files = entry.current === undefined ? [] : [open('current', entry.current)];
  if (layers.at >= entry.builtAt) return files;
  return [...files, ...(entry.history ?? []).map((name) => open('history', name))];
}

function beginsWithin(key: Key | undefined, { lower, upper }: KeyBounds): boolean {
  return (
    key === undefined ||
    ((lower === undefined || key >= lower) && (upper === undefined || key < upper))
  );
}

function reportDamaged({ layers, shape }: SegmentScanRequest, error: DamagedSegment): void {
  const file = error.path.slice(layers.folder.length + 1);
  reportDamage(layers.folder, { tree: shape.treeId, file, reason: error.message });
}

interface OpenEntry {
  readonly entry: SegmentEntry;
  readonly bounds: KeyBounds;
  readonly changed: EntryChanges;
  readonly files: readonly SegmentFile[];
  readonly wanted: FileRows | undefined;
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
  readonly #wanted: FileRows | undefined;

  /** Reads what decides which rows count. Throws DamagedSegment; later on, damage is made good. */
  constructor(request: SegmentScanRequest, open: OpenEntry) {
    const { entry, bounds, changed, files } = open;
    this.#request = request;
    this.#bounds = bounds;
    this.#changes = changed;
    this.#isPast = request.layers.at < entry.builtAt;
    this.#files = files;
    this.#wanted = open.wanted;
    for (const file of files) {
      changed.locate({ file, access: request.access, column: keyColumnReader(file) });
      if (this.#isPast) this.#checkTimes(file);
    }
  }
  #checkTimes(file: SegmentFile): void {
    for (let block = 0; block < file.footer.blocks.length; block++) {
      const { at } = this.#request.layers;
      if (versionsSeen(file, block, at) === 'some')
        selectAsOf(file, block, at, this.#changes.marks(file.path, block));
    }
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
    const { counts, shape, conditions, layers } = this.#request;
    const { rows } = file.footer.blocks[block];
    const seen = this.#isPast ? versionsSeen(file, block, layers.at) : 'all';
    if (seen === 'none' || isPruned(file, block, { sources: shape.sources, conditions })) {
      counts.blocksPruned++;
      return undefined;
    }
    const existing =
      seen === 'some'
        ? selectAsOf(file, block, layers.at, this.#changes.marks(file.path, block))
        : this.#changes.selection(file.path, block);
    const wanted = this.#wanted?.ofBlock(block);
    const selection =
      wanted === undefined || existing === undefined
        ? (wanted ?? existing)
        : intersected(existing, wanted);
    const selected = selection === undefined ? rows : selection.length;
    counts.rowsNotWanted += (existing?.length ?? rows) - selected;
    if (selected === 0) return undefined;
    counts.blocksRead++;
    const read = (source: RowSource): ReadVector => this.#readSource(file, block, source);
    const wantedColumn = this.#wanted?.column;
    return new SegmentBlock(shape.sources, { rows, selection, selected, wantedColumn }, read);
  }

  #readSource(file: SegmentFile, block: number, source: RowSource): ReadVector {
    const { shape, counts } = this.#request;
    try {
      const read = sourceVector({ file, block, shape }, source);
      counts.bytesRead += read.bytesRead;
      return read;
    } catch (error) {
      if (!(error instanceof DamagedSegment)) throw error;
      reportDamaged(this.#request, error);
      return { vector: this.#recover(file, block, source), bytesRead: 0, isShared: false };
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
    if (this.#changed >= keys.length) return undefined;
    const run = new RowRun(shape.sources);
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
    return this.#changes.row(position, layers.at, () => {
      const tuple = reader.get(shape.treeId, this.#changes.keys[position], view);
      return tuple === undefined ? null : { tuple: Buffer.from(tuple), from: reader.lastReadFrom };
    });
  }
}

/** Throws DamagedSegment. */
function keyColumnReader(file: SegmentFile): (attribute: number, block: number) => Vector {
  return (attribute, block) => {
    const column = file.column(attribute);
    if (column === undefined) throw new DamagedSegment(file.path, 'a key column is missing');
    return cachedVector(file, column, block).vector;
  };
}

function damagedForGood(file: SegmentFile): Error {
  return databaseError('dataCorrupted', `column segment "${file.path}" is damaged`, {
    hint: 'It is being built anew from the row store; try again.',
  });
}

/** A block of a file; columns are read when they are asked for. */
class SegmentBlock implements Block {
  readonly length: number;
  readonly selection: Int32Array | undefined;
  readonly selected: number;
  readonly wantedColumn: number | undefined;
  readonly #sources: readonly RowSource[];
  readonly #read: (source: RowSource) => ReadVector;
  readonly #vectors: (Vector | undefined)[];
  /** Of nobody else. */
  #own: Vector[] | undefined = undefined;

  constructor(
    sources: readonly RowSource[],
    rows: {
      readonly rows: number;
      readonly selection: Int32Array | undefined;
      readonly selected: number;
      readonly wantedColumn: number | undefined;
    },
    read: (source: RowSource) => ReadVector,
  ) {
    this.length = rows.rows;
    this.selection = rows.selection;
    this.selected = rows.selected;
    this.wantedColumn = rows.wantedColumn;
    this.#sources = sources;
    this.#read = read;
    this.#vectors = new Array<Vector | undefined>(sources.length).fill(undefined);
  }
  vector(column: number): Vector {
    const known = this.#vectors[column];
    if (known !== undefined) return known;
    const { vector, isShared } = this.#read(this.#sources[column]);
    this.#vectors[column] = vector;
    if (!isShared) (this.#own ??= []).push(vector);
    return vector;
  }
  release(): void {
    if (this.#own === undefined) return;
    for (const vector of this.#own) giveBackArrays(vector);
    this.#own = undefined;
    this.#vectors.fill(undefined);
  }
}
