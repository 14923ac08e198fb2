// Three-valued logic and the conditional expressions. NULL is "unknown": false AND unknown is false,
// true OR unknown is true (SQL:2016, 6.39).

import {
  type BooleanTestExpression,
  type CaseExpression,
  type CoalesceExpression,
  type GreatestLeastExpression,
  type IsNullExpression,
  type LogicExpression,
  type NotExpression,
  RecordValue,
  notSupported,
} from '#common';
import { functionRegistry } from '#functions';
import type { Compile } from './compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from './environment.ts';

export function compileLogic(expression: LogicExpression, compile: Compile): Evaluator {
  const evaluators = expression.arguments.map(compile);
  const decisive = expression.kind === 'or';
  if (evaluators.length === 2) {
    const [left, right] = evaluators as [Evaluator, Evaluator];
    return (columns, row) => {
      const first = left(columns, row);
      if (first === decisive) return decisive;
      const second = right(columns, row);
      if (second === decisive) return decisive;
      return first === null || second === null ? null : !decisive;
    };
  }
  return (columns, row) => {
    let unknown = false;
    for (const evaluator of evaluators) {
      const value = evaluator(columns, row);
      if (value === decisive) return decisive;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decisive;
  };
}

export function compileNot(expression: NotExpression, compile: Compile): Evaluator {
  const argument = compile(expression.argument);
  return (columns, row) => {
    const value = argument(columns, row);
    return value === null ? null : value === false;
  };
}

export function compileIsNull(expression: IsNullExpression, compile: Compile): Evaluator {
  const argument = compile(expression.argument);
  const negated = expression.negated;
  if (!expression.rowwise) {
    return negated
      ? (columns, row) => argument(columns, row) !== null
      : (columns, row) => argument(columns, row) === null;
  }
  return (columns, row) => {
    const value = argument(columns, row);
    if (value instanceof RecordValue) {
      return value.fields.every((field) => (field === null) !== negated);
    }
    return (value === null) !== negated;
  };
}

export function compileBooleanTest(expression: BooleanTestExpression, compile: Compile): Evaluator {
  const argument = compile(expression.argument);
  const wanted = expression.test === 'unknown' ? null : expression.test === 'true';
  return expression.negated
    ? (columns, row) => argument(columns, row) !== wanted
    : (columns, row) => argument(columns, row) === wanted;
}

export function compileCase(
  expression: CaseExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const whens = expression.branches.map((branch) => compile(branch.when));
  const thens = expression.branches.map((branch) => compile(branch.then));
  const otherwise = expression.otherwise === undefined ? () => null : compile(expression.otherwise);
  const choose: Evaluator = (columns, row) => {
    for (let i = 0; i < whens.length; i++) {
      if (whens[i](columns, row) === true) return thens[i](columns, row);
    }
    return otherwise(columns, row);
  };
  if (expression.operand === undefined) return choose;
  const operand = compile(expression.operand);
  return (columns, row) => {
    const outer = environment.caseTest;
    environment.caseTest = operand(columns, row);
    try {
      return choose(columns, row);
    } finally {
      environment.caseTest = outer;
    }
  };
}

export function compileCoalesce(expression: CoalesceExpression, compile: Compile): Evaluator {
  const evaluators = expression.arguments.map(compile);
  return (columns, row) => {
    for (const evaluator of evaluators) {
      const value = evaluator(columns, row);
      if (value !== null) return value;
    }
    return null;
  };
}

export function compileGreatestLeast(
  expression: GreatestLeastExpression,
  compile: Compile,
): Evaluator {
  const evaluators = expression.arguments.map(compile);
  const ordering = functionRegistry.ordering(expression.type.oid);
  if (ordering === undefined) throw notSupported(`${expression.kind.toUpperCase()} for this type`);
  const sign = expression.kind === 'greatest' ? 1 : -1;
  return (columns, row) => {
    let best = null;
    for (const evaluator of evaluators) {
      const value = evaluator(columns, row);
      if (value === null) continue;
      if (best === null || ordering.compare(value, best) * sign > 0) best = value;
    }
    return best;
  };
}
