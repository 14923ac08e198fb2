// A subquery of an expression; its operators are built when it first runs.
//
// Expressions cannot be left and resumed, so a subplan runs to its end inside of them without yielding.
// A costly subplan that runs once per execution is therefore run before the plan that contains it:
// preload() yields, keeps the rows (or the error), and the expression reads them when it needs them.

import { type Batch, DatabaseError } from '#common';
import type { PhysicalNode } from '#planner';
import type { Breaker } from './adaptive/contract.ts';
import { again } from './contract.ts';
import type { SubplanSource } from './expression/environment.ts';
import type { Operator } from './operators/operator.ts';
import { BatchBuffer } from './rows/batch-buffer.ts';
import type { Runtime } from './runtime.ts';

export class Subplan implements SubplanSource {
  private readonly runtime: Runtime;
  private readonly node: PhysicalNode;
  private operator: Operator | undefined = undefined;
  private kept: BatchBuffer | undefined = undefined;
  private keptComplete = false;
  private keptPosition = 0;
  private failure: DatabaseError | undefined = undefined;

  constructor(runtime: Runtime, node: PhysicalNode) {
    this.runtime = runtime;
    this.node = node;
  }

  get isKept(): boolean {
    return this.keptComplete;
  }

  /** What was kept, as an input of the statement. */
  get breaker(): Breaker {
    const { node, kept, failure } = this;
    const rows = kept?.rows ?? 0;
    return {
      nodeId: node.id,
      rows,
      isReduced: false,
      ordinals: failure === undefined ? node.types.map((_type, ordinal) => ordinal) : undefined,
      *batches() {
        for (let at = 0; at < (kept?.batchCount ?? 0); at++) yield kept!.batch(at);
      },
    };
  }

  get epoch(): number {
    return this.runtime.epoch;
  }

  /** Runs ahead until the subplan ends or has that many rows; undefined when done. */
  preload(rowsWanted: number): typeof again | undefined {
    const { context } = this.runtime;
    this.operator ??= this.runtime.buildOperator(this.node);
    try {
      if (this.kept === undefined) {
        this.kept = new BatchBuffer(context.workMemBytes, context.spillDirectory);
        this.operator.open();
      }
      while (this.kept.rows < rowsWanted) {
        const pulled = this.operator.next();
        if (pulled === again) return again;
        if (pulled === undefined) break;
        this.kept.append(pulled);
      }
    } catch (error) {
      // Cancellation is an error of the statement now; others only when the value is asked for.
      context.interrupt.check();
      if (!(error instanceof DatabaseError)) throw error;
      this.failure = error;
    }
    this.operator.close();
    this.keptComplete = true;
    return undefined;
  }

  open(): void {
    if (this.keptComplete) {
      if (this.failure !== undefined) throw this.failure;
      this.keptPosition = 0;
      return;
    }
    this.operator ??= this.runtime.buildOperator(this.node);
    this.runtime.enterAtomic();
    try {
      this.operator.open();
    } finally {
      this.runtime.leaveAtomic();
    }
  }

  next(): Batch | undefined {
    if (this.keptComplete) {
      return this.keptPosition < this.kept!.batchCount
        ? this.kept!.batch(this.keptPosition++)
        : undefined;
    }
    this.runtime.enterAtomic();
    try {
      let pulled = this.operator!.next();
      while (pulled === again) pulled = this.operator!.next();
      return pulled;
    } finally {
      this.runtime.leaveAtomic();
    }
  }

  close(): void {
    if (!this.keptComplete) this.operator?.close();
  }

  /** At the end of the execution: forgets what was kept. */
  end(): void {
    this.operator?.close();
    this.kept?.clear();
    this.kept = undefined;
    this.keptComplete = false;
    this.failure = undefined;
  }
}
