// What has changed in the keys of a directory's entry since its files were built, as a reader must know
// it: the keys, the places in the files that are void by them, and the rows that stand for them now.
// What is the same for every reader of a state (SegmentLayers.version) is remembered in this thread.

import type { CommitTimestamp, Key, KeyBounds } from '../contract.ts';
import { limits } from '../limits.ts';
import type { SegmentLayers } from '../page-store.ts';
import type { SegmentEntry } from '../pages/segment-directory.ts';
import { changedPlaces, keysChangedAfter, keysOfOverlay, mergeKeys } from './changed-rows.ts';
import type { KeyedFile } from './changed-rows.ts';

/** A row that stands in the row store under a changed key. */
export interface ChangedRow {
  readonly tuple: Buffer;
  readonly from: CommitTimestamp;
}
const rowOverheadBytes = 150;

export class EntryChanges {
  readonly version: number;
  readonly keys: readonly Key[];
  /** The newest change: readers from then on see the same rows under the keys. */
  readonly #newest: CommitTimestamp;
  readonly #places = new Map<string, (Uint8Array | undefined)[]>();
  readonly #selections = new Map<string, (Int32Array | undefined)[]>();
  /** By position among the keys; null: there is none. */
  readonly #rows: (ChangedRow | null)[] = [];

  constructor(version: number, keys: readonly Key[], newest: CommitTimestamp) {
    this.version = version;
    this.keys = keys;
    this.#newest = newest;
  }

  /** Finds the void places of a file. Throws DamagedSegment. */
  locate(keyed: KeyedFile): void {
    const { path } = keyed.file;
    if (this.keys.length === 0 || this.#places.has(path)) return;
    this.#places.set(path, changedPlaces(keyed, this.keys));
  }
  /** 1 at the void places of a block; undefined: there are none. */
  marks(path: string, block: number): Uint8Array | undefined {
    return this.#places.get(path)?.[block];
  }
  /** The places of a block that are not void; undefined: all are not. */
  selection(path: string, block: number): Int32Array | undefined {
    const marks = this.marks(path, block);
    if (marks === undefined) return undefined;
    let selections = this.#selections.get(path);
    if (selections === undefined) this.#selections.set(path, (selections = []));
    return (selections[block] ??= selectUnmarked(marks));
  }
  /** The row under a key as of a moment. */
  row(position: number, at: CommitTimestamp, read: () => ChangedRow | null): ChangedRow | null {
    if (at < this.#newest) return read();
    const known = this.#rows[position];
    if (known !== undefined) return known;
    const row = read();
    this.#rows[position] = row;
    countRow(row);
    return row;
  }
}

function selectUnmarked(marks: Uint8Array): Int32Array {
  const selection = new Int32Array(marks.length);
  let selected = 0;
  for (let row = 0; row < marks.length; row++) if (marks[row] === 0) selection[selected++] = row;
  return selection.subarray(0, selected);
}

const known = new Map<string, EntryChanges>();
const knownMax = 2000;
let rememberedBytes = 0;

function countRow(row: ChangedRow | null): void {
  rememberedBytes += rowOverheadBytes + (row?.tuple.length ?? 0);
  if (rememberedBytes <= limits.segmentChangedCacheBytes) return;
  known.clear();
  rememberedBytes = 0;
}

export function changesOf(
  layers: SegmentLayers,
  entry: SegmentEntry,
  range: { readonly tree: number; readonly bounds: KeyBounds },
): EntryChanges {
  const { version, folder } = layers;
  const { tree, bounds } = range;
  const name = `${folder} ${tree} ${entry.builtAt} ${entry.lower}`;
  const before = known.get(name);
  const overlay = layers.openOverlay(bounds);
  if (before?.version === version && overlay === undefined) return before;
  const { keys, newest } = keysChangedAfter(layers.scanChanges(bounds), entry.builtAt);
  if (overlay !== undefined) {
    return new EntryChanges(version, mergeKeys(keys, keysOfOverlay(overlay)), Infinity);
  }
  const changes = new EntryChanges(version, keys, newest);
  known.delete(name);
  known.set(name, changes);
  if (known.size > knownMax) known.delete(known.keys().next().value!);
  return changes;
}
