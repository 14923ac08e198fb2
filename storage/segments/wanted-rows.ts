// The rows of a scan that are wanted because of the values of one column, when these are few: looked up in
// an index of the column (value-index.ts) over the files of some entries of the directory at once, so that
// the look-ups are few, too.

import { join } from 'node:path';
import type { SegmentLayers } from '../page-store.ts';
import type { RowSource } from '../table/contract.ts';
import { cachedValueIndex, openSegment } from './block-cache.ts';
import { columnBounds } from './column-bounds.ts';
import type { WantedValues } from './contract.ts';
import { DamagedSegment } from './damaged-segment.ts';
import type { SegmentFile } from './segment-file.ts';
import { markedRows, wordsPerBlock } from './value-index.ts';

/** Entries of about 64k rows each. */
const groupEntries = 16;
/** Rows for each value that is looked up: a look-up takes as long as so many looks at a row. */
const rowsPerValueMin = 128;

/** Of one file. */
export interface FileRows {
  /** By whose values they were found: its ordinal among the sources. */
  readonly column: number;
  ofBlock(block: number): Int32Array;
}

interface Group {
  /** By entry: where its blocks begin among those of the group. */
  readonly firstBlocks: readonly number[];
  readonly marks: Int32Array;
  readonly column: number;
}

export class WantedRows {
  readonly #layers: SegmentLayers;
  readonly #sources: readonly RowSource[];
  readonly #wanted: readonly WantedValues[];
  readonly #groups = new Map<number, Group | undefined>();

  constructor(
    layers: SegmentLayers,
    request: { readonly sources: readonly RowSource[]; readonly wanted: readonly WantedValues[] },
  ) {
    this.#layers = layers;
    this.#sources = request.sources;
    this.#wanted = request.wanted;
  }

  /** Of the file of current versions of an entry; undefined: all its rows are to be looked at. */
  ofEntry(position: number): FileRows | undefined {
    if (this.#wanted.length === 0) return undefined;
    const number = Math.floor(position / groupEntries);
    if (!this.#groups.has(number)) this.#groups.set(number, this.#find(number * groupEntries));
    const group = this.#groups.get(number);
    if (group === undefined) return undefined;
    const first = group.firstBlocks[position % groupEntries];
    const { marks, column } = group;
    return { column, ofBlock: (block) => markedRows(marks, first + block) };
  }

  #find(first: number): Group | undefined {
    const { directory, folder } = this.#layers;
    const entries = directory.entries.slice(first, first + groupEntries);
    try {
      const files = entries.map(({ current }) =>
        current === undefined ? undefined : openSegment(join(folder, current)),
      );
      const blocks = files.map((file) => file?.footer.blocks.length ?? 0);
      let count = 0;
      const firstBlocks = blocks.map((length) => (count += length) - length);
      const present = files.filter((file) => file !== undefined);
      const found = this.#lookUp(present, count);
      return found && { firstBlocks, ...found };
    } catch (error) {
      if (!(error instanceof DamagedSegment)) throw error;
      // Who reads the file comes upon it again, and reports it.
      return undefined;
    }
  }

  /** By the first of the wanted columns that serves. Throws DamagedSegment. */
  #lookUp(
    files: readonly SegmentFile[],
    blocks: number,
  ): Pick<Group, 'marks' | 'column'> | undefined {
    const rows = files.reduce((sum, { footer }) => sum + footer.rows, 0);
    for (const { column, values } of this.#wanted) {
      const source = this.#sources[column];
      if (source.kind !== 'attribute') continue;
      const { attributeNumber } = source;
      if (!files.every((file) => file.column(attributeNumber)?.narrow === true)) continue;
      const range = rangeOf(files, attributeNumber, values);
      if ((range.to - range.from) * rowsPerValueMin > rows) continue;
      const index = cachedValueIndex(files, attributeNumber);
      if (index === undefined) continue;
      const marks = new Int32Array(blocks * wordsPerBlock);
      index.mark(values, range, marks);
      return { marks, column };
    }
    return undefined;
  }
}

/** Of the values, those within the files' bounds. */
function rangeOf(
  files: readonly SegmentFile[],
  attribute: number,
  values: Int32Array,
): { readonly from: number; readonly to: number } {
  const { min, max } = columnBounds(files, attribute);
  return { from: firstAbove(values, min - 1), to: firstAbove(values, max) };
}

/** The place of the first value above the bound. */
function firstAbove(values: Int32Array, bound: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows that are in both of two ascending lists. */
export function intersected(one: Int32Array, other: Int32Array): Int32Array {
  const both = new Int32Array(Math.min(one.length, other.length));
  let count = 0;
  for (let i = 0, k = 0; i < one.length && k < other.length;) {
    const row = one[i];
    const rival = other[k];
    if (row === rival) both[count++] = row;
    if (row <= rival) i++;
    if (rival <= row) k++;
  }
  return both.subarray(0, count);
}
