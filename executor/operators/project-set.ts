// A projection with set-returning calls: for each input row as many output rows as the longest set has;
// sets that end earlier give nulls, plain expressions repeat (PostgreSQL manual, 38.5.9).

import { type Batch, type Datum, batchRows } from '#common';
import type { PhysicalProjectSet } from '#planner';
import { again } from '../contract.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator } from '../expression/environment.ts';
import { RowOutput } from '../rows/row-output.ts';
import type { Runtime } from '../runtime.ts';
import { LateError } from './late-error.ts';
import type { Operator, Pulled } from './operator.ts';
import {
  type SetEvaluator,
  type SetRow,
  compileSet,
  type OutColumns,
  outColumnsOf,
  returnsSet,
  singleValue,
} from './set-returning.ts';

interface Target {
  readonly scalar: Evaluator | undefined;
  readonly set: SetEvaluator | undefined;
  /** Of the set's rows, for those that become one value. */
  readonly outColumns: OutColumns;
}

export class ProjectSetOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly input: Operator;
  private readonly targets: readonly Target[];
  private readonly output: RowOutput;
  private readonly rowsMax: number;
  private readonly lateError = new LateError();
  private batch: Batch | undefined = undefined;
  private row = 0;
  private iterators: (Iterator<SetRow> | undefined)[] | undefined = undefined;
  private scalars: Datum[] = [];

  constructor(node: PhysicalProjectSet, runtime: Runtime) {
    this.runtime = runtime;
    this.input = runtime.buildOperator(node.input);
    this.targets = node.expressions.map((expression) =>
      returnsSet(expression)
        ? {
            scalar: undefined,
            set: compileSet(expression, runtime),
            outColumns: outColumnsOf(expression),
          }
        : { scalar: compileExpression(expression, runtime), set: undefined, outColumns: [] },
    );
    this.output = new RowOutput(node.expressions.length);
    this.rowsMax = runtime.earlyStops.rowByRow.has(node) ? 1 : batchRows;
  }

  open(): void {
    this.close();
    this.lateError.clear();
    this.input.open();
    this.output.reset();
  }

  next(): Pulled {
    for (;;) {
      if (this.batch === undefined) {
        const batch = this.input.next();
        if (batch === again) return again;
        if (batch === undefined) return this.output.take();
        this.batch = batch;
        this.row = 0;
      }
      if (this.runtime.pause()) return again;
      this.lateError.raise();
      try {
        this.expand(this.batch);
      } catch (error) {
        // Rows that are complete come before the error of the next.
        if (this.output.length === 0 || !this.lateError.keep(error)) throw error;
        return this.output.take();
      }
      if (this.output.length >= this.rowsMax) return this.output.take();
    }
  }

  close(): void {
    this.input.close();
    this.finishRow();
    this.batch = undefined;
  }

  /** Until the batch is used up or the output is full. */
  private expand(batch: Batch): void {
    while (this.output.length < this.rowsMax) {
      if (this.row >= batch.length) {
        this.batch = undefined;
        return;
      }
      this.iterators ??= this.startRow(batch);
      const values = this.nextValues(this.iterators);
      if (values !== undefined) this.output.pushValues(values);
      else {
        this.finishRow();
        this.row++;
      }
    }
  }

  private startRow(batch: Batch): (Iterator<SetRow> | undefined)[] {
    this.scalars = this.targets.map((target) => target.scalar?.(batch.columns, this.row) ?? null);
    return this.targets.map((target) => target.set?.(batch.columns, this.row));
  }

  private nextValues(iterators: (Iterator<SetRow> | undefined)[]): Datum[] | undefined {
    const values = this.scalars.slice();
    let any = false;
    for (let i = 0; i < iterators.length; i++) {
      const iterator = iterators[i];
      if (iterator === undefined) continue;
      const result = iterator.next();
      if (result.done === true) iterators[i] = undefined;
      else {
        any = true;
        values[i] = singleValue(result.value, this.targets[i].outColumns);
      }
    }
    return any ? values : undefined;
  }

  private finishRow(): void {
    for (const iterator of this.iterators ?? []) iterator?.return?.();
    this.iterators = undefined;
  }
}
