// Places of expressions in the text.

import type { Expression } from '#common';
import { mapChildren } from '../optimize/expression-tree.ts';

/** exprLocation(): where the expression begins, which for an infix operator is its left operand. */
export function startOf(expression: Expression): number | undefined {
  if (!startsInside.has(expression.kind)) return expression.position;
  if (expression.kind === 'call' && expression.operatorOid === undefined)
    return expression.position;
  let start = expression.position;
  mapChildren(expression, (child) => {
    const inner = startOf(child);
    if (inner !== undefined && (start === undefined || inner < start)) start = inner;
    return child;
  });
  return start;
}

const startsInside = new Set<Expression['kind']>([
  'call',
  'cast',
  'and',
  'or',
  'isNull',
  'booleanTest',
  'isDistinct',
  'arrayComparison',
  'rowComparison',
  'subscript',
  'field',
  'nullIf',
]);

export function located(expression: Expression, position: number | undefined): Expression {
  if (position === undefined || expression.position === position) return expression;
  return { ...expression, position };
}
