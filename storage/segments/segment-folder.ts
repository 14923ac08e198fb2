// The folder of segment files: what nothing names is removed at start, what was replaced is removed when
// no reader can have its name any more.

import { existsSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

interface Retired {
  readonly file: string;
  /** Shared snapshots up to this handle may still read it. */
  readonly handle: number;
}

export class SegmentFolder {
  readonly #path: string;
  #retired: Retired[] = [];

  /** Removes all but the named files. */
  constructor(path: string, named: readonly string[]) {
    this.#path = path;
    mkdirSync(path, { recursive: true });
    const kept = new Set(named);
    for (const file of readdirSync(path)) {
      if (!kept.has(file)) rmSync(join(path, file), { recursive: true });
    }
  }

  /** No new reader learns the name. */
  retire(file: string, handle: number): void {
    this.#retired.push({ file, handle });
  }
  /** All shared snapshots before this handle are released. */
  removeRetired(oldestHandle: number): void {
    if (this.#retired.length === 0) return;
    const free = this.#retired.filter(({ handle }) => handle < oldestHandle);
    this.#retired = this.#retired.filter(({ handle }) => handle >= oldestHandle);
    for (const { file } of free) this.remove(file);
  }
  remove(file: string): void {
    const path = join(this.#path, file);
    if (existsSync(path)) unlinkSync(path);
  }
}
