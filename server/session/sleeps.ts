// pg_sleep without a thread to put to sleep: the call throws, the statement driver waits and runs the
// statement again, and this time the call returns at once. The n-th call of a run is the n-th of the
// next, so counting them is enough.

import type { StatementInterrupt } from './interrupt.ts';

export class SleepWait {
  readonly milliseconds: number;
  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }
}

/** setTimeout takes at most this. */
const timeoutMsMax = 2147483647;

export class Sleeps {
  /** Calls that have been waited for in this statement. */
  done = 0;
  /** Calls met in this run of it. */
  seen = 0;
  isSleeping = false;

  sleep(milliseconds: number): void {
    if (!(milliseconds > 0)) return;
    this.seen++;
    // A signal to the statement driver, as LockWait is, and no error.
    // oxlint-disable-next-line typescript/only-throw-error
    if (this.seen > this.done) throw new SleepWait(milliseconds);
  }

  /** Rejects when the statement is cancelled. */
  wait(signal: SleepWait, interrupt: StatementInterrupt): Promise<void> {
    this.isSleeping = true;
    return new Promise<void>((resolve, reject) => {
      const stop = interrupt.onCancel((reason) => {
        clearTimeout(timer);
        stop();
        reject(reason);
      });
      const timer = setTimeout(
        () => {
          stop();
          this.done++;
          resolve();
        },
        Math.min(signal.milliseconds, timeoutMsMax),
      );
    }).finally(() => {
      this.isSleeping = false;
    });
  }
}
