// Calls of routines in a query that reads no tables (SELECT f(1)) are driven from outside of it: the call
// leaves the expression as a signal, runs step by step - so that it gives others their turn, waits for
// locks in place and can be cancelled - and the query runs again with the call's result at hand. The
// n-th call of a run is the n-th of the next, so queries that call volatile functions of other kinds are not
// driven (routine-use.ts). A query that calls again and again would be run as often: after the first calls the rest
// run at once, where they are.

import type { Datum } from '#common';
import type { Work } from './host.ts';

/** Control flow, not an error: the statement driver runs the work and then the statement again. */
export class CallRequest {
  readonly work: Work<void>;

  constructor(work: Work<void>) {
    this.work = work;
  }
}

const drivenMax = 32;

export type CallResult = Datum | readonly Datum[];

export class DrivenCalls {
  private readonly results: CallResult[] = [];
  private next = 0;

  /** The query begins again. */
  restart(): void {
    this.next = 0;
  }

  /**
   * The result of a call that has run before; otherwise leaves with a request to run it. undefined: it is not driven
   * any more.
   */
  take(start: () => Work<CallResult>): CallResult | undefined {
    const at = this.next++;
    if (at < this.results.length) return this.results[at];
    if (at >= drivenMax) return undefined;
    // oxlint-disable-next-line typescript/only-throw-error -- a signal, not an error
    throw new CallRequest(this.keep(start()));
  }

  private *keep(work: Work<CallResult>): Work<void> {
    this.results.push(yield* work);
  }
}
