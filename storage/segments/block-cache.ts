// What a thread keeps of segment files: opened files (their footers), and decoded columns of blocks under
// a byte budget, the least recently used one leaving first. A hot scan decodes nothing.

import type { Vector } from '#common';
import { limits } from '../limits.ts';
import { closeSegmentFiles, SegmentFile } from './segment-file.ts';
import type { StoredColumn } from './segment-format.ts';

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

interface CachedVector {
  readonly vector: Vector;
  readonly bytes: number;
}

class VectorCache {
  readonly #budgetBytes: number;
  readonly #vectors = new Map<string, CachedVector>();
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }
  get(name: string): Vector | undefined {
    const found = this.#vectors.get(name);
    if (found === undefined) return undefined;
    this.#vectors.delete(name);
    this.#vectors.set(name, found);
    return found.vector;
  }
  clear(): void {
    this.#vectors.clear();
    this.#bytes = 0;
  }
  add(name: string, vector: Vector, bytes: number): void {
    this.#vectors.set(name, { vector, bytes });
    this.#bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#vectors) {
      if (this.#bytes <= this.#budgetBytes) return;
      this.#vectors.delete(oldest);
      this.#bytes -= freed;
    }
  }
}

const typed = new VectorCache(limits.segmentCacheBytes);
/** Plain values live in the JavaScript heap, which is smaller. */
const plain = new VectorCache(limits.segmentHeapCacheBytes);
const plainValueBytes = 40;

/** One column of one block; `decoded` counts the bytes that had to be read. Throws DamagedSegment. */
export function cachedVector(
  file: SegmentFile,
  column: StoredColumn,
  block: number,
): { readonly vector: Vector; readonly bytesRead: number } {
  const name = `${file.path}:${column.attribute}:${block}`;
  const known = typed.get(name) ?? plain.get(name);
  if (known !== undefined) return { vector: known, bytesRead: 0 };
  const vector = file.readVector(column, block);
  const bytesRead = column.chunks[block].length;
  if (vector.kind === 'datum') {
    plain.add(name, vector, vector.values.length * plainValueBytes + 3 * bytesRead);
  } else typed.add(name, vector, typedBytes(vector));
  return { vector, bytesRead };
}

function typedBytes(vector: Exclude<Vector, { kind: 'datum' }>): number {
  const values = vector.kind === 'dictionary' ? vector.codes : vector.values;
  return values.byteLength + (vector.nulls?.byteLength ?? 0) + 200;
}

/** For tests: this thread has seen no file. */
export function forgetSegments(): void {
  closeSegmentFiles();
  files.clear();
  typed.clear();
  plain.clear();
}
