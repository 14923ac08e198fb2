// Row constructors, their fields, and lexicographic comparison of rows.

import {
  type FieldExpression,
  RecordValue,
  type RowComparisonExpression,
  type RowExpression,
} from '#common';
import { booleanFunction } from './calls.ts';
import type { Compile } from './compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from './environment.ts';

export function compileRow(expression: RowExpression, compile: Compile): Evaluator {
  const fields = expression.fields.map(compile);
  const types = expression.fields.map((field) => field.type.oid);
  const names = expression.names;
  return (columns, row) =>
    new RecordValue(
      types,
      fields.map((field) => field(columns, row)),
      names,
    );
}

export function compileField(expression: FieldExpression, compile: Compile): Evaluator {
  const argument = compile(expression.argument);
  const ordinal = expression.ordinal;
  return (columns, row) => {
    const record = argument(columns, row);
    return record instanceof RecordValue ? (record.fields[ordinal] ?? null) : null;
  };
}

/** The first pair that is not equal decides; a null in it makes the result unknown. */
export function compileRowComparison(
  expression: RowComparisonExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const pairs = expression.pairs.map((pair) => {
    const types = [pair.left.type.oid, pair.right.type.oid] as const;
    return {
      left: compile(pair.left),
      right: compile(pair.right),
      equal: booleanFunction(pair.equalOid, types, environment),
      less: booleanFunction(pair.lessOid, types, environment),
    };
  });
  const whenEqual = expression.comparison === '<=' || expression.comparison === '>=';
  const wantLess = expression.comparison === '<' || expression.comparison === '<=';
  return (columns, row) => {
    for (const pair of pairs) {
      const left = pair.left(columns, row);
      const right = pair.right(columns, row);
      if (left === null || right === null) return null;
      if (pair.equal(left, right) === true) continue;
      return (pair.less(left, right) === true) === wantLess;
    }
    return whenEqual;
  };
}
