// What the functions generated for one operator share: constants, memo tables, interpreted evaluators.

import type { Datum, Expression } from '#common';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';
import { LateTexts } from './late-texts.ts';
import { type MemoResult, MemoTable } from './memo-table.ts';
import { RowConstants, isImmutable } from './row-constants.ts';

export class PipelineState {
  readonly environment: Runtime;
  readonly constants: RowConstants;
  /** Of all stores of the operator. */
  readonly texts = new LateTexts();
  private readonly evaluators = new Map<Expression, Evaluator>();
  private readonly memoTables = new Map<Expression, MemoTable>();
  /** Of the last execution. */
  private parameters: readonly Datum[] = [];

  /** Memory that the operator's tables and groups may use before they go to disk. */
  bytesMax = Infinity;
  /** What calls of windows may look at in memory, of one partition. */
  partitionBytesMax = Infinity;

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

  /** Time spent on a function that is counted already. */
  compiledFor(milliseconds: number): void {
    this.compileMs += milliseconds;
  }

  /** A new execution: what depends on other parameters, or on the session, is computed anew. */
  begin(bytesMax = Infinity, partitionBytesMax = bytesMax): void {
    this.bytesMax = bytesMax;
    this.partitionBytesMax = partitionBytesMax;
    this.constants.forget();
    const { parameters } = this.environment;
    const isSame =
      parameters.length === this.parameters.length &&
      parameters.every((value, i) => Object.is(value, this.parameters[i]));
    for (const [expression, table] of this.memoTables)
      if (!isSame || table.isLarge || !isImmutable(expression)) table.clear();
    this.parameters = [...parameters];
  }
}
