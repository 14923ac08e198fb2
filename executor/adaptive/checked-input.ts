// The left side of a nested loop, kept back until it is known to be about as many rows as were expected: all of them
// are there then, or there are so many that the rest has to be planned for more. Only where few are expected; most
// plans that go wrong by far are lookups for a row or two that prove to be thousands.

import type { PhysicalNode } from '#planner';
import { again } from '../contract.ts';
import { checkedRowsMax } from '../limits.ts';
import type { Operator, Pulled } from '../operators/operator.ts';
import { BatchBuffer } from '../rows/batch-buffer.ts';
import type { Runtime } from '../runtime.ts';

type State = 'passing' | 'filling' | 'emptying';

export class CheckedInput implements Operator {
  private readonly inner: Operator;
  private readonly node: PhysicalNode;
  private readonly runtime: Runtime;
  private state: State = 'passing';
  private kept: BatchBuffer | undefined = undefined;
  private position = 0;
  private rowsMax = 0;

  constructor(inner: Operator, node: PhysicalNode, runtime: Runtime) {
    this.inner = inner;
    this.node = node;
    this.runtime = runtime;
  }

  open(): void {
    this.close();
    this.inner.open();
    this.state = this.isChecked() ? 'filling' : 'passing';
  }

  next(): Pulled {
    if (this.state === 'filling' && this.fill() === again) return again;
    if (this.state === 'emptying') {
      if (this.position < this.kept!.batchCount) return this.kept!.batch(this.position++);
      this.release();
      this.state = 'passing';
    }
    return this.inner.next();
  }

  close(): void {
    this.inner.close();
    this.release();
    this.state = 'passing';
  }

  /** A reader that may stop early does not have more computed than it asks for. */
  private isChecked(): boolean {
    const { runtime, node } = this;
    const { adaptive } = runtime;
    if (adaptive?.watches(node.id) !== true || !runtime.mayGiveWay) return false;
    if (runtime.earlyStops.stoppable.has(node)) return false;
    this.rowsMax = adaptive.rowsExpectedMax(node);
    return this.rowsMax <= checkedRowsMax;
  }

  /** Once there are too many, the others are of no use for this plan, but for the next. */
  private fill(): typeof again | undefined {
    const { workMemBytes, spillDirectory } = this.runtime.context;
    this.kept ??= new BatchBuffer(workMemBytes, spillDirectory);
    for (;;) {
      const pulled = this.inner.next();
      if (pulled === again) return again;
      if (pulled === undefined) break;
      this.kept.append(pulled);
    }
    this.state = 'emptying';
    return this.report() ? again : undefined;
  }

  private report(): boolean {
    const { node } = this;
    const kept = this.kept!;
    return this.runtime.reached({
      nodeId: node.id,
      rows: kept.rows,
      isReduced: false,
      ordinals: node.types.map((_type, ordinal) => ordinal),
      *batches() {
        for (let at = 0; at < kept.batchCount; at++) yield kept.batch(at);
      },
    });
  }

  private release(): void {
    this.kept?.clear();
    this.kept = undefined;
    this.position = 0;
  }
}
