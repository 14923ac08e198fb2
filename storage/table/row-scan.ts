// Scans of the row tree in key order. The usual case reads whole leaves in place and merges what memory
// holds above them (LayeredReader); views of the past and readers without layers go through cursors.

import { asBuffer } from '#common';
import {
  type Key,
  type KeyBounds,
  openEnd,
  type ReadView,
  type TreeId,
  type VersionCursor,
} from '../contract.ts';
import type { LayeredReader, LeafView, OverlayCursor, ScanLayers } from '../page-store.ts';
import { type BatchShape, buildBatch, RowRun } from './column-batch.ts';
import type { RowReader, RowSource, TableScan } from './contract.ts';

/** A scan whose rows are still tuples. */
export interface RowRunScan {
  /** Up to maxRows rows (at least one), undefined at the end; valid until the next call. */
  nextRun(maxRows: number): RowRun | undefined;
  close(): void;
}

export interface RowScanRequest {
  readonly tree: TreeId;
  readonly bounds: KeyBounds;
  readonly backward: boolean;
  readonly view: ReadView | undefined;
  readonly shape: BatchShape;
}

export function openRowScan(
  reader: RowReader & Partial<LayeredReader>,
  request: RowScanRequest,
): TableScan {
  const { shape } = request;
  const runs = openRowRuns(reader, request, shape.sources.length === 0);
  return {
    nextBatch(maxRows) {
      const run = runs.nextRun(maxRows);
      return run === undefined ? undefined : buildBatch(shape, run);
    },
    close: () => runs.close(),
  };
}

export function openRowRuns(
  reader: RowReader & Partial<LayeredReader>,
  request: RowScanRequest,
  countsOnly = false,
): RowRunScan {
  const { tree, bounds, backward, view } = request;
  const { sources } = request.shape;
  if (view === undefined || view.kind === 'statement') {
    const layers = reader.openLayers?.(tree, bounds, backward);
    if (layers !== undefined) return new LayeredScan(layers, sources, { backward, countsOnly });
  }
  const options = view === undefined ? { backward } : { backward, view };
  return new CursorScan(reader.scan(tree, bounds, options), sources);
}

const noBytes = Buffer.alloc(0);

/** Leaves and an overlay, merged. */
class LayeredScan implements RowRunScan {
  readonly #layers: ScanLayers;
  readonly #sources: readonly RowSource[];
  readonly #backward: boolean;
  readonly #countsOnly: boolean;
  readonly #overlay: OverlayCursor | undefined;
  #overlayKey: Key | undefined;
  /** The memory that the overlay's newest row lies in, twice. */
  #slab: Uint8Array | undefined;
  #slabBuffer: Buffer = noBytes;
  #leaf: LeafView | undefined;
  /** Entries of the leaf that are left: [first, end). */
  #first = 0;
  #end = 0;
  #leavesLeft = true;
  #run: RowRun | undefined;
  /** Buffers whose rows are in the newest run, and buffers free for the next leaf. */
  #used: Buffer[] = [];
  #free: Buffer[] = [];

  constructor(
    layers: ScanLayers,
    sources: readonly RowSource[],
    options: { readonly backward: boolean; readonly countsOnly: boolean },
  ) {
    this.#layers = layers;
    this.#sources = sources;
    this.#backward = options.backward;
    this.#countsOnly = options.countsOnly;
    this.#overlay = layers.overlay;
    this.#advanceOverlay();
  }

  nextRun(maxRows: number): RowRun | undefined {
    const run = (this.#run ??= new RowRun(this.#sources, this.#countsOnly));
    run.clear();
    this.#free.push(...this.#used);
    this.#used = [];
    while (run.length < maxRows) {
      if (this.#first >= this.#end && this.#leavesLeft) {
        this.#nextLeaf();
        continue;
      }
      if (this.#first < this.#end) this.#takeFromLeaf(run, maxRows);
      else if (this.#overlayKey === undefined) break;
      else this.#takeOverlay(run);
    }
    if (run.length > 0) return run;
    this.close();
    return undefined;
  }
  close(): void {
    this.#layers.leaves.close();
    this.#overlay?.close();
    this.#overlayKey = undefined;
    this.#leaf = undefined;
    this.#first = this.#end;
    this.#leavesLeft = false;
  }

  #nextLeaf(): void {
    if (this.#leaf !== undefined) this.#used.push(this.#leaf.takeBuffer(this.#free.pop()));
    this.#leaf = this.#layers.leaves.nextLeaf();
    if (this.#leaf === undefined) {
      this.#leavesLeft = false;
      this.#first = this.#end;
      return;
    }
    this.#first = this.#leaf.first;
    this.#end = this.#leaf.end;
  }
  #advanceOverlay(): void {
    this.#overlayKey = this.#overlay?.next() === true ? this.#overlay.key : undefined;
  }

  /** Rows of the leaf up to the overlay's key, or the overlay's row when it comes first. */
  #takeFromLeaf(run: RowRun, maxRows: number): void {
    const leaf = this.#leaf!;
    const overlayKey = this.#overlayKey;
    const room = maxRows - run.length;
    const last = this.#backward ? leaf.key(this.#first) : leaf.key(this.#end - 1);
    if (overlayKey === undefined || (this.#backward ? last > overlayKey : last < overlayKey)) {
      this.#takeMany(run, Math.min(room, this.#end - this.#first));
      return;
    }
    const key = leaf.key(this.#backward ? this.#end - 1 : this.#first);
    if (this.#backward ? key > overlayKey : key < overlayKey) {
      this.#takeMany(run, 1);
      return;
    }
    if (key === overlayKey) this.#skipOne();
    this.#takeOverlay(run);
  }
  #skipOne(): void {
    if (this.#backward) this.#end--;
    else this.#first++;
  }
  #takeMany(run: RowRun, count: number): void {
    if (run.countsOnly) run.counted += count;
    else this.#pushMany(run, count);
    if (this.#backward) this.#end -= count;
    else this.#first += count;
  }
  #pushMany(run: RowRun, count: number): void {
    const leaf = this.#leaf!;
    const { tuples } = run;
    const step = this.#backward ? -1 : 1;
    let i = this.#backward ? this.#end - 1 : this.#first;
    for (let n = 0; n < count; n++, i += step) {
      if (run.keys !== undefined) run.keys[tuples.length] = leaf.key(i);
      if (run.froms !== undefined) {
        run.froms[tuples.length] = leaf.from(i);
        run.tos![tuples.length] = openEnd;
      }
      if (leaf.isLarge(i)) {
        const value = asBuffer(leaf.value(i));
        tuples.push(value, 0, value.length);
      } else tuples.push(leaf.buffer, leaf.valueStart(i), leaf.valueEnd(i));
    }
  }
  #takeOverlay(run: RowRun): void {
    const overlay = this.#overlay!;
    const { slab, offset, length } = overlay;
    if (length >= 0 && run.countsOnly) run.counted++;
    else if (length >= 0) {
      if (run.keys !== undefined) run.keys[run.length] = overlay.key;
      if (run.froms !== undefined) {
        run.froms[run.length] = overlay.from;
        run.tos![run.length] = openEnd;
      }
      if (slab !== this.#slab) {
        this.#slab = slab;
        this.#slabBuffer = asBuffer(slab);
      }
      run.tuples.push(this.#slabBuffer, offset, offset + length);
    }
    this.#advanceOverlay();
  }
}

/** Version by version; the bytes are copied since a cursor's value lasts until its next step only. */
class CursorScan implements RowRunScan {
  readonly #cursor: VersionCursor;
  readonly #sources: readonly RowSource[];

  constructor(cursor: VersionCursor, sources: readonly RowSource[]) {
    this.#cursor = cursor;
    this.#sources = sources;
  }
  nextRun(maxRows: number): RowRun | undefined {
    const cursor = this.#cursor;
    const run = new RowRun(this.#sources);
    while (run.length < maxRows && cursor.next()) {
      if (run.keys !== undefined) run.keys.push(cursor.key);
      if (run.froms !== undefined) {
        run.froms.push(cursor.from);
        run.tos!.push(cursor.to);
      }
      const copy = Buffer.from(cursor.value);
      run.tuples.push(copy, 0, copy.length);
    }
    return run.length === 0 ? undefined : run;
  }
  close(): void {
    this.#cursor.close();
  }
}
