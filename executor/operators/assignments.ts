// The SET list of an UPDATE or the value list of an INSERT: expressions by attribute.

import type { Datum } from '#common';
import type { PhysicalAssignment } from '#planner';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Columns, Evaluator } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';

export class Assignments {
  readonly attributes: readonly number[];
  private readonly evaluators: readonly Evaluator[];

  constructor(assignments: readonly PhysicalAssignment[], runtime: Runtime) {
    this.attributes = assignments.map((assignment) => assignment.attributeNumber);
    this.evaluators = assignments.map((assignment) => compileExpression(assignment.value, runtime));
  }

  get length(): number {
    return this.evaluators.length;
  }

  value(position: number, columns: Columns, row: number): Datum {
    return this.evaluators[position](columns, row);
  }

  /** Writes the values into a row by attribute number - 1. */
  apply(target: Datum[], columns: Columns, row: number): void {
    for (let i = 0; i < this.evaluators.length; i++) {
      target[this.attributes[i] - 1] = this.evaluators[i](columns, row);
    }
  }
}
