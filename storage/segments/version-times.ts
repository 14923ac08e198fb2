// Which versions of a block a reader at a moment sees, by the times in the block: those with
// from <= at < to. The bounds of the times often settle it for the whole block. Otherwise the places that
// are seen are found by a look at each row's times and kept, with the moments between which no version of the
// block begins or ends: every reader in between sees the same.

import type { CommitTimestamp } from '../contract.ts';
import { cachedVector, keepBytes } from './block-cache.ts';
import type { Kept } from './cache-budget.ts';
import { DamagedSegment } from './damaged-segment.ts';
import type { SegmentFile } from './segment-file.ts';
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

interface SeenPlaces {
  /** Moments `from` <= at < `to` see these. */
  readonly from: CommitTimestamp;
  readonly to: CommitTimestamp;
  /** undefined: all. */
  readonly marks: Uint8Array | undefined;
  readonly selection: Int32Array;
  readonly kept: Kept;
}

/** What was found last, by block. */
const seenPlaces = new WeakMap<SegmentFile, (SeenPlaces | undefined)[]>();

/** Places of a block's versions that the reader sees and that are not marked; not to be written. */
export function selectAsOf(
  file: SegmentFile,
  block: number,
  at: CommitTimestamp,
  marks: Uint8Array | undefined,
): Int32Array {
  let blocks = seenPlaces.get(file);
  if (blocks === undefined) seenPlaces.set(file, (blocks = []));
  const known = blocks[block];
  if (known !== undefined && known.marks === marks && known.from <= at && at < known.to) {
    known.kept.use();
    return known.selection;
  }
  const found = findSeen(file, block, at, marks);
  const kept =
    known?.kept ??
    keepBytes(file.footer.blocks[block].rows * Int32Array.BYTES_PER_ELEMENT, () => {
      blocks[block] = undefined;
    });
  blocks[block] = { ...found, kept };
  return found.selection;
}

function findSeen(
  file: SegmentFile,
  block: number,
  at: CommitTimestamp,
  marks: Uint8Array | undefined,
): Omit<SeenPlaces, 'kept'> {
  const { rows } = file.footer.blocks[block];
  const { froms, tos } = readTimes(file, block);
  const selection = new Int32Array(rows);
  let selected = 0;
  let from = -Infinity;
  let to = Infinity;
  for (let row = 0; row < rows; row++) {
    const begin = froms[row];
    const end = tos[row];
    if (begin <= at) {
      if (begin > from) from = begin;
    } else if (begin < to) to = begin;
    if (end <= at) {
      if (end > from) from = end;
    } else if (end < to) to = end;
    selection[selected] = row;
    if (begin <= at && end > at && (marks === undefined || marks[row] === 0)) selected++;
  }
  return { from, to, marks, selection: selection.slice(0, selected) };
}
type Times = Int32Array | Float64Array;

/** Throws DamagedSegment. */
function readTimes(file: SegmentFile, block: number): { froms: Times; tos: Times } {
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
