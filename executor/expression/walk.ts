// Questions about expression trees. Children are found generically: an expression is plain data whose
// nested expressions are objects with a `kind`.

import type { Expression } from '#common';

/**
 * Calls `visit` for the expression and everything below it, but for the input of a cast's elementCast: that
 * stands for an element of the array, not for a column.
 */
export function visitExpression(
  expression: Expression,
  visit: (expression: Expression) => void,
): void {
  visit(expression);
  const elementCast = expression.kind === 'cast' ? expression.elementCast : undefined;
  for (const value of Object.values(expression))
    if (value !== elementCast || elementCast === undefined) visitValue(value, visit);
  if (elementCast === undefined) return;
  visitExpression(elementCast, (inner) => {
    if (inner.kind !== 'input') visit(inner);
  });
}

function visitValue(value: unknown, visit: (expression: Expression) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitValue(item, visit);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (isExpression(value)) {
    visitExpression(value, visit);
    return;
  }
  // Parts of an expression without a kind of their own: CASE branches, subscripts, bindings, pairs.
  if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) visitValue(item, visit);
  }
}

function isExpression(value: object): value is Expression {
  return 'kind' in value && 'type' in value;
}

export function containsSubplan(expression: Expression): boolean {
  let found = false;
  visitExpression(expression, (inner) => {
    if (inner.kind === 'subplan') found = true;
  });
  return found;
}

/** Ordinals of the input columns that an expression reads. */
export function inputOrdinals(expression: Expression): Set<number> {
  const ordinals = new Set<number>();
  visitExpression(expression, (inner) => {
    if (inner.kind === 'input') ordinals.add(inner.ordinal);
  });
  return ordinals;
}
