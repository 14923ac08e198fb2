// What the functions generated for one operator share: constants, memo tables, interpreted evaluators.

import type { Expression } from '#common';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';
import { type MemoResult, MemoTable } from './memo-table.ts';
import { RowConstants } from './row-constants.ts';

export class PipelineState {
  readonly environment: Runtime;
  readonly constants: RowConstants;
  private readonly evaluators = new Map<Expression, Evaluator>();
  private readonly memoTables = new Map<Expression, MemoTable>();

  /** Functions generated, and how long that took. */
  functionCount = 0;
  compileMs = 0;

  constructor(environment: Runtime) {
    this.environment = environment;
    this.constants = new RowConstants(environment);
  }

  evaluator(expression: Expression): Evaluator {
    let evaluator = this.evaluators.get(expression);
    if (evaluator === undefined) {
      evaluator = compileExpression(expression, this.environment);
      this.evaluators.set(expression, evaluator);
    }
    return evaluator;
  }

  memoTable(expression: Expression, ordinal: number, result: MemoResult): MemoTable {
    let table = this.memoTables.get(expression);
    if (table === undefined) {
      table = new MemoTable(this.evaluator(expression), ordinal, result);
      this.memoTables.set(expression, table);
    }
    return table;
  }

  compiled(milliseconds: number): void {
    this.functionCount++;
    this.compileMs += milliseconds;
  }

  /** A new execution: parameters and what the interpreter reads beside rows may differ. */
  begin(): void {
    this.constants.forget();
    for (const table of this.memoTables.values()) table.clear();
  }
}
