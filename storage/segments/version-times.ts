// Which versions of a block a reader at a moment sees, by the times in the block: those with
// from <= at < to. The bounds of the times often settle it for the whole block.

import type { CommitTimestamp } from '../contract.ts';
import { cachedVector } from './block-cache.ts';
import { DamagedSegment, type SegmentFile } from './segment-file.ts';
import { type StoredChunk, SystemColumn } from './segment-format.ts';

export function versionsSeen(
  file: SegmentFile,
  block: number,
  at: CommitTimestamp,
): 'all' | 'some' | 'none' {
  const froms = boundsOf(file, SystemColumn.from, block);
  const tos = boundsOf(file, SystemColumn.to, block);
  if (froms.min > at || tos.max <= at) return 'none';
  return froms.max <= at && tos.min > at ? 'all' : 'some';
}

/** Places of a block's versions that the reader sees and that are not marked. */
export function selectAsOf(
  file: SegmentFile,
  block: number,
  at: CommitTimestamp,
  marks: Uint8Array | undefined,
): Int32Array {
  const { rows } = file.footer.blocks[block];
  const { froms, tos } = readTimes(file, block);
  const isSeen = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) isSeen[row] = froms[row] <= at ? 1 : 0;
  if (boundsOf(file, SystemColumn.to, block).min <= at) {
    for (let row = 0; row < rows; row++) isSeen[row] &= tos[row] > at ? 1 : 0;
  }
  if (marks !== undefined) for (let row = 0; row < rows; row++) isSeen[row] &= marks[row] ^ 1;
  const selection = new Int32Array(rows);
  let selected = 0;
  for (let row = 0; row < rows; row++) {
    selection[selected] = row;
    selected += isSeen[row];
  }
  return selection.subarray(0, selected);
}
type Times = Int32Array | Float64Array;

/** Throws DamagedSegment. */
export function readTimes(file: SegmentFile, block: number): { froms: Times; tos: Times } {
  return {
    froms: timesOf(file, SystemColumn.from, block),
    tos: timesOf(file, SystemColumn.to, block),
  };
}
function timesOf(file: SegmentFile, attribute: number, block: number): Times {
  const column = file.column(attribute);
  const vector = column === undefined ? undefined : cachedVector(file, column, block).vector;
  if (vector?.kind !== 'integer') throw new DamagedSegment(file.path, 'it has no times');
  return vector.values;
}
function boundsOf(
  file: SegmentFile,
  attribute: number,
  block: number,
): { readonly min: number; readonly max: number } {
  const chunk: StoredChunk | undefined = file.column(attribute)?.chunks[block];
  const { min, max } = chunk ?? {};
  return {
    min: typeof min === 'number' ? min : -Infinity,
    max: typeof max === 'number' ? max : Infinity,
  };
}
