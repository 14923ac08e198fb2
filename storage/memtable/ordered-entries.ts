// An ordered set of entries by key, for scans over maps that are mostly used by point reads: entries
// are noted as they come (one array push) and put in order when someone scans, or in slices in the
// background. The order is a list of blocks of at most blockSize entries; ascending inserts fill
// blocks to the brim, so they cost one comparison. Entries are never removed.

export interface OrderedEntry {
  readonly key: string;
}

const blockSize = 128;

export class OrderedEntries<Entry extends OrderedEntry> {
  /** Changes whenever entries moved: cursors then find their place again. */
  version = 0;
  readonly blocks: Entry[][] = [];
  #pending: Entry[] = [];
  /** #pending up to here is in order already (a slice has stopped in the middle). */
  #ordered = 0;

  /** The entry's key is not in the set. */
  add(entry: Entry): void {
    this.#pending.push(entry);
  }

  get pendingCount(): number {
    return this.#pending.length - this.#ordered;
  }

  /** Puts up to `count` waiting entries in order; true when none is left. */
  order(count = Infinity): boolean {
    if (this.#pending.length === 0) return true;
    if (this.#ordered === 0 && this.blocks.length === 0 && count >= this.#pending.length) {
      this.#build();
      return true;
    }
    const end = Math.min(this.#pending.length, this.#ordered + count);
    for (let i = this.#ordered; i < end; i++) this.#insert(this.#pending[i]);
    this.version++;
    this.#ordered = end;
    if (end < this.#pending.length) return false;
    this.#pending = [];
    this.#ordered = 0;
    return true;
  }

  #build(): void {
    const sorted = this.#pending;
    let ascending = true;
    for (let i = 1; i < sorted.length && ascending; i++) {
      ascending = sorted[i - 1].key < sorted[i].key;
    }
    if (!ascending) sorted.sort(compareKeys);
    for (let i = 0; i < sorted.length; i += blockSize)
      this.blocks.push(sorted.slice(i, i + blockSize));
    this.#pending = [];
    this.version++;
  }

  #insert(entry: Entry): void {
    const { blocks } = this;
    const last = blocks.at(-1);
    if (last === undefined) {
      blocks.push([entry]);
      return;
    }
    if ((last.at(-1) as Entry).key < entry.key) {
      if (last.length < blockSize) last.push(entry);
      else blocks.push([entry]);
      return;
    }
    const place = this.#blockFor(entry.key);
    const block = blocks[place];
    block.splice(positionOf(block, entry.key), 0, entry);
    if (block.length > blockSize) blocks.splice(place + 1, 0, block.splice(blockSize / 2));
  }

  /** The last block whose first key is <= key, or the first block. */
  #blockFor(key: string): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.blocks[middle][0].key <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Ordered entries with lower <= key < upper. Those that are added later may or may not appear. */
  cursor(
    bounds: { readonly lower: string | undefined; readonly upper: string | undefined },
    backward: boolean,
  ): OrderedCursor<Entry> {
    this.order();
    return new OrderedCursor(this, bounds.lower, bounds.upper, backward);
  }

  /** Places of a cursor: sets block and position to the first entry with key >= (or > when `after`). */
  seek(target: { block: number; position: number }, key: string | undefined, after: boolean): void {
    target.block = 0;
    target.position = 0;
    if (key === undefined || this.blocks.length === 0) return;
    target.block = this.#blockFor(key);
    const block = this.blocks[target.block];
    target.position = positionOf(block, key);
    if (after && block[target.position]?.key === key) target.position++;
  }
}

/** Moves over entries in key order; `entry` is valid after next() returned true. */
export class OrderedCursor<Entry extends OrderedEntry> {
  entry: Entry | undefined = undefined;
  block = 0;
  position = 0;

  readonly #entries: OrderedEntries<Entry>;
  readonly #lower: string | undefined;
  readonly #upper: string | undefined;
  readonly #backward: boolean;
  #version = -1;

  constructor(
    entries: OrderedEntries<Entry>,
    lower: string | undefined,
    upper: string | undefined,
    backward: boolean,
  ) {
    this.#entries = entries;
    this.#lower = lower;
    this.#upper = upper;
    this.#backward = backward;
  }

  next(): boolean {
    return this.#backward ? this.#nextBackward() : this.#nextForward();
  }

  #nextForward(): boolean {
    const { blocks, version } = this.#entries;
    if (this.#version !== version) {
      const last = this.entry;
      this.#entries.seek(this, last === undefined ? this.#lower : last.key, last !== undefined);
      this.#version = version;
    } else {
      this.position++;
    }
    let block = blocks[this.block];
    while (block !== undefined && this.position >= block.length) {
      this.block++;
      this.position = 0;
      block = blocks[this.block];
    }
    if (block === undefined) return false;
    const entry = block[this.position];
    if (this.#upper !== undefined && entry.key >= this.#upper) return false;
    this.entry = entry;
    return true;
  }

  #nextBackward(): boolean {
    const { blocks, version } = this.#entries;
    if (this.#version !== version) {
      const before = this.entry === undefined ? this.#upper : this.entry.key;
      if (before === undefined) this.block = blocks.length;
      else this.#entries.seek(this, before, false);
      if (before === undefined) this.position = 0;
      this.#version = version;
    }
    this.position--;
    while (this.position < 0) {
      this.block--;
      if (this.block < 0) {
        this.block = 0;
        this.position = 0;
        return false;
      }
      this.position = blocks[this.block].length - 1;
    }
    const entry = blocks[this.block][this.position];
    if (this.#lower !== undefined && entry.key < this.#lower) return false;
    this.entry = entry;
    return true;
  }
}

/** The first place in a sorted block whose key is >= key. */
function positionOf(block: readonly OrderedEntry[], key: string): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (block[middle].key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareKeys(left: OrderedEntry, right: OrderedEntry): number {
  return left.key < right.key ? -1 : 1;
}
