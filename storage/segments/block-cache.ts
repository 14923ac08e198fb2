// What a thread keeps of segment files: opened files (their footers), and decoded columns of blocks under
// a byte budget; what was not used for long leaves first. A hot scan decodes nothing.

import { isMainThread } from 'node:worker_threads';
import type { Vector } from '#common';
import { limits } from '../limits.ts';
import { closeSegmentFiles, SegmentFile } from './segment-file.ts';
import type { StoredColumn } from './segment-format.ts';
import { StoredTexts } from './stored-texts.ts';
import { ValueIndex } from './value-index.ts';

const files = new Map<string, SegmentFile>();

/** Throws DamagedSegment. */
export function openSegment(path: string): SegmentFile {
  let file = files.get(path);
  if (file === undefined) file = new SegmentFile(path);
  else files.delete(path);
  files.set(path, file);
  if (files.size > limits.segmentFilesOpenMax) files.delete(files.keys().next().value!);
  return file;
}

/** What is kept: it says whether somebody looked at it since it was last passed over. */
export interface Kept {
  readonly bytes: number;
  isUsed: boolean;
  readonly drop: () => void;
}

/** Second chance: the oldest leaves unless it was used, so a use costs no more than a mark. */
class Budget {
  readonly #bytesMax: number;
  readonly #kept = new Set<Kept>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }
  add(entry: Kept): void {
    this.#kept.add(entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#kept) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#kept.delete(oldest);
      if (oldest.isUsed && oldest !== entry) {
        oldest.isUsed = false;
        this.#kept.add(oldest);
        continue;
      }
      this.#bytes -= oldest.bytes;
      oldest.drop();
    }
  }
  remove(entry: Kept): void {
    if (this.#kept.delete(entry)) this.#bytes -= entry.bytes;
  }
  clear(): void {
    for (const { drop } of this.#kept) drop();
    this.#kept.clear();
    this.#bytes = 0;
  }
}

const typed = new Budget(
  isMainThread ? limits.segmentCacheBytesMainThread : limits.segmentCacheBytes,
);
/** Plain values live in the JavaScript heap, which is smaller. */
const plain = new Budget(limits.segmentHeapCacheBytes);
const plainValueBytes = 40;
const objectBytes = 200;

interface CachedVector extends Kept {
  readonly vector: Vector;
}

/** By file and attribute, then by block. */
const vectors = new WeakMap<SegmentFile, Map<number, (CachedVector | undefined)[]>>();

/** One column of one block; `bytesRead` counts the bytes that had to be read. Throws DamagedSegment. */
export function cachedVector(
  file: SegmentFile,
  column: StoredColumn,
  block: number,
): { readonly vector: Vector; readonly bytesRead: number } {
  const blocks = cachedBlocks(file, column.attribute);
  const known = blocks[block];
  if (known !== undefined) {
    known.isUsed = true;
    return { vector: known.vector, bytesRead: 0 };
  }
  const vector = file.readVector(column, block);
  const bytesRead = column.chunks[block].length;
  const isPlain = vector.kind === 'datum' && !(vector instanceof StoredTexts);
  const bytes = isPlain
    ? vector.values.length * plainValueBytes + 3 * bytesRead
    : typedBytes(vector) + objectBytes;
  const entry = { vector, bytes, isUsed: false, drop: () => (blocks[block] = undefined) };
  blocks[block] = entry;
  (isPlain ? plain : typed).add(entry);
  if (vector instanceof StoredTexts) countStrings(vector);
  return { vector, bytesRead };
}

interface CachedIndex extends Kept {
  readonly index: ValueIndex;
}

/** What is known of an index over some files: the index, or how often it was asked for; null: there can be none. */
interface KnownIndex {
  readonly files: readonly SegmentFile[];
  state: CachedIndex | number | null;
  /** Asks before one is made. */
  asksMin: number;
}

/** By the first of the files and attribute. */
const indexes = new WeakMap<SegmentFile, Map<number, KnownIndex>>();
/** A column that is asked for once gains nothing by an index; one whose index had to leave the cache gains little. */
const asksMinFirst = 2;
const asksGrowth = 8;

/** Of more rows the main thread makes no index: that would take too long. */
const rowsMaxMainThread = 65_536;

/** Where the values of a column are in the files, once that has been asked several times. Throws DamagedSegment. */
export function cachedValueIndex(
  files: readonly SegmentFile[],
  attribute: number,
): ValueIndex | undefined {
  if (files.length === 0) return undefined;
  const known = knownIndex(files, attribute);
  const { state } = known;
  if (state === null) return undefined;
  if (typeof state !== 'number') {
    state.isUsed = true;
    return state.index;
  }
  known.state = state + 1;
  if (known.state < known.asksMin) return undefined;
  const rows = files.reduce((sum, { footer }) => sum + footer.rows, 0);
  if (isMainThread && rows > rowsMaxMainThread) return undefined;
  const blocks = files.flatMap((file) => {
    const column = file.column(attribute)!;
    return column.chunks.map((_chunk, block) => cachedVector(file, column, block).vector);
  });
  const index = ValueIndex.of(blocks);
  if (index === undefined) {
    known.state = null;
    return undefined;
  }
  const drop = (): void => {
    known.state = 0;
    known.asksMin *= asksGrowth;
  };
  known.state = { index, bytes: index.bytes + objectBytes, isUsed: true, drop };
  typed.add(known.state);
  return index;
}

function knownIndex(files: readonly SegmentFile[], attribute: number): KnownIndex {
  let columns = indexes.get(files[0]);
  if (columns === undefined) indexes.set(files[0], (columns = new Map()));
  let known = columns.get(attribute);
  if (known === undefined || !sameFiles(known.files, files)) {
    if (typeof known?.state === 'object' && known.state !== null) typed.remove(known.state);
    known = { files, state: 0, asksMin: asksMinFirst };
    columns.set(attribute, known);
  }
  return known;
}

function sameFiles(one: readonly SegmentFile[], other: readonly SegmentFile[]): boolean {
  return one.length === other.length && one.every((file, i) => file === other[i]);
}

function cachedBlocks(file: SegmentFile, attribute: number): (CachedVector | undefined)[] {
  let columns = vectors.get(file);
  if (columns === undefined) vectors.set(file, (columns = new Map()));
  let blocks = columns.get(attribute);
  if (blocks === undefined) {
    blocks = new Array<CachedVector | undefined>(file.footer.blocks.length).fill(undefined);
    columns.set(attribute, blocks);
  }
  return blocks;
}

/** Strings made of the texts live in the heap, under its budget. */
function countStrings(texts: StoredTexts): void {
  const strings: Kept = {
    bytes: texts.length * plainValueBytes + texts.bytes,
    isUsed: false,
    drop: () => texts.forgetStrings(),
  };
  texts.onUse = (made) => {
    strings.isUsed = !made;
    if (made) plain.add(strings);
  };
}

/** Counts what somebody else keeps of a block, until `drop` is called. */
export function keepBytes(bytes: number, drop: () => void): Kept {
  const entry = { bytes: bytes + objectBytes, isUsed: false, drop };
  typed.add(entry);
  return entry;
}

function typedBytes(vector: Vector): number {
  if (vector instanceof StoredTexts) return vector.bytes;
  if (vector.kind === 'datum') return 0;
  const values = vector.kind === 'dictionary' ? vector.codes : vector.values;
  return values.byteLength + (vector.nulls?.byteLength ?? 0);
}

/** For tests: this thread has seen no file. */
export function forgetSegments(): void {
  closeSegmentFiles();
  files.clear();
  typed.clear();
  plain.clear();
}
