// IS DISTINCT FROM and NULLIF: equality by the function that the binder chose.

import type { DistinctExpression, NullIfExpression } from '#common';
import { booleanFunction } from './calls.ts';
import type { Compile } from './compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from './environment.ts';

export function compileDistinct(
  expression: DistinctExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const left = compile(expression.left);
  const right = compile(expression.right);
  const types = [expression.left.type.oid, expression.right.type.oid] as const;
  const equal = booleanFunction(expression.equalityOid, types, environment);
  const negated = expression.negated;
  return (columns, row) => {
    const leftValue = left(columns, row);
    const rightValue = right(columns, row);
    if (leftValue === null || rightValue === null) return (leftValue !== rightValue) !== negated;
    return (equal(leftValue, rightValue) !== true) !== negated;
  };
}

export function compileNullIf(
  expression: NullIfExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const left = compile(expression.left);
  const right = compile(expression.right);
  const types = [expression.left.type.oid, expression.right.type.oid] as const;
  const equal = booleanFunction(expression.equalityOid, types, environment);
  return (columns, row) => {
    const leftValue = left(columns, row);
    if (leftValue === null) return null;
    const rightValue = right(columns, row);
    return rightValue !== null && equal(leftValue, rightValue) === true ? null : leftValue;
  };
}
