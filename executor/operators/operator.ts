// What every operator is: a pull-based source of batches that can be started over.

import type { Batch } from '#common';
import type { again } from '../contract.ts';

export type Pulled = Batch | typeof again | undefined;

/**
 * open() starts (or starts over) under the parameters and slots as they are; next() returns a
 * non-empty batch, `again` (call later, state is kept) or undefined at the end; close() gives back
 * files and cursors and may be called at any time, also twice. A batch is the caller's until it calls
 * next() again, but its columns may be shared and are never changed in place.
 */
export interface Operator {
  open(): void;
  next(): Pulled;
  /** Like next(), for readers who take batches of up to blockRows rows; undefined: it makes none that large. */
  nextLarge?(): Pulled;
  close(): void;
}

/** The operator's next rows, as many at a time as it likes to give. */
export function pullLarge(operator: Operator): Pulled {
  return operator.nextLarge === undefined ? operator.next() : operator.nextLarge();
}
