// The control block of a run, in memory that its threads share:
//
//   word 0   helpers that have joined; the sign bit says that nobody may join any more
//   word 1   not 0 when the run shall stop
//   word 2   counts messages to the coordinator, and whatever else threads wait for
//   word 3   slots
//   then for each line:
//     word 0   threads that have taken part; the sign bit says that nobody may any more
//     word 1   how many of them are through
//     word 2   not 0 when what its rows were for has failed
//     3 …      by slot: morsels taken from the slot's range
//
// A line is a source of rows that threads share. Every thread has a slot, and every slot a range of the line's
// morsels: a thread takes from its own range first, so that the blocks which it has decoded serve it again in
// the next statement, and then helps the others. Who finds no morsel closes the line; it is complete once it is
// closed and all who have taken part are through.

const wordsBefore = 4;
const lineWordsBefore = 3;
const closedBit = 1 << 31;

export class RunControl {
  readonly words: Int32Array;
  private readonly slots: number;

  constructor(words: Int32Array) {
    this.words = words;
    this.slots = words[3];
  }

  static create(slots: number, lines: number): RunControl {
    const length = wordsBefore + lines * (lineWordsBefore + slots);
    const words = new Int32Array(new SharedArrayBuffer(length * 4));
    words[3] = slots;
    return new RunControl(words);
  }

  /** A helper takes part from here on; false: it comes too late. */
  join(): boolean {
    return this.enter(0);
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

  /** The thread takes morsels of the line from here on; false: it comes too late, there are none. */
  enterLine(line: number): boolean {
    return this.enter(this.placeOf(line));
  }

  /** The thread is through with its morsels, if it has taken part, and there are no others. */
  arrive(line: number, hasEntered: boolean): void {
    const place = this.placeOf(line);
    Atomics.or(this.words, place, closedBit);
    if (hasEntered) Atomics.add(this.words, place + 1, 1);
    this.signal();
  }

  isComplete(line: number): boolean {
    const place = this.placeOf(line);
    const entered = Atomics.load(this.words, place);
    return entered < 0 && Atomics.load(this.words, place + 1) === (entered & ~closedBit);
  }

  fail(line: number): void {
    Atomics.store(this.words, this.placeOf(line) + 2, 1);
  }
  hasFailed(line: number): boolean {
    return Atomics.load(this.words, this.placeOf(line) + 2) !== 0;
  }

  /** A morsel that nobody has; undefined: all are taken. */
  takeMorsel(line: number, slot: number, morselCount: number): number | undefined {
    const { slots } = this;
    const first = this.placeOf(line) + lineWordsBefore;
    for (let i = 0; i < slots; i++) {
      const range = (slot + i) % slots;
      const start = Math.floor((range * morselCount) / slots);
      const end = Math.floor(((range + 1) * morselCount) / slots);
      const word = first + range;
      if (start + Atomics.load(this.words, word) >= end) continue;
      const morsel = start + Atomics.add(this.words, word, 1);
      if (morsel < end) return morsel;
    }
    return undefined;
  }

  private placeOf(line: number): number {
    return wordsBefore + line * (lineWordsBefore + this.slots);
  }

  private enter(place: number): boolean {
    for (;;) {
      const state = Atomics.load(this.words, place);
      if (state < 0) return false;
      if (Atomics.compareExchange(this.words, place, state, state + 1) === state) return true;
    }
  }
}
