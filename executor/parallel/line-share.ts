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

  constructor(control: RunControl, line: number, slot: number) {
    this.control = control;
    this.line = line;
    this.slot = slot;
  }

  /** The thread's morsel at a position, in the order in which it took them; undefined after the last. */
  at(position: number, morselCount: number): number | undefined {
    if (position < this.taken.length) return this.taken[position];
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
