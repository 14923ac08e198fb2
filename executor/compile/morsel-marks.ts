// Which morsel of a line each row of a store comes from: a thread's rows arrive morsel by morsel, so a mark is kept
// where another one begins. Threads that sort parts of a table's rows order equal ones by it, as one thread would.

import type { Vector } from '#common';

export class MorselMarks {
  private readonly current: () => number;
  /** One past the last row of each. */
  private ends: number[] = [];
  private morsels: number[] = [];

  /** `current`: the morsel that is being read. */
  constructor(current: () => number) {
    this.current = current;
  }

  clear(): void {
    this.ends = [];
    this.morsels = [];
  }

  /** The rows up to here are of the current morsel, as far as they are of none yet. */
  note(length: number): void {
    const { ends, morsels } = this;
    const last = ends.length - 1;
    if (length === (last < 0 ? 0 : ends[last])) return;
    const morsel = this.current();
    if (last >= 0 && morsels[last] === morsel) ends[last] = length;
    else {
      ends.push(length);
      morsels.push(morsel);
    }
  }

  /** By row. */
  vector(length: number): Vector {
    const values = new Int32Array(length);
    let from = 0;
    for (let i = 0; i < this.ends.length; i++) {
      values.fill(this.morsels[i], from, this.ends[i]);
      from = this.ends[i];
    }
    let max = 0;
    for (const morsel of this.morsels) if (morsel > max) max = morsel;
    return { kind: 'integer', values, scale: 0, min: 0, max, nulls: undefined };
  }
}
