// Evaluates a plan's key range into the value ranges of one execution of a scan: one, none (a null
// bound matches nothing), or one per element of an IN list, in key order and without duplicates.

import { type ArrayValue, type Datum, type Expression, assert } from '#common';
import { functionRegistry } from '#functions';
import type { KeyRange } from '#planner';
import type { DatumRange } from '#storage';
import { compileExpression } from '../expression/compile-expression.ts';
import {
  type Evaluator,
  type ExpressionEnvironment,
  noColumns,
} from '../expression/environment.ts';

export type EvaluateRanges = (backward: boolean) => readonly DatumRange[];

interface BoundEvaluator {
  readonly value: Evaluator;
  readonly inclusive: boolean;
}

export function compileKeyRange(
  range: KeyRange,
  environment: ExpressionEnvironment,
): EvaluateRanges {
  const compile = (expression: Expression): Evaluator => compileExpression(expression, environment);
  const equal = range.equal.map(compile);
  const anyOf = range.anyOf === undefined ? undefined : compileAnyOf(range.anyOf, compile);
  const lower = compileBound(range.lower, compile);
  const upper = compileBound(range.upper, compile);
  return (backward) => {
    const prefix: Datum[] = [];
    for (const evaluator of equal) {
      const value = evaluator(noColumns, 0);
      if (value === null) return [];
      prefix.push(value);
    }
    const bounds = evaluateBounds(lower, upper);
    if (bounds === undefined) return [];
    if (anyOf === undefined) return [{ equal: prefix, ...bounds }];
    const elements = anyOf();
    if (backward) elements.reverse();
    return elements.map((element) => ({ equal: [...prefix, element], ...bounds }));
  };
}

function compileBound(
  bound: KeyRange['lower'],
  compile: (expression: Expression) => Evaluator,
): BoundEvaluator | undefined {
  return bound === undefined
    ? undefined
    : { value: compile(bound.value), inclusive: bound.inclusive };
}

function evaluateBounds(
  lower: BoundEvaluator | undefined,
  upper: BoundEvaluator | undefined,
): Pick<DatumRange, 'lower' | 'upper'> | undefined {
  const lowerValue = lower?.value(noColumns, 0);
  const upperValue = upper?.value(noColumns, 0);
  if (lowerValue === null || upperValue === null) return undefined;
  return {
    lower: lower === undefined ? undefined : { value: lowerValue!, inclusive: lower.inclusive },
    upper: upper === undefined ? undefined : { value: upperValue!, inclusive: upper.inclusive },
  };
}

/** Elements of an IN list, sorted by the type's order, nulls and duplicates dropped. */
function compileAnyOf(
  expression: Expression,
  compile: (expression: Expression) => Evaluator,
): () => Datum[] {
  const array = compile(expression);
  return () => {
    const value = array(noColumns, 0) as ArrayValue | null;
    if (value === null) return [];
    const ordering = functionRegistry.ordering(value.elementType);
    assert(ordering !== undefined, 'an IN list over an index has an ordering');
    const sorted = value.elements
      .filter((element) => element !== null)
      .toSorted((left, right) => ordering.compare(left, right));
    return sorted.filter((element, i) => i === 0 || ordering.compare(sorted[i - 1], element) !== 0);
  };
}
