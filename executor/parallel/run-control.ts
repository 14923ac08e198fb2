// The control block of a run, in memory that its threads share:
//
//   word 0   helpers that have joined; the sign bit says that nobody may join any more
//   word 1   not 0 when the run shall stop
//   word 2   counts messages to the coordinator, who sleeps on it
//   3 …      by slot: morsels taken from the slot's range
//
// Every thread has a slot, and every slot a range of the morsels: a thread takes from its own range first,
// so that the blocks which it has decoded serve it again in the next statement, and then helps the others.

const wordsBefore = 3;
const closedBit = 1 << 31;

export class RunControl {
  readonly words: Int32Array;

  constructor(words: Int32Array) {
    this.words = words;
  }

  static create(slots: number): RunControl {
    return new RunControl(new Int32Array(new SharedArrayBuffer((wordsBefore + slots) * 4)));
  }

  /** A helper takes part from here on; false: it comes too late. */
  join(): boolean {
    for (;;) {
      const state = Atomics.load(this.words, 0);
      if (state < 0) return false;
      if (Atomics.compareExchange(this.words, 0, state, state + 1) === state) return true;
    }
  }

  /** Nobody joins any more; how many have. */
  closeJoining(): number {
    return Atomics.or(this.words, 0, closedBit) & ~closedBit;
  }

  stop(): void {
    Atomics.store(this.words, 1, 1);
  }
  get stopped(): boolean {
    return Atomics.load(this.words, 1) !== 0;
  }

  /** To be called after a message for the coordinator. */
  signal(): void {
    Atomics.add(this.words, 2, 1);
    Atomics.notify(this.words, 2);
  }
  get signals(): number {
    return Atomics.load(this.words, 2);
  }
  /** Sleeps until there are more signals than those seen, or for a while. */
  waitForSignal(seen: number, milliseconds: number): void {
    Atomics.wait(this.words, 2, seen, milliseconds);
  }

  /** A morsel that nobody has; undefined: all are taken. */
  takeMorsel(slot: number, morselCount: number): number | undefined {
    const slots = this.words.length - wordsBefore;
    for (let i = 0; i < slots; i++) {
      const range = (slot + i) % slots;
      const start = Math.floor((range * morselCount) / slots);
      const end = Math.floor(((range + 1) * morselCount) / slots);
      const word = wordsBefore + range;
      if (start + Atomics.load(this.words, word) >= end) continue;
      const morsel = start + Atomics.add(this.words, word, 1);
      if (morsel < end) return morsel;
    }
    return undefined;
  }
}
