// Runs its input once for each part of the rows that the thread takes. A part that is finished is not asked for
// again; the parts that were taken are remembered by the line, so a thread that starts over has the same ones.

import type { PhysicalPartitioned } from '#planner';
import { type Operator, type Pulled, pullLarge } from '../operators/operator.ts';
import type { Runtime } from '../runtime.ts';

export class PartitionedOperator implements Operator {
  private readonly node: PhysicalPartitioned;
  private readonly runtime: Runtime;
  private readonly input: Operator;
  /** Of the part that is read next. */
  private position = 0;
  private isOpen = false;

  constructor(node: PhysicalPartitioned, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
    this.input = runtime.buildOperator(node.input);
  }

  open(): void {
    this.close();
    this.position = 0;
  }

  next(): Pulled {
    return this.pull(() => this.input.next());
  }

  nextLarge(): Pulled {
    return this.pull(() => pullLarge(this.input));
  }

  close(): void {
    this.input.close();
    this.isOpen = false;
  }

  private pull(pull: () => Pulled): Pulled {
    for (;;) {
      if (!this.isOpen && !this.openNext()) return undefined;
      const pulled = pull();
      if (pulled !== undefined) return pulled;
      this.close();
    }
  }

  private openNext(): boolean {
    const { slots, context } = this.runtime;
    const { threads, shares } = context.parallel!;
    const { line, slots: places } = this.node;
    const part = shares![line].at(this.position++, threads);
    if (part === undefined) return false;
    slots[places.count] = threads;
    slots[places.part] = part;
    slots[places.negated] = -part;
    this.input.open();
    this.isOpen = true;
    return true;
  }
}
