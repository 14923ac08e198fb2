// The same expression at another place of the text.

import type { Expression } from '#common';

export function located(expression: Expression, position: number | undefined): Expression {
  if (position === undefined || expression.position === position) return expression;
  return { ...expression, position };
}
