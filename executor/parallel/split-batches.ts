// Large batches for readers who take no more than batchRows rows at a time.

import { type Batch, batchRows } from '#common';
import { slicedBatch } from '../compile/vector-batch.ts';
import { again } from '../contract.ts';
import type { Pulled } from '../operators/operator.ts';

export class SplitBatches {
  private batch: Batch | undefined = undefined;
  private row = 0;

  /** The next part of the batch at hand, or of the next one. */
  next(pull: () => Pulled): Pulled {
    if (this.batch === undefined) {
      const pulled = pull();
      if (pulled === again || pulled === undefined) return pulled;
      this.batch = pulled;
      this.row = 0;
    }
    const { batch, row } = this;
    const end = Math.min(batch.length, row + batchRows);
    this.row = end;
    if (end === batch.length) this.batch = undefined;
    return slicedBatch(batch, row, end);
  }

  clear(): void {
    this.batch = undefined;
  }
}
