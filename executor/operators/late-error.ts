// Errors of rows that may never be asked for. Operators work on batches, PostgreSQL on rows: SELECT 1 / x
// … LIMIT 1 must not fail for the second row. When a batch fails, the rows before the one that fails are
// passed on, and the error waits until more are asked for.

import { type Batch, DatabaseError } from '#common';
import { sliceBatch } from '../rows/gather.ts';

export class LateError {
  private waiting: DatabaseError | undefined = undefined;

  /** To be called before anything more is passed on. */
  raise(): void {
    if (this.waiting !== undefined) throw this.waiting;
  }

  clear(): void {
    this.waiting = undefined;
  }

  /** Keeps the error of a row that comes after others, which are passed on; false: it cannot wait. */
  keep(error: unknown): boolean {
    if (!isOfRow(error)) return false;
    this.waiting = error;
    return true;
  }

  /** Works on a batch, or on its rows before the first that fails; `work` is repeated, so it must have no effects. */
  run<Result>(batch: Batch, work: (part: Batch) => Result): Result {
    try {
      return work(batch);
    } catch (error) {
      if (batch.length <= 1 || !isOfRow(error)) throw error;
      return work(sliceBatch(batch, 0, this.goodRows(batch, work)));
    }
  }

  private goodRows(batch: Batch, work: (part: Batch) => unknown): number {
    for (let row = 0; row < batch.length; row++) {
      try {
        work(sliceBatch(batch, row, row + 1));
      } catch (error) {
        if (row === 0 || !this.keep(error)) throw error;
        return row;
      }
    }
    return batch.length;
  }
}

/** Classes of what is wrong with the statement or the server, whatever the row. */
const statementClasses = /^(?:0A|25|40|42|53|54|55|57|58|XX)/;

export function isOfRow(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && !statementClasses.test(error.sqlState);
}
