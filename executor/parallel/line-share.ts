// The morsels of a line that one thread has taken. They are remembered, because a run may start
// over in its thread (compiled pipelines give way to interpreted operators): it then reads the morsels
// that it took before, and takes more when it is through with them.

import type { RunControl } from './run-control.ts';

export class LineShare {
  /** This thread has taken part. */
  hasEntered = false;
  /** It is through with what it has taken. */
  hasArrived = false;
  private readonly control: RunControl;
  private readonly line: number;
  private readonly slot: number;
  private readonly taken: number[] = [];
  /** The morsel that the thread reads. */
  current = 0;

  constructor(control: RunControl, line: number, slot: number) {
    this.control = control;
    this.line = line;
    this.slot = slot;
  }

  /** The thread's morsel at a position, in the order in which it took them; undefined after the last. */
  at(position: number, morselCount: number): number | undefined {
    const morsel = position < this.taken.length ? this.taken[position] : this.takeNext(morselCount);
    if (morsel !== undefined) this.current = morsel;
    return morsel;
  }

  get hasMorsel(): boolean {
    return this.taken.length > 0;
  }

  private takeNext(morselCount: number): number | undefined {
    if (!this.enter()) return undefined;
    const morsel = this.control.takeMorsel(this.line, this.slot, morselCount);
    if (morsel !== undefined) this.taken.push(morsel);
    return morsel;
  }

  /** Takes part, if it is not too late. */
  enter(): boolean {
    this.hasEntered ||= this.control.enterLine(this.line);
    return this.hasEntered;
  }
}

/** Of a line that comes after another one; lines have fewer morsels. */
const lineMorselsMax = 2 ** 24;

/** A number of the morsel that is read, of lines that are read one after another: larger for a later one. */
export function currentMorsel(shares: readonly LineShare[], lines: readonly number[]): number {
  const place = lines.findLastIndex((line) => shares[line].hasMorsel);
  return place < 0 ? 0 : (place % 64) * lineMorselsMax + shares[lines[place]].current;
}
