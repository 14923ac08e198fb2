// Calls of users' routines in a target list, computed before the rest of it and row by row, so that a call which
// takes long gives others their turn and can be cancelled: an expression cannot be left in its middle. Calls that
// are made only under a condition (in CASE, COALESCE, AND, OR …) stay where they are, and run at once.

import { type Batch, type Column, type Datum, type Expression, genericColumn } from '#common';
import type { CallTypes } from '#functions';
import { again } from '../contract.ts';
import { callTypes } from '../expression/calls.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator } from '../expression/environment.ts';
import { isPlainRoutine } from '../routine-use.ts';
import type { Runtime } from '../runtime.ts';

interface RoutineCall {
  readonly oid: number;
  readonly types: CallTypes;
  readonly arguments: readonly Evaluator[];
}

export class RoutineColumns {
  /** The target list without the calls, over the input's columns and then those of the calls. */
  readonly expressions: readonly Expression[];
  private readonly runtime: Runtime;
  private readonly calls: RoutineCall[] = [];
  private readonly width: number;
  private columns: Column[] = [];
  private values: Datum[][] = [];
  private length = 0;
  private row = 0;
  private call = 0;
  private work: Iterator<unknown, Datum> | undefined;

  /** undefined: there is no call to take out. `width`: columns of the input. */
  static of(
    expressions: readonly Expression[],
    width: number,
    runtime: Runtime,
  ): RoutineColumns | undefined {
    const found = new RoutineColumns(expressions, width, runtime);
    return found.calls.length === 0 ? undefined : found;
  }

  private constructor(expressions: readonly Expression[], width: number, runtime: Runtime) {
    this.runtime = runtime;
    this.width = width;
    this.expressions = expressions.map((expression) => this.takeOut(expression));
  }

  private takeOut(expression: Expression): Expression {
    if (expression.kind === 'cast')
      return { ...expression, argument: this.takeOut(expression.argument) };
    if (expression.kind !== 'call') return expression;
    const inner = {
      ...expression,
      arguments: expression.arguments.map((argument) => this.takeOut(argument)),
    };
    if (!isPlainRoutine(expression.functionOid)) return inner;
    this.calls.push({
      oid: expression.functionOid,
      types: callTypes(expression),
      arguments: inner.arguments.map((argument) => compileExpression(argument, this.runtime)),
    });
    return { kind: 'input', ordinal: this.width + this.calls.length - 1, type: expression.type };
  }

  /** Begins with the rows of a batch; false: calls cannot give way here, or are driven from outside. */
  begin(batch: Batch): boolean {
    if (!this.runtime.mayGiveWay || this.runtime.functions.routines?.isDriven !== false)
      return false;
    this.values = this.calls.map(() => []);
    this.columns = [...batch.columns, ...this.values.map((values) => genericColumn(values))];
    this.length = batch.length;
    this.row = 0;
    this.call = 0;
    this.work = undefined;
    return true;
  }

  /** The batch with the calls' columns; `again`: others have their turn, and it goes on. */
  next(): Batch | typeof again {
    for (; this.row < this.length; this.row++) {
      for (; this.call < this.calls.length; this.call++) {
        this.work ??= this.start(this.calls[this.call]);
        for (;;) {
          const step = this.work.next();
          if (step.done === true) {
            this.values[this.call].push(step.value);
            break;
          }
          if (this.runtime.pause()) return again;
        }
        this.work = undefined;
      }
      this.call = 0;
    }
    return { length: this.length, columns: this.columns };
  }

  /** Ends a call that has not come to its end. */
  close(): void {
    this.work?.return?.();
    this.work = undefined;
    this.length = 0;
  }

  private start(call: RoutineCall): Iterator<unknown, Datum> {
    const values = call.arguments.map((evaluator) => evaluator(this.columns, this.row));
    return this.runtime.functions.routines!.callInTurns(call.oid, values, call.types);
  }
}
