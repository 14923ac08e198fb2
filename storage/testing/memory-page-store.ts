// A page store in memory, for tests of the layers above: plain sorted arrays, the simplest thing that
// fulfils page-store.ts. What apply() has resolved survives reopen(), as LMDB's commits do.

import {
  type CommitTimestamp,
  type Key,
  type KeyBounds,
  type LogPosition,
  type TreeId,
  openEnd,
} from '../contract.ts';
import type {
  FlushMetadata,
  FlushedKey,
  PageCursor,
  PageSnapshot,
  PageStore,
} from '../page-store.ts';

interface StoredVersion {
  readonly key: Key;
  readonly from: CommitTimestamp;
  readonly to: CommitTimestamp;
  readonly value: Uint8Array;
}

interface StoredTree {
  readonly current: Map<Key, StoredVersion>;
  readonly history: Map<Key, StoredVersion[]>;
}

type State = ReadonlyMap<TreeId, StoredTree>;

export class MemoryPageStore implements PageStore {
  #state: State = new Map();
  #metadata: FlushMetadata | undefined;
  /** Makes apply() slow, so that commits overlap a flush. */
  delayTurns = 0;
  /** Makes the next apply() fail. */
  failure: Error | undefined;
  openSnapshots = 0;

  get appliedPosition(): LogPosition {
    return this.#metadata?.position ?? 0;
  }

  metadata(): FlushMetadata | undefined {
    return this.#metadata;
  }

  async apply(
    changes: Iterable<FlushedKey>,
    droppedTrees: readonly TreeId[],
    metadata: FlushMetadata,
  ): Promise<void> {
    const next = new Map(this.#state);
    const touched = new Set<TreeId>();
    for (const change of changes) {
      if (!touched.has(change.tree)) {
        const before = next.get(change.tree);
        next.set(change.tree, {
          current: new Map(before?.current),
          history: new Map(before?.history),
        });
        touched.add(change.tree);
      }
      applyChange(next.get(change.tree) as StoredTree, change);
    }
    for (const tree of droppedTrees) next.delete(tree);
    for (let i = 0; i < this.delayTurns; i++) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    if (this.failure !== undefined) {
      const { failure } = this;
      this.failure = undefined;
      throw failure;
    }
    this.#state = next;
    this.#metadata = metadata;
  }

  snapshot(): PageSnapshot {
    this.openSnapshots++;
    return new MemorySnapshot(this.#state, () => {
      this.openSnapshots--;
    });
  }

  async close(): Promise<void> {}
}

function applyChange(tree: StoredTree, { key, versions }: FlushedKey): void {
  const history = [...(tree.history.get(key) ?? [])];
  let open = tree.current.get(key);
  for (const version of [...versions].reverse()) {
    if (open !== undefined) history.push({ ...open, to: version.from });
    open =
      version.value === undefined
        ? undefined
        : { key, from: version.from, to: openEnd, value: version.value.slice() };
  }
  if (open === undefined) tree.current.delete(key);
  else tree.current.set(key, open);
  if (history.length > 0) tree.history.set(key, history);
}

class MemorySnapshot implements PageSnapshot {
  from: CommitTimestamp = 0;
  to: CommitTimestamp = 0;
  readonly #state: State;
  readonly #release: () => void;

  constructor(state: State, release: () => void) {
    this.#state = state;
    this.#release = release;
  }

  getCurrent(tree: TreeId, key: Key): Uint8Array | undefined {
    return this.#found(this.#state.get(tree)?.current.get(key));
  }

  getHistory(tree: TreeId, key: Key, at: CommitTimestamp): Uint8Array | undefined {
    const versions = this.#state.get(tree)?.history.get(key);
    return this.#found(versions?.find((version) => version.from <= at && at < version.to));
  }

  #found(version: StoredVersion | undefined): Uint8Array | undefined {
    if (version === undefined) return undefined;
    this.from = version.from;
    this.to = version.to;
    return version.value;
  }

  scanCurrent(tree: TreeId, bounds: KeyBounds, backward: boolean): PageCursor {
    const versions = [...(this.#state.get(tree)?.current.values() ?? [])];
    return new ArrayCursor(within(versions, bounds, backward));
  }

  scanHistory(tree: TreeId, bounds: KeyBounds, backward: boolean): PageCursor {
    const versions = [...(this.#state.get(tree)?.history.values() ?? [])].flat();
    return new ArrayCursor(within(versions, bounds, backward));
  }

  estimate(tree: TreeId): { rows: number; rowBytes: number } {
    return { rows: this.#state.get(tree)?.current.size ?? 0, rowBytes: 100 };
  }

  release(): void {
    this.#release();
  }
}

function within(
  versions: StoredVersion[],
  { lower, upper }: KeyBounds,
  backward: boolean,
): StoredVersion[] {
  const sign = backward ? -1 : 1;
  return versions
    .filter(
      ({ key }) => (lower === undefined || key >= lower) && (upper === undefined || key < upper),
    )
    .sort((left, right) => {
      if (left.key !== right.key) return left.key < right.key ? -sign : sign;
      return right.from - left.from;
    });
}

class ArrayCursor implements PageCursor {
  readonly #versions: StoredVersion[];
  #position = -1;

  constructor(versions: StoredVersion[]) {
    this.#versions = versions;
  }

  next(): boolean {
    this.#position++;
    return this.#position < this.#versions.length;
  }

  get key(): Key {
    return this.#at().key;
  }
  get value(): Uint8Array {
    return this.#at().value;
  }
  get from(): CommitTimestamp {
    return this.#at().from;
  }
  get to(): CommitTimestamp {
    return this.#at().to;
  }

  close(): void {
    this.#position = this.#versions.length;
  }

  #at(): StoredVersion {
    return this.#versions[this.#position];
  }
}
