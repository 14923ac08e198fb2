// All file I/O of the commit log goes through this interface, so that tests can run it on files that
// forget what was not synced, fill up, fail or tear (testing/simulated-files.ts).

import fs from 'node:fs';

import { DatabaseError, SqlState } from '#common';

/** An open file. Reads and writes are synchronous: they meet the page cache, not the disk. */
export interface LogFile {
  readonly path: string;
  /** Reads up to `length` bytes; returns how many there were. */
  read(target: Uint8Array, length: number, position: number): number;
  /** Writes all bytes or throws (an Error with `code` ENOSPC, EIO …); a part may have been written. */
  write(source: Uint8Array, length: number, position: number): void;
  size(): number;
  /** Resolves when everything written before the call is on disk; rejects when that cannot be known. */
  sync(): Promise<void>;
  close(): void;
}

export interface FileLayer {
  /** Opens for reading and writing, creating an empty file when there is none. */
  open(path: string): LogFile;
  exists(path: string): boolean;
  /** Names in a directory, in no order. */
  list(directory: string): string[];
  remove(path: string): void;
  makeDirectory(path: string): void;
  /** Makes created and removed names durable. */
  syncDirectory(directory: string): Promise<void>;
}

export function isDiskFull(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.sqlState === SqlState.diskFull;
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

class RealFile implements LogFile {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  }

  read(target: Uint8Array, length: number, position: number): number {
    let done = 0;
    while (done < length) {
      const count = fs.readSync(this.#descriptor, target, done, length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  write(source: Uint8Array, length: number, position: number): void {
    let done = 0;
    while (done < length) {
      done += fs.writeSync(this.#descriptor, source, done, length - done, position + done);
    }
  }

  size(): number {
    return fs.fstatSync(this.#descriptor).size;
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}

export const realFiles: FileLayer = {
  open: (path) => new RealFile(path),
  exists: (path) => fs.existsSync(path),
  list: (directory) => fs.readdirSync(directory),
  remove: (path) => fs.rmSync(path, { force: true }),
  makeDirectory: (path) => {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  },
  syncDirectory: async (directory) => {
    const handle = await fs.promises.open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
