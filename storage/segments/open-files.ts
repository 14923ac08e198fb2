// The segment files that a thread has open, and reads from them.

import { closeSync, openSync, readSync } from 'node:fs';
import { DamagedSegment } from './damaged-segment.ts';

/** The least recently used one first. */
const openFiles = new Map<string, number>();
const openFilesMax = 64;

/** Throws DamagedSegment, also when the file is not there. */
export function withFile<Result>(path: string, use: (file: number) => Result): Result {
  let file = openFiles.get(path);
  if (file === undefined) file = open(path);
  else openFiles.delete(path);
  openFiles.set(path, file);
  if (openFiles.size > openFilesMax) forgetFile(openFiles.keys().next().value!);
  return use(file);
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (openFiles.size === 0 || (code !== 'EMFILE' && code !== 'ENFILE'))
      throw new DamagedSegment(path, message);
    // The system has no more files for this process; these can be opened again.
    closeSegmentFiles();
    return open(path);
  }
}

/** Fills the buffer from the file. Throws DamagedSegment when the file ends before, or cannot be read. */
export function readInto(
  path: string,
  file: number,
  buffer: Buffer,
  range: { readonly at: number; readonly length: number },
): void {
  let done = 0;
  while (done < range.length) {
    const length = range.length - done;
    const read = readSome(path, file, buffer, { from: done, length, at: range.at + done });
    if (read === 0) throw new DamagedSegment(path, 'it is too short');
    done += read;
  }
}

function readSome(
  path: string,
  file: number,
  buffer: Buffer,
  range: { readonly from: number; readonly length: number; readonly at: number },
): number {
  try {
    return readSync(file, buffer, range.from, range.length, range.at);
  } catch (error) {
    throw new DamagedSegment(path, (error as Error).message);
  }
}

/** Into memory of its own, so that typed arrays can be laid over it. */
export function readWhole(
  path: string,
  file: number,
  range: { readonly at: number; readonly length: number },
): Buffer {
  const bytes = Buffer.allocUnsafeSlow(range.length);
  readInto(path, file, bytes, range);
  return bytes;
}

export function closeSegmentFiles(): void {
  for (const path of openFiles.keys()) forgetFile(path);
}

function forgetFile(path: string): void {
  const file = openFiles.get(path);
  if (file === undefined) return;
  openFiles.delete(path);
  closeSync(file);
}
