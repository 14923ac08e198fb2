// A file layer in memory that behaves as badly as a disk may: what was not synced is lost in a crash
// (or kept in part, torn), created names are lost unless their directory was synced, the disk fills
// up, and writes or syncs fail on demand.

import type { FileLayer, LogFile } from '../log/file-layer.ts';

interface Write {
  readonly position: number;
  readonly bytes: Buffer;
}

interface Contents {
  volatile: Buffer;
  durable: Buffer;
  /** Writes since the last sync, oldest first. */
  unsynced: Write[];
}

/** What survives of the writes that were not synced. */
export type CrashMode =
  /** Nothing. */
  | { readonly kind: 'drop' }
  /** The given share of the unsynced bytes, in the order of writing: the last write is torn. */
  | { readonly kind: 'torn'; readonly share: number };

export class SimulatedFiles implements FileLayer {
  readonly #files = new Map<string, Contents>();
  /** Names as the directory on disk has them. */
  #durableNames = new Set<string>();
  /** Bytes that all files together may take. */
  capacityBytes = Infinity;
  /** The next sync rejects. */
  failSync = false;
  syncs = 0;

  open(path: string): LogFile {
    let contents = this.#files.get(path);
    if (contents === undefined) {
      contents = { volatile: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] };
      this.#files.set(path, contents);
    }
    return new SimulatedFile(this, path, contents);
  }

  exists(path: string): boolean {
    return this.#files.has(path);
  }

  list(directory: string): string[] {
    const prefix = `${directory}/`;
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  makeDirectory(): void {}

  async syncDirectory(directory: string): Promise<void> {
    this.#durableNames = new Set(this.list(directory).map((name) => `${directory}/${name}`));
  }

  /** The machine stops. What files that are open now do later has no effect. */
  crash(mode: CrashMode): void {
    for (const [path, contents] of this.#files) {
      if (!this.#durableNames.has(path)) {
        this.#files.delete(path);
        continue;
      }
      if (mode.kind === 'torn') {
        let bytes = Math.floor(
          mode.share * contents.unsynced.reduce((sum, write) => sum + write.bytes.length, 0),
        );
        for (const write of contents.unsynced) {
          const part = write.bytes.subarray(0, bytes);
          contents.durable = written(contents.durable, part, write.position);
          bytes -= part.length;
        }
      }
      // Fresh contents: whoever still holds an open file writes into the void.
      const durable = Buffer.from(contents.durable);
      this.#files.set(path, { volatile: Buffer.from(durable), durable, unsynced: [] });
    }
  }

  /** A file's bytes, to be damaged in place. */
  bytesOf(path: string): Buffer {
    return (this.#files.get(path) as Contents).volatile;
  }

  get usedBytes(): number {
    let used = 0;
    for (const { volatile } of this.#files.values()) used += volatile.length;
    return used;
  }
}

class SimulatedFile implements LogFile {
  readonly path: string;
  readonly #layer: SimulatedFiles;
  readonly #contents: Contents;

  constructor(layer: SimulatedFiles, path: string, contents: Contents) {
    this.#layer = layer;
    this.path = path;
    this.#contents = contents;
  }

  read(target: Uint8Array, length: number, position: number): number {
    const part = this.#contents.volatile.subarray(position, position + length);
    target.set(part);
    return part.length;
  }

  write(source: Uint8Array, length: number, position: number): void {
    const contents = this.#contents;
    const growth = Math.max(0, position + length - contents.volatile.length);
    const room = this.#layer.capacityBytes - this.#layer.usedBytes;
    const fits = growth <= room ? length : Math.max(0, length - (growth - Math.max(0, room)));
    const bytes = Buffer.from(source.subarray(0, fits));
    contents.volatile = written(contents.volatile, bytes, position);
    contents.unsynced.push({ position, bytes });
    if (fits < length) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  }

  size(): number {
    return this.#contents.volatile.length;
  }

  async sync(): Promise<void> {
    const contents = this.#contents;
    this.#layer.syncs++;
    const pending = contents.unsynced;
    const upTo = pending.length;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    if (this.#layer.failSync) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
    if (contents.unsynced !== pending) return;
    for (const write of pending.slice(0, upTo)) {
      contents.durable = written(contents.durable, write.bytes, write.position);
    }
    contents.unsynced = pending.slice(upTo);
  }

  close(): void {}
}

function written(target: Buffer, bytes: Buffer, position: number): Buffer {
  const end = position + bytes.length;
  let grown = target;
  if (end > target.length) {
    grown = Buffer.alloc(end);
    target.copy(grown);
  }
  bytes.copy(grown, position);
  return grown;
}
