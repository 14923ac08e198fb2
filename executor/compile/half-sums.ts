// Sums of int8 that are held in halves (common/wide-integers.ts): of the high and of the low halves, by group.

import { canonicalInteger } from '#common';
import { giveBack, longerFloats } from './array-pool.ts';

export class HalfSums {
  high: Float64Array = new Float64Array(0);
  low: Float64Array = new Float64Array(0);
  private capacity = 0;
  private isUsed = false;

  get bytes(): number {
    return this.high.byteLength * 2;
  }

  grow(capacity: number): void {
    this.capacity = capacity;
    if (this.isUsed) this.makeRoom();
  }

  /** Before the first number; nothing is kept for sums that never have halves. */
  use(): void {
    if (this.isUsed) return;
    this.isUsed = true;
    this.makeRoom();
  }

  clear(): void {
    giveBack(this.high);
    giveBack(this.low);
    this.high = new Float64Array(0);
    this.low = new Float64Array(0);
  }

  /** The group's sum, which begins anew. */
  take(group: number): number | bigint {
    const sum = (BigInt(this.high[group]) << 32n) + BigInt(this.low[group]);
    this.high[group] = 0;
    this.low[group] = 0;
    return canonicalInteger(sum);
  }

  takeAll(count: number, taken: (group: number, sum: number | bigint) => void): void {
    if (this.high.length === 0) return;
    for (let group = 0; group < count; group++)
      if (this.high[group] !== 0 || this.low[group] !== 0) taken(group, this.take(group));
  }

  private makeRoom(): void {
    this.high = longerFloats(this.high, this.capacity);
    this.low = longerFloats(this.low, this.capacity);
  }
}
