// An immutable map with cheap successors: a shared base and a small map of changes over it. A change
// copies only the small map; when that has grown past the square root of the base, a new base is made.
// So n changes of a map of n entries cost O(n · √n) in all, and every earlier version stays valid.

const changesMin = 32;

export class PersistentMap<Key, Value> {
  readonly #base: ReadonlyMap<Key, Value>;
  /** undefined marks a removed key. */
  readonly #changes: ReadonlyMap<Key, Value | undefined>;

  constructor(
    base: ReadonlyMap<Key, Value> = new Map(),
    changes: ReadonlyMap<Key, Value | undefined> = new Map(),
  ) {
    this.#base = base;
    this.#changes = changes;
  }

  get(key: Key): Value | undefined {
    const changed = this.#changes.get(key);
    if (changed !== undefined || this.#changes.has(key)) return changed;
    return this.#base.get(key);
  }

  /** The map with one key set, or removed when the value is undefined. */
  with(key: Key, value: Value | undefined): PersistentMap<Key, Value> {
    return this.withAll([[key, value]]);
  }

  withAll(entries: Iterable<readonly [Key, Value | undefined]>): PersistentMap<Key, Value> {
    const changes = new Map(this.#changes);
    for (const [key, value] of entries) changes.set(key, value);
    if (changes.size <= Math.max(changesMin, Math.sqrt(this.#base.size))) {
      return new PersistentMap(this.#base, changes);
    }
    const base = new Map(this.#base);
    for (const [key, value] of changes) {
      if (value === undefined) base.delete(key);
      else base.set(key, value);
    }
    return new PersistentMap(base);
  }

  *values(): IterableIterator<Value> {
    for (const [key, value] of this.#base) {
      if (!this.#changes.has(key)) yield value;
    }
    for (const value of this.#changes.values()) {
      if (value !== undefined) yield value;
    }
  }
}
