// Runs the work of routines step by step: gives others their turn, and awaits what the work waits for.

import { DatabaseError } from '#common';
import { again, type Work } from '#executor';
import type { Session } from './session.ts';

/** What the work waits for may fail, which it may handle. */
export async function driveWork<Result>(session: Session, work: Work<Result>): Promise<Result> {
  let failure: { readonly error: unknown } | undefined;
  try {
    for (;;) {
      const step = failure === undefined ? work.next() : work.throw(failure.error);
      failure = undefined;
      if (step.done === true) return step.value;
      try {
        if (step.value === again) await new Promise((resolve) => setImmediate(resolve));
        else await step.value;
      } catch (error) {
        failure = { error };
      }
      session.interrupt.newSlice();
    }
  } catch (error) {
    // A failed statement has a transaction to be undone, also after COMMIT inside of a procedure.
    if (error instanceof DatabaseError) session.block.require();
    throw error;
  }
}
