// Rows that are computed once and read by every thread of a run.

import type { PhysicalReceived } from '#planner';
import { type Operator, type Pulled, pullLarge } from '../operators/operator.ts';
import type { Runtime } from '../runtime.ts';
import type { TransferredBatch } from '../threads/protocol.ts';
import { decodeWholeBatch } from '../threads/value-transfer.ts';
import { SplitBatches } from './split-batches.ts';

export class ReceivedOperator implements Operator {
  private readonly node: PhysicalReceived;
  private readonly runtime: Runtime;
  private batches: readonly TransferredBatch[] = [];
  private position = 0;
  private readonly split = new SplitBatches();
  private live: Operator | undefined = undefined;

  constructor(node: PhysicalReceived, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
  }

  open(): void {
    this.close();
    const handed = this.runtime.context.parallel!.handed![this.node.ordinal];
    if ('open' in handed) {
      this.live = handed;
      handed.open();
    } else this.batches = handed;
  }

  next(): Pulled {
    return this.live === undefined ? this.split.next(() => this.nextLarge()) : this.live.next();
  }

  nextLarge(): Pulled {
    if (this.live !== undefined) return pullLarge(this.live);
    if (this.position === this.batches.length) return undefined;
    return decodeWholeBatch(this.batches[this.position++], this.node.types);
  }

  close(): void {
    this.live?.close();
    this.live = undefined;
    this.batches = [];
    this.split.clear();
    this.position = 0;
  }
}
