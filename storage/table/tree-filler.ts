// Entries on their way into one fresh tree: the first few wait, so that a small job stays an ordinary
// write of its transaction; a large one goes to a bulk build (TreeBuilder).

import type { Key, Transaction, TreeId } from '../contract.ts';
import type { BuildOptions, TreeBuilder } from '../page-store.ts';

/** Up to this many entries are written through the transaction, unless the tree must be built. */
const directEntriesMax = 2000;

export interface FillerOptions extends BuildOptions {
  /** An index of rows that exist already: its tree must say since when it is complete. */
  readonly alwaysBuild?: boolean;
}

export class TreeFiller {
  readonly #transaction: Transaction;
  readonly #tree: TreeId;
  readonly #options: FillerOptions;
  readonly #waiting = new Map<Key, Uint8Array>();
  #builder: TreeBuilder | undefined;
  #duplicate: Key | undefined;

  constructor(transaction: Transaction, tree: TreeId, options: FillerOptions = { hidden: false }) {
    this.#transaction = transaction;
    this.#tree = tree;
    this.#options = options;
  }
  add(key: Key, value: Uint8Array): void {
    if (this.#builder !== undefined) {
      this.#builder.add(key, value);
      return;
    }
    if (this.#waiting.has(key)) this.#duplicate ??= key;
    this.#waiting.set(key, value);
    const directMax = this.#options.alwaysBuild === true ? 0 : directEntriesMax;
    if (this.#waiting.size > directMax) this.#startBuilding();
  }
  /** The value is [start, end) of the buffer, which is copied. */
  addSlice(key: Key, buffer: Buffer, start: number, end: number): void {
    if (this.#builder === undefined) this.add(key, Buffer.from(buffer.subarray(start, end)));
    else this.#builder.addSlice(key, buffer, start, end);
  }
  get backlogBytes(): number {
    return this.#builder?.backlogBytes ?? 0;
  }
  async whenTaken(): Promise<void> {
    await this.#builder?.whenTaken();
  }
  /** Resolves when all is written, with a key that came twice (nothing is kept then). */
  async finish(): Promise<Key | undefined> {
    if (this.#builder === undefined) {
      if (this.#duplicate !== undefined) return this.#duplicate;
      for (const [key, value] of this.#waiting) this.#transaction.put(this.#tree, key, value);
      return undefined;
    }
    const { duplicate } = await this.#builder.finish();
    return this.#duplicate ?? duplicate;
  }
  abort(): void {
    this.#builder?.abort();
    this.#waiting.clear();
  }
  #startBuilding(): void {
    this.#builder = this.#transaction.buildTree(this.#tree, this.#options);
    for (const [key, value] of this.#waiting) this.#builder.add(key, value);
    this.#waiting.clear();
  }
}
