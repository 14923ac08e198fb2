// One expression without input rows: arguments of EXECUTE, times of AS OF, bounds of a DECLARE.

import { type Datum, type Expression, notSupported } from '#common';
import type { ExecutionContext } from './contract.ts';
import { compileExpression } from './expression/compile-expression.ts';
import { noColumns } from './expression/environment.ts';

export function evaluateConstant(expression: Expression, context: ExecutionContext): Datum {
  const evaluate = compileExpression(expression, {
    parameters: context.parameters,
    slots: [],
    functions: context.functions,
    caseTest: null,
    subplan: () => {
      throw notSupported('a subquery in a constant expression');
    },
  });
  return evaluate(noColumns, 0);
}
