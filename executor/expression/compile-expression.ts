// The interpreter of bound expressions: turns a tree into closures, one per node, once per instance
// of a plan. Closures are monomorphic; nulls of strict functions are tested outside of them. AND, OR,
// CASE and COALESCE evaluate only what they need, left to right (PostgreSQL manual, 4.2.14).
//
// This is the reference that the compiled pipelines (compile/) are held against.

import { type Expression, assert, notSupported } from '#common';
import { compileArray, compileSubscript } from './arrays.ts';
import { compileSubscriptAssignment } from './subscript-assignment.ts';
import { compileArrayComparison } from './array-comparison.ts';
import { compileCall } from './calls.ts';
import { compileCast } from './casts.ts';
import {
  compileBooleanTest,
  compileCase,
  compileCoalesce,
  compileGreatestLeast,
  compileIsNull,
  compileLogic,
  compileNot,
} from './conditionals.ts';
import { compileDistinct, compileNullIf } from './equality.ts';
import type { Columns, Evaluator, ExpressionEnvironment } from './environment.ts';
import { compileField, compileRow, compileRowComparison } from './rows.ts';
import { compileSqlValue } from './sql-values.ts';
import { compileSubplan } from './subplans.ts';

export type Compile = (expression: Expression) => Evaluator;

/** A closure that computes the expression for a row of its input columns. */
export function compileExpression(
  expression: Expression,
  environment: ExpressionEnvironment,
): Evaluator {
  const compile: Compile = (inner) => compileExpression(inner, environment);
  switch (expression.kind) {
    case 'constant': {
      const value = expression.value;
      return () => value;
    }
    case 'parameter': {
      const index = expression.index;
      return () => environment.parameters[index] ?? null;
    }
    case 'slot': {
      const slot = expression.slot;
      return () => environment.slots[slot] ?? null;
    }
    case 'input':
      return inputReader(expression.ordinal);
    case 'call':
      return compileCall(expression, environment, compile);
    case 'cast':
      return compileCast(expression, environment, compile);
    case 'and':
    case 'or':
      return compileLogic(expression, compile);
    case 'not':
      return compileNot(expression, compile);
    case 'isNull':
      return compileIsNull(expression, compile);
    case 'booleanTest':
      return compileBooleanTest(expression, compile);
    case 'isDistinct':
      return compileDistinct(expression, environment, compile);
    case 'nullIf':
      return compileNullIf(expression, environment, compile);
    case 'case':
      return compileCase(expression, environment, compile);
    case 'caseTest':
      return () => environment.caseTest;
    case 'coalesce':
      return compileCoalesce(expression, compile);
    case 'greatest':
    case 'least':
      return compileGreatestLeast(expression, compile);
    case 'arrayComparison':
      return compileArrayComparison(expression, environment, compile);
    case 'array':
      return compileArray(expression, compile);
    case 'subscript':
      return expression.assigned === undefined
        ? compileSubscript(expression, compile)
        : compileSubscriptAssignment(expression, compile);
    case 'row':
      return compileRow(expression, compile);
    case 'rowComparison':
      return compileRowComparison(expression, environment, compile);
    case 'field':
      return compileField(expression, compile);
    case 'sqlValue':
      return compileSqlValue(expression, environment);
    case 'subplan':
      return compileSubplan(expression, environment, compile);
    case 'aggregate':
    case 'subquery':
    case 'column':
      throw notSupported(`a ${expression.kind} expression in this place`);
    default: {
      const unknown: never = expression;
      assert(false, `expression kind ${(unknown as Expression).kind}`);
      return () => null;
    }
  }
}

/** Reads one column of the input. */
function inputReader(ordinal: number): Evaluator {
  return (columns: Columns, row: number) => {
    const column = columns[ordinal];
    if (column.nulls !== undefined && column.nulls[row] !== 0) return null;
    const value = column.values[row]!;
    return column.boolean ? value !== 0 : value;
  };
}
