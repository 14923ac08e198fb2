// What a thread keeps of segment files: opened files (their footers), and decoded columns of blocks under
// a byte budget; what was not used for long leaves first. A hot scan decodes nothing.

import { isMainThread } from 'node:worker_threads';
import type { Vector } from '#common';
import { limits } from '../limits.ts';
import { closeSegmentFiles, SegmentFile } from './segment-file.ts';
import type { StoredColumn } from './segment-format.ts';
import { StoredTexts } from './stored-texts.ts';

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
interface Kept {
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
