// The rows that a statement writes by, read to their end before the first is written, so that it never meets what it
// has written itself; on disk past work_mem.

import type { Batch } from '#common';
import { again } from '../contract.ts';
import { BatchBuffer } from '../rows/batch-buffer.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';

export class CollectedRows {
  private readonly source: Operator;
  private readonly runtime: Runtime;
  private readonly keptAs: (batch: Batch) => Batch;
  private buffer: BatchBuffer | undefined = undefined;
  private isComplete = false;
  private position = 0;

  /** `keptAs`: what is kept of a batch of the source, with what is computed before the first write. */
  constructor(
    source: Operator,
    runtime: Runtime,
    keptAs: (batch: Batch) => Batch = (batch) => batch,
  ) {
    this.source = source;
    this.runtime = runtime;
    this.keptAs = keptAs;
  }

  open(): void {
    const { workMemBytes, spillDirectory } = this.runtime.context;
    this.source.open();
    this.buffer = new BatchBuffer(workMemBytes, spillDirectory);
  }

  next(): Pulled {
    const buffer = this.buffer!;
    while (!this.isComplete) {
      const batch = this.source.next();
      if (batch === again) return again;
      if (batch !== undefined) buffer.append(this.keptAs(batch));
      else {
        this.source.close();
        this.isComplete = true;
      }
    }
    return this.position < buffer.batchCount ? buffer.batch(this.position++) : undefined;
  }

  close(): void {
    this.source.close();
    this.buffer?.clear();
    this.buffer = undefined;
    this.isComplete = false;
    this.position = 0;
  }
}
