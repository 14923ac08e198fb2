// What a thread keeps of things that it can make again, under a budget of bytes. Scans ask for the same things in
// the same order, again and again: where these are more than the budget holds, whatever keeps the last ones used
// (LRU, second chance) has lost each by the time it is asked for. So what is kept is what is asked for most often,
// per byte; something new is only kept when it is asked for more often than what would have to leave.
//
// How often that is, is told by the uses between its last two uses, smoothed (as LRU-K does with its k-th last
// reference: O'Neil, O'Neil and Weikum, "The LRU-K page replacement algorithm", 1993). That is remembered of things
// which are not kept, too, or nothing could come back. What was not asked for much longer than usual counts as
// rarer. Who leaves is the rarest of a few that are drawn by lot, which costs the same however many there are.

/** Uses of anything by this thread. */
let clock = 0;

/** Never asked for before. */
const unknown = -1;
/** A new interval is so many times as much as it changes the smoothed one. */
const smoothing = 4;
/** Something is overdue past this many times its usual interval. */
const overdueFactor = 2;
/** Something new must be asked for this much more often than what leaves for it: change costs time. */
const advantage = 1.25;
/** Something new is expected after so many times as many uses as there are things kept. */
const newcomerFactor = 4;
/** Among so many, the rarest leaves. */
const drawn = 8;

/** Something that may be kept: made anew when it is asked for and not there. */
export abstract class Kept {
  /** While it is kept. */
  bytes = 0;
  /** When it was used last, and the uses of others between its uses. */
  private last = 0;
  private interval = unknown;
  /** Among the things kept; -1: it is not. */
  place = -1;

  /** It leaves. */
  abstract drop(): void;

  /** Somebody asks for it, whether it is there or not. */
  use(): void {
    clock++;
    if (this.last > 0) {
      const elapsed = clock - this.last;
      this.interval =
        this.interval === unknown
          ? elapsed
          : this.interval + Math.round((elapsed - this.interval) / smoothing);
    }
    this.last = clock;
  }

  /** Uses until it is asked for again, going by the past; `usual` of something without one. */
  expected(usual: number): number {
    const elapsed = clock - this.last;
    const interval = this.interval === unknown ? usual : this.interval;
    return Math.max(interval, elapsed / overdueFactor);
  }
}

export class CacheBudget {
  #bytesMax: number;
  #bytes = 0;
  readonly #kept: Kept[] = [];
  #lot = 1;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    while (this.#bytes > bytesMax) this.#drop(this.#rarest());
  }

  /** Keeps it, whatever has to leave. */
  add(entry: Kept, bytes: number): void {
    while (this.#kept.length > 0 && this.#bytes + bytes > this.#bytesMax)
      this.#drop(this.#rarest());
    this.#keep(entry, bytes);
  }

  /** Keeps it unless those that would have to leave are asked for as often; false: it is not kept. */
  offer(entry: Kept, bytes: number): boolean {
    const usual = this.#usual;
    const limit = entry.expected(usual) * advantage;
    while (this.#bytes + bytes > this.#bytesMax) {
      if (this.#kept.length === 0) return false;
      const rarest = this.#rarest();
      if (rarest.expected(usual) <= limit) return false;
      this.#drop(rarest);
    }
    this.#keep(entry, bytes);
    return true;
  }

  /** Without being dropped. */
  remove(entry: Kept): void {
    const { place } = entry;
    if (place === -1) return;
    const last = this.#kept.pop()!;
    if (last !== entry) {
      this.#kept[place] = last;
      last.place = place;
    }
    entry.place = -1;
    this.#bytes -= entry.bytes;
  }

  clear(): void {
    while (this.#kept.length > 0) this.#drop(this.#kept.at(-1)!);
  }

  /** Uses until something new is asked for again: rarely, until it is known better. */
  get #usual(): number {
    return newcomerFactor * this.#kept.length;
  }

  #keep(entry: Kept, bytes: number): void {
    entry.bytes = bytes;
    entry.place = this.#kept.push(entry) - 1;
    this.#bytes += bytes;
  }
  #drop(entry: Kept): void {
    this.remove(entry);
    entry.drop();
  }

  #rarest(): Kept {
    const usual = this.#usual;
    let rarest = this.#draw();
    let longest = rarest.expected(usual);
    for (let i = 1; i < drawn; i++) {
      const other = this.#draw();
      const expected = other.expected(usual);
      if (expected <= longest) continue;
      rarest = other;
      longest = expected;
    }
    return rarest;
  }
  /** By a linear congruential generator: any order does that has nothing to do with that of the uses. */
  #draw(): Kept {
    this.#lot = (Math.imul(this.#lot, 1664525) + 1013904223) | 0;
    return this.#kept[Math.floor(((this.#lot >>> 0) / 2 ** 32) * this.#kept.length)];
  }
}
