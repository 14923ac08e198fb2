// A fast path behind the interface that all executions have.

import { type Batch, type Datum, genericColumn } from '#common';
import type { PhysicalPlan } from '#planner';
import type { Execution, ExecutionContext } from '../contract.ts';
import type { FastPath } from './fast-path.ts';

export class FastExecution implements Execution {
  readonly measurements = undefined;
  readonly observed = undefined;
  rowCount = 0;
  private readonly plan: PhysicalPlan;
  private readonly path: FastPath;
  private readonly context: ExecutionContext;
  private done = false;

  constructor(plan: PhysicalPlan, path: FastPath, context: ExecutionContext) {
    this.plan = plan;
    this.path = path;
    this.context = context;
  }

  next(): Batch | undefined {
    if (this.done) return undefined;
    this.done = true;
    const values: Datum[] = [];
    this.rowCount = this.path.execute(this.context, values);
    if (this.rowCount === 0 || !this.path.returnsRow) return undefined;
    return this.batchOf(values);
  }

  close(): void {
    this.done = true;
  }

  /** The row as a batch shaped like the plan's root, so that resultOrdinals apply to it. */
  private batchOf(values: readonly Datum[]): Batch {
    const { resultOrdinals, root } = this.plan;
    const columns = root.types.map(() => genericColumn([null]));
    for (let i = 0; i < resultOrdinals.length; i++) {
      columns[resultOrdinals[i]] = genericColumn([values[i]!]);
    }
    return { length: 1, columns };
  }
}
