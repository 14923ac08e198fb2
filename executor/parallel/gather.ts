// The coordinator's end of a part that several threads run: its own share of the rows, and batches of the
// helpers as they arrive, in any order.

import type { PhysicalGather } from '#planner';
import { again } from '../contract.ts';
import type { Operator, Pulled } from '../operators/operator.ts';
import type { Runtime } from '../runtime.ts';
import { decodeBatch } from '../threads/value-transfer.ts';
import { GatheredRun } from './gathered-run.ts';
import { SplitBatches } from './split-batches.ts';

export class GatherOperator implements Operator {
  private readonly node: PhysicalGather;
  private readonly gathered: GatheredRun;
  private readonly split = new SplitBatches();
  private ended = true;
  private ownEnded = false;

  constructor(node: PhysicalGather, runtime: Runtime) {
    this.node = node;
    this.gathered = new GatheredRun(node, runtime);
  }

  open(): void {
    this.gathered.open();
    this.split.clear();
    this.ended = false;
    this.ownEnded = false;
  }

  next(): Pulled {
    return this.split.next(() => this.nextLarge());
  }

  nextLarge(): Pulled {
    if (this.ended) return undefined;
    const { gathered } = this;
    const run = gathered.begin();
    if (run === again) return again;
    const { team } = gathered;
    for (;;) {
      const seen = run.control.signals;
      team.poll();
      const arrived = run.take();
      if (arrived !== undefined) {
        run.noteRead(arrived.port);
        return decodeBatch(arrived.batch, team.fragment(this.node.fragment));
      }
      if (!this.ownEnded) {
        const pulled = gathered.pullOwn(run);
        if (pulled !== undefined) return pulled;
        this.ownEnded = true;
      } else if (run.ended.size === gathered.joined) {
        gathered.finish(run);
        this.ended = true;
        return undefined;
      } else return gathered.wait(run, seen);
    }
  }

  close(): void {
    this.ended = true;
    this.gathered.close();
  }
}
