// Counts the rows of a join or a grouping that is to teach the planner, and tells it once all of them are there.

import type { PhysicalNode } from '#planner';
import { again } from './contract.ts';
import { type Operator, type Pulled, pullLarge } from './operators/operator.ts';
import type { Runtime } from './runtime.ts';

export class CountedOperator implements Operator {
  private readonly inner: Operator;
  private readonly node: PhysicalNode;
  private readonly runtime: Runtime;
  private rows = 0;

  constructor(inner: Operator, node: PhysicalNode, runtime: Runtime) {
    this.inner = inner;
    this.node = node;
    this.runtime = runtime;
  }

  open(): void {
    this.rows = 0;
    this.inner.open();
  }

  next(): Pulled {
    return this.counted(this.inner.next());
  }

  nextLarge(): Pulled {
    return this.counted(pullLarge(this.inner));
  }

  close(): void {
    this.inner.close();
  }

  private counted(pulled: Pulled): Pulled {
    if (pulled === undefined) this.runtime.observeRows(this.node, this.rows);
    else if (pulled !== again) this.rows += pulled.length;
    return pulled;
  }
}
