// The places in a segment file that do not count any more, because their key has changed since the file
// was built. Both sides are in key order; a changed key is looked for by the blocks' first keys, then
// by binary search among the rows of one block, whose keys come from the decoded key columns.

import { TypeOid, type Vector } from '#common';
import type { CommitTimestamp, Key } from '../contract.ts';
import type { LeafScan, OverlayCursor } from '../page-store.ts';
import type { TableAccess } from '../table/contract.ts';
import { hiddenRowKey } from '../table/row-id.ts';
import { vectorDatum } from './datum-vectors.ts';
import type { SegmentFile } from './segment-file.ts';
import { SystemColumn } from './segment-format.ts';

/** Keys that changed after the moment, in order, and the time of the newest change; the scan is closed. */
export function keysChangedAfter(
  scan: LeafScan,
  moment: CommitTimestamp,
): { readonly keys: Key[]; readonly newest: CommitTimestamp } {
  const keys: Key[] = [];
  let newest = moment;
  for (let leaf = scan.nextLeaf(); leaf !== undefined; leaf = scan.nextLeaf()) {
    for (let i = leaf.first; i < leaf.end; i++) {
      const time = leaf.from(i);
      if (time <= moment) continue;
      keys.push(leaf.key(i));
      if (time > newest) newest = time;
    }
  }
  scan.close();
  return { keys, newest };
}

export function keysOfOverlay(overlay: OverlayCursor): Key[] {
  const keys: Key[] = [];
  while (overlay.next()) keys.push(overlay.key);
  overlay.close();
  return keys;
}

/** Both are in order and have each key once; so has the result. */
export function mergeKeys(left: readonly Key[], right: readonly Key[]): Key[] {
  const merged: Key[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const takesLeft = j >= right.length || (i < left.length && left[i] <= right[j]);
    const key = takesLeft ? left[i++] : right[j++];
    if (key !== merged.at(-1)) merged.push(key);
  }
  return merged;
}

export interface KeyedFile {
  readonly file: SegmentFile;
  readonly access: TableAccess;
  /** A decoded column (by attribute) of a block. */
  readonly column: (attribute: number, block: number) => Vector;
}

/** Per block: 1 at the rows whose key has changed; undefined: there are none. */
export function changedPlaces(
  keyed: KeyedFile,
  changed: readonly Key[],
): (Uint8Array | undefined)[] {
  const { blocks } = keyed.file.footer;
  const places = new Array<Uint8Array | undefined>(blocks.length).fill(undefined);
  let block = 0;
  let keyAt: ((place: number) => Key) | undefined;
  let start = 0;
  for (const key of changed) {
    // A history file may have rows of one key in several blocks.
    for (;;) {
      while (block + 1 < blocks.length && blocks[block + 1].firstKey < key) {
        block++;
        keyAt = undefined;
      }
      if (keyAt === undefined) {
        keyAt = keysOf(keyed, block);
        start = 0;
      }
      const { rows } = blocks[block];
      start = lowerBound(keyAt, key, start, rows);
      let place = start;
      while (place < rows && keyAt(place) === key) {
        places[block] ??= new Uint8Array(rows);
        places[block]![place++] = 1;
      }
      start = place;
      if (place < rows || block + 1 >= blocks.length || blocks[block + 1].firstKey > key) break;
      block++;
      keyAt = undefined;
    }
  }
  return places;
}

function keysOf({ access, column }: KeyedFile, block: number): (place: number) => Key {
  const { table } = access;
  if (table.keyColumns.length === 0) {
    const ids = column(SystemColumn.rowId, block);
    return (place) => hiddenRowKey(vectorDatum(ids, place, false) as number);
  }
  const parts = table.keyColumns.map((attribute) => ({
    vector: column(attribute, block),
    isNumeric: table.columns[attribute - 1].type.oid === TypeOid.numeric,
  }));
  return (place) =>
    access.keyOf(parts.map(({ vector, isNumeric }) => vectorDatum(vector, place, isNumeric)));
}

/** First place in [low, high) whose key is >= the key. */
function lowerBound(keyAt: (place: number) => Key, key: Key, low: number, high: number): number {
  let first = low;
  let end = high;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (keyAt(middle) < key) first = middle + 1;
    else end = middle;
  }
  return first;
}
