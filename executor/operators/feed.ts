// The leaf of COPY FROM's plan: one batch of rows that were read from the client.

import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';

export class FeedOperator implements Operator {
  private readonly runtime: Runtime;
  private taken = false;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  open(): void {
    this.taken = false;
  }

  next(): Pulled {
    const { feed } = this.runtime.context;
    if (this.taken || feed === undefined || feed.length === 0) return undefined;
    this.taken = true;
    return feed;
  }

  close(): void {}
}
