// What a thread keeps of segment files: opened files (their footers), and decoded columns of blocks under
// a byte budget (cache-budget.ts). A hot scan decodes nothing.

import { isMainThread } from 'node:worker_threads';
import { type Vector, WideIntegers } from '#common';
import { limits } from '../limits.ts';
import { CacheBudget, Kept } from './cache-budget.ts';
import { forgetChunks } from './chunk-reader.ts';
import { closeSegmentFiles } from './open-files.ts';
import { SegmentFile } from './segment-file.ts';
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

const typed = new CacheBudget(limits.segmentCacheBytes);
/** Plain values live in the JavaScript heap, which is smaller. */
const plain = new CacheBudget(limits.segmentHeapCacheBytes);
const plainValueBytes = 40;
const objectBytes = 200;

/** Gives the cache of this thread its size. */
export function useSegmentCache(bytes: number): void {
  typed.resize(bytes);
}

/** One column of one block, whether it is there or not. */
class CachedBlock extends Kept {
  vector: Vector | undefined = undefined;

  drop(): void {
    this.vector = undefined;
  }
}

/** By file and attribute, then by block. */
const vectors = new WeakMap<StoredColumn, CachedBlock[]>();

export interface ReadVector {
  readonly vector: Vector;
  /** That had to be read. */
  readonly bytesRead: number;
  /** Others may have the vector as well, or get it later. */
  readonly isShared: boolean;
}

/** One column of one block. Throws DamagedSegment. */
export function cachedVector(file: SegmentFile, column: StoredColumn, block: number): ReadVector {
  const cached = cachedBlocks(column)[block];
  cached.use();
  if (cached.vector !== undefined) {
    return { vector: cached.vector, bytesRead: 0, isShared: true };
  }
  const vector = file.readVector(column, block);
  const bytesRead = column.chunks[block].length;
  const isPlain = vector.kind === 'datum' && !isBytes(vector);
  const bytes = isPlain
    ? vector.values.length * plainValueBytes + 3 * bytesRead
    : typedBytes(vector) + objectBytes;
  const isShared = (isPlain ? plain : typed).offer(cached, bytes);
  if (isShared) cached.vector = vector;
  if (isBytes(vector)) countValues(vector);
  return { vector, bytesRead, isShared };
}

function cachedBlocks(column: StoredColumn): CachedBlock[] {
  let blocks = vectors.get(column);
  if (blocks === undefined)
    vectors.set(column, (blocks = column.chunks.map(() => new CachedBlock())));
  return blocks;
}

/** Something else that is made of blocks. */
class CachedPart extends Kept {
  readonly #drop: () => void;

  constructor(drop: () => void) {
    super();
    this.#drop = drop;
  }
  drop(): void {
    this.#drop();
  }
}

/** What is known of an index over some files: the index, or how often it was asked for; null: there can be none. */
interface KnownIndex {
  readonly files: readonly SegmentFile[];
  state: { readonly index: ValueIndex; readonly kept: Kept } | number | null;
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
    state.kept.use();
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
  const kept = new CachedPart(() => {
    known.state = 0;
    known.asksMin *= asksGrowth;
  });
  known.state = { index, kept };
  kept.use();
  typed.add(kept, index.bytes + objectBytes);
  return index;
}

function knownIndex(files: readonly SegmentFile[], attribute: number): KnownIndex {
  let columns = indexes.get(files[0]);
  if (columns === undefined) indexes.set(files[0], (columns = new Map()));
  let known = columns.get(attribute);
  if (known === undefined || !sameFiles(known.files, files)) {
    if (typeof known?.state === 'object' && known.state !== null) typed.remove(known.state.kept);
    known = { files, state: 0, asksMin: asksMinFirst };
    columns.set(attribute, known);
  }
  return known;
}

function sameFiles(one: readonly SegmentFile[], other: readonly SegmentFile[]): boolean {
  return one.length === other.length && one.every((file, i) => file === other[i]);
}

/** Values made of the bytes live in the heap, under its budget. */
function countValues(bytes: StoredTexts | WideIntegers): void {
  const values = new CachedPart(() => bytes.forgetValues());
  bytes.onUse = (made) => {
    values.use();
    if (made) plain.add(values, bytes.length * plainValueBytes + bytes.bytes);
  };
}

/** Counts what somebody else keeps of a block, until `drop` is called; who looks at it says so by use(). */
export function keepBytes(bytes: number, drop: () => void): Kept {
  const kept = new CachedPart(drop);
  kept.use();
  typed.add(kept, bytes + objectBytes);
  return kept;
}

/** Outside of the heap, whatever is made of it. */
function isBytes(vector: Vector): vector is StoredTexts | WideIntegers {
  return vector instanceof StoredTexts || vector instanceof WideIntegers;
}

function typedBytes(vector: Vector): number {
  if (isBytes(vector)) return vector.bytes;
  if (vector.kind === 'datum') return 0;
  const values = vector.kind === 'dictionary' ? vector.codes : vector.values;
  return values.byteLength + (vector.nulls?.byteLength ?? 0);
}

/** For tests: this thread has seen no file. */
export function forgetSegments(): void {
  closeSegmentFiles();
  forgetChunks();
  files.clear();
  typed.clear();
  plain.clear();
}
