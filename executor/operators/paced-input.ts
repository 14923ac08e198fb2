// An operator's input in parts that take it no longer than a part of a time slice. How much a row costs
// is not known beforehand (a regular expression over a long text may take a second), so the parts
// start small, grow while they are cheap and shrink when they are not; cheap work soon gets whole
// batches. Between the parts of a batch the statement can be cancelled and gives way.

import type { Batch } from '#common';
import { again } from '../contract.ts';
import { pacedPartMs, pacedPartRowsFirst } from '../limits.ts';
import { sliceBatch } from '../rows/gather.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';

const partRowsMax = 1 << 20;

export class PacedInput {
  private readonly input: Operator;
  private readonly runtime: Runtime;
  private readonly partRowsMax: number;
  private partRows: number;
  private batch: Batch | undefined = undefined;
  private position = 0;
  private handedRows = 0;
  private handedAt = 0;

  /** For an operator that computes row by row, parts are of one row. */
  constructor(input: Operator, runtime: Runtime, rowByRow = false) {
    this.input = input;
    this.runtime = runtime;
    this.partRowsMax = rowByRow ? 1 : partRowsMax;
    this.partRows = Math.min(pacedPartRowsFirst, this.partRowsMax);
  }

  open(): void {
    this.batch = undefined;
    this.input.open();
  }

  /** Call done() when the rows have been worked on. */
  next(): Pulled {
    if (this.batch === undefined) {
      const pulled = this.input.next();
      if (pulled === again || pulled === undefined) return pulled;
      if (pulled.length <= this.partRows) return this.hand(pulled);
      this.batch = pulled;
      this.position = 0;
    } else if (this.runtime.pause()) return again;
    const { batch, position } = this;
    const end = Math.min(batch.length, position + this.partRows);
    this.position = end;
    if (end === batch.length) this.batch = undefined;
    return this.hand(sliceBatch(batch, position, end));
  }

  private hand(part: Batch): Batch {
    this.handedRows = part.length;
    this.handedAt = performance.now();
    return part;
  }

  done(): void {
    const took = performance.now() - this.handedAt;
    if (took > pacedPartMs) {
      const affordable = Math.floor((this.handedRows * pacedPartMs) / took);
      this.partRows = Math.max(1, Math.min(this.partRows, affordable));
    } else if (took * 2 < pacedPartMs && this.partRows < this.partRowsMax) this.partRows *= 2;
  }

  close(): void {
    this.batch = undefined;
    this.input.close();
  }
}
