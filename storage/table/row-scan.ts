// Scans of the row tree in key order. The usual case reads whole leaves in place and merges what memory
// holds above them (LayeredReader); views of the past and readers without layers go through cursors.

import { asBuffer, type Batch, type TupleRun } from '#common';
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
import type { RowReader, TableScan } from './contract.ts';

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
  const { tree, bounds, backward, view } = request;
  if (view === undefined || view.kind === 'statement') {
    const layers = reader.openLayers?.(tree, bounds, backward);
    if (layers !== undefined) return new LayeredScan(layers, request.shape, backward);
  }
  const options = view === undefined ? { backward } : { backward, view };
  return new CursorScan(reader.scan(tree, bounds, options), request.shape);
}

/** Leaves and an overlay, merged. */
class LayeredScan implements TableScan {
  readonly #layers: ScanLayers;
  readonly #shape: BatchShape;
  readonly #backward: boolean;
  readonly #overlay: OverlayCursor | undefined;
  #overlayKey: Key | undefined;
  #leaf: LeafView | undefined;
  /** Entries of the leaf that are left: [first, end). */
  #first = 0;
  #end = 0;
  #leavesLeft = true;
  #run: RowRun | undefined;
  #capacity = 0;
  /** Buffers whose rows are in the batch being built, and buffers free for the next leaf. */
  #used: Buffer[] = [];
  #free: Buffer[] = [];

  constructor(layers: ScanLayers, shape: BatchShape, backward: boolean) {
    this.#layers = layers;
    this.#shape = shape;
    this.#backward = backward;
    this.#overlay = layers.overlay;
    this.#advanceOverlay();
  }

  nextBatch(maxRows: number): Batch | undefined {
    if (this.#run === undefined || this.#capacity < maxRows) {
      this.#run = new RowRun(maxRows, this.#shape.sources);
      this.#capacity = maxRows;
    }
    const run = this.#run;
    run.clear();
    while (run.length < maxRows) {
      if (this.#first >= this.#end && this.#leavesLeft) {
        this.#nextLeaf();
        continue;
      }
      if (this.#first < this.#end) this.#takeFromLeaf(run, maxRows);
      else if (this.#overlayKey === undefined) break;
      else this.#takeOverlay(run);
    }
    const batch = run.length === 0 ? undefined : buildBatch(this.#shape, run);
    this.#free.push(...this.#used);
    this.#used = [];
    if (batch === undefined) this.close();
    return batch;
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
      if (leaf.isLarge(i)) pushWhole(tuples, leaf.value(i));
      else tuples.push(leaf.buffer, leaf.valueStart(i), leaf.valueEnd(i));
    }
    if (this.#backward) this.#end -= count;
    else this.#first += count;
  }
  #takeOverlay(run: RowRun): void {
    const overlay = this.#overlay!;
    const { value } = overlay;
    if (value !== undefined) {
      if (run.keys !== undefined) run.keys[run.length] = overlay.key;
      if (run.froms !== undefined) {
        run.froms[run.length] = overlay.from;
        run.tos![run.length] = openEnd;
      }
      pushWhole(run.tuples, value);
    }
    this.#advanceOverlay();
  }
}

function pushWhole(tuples: TupleRun, value: Uint8Array): void {
  const buffer = asBuffer(value);
  tuples.push(buffer, 0, buffer.length);
}

/** Version by version; the bytes are copied since a cursor's value lasts until its next step only. */
class CursorScan implements TableScan {
  readonly #cursor: VersionCursor;
  readonly #shape: BatchShape;

  constructor(cursor: VersionCursor, shape: BatchShape) {
    this.#cursor = cursor;
    this.#shape = shape;
  }
  nextBatch(maxRows: number): Batch | undefined {
    const cursor = this.#cursor;
    const run = new RowRun(maxRows, this.#shape.sources);
    while (run.length < maxRows && cursor.next()) {
      if (run.keys !== undefined) run.keys.push(cursor.key);
      if (run.froms !== undefined) {
        run.froms.push(cursor.from);
        run.tos!.push(cursor.to);
      }
      const copy = Buffer.from(cursor.value);
      run.tuples.push(copy, 0, copy.length);
    }
    return run.length === 0 ? undefined : buildBatch(this.#shape, run);
  }
  close(): void {
    this.#cursor.close();
  }
}
