// Reads chunks of segment files into buffers that are used again and again. The chunks of a column lie one after
// another in a file, and a scan asks for them in that order, between those of its other columns: so what
// is read at a time are several of them, and the others wait here until the scan comes to them.
//
// Invariant: a buffer is used for another column only when a chunk is asked for, so what readChunk() returned is
// valid until its next call.

import { readInto, readWhole, withFile } from './open-files.ts';
import type { StoredColumn } from './segment-format.ts';

/** Columns of files whose chunks are waiting. */
const runsMax = 64;
/** Bytes read at a time; a chunk that is larger gets a buffer of its own. */
const runBytesMax = 256 * 1024;
const bufferBytesMin = 16 * 1024;

/** Bytes `from` .. `to` of a file, at the start of the buffer. */
class ChunkRun {
  buffer = Buffer.allocUnsafeSlow(bufferBytesMin);
  view = new DataView(this.buffer.buffer);
  from = 0;
  to = 0;
  /** The chunk that was asked for last. */
  block = -1;

  reserve(bytes: number): void {
    if (bytes <= this.buffer.length) return;
    this.buffer = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)));
    this.view = new DataView(this.buffer.buffer);
  }
}

/** The least recently used one first. */
const runs = new Map<StoredColumn, ChunkRun>();

export interface ChunkBytes {
  readonly buffer: Buffer;
  readonly view: DataView;
  /** Where the chunk begins in both; a multiple of 8. */
  readonly at: number;
}

/** The column is one of the file's. Throws DamagedSegment. */
export function readChunk(path: string, column: StoredColumn, block: number): ChunkBytes {
  const { offset, length } = column.chunks[block];
  if (length > runBytesMax) return readAlone(path, { at: offset, length });
  const run = runOf(column);
  if (offset < run.from || offset + length > run.to) {
    // Who takes the first one, or one after another, is expected to go on.
    const goesOn = block === 0 || block === run.block + 1;
    const to = goesOn ? endOfRun(column, block) : offset + length;
    run.reserve(to - offset);
    run.to = 0;
    withFile(path, (file) => readInto(path, file, run.buffer, { at: offset, length: to - offset }));
    run.from = offset;
    run.to = to;
  }
  run.block = block;
  return { buffer: run.buffer, view: run.view, at: offset - run.from };
}

function readAlone(path: string, range: { at: number; length: number }): ChunkBytes {
  const buffer = withFile(path, (file) => readWhole(path, file, range));
  return { buffer, view: new DataView(buffer.buffer), at: 0 };
}

/** The end of the last chunk that is read together with that of the block. */
function endOfRun({ chunks }: StoredColumn, block: number): number {
  const { offset } = chunks[block];
  let end = offset + chunks[block].length;
  for (let next = block + 1; next < chunks.length; next++) {
    const chunk = chunks[next];
    const nextEnd = chunk.offset + chunk.length;
    if (chunk.offset < end || nextEnd - offset > runBytesMax) break;
    end = nextEnd;
  }
  return end;
}

function runOf(column: StoredColumn): ChunkRun {
  let run = runs.get(column);
  if (run === undefined) {
    if (runs.size < runsMax) run = new ChunkRun();
    else {
      const [oldest, itsRun] = runs.entries().next().value!;
      runs.delete(oldest);
      run = itsRun;
      run.to = 0;
      run.block = -1;
    }
  } else runs.delete(column);
  runs.set(column, run);
  return run;
}

/** As in a thread that has read nothing. */
export function forgetChunks(): void {
  runs.clear();
}
