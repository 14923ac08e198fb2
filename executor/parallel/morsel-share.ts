// The morsels of a shared scan that one thread has taken. They are remembered, because a run may start
// over in its thread (compiled pipelines give way to interpreted operators): it then reads the morsels
// that it took before, and takes more when it is through with them.

import type { RunControl } from './run-control.ts';

export class MorselShare {
  private readonly control: RunControl;
  private readonly slot: number;
  private readonly taken: number[] = [];

  constructor(control: RunControl, slot: number) {
    this.control = control;
    this.slot = slot;
  }

  /** The thread's morsel at a position, in the order in which it took them; undefined after the last. */
  at(position: number, morselCount: number): number | undefined {
    if (position < this.taken.length) return this.taken[position];
    const morsel = this.control.takeMorsel(this.slot, morselCount);
    if (morsel !== undefined) this.taken.push(morsel);
    return morsel;
  }
}
