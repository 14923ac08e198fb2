// Removes history that has outlived its table's retention, in the background, tree by tree. Nothing
// goes that a running transaction or a shared snapshot may still read.

import type { CommitTimestamp, TreeId } from './contract.ts';
import { limits } from './limits.ts';

export interface RetentionOptions {
  readonly now: () => CommitTimestamp;
  readonly oldestSnapshot: () => CommitTimestamp;
  readonly prune: (tree: TreeId, before: CommitTimestamp) => Promise<void>;
  readonly onFailure: (error: Error) => void;
}

export class Retention {
  readonly #options: RetentionOptions;
  readonly #trees = new Map<TreeId, number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  set(tree: TreeId, micros: number | undefined): void {
    if (micros === undefined) this.#trees.delete(tree);
    else this.#trees.set(tree, micros);
    if (this.#trees.size > 0) this.#later();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #later(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#pruneAll().catch((error: unknown) => {
        if (!this.#closed) this.#options.onFailure(error as Error);
      });
    }, limits.pruneIntervalMs);
    this.#timer.unref();
  }

  async #pruneAll(): Promise<void> {
    for (const [tree, micros] of this.#trees) {
      if (this.#closed) return;
      const before = Math.min(this.#options.now() - micros, this.#options.oldestSnapshot());
      await this.#options.prune(tree, before);
    }
    this.#timer = undefined;
    if (this.#trees.size > 0) this.#later();
  }
}
