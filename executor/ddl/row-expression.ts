// Evaluates expressions over single rows of a table, outside of any plan: new columns' values, type
// changes, index expressions.

import { type Datum, type Expression, genericColumn, notSupported } from '#common';
import type { FunctionContext } from '#functions';
import { compileExpression } from '../expression/compile-expression.ts';
import type { ExpressionEnvironment } from '../expression/environment.ts';

export type RowEvaluator = (row: readonly Datum[]) => Datum;

/** Of expressions that read nothing but a row. */
export function plainEnvironment(functions: FunctionContext): ExpressionEnvironment {
  return {
    parameters: [],
    slots: [],
    functions,
    caseTest: null,
    subplan: () => {
      throw notSupported('a subquery in this expression');
    },
  };
}

/** The expression reads `input` ordinals: attribute number - 1. */
export function compileRowExpression(
  expression: Expression,
  width: number,
  functions: FunctionContext,
): RowEvaluator {
  const evaluate = compileExpression(expression, plainEnvironment(functions));
  const cells = Array.from({ length: width }, (): Datum[] => [null]);
  const columns = cells.map((cell) => genericColumn(cell));
  return (row) => {
    for (let position = 0; position < width; position++) cells[position][0] = row[position] ?? null;
    return evaluate(columns, 0);
  };
}
