// The steps that rules make of one statement: run one after the other to their ends, each on what those
// before it have written. Rows of one step are the statement's.

import type { PhysicalSequence } from '#planner';
import type { Savepoint } from '#storage';
import { again } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';

export class SequenceOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalSequence;
  private readonly steps: readonly Operator[];
  private position = 0;
  /** Where the running step began: what it writes itself it does not see. */
  private startedAt: Savepoint | undefined = undefined;

  constructor(node: PhysicalSequence, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.steps = node.steps.map((step) => runtime.buildOperator(step));
  }

  open(): void {
    this.close();
  }

  next(): Pulled {
    const { transaction } = this.runtime.context;
    const outer = transaction.ownWritesUntil;
    try {
      return this.advance();
    } finally {
      transaction.ownWritesUntil = outer;
    }
  }

  close(): void {
    this.steps[this.position]?.close();
    this.position = 0;
    this.startedAt = undefined;
  }

  private advance(): Pulled {
    const { transaction } = this.runtime.context;
    while (this.position < this.steps.length) {
      const step = this.steps[this.position];
      const isNew = this.startedAt === undefined;
      this.startedAt ??= transaction.savepoint();
      transaction.ownWritesUntil = this.startedAt;
      if (isNew) step.open();
      const batch = step.next();
      if (batch === again) return again;
      if (batch === undefined) {
        step.close();
        this.position++;
        this.startedAt = undefined;
      } else if (this.position === this.node.returned) return batch;
    }
    return undefined;
  }
}
