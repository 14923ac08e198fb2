// Which ranges of keys a build covers: everything at first, later the entries of which too large a share
// has changed. Neighbours are built as one, and small entries with them, so that files stay of a size.

import type { Key } from '../contract.ts';
import { limits } from '../limits.ts';
import type { LmdbSnapshot } from '../pages/lmdb-snapshot.ts';
import type { SegmentEntry } from '../pages/segment-directory.ts';
import { keysChangedAfter } from './changed-rows.ts';

export interface KeyRange {
  readonly lower: Key;
  readonly upper: Key | undefined;
}

const smallRows = 16384;

export function buildRanges(
  pages: LmdbSnapshot,
  tree: number,
  entries: readonly SegmentEntry[],
  damaged: readonly string[],
): KeyRange[] {
  if (entries.length === 0) return [{ lower: '', upper: undefined }];
  const isStale = entries.map((entry, i) => {
    const files = [entry.current, ...(entry.history ?? [])];
    if (damaged.some((file) => files.includes(file))) return true;
    const bounds = { lower: i === 0 ? undefined : entry.lower, upper: entries[i + 1]?.lower };
    const changed = keysChangedAfter(pages.scanChanges(tree, bounds), entry.builtAt).keys.length;
    return changed > entry.rows * limits.segmentChangedShareMax;
  });
  const ranges: KeyRange[] = [];
  for (let i = 0; i < entries.length; i++) {
    if (!isStale[i]) continue;
    let first = i;
    if (first > 0 && !isStale[first - 1] && entries[first - 1].rows < smallRows) first--;
    while (i + 1 < entries.length && (isStale[i + 1] || entries[i + 1].rows < smallRows)) i++;
    ranges.push({ lower: entries[first].lower, upper: entries[i + 1]?.lower });
  }
  return merged(ranges);
}

/** A small entry between two ranges belongs to both. */
function merged(ranges: readonly KeyRange[]): KeyRange[] {
  const result: KeyRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last !== undefined && (last.upper === undefined || range.lower < last.upper)) {
      result[result.length - 1] = { lower: last.lower, upper: range.upper };
    } else result.push(range);
  }
  return result;
}
