// The rows of a cursor that a routine has opened. They are read without waiting, so that the routine
// can fetch them in the middle of an expression.

import type { Datum } from '#common';
import { openQueryRun, type QueryRun, runAtOnce, type StatementScope } from '#executor';
import type { PhysicalPlan } from '#planner';
import type { RowSupply } from './cursor.ts';
import type { FetchOutcome } from './query-execution.ts';
import type { RowTarget } from './row-target.ts';

export class RoutineRows implements RowSupply {
  private readonly run: QueryRun;
  private ended = false;

  constructor(scope: StatementScope, plan: PhysicalPlan) {
    this.run = openQueryRun(scope, plan);
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  fetch(target: RowTarget, maxRows: number): FetchOutcome {
    for (let count = 0; count < maxRows && !this.ended; count++) {
      const row: Datum[] | undefined = runAtOnce(this.run.next());
      if (row === undefined) this.ended = true;
      else target.values(row);
    }
    return this.ended ? 'done' : 'suspended';
  }

  close(): void {
    this.run.close();
  }
}
