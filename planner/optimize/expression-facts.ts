// What the optimizer may conclude from an expression alone: volatility, strictness in a column,
// whether it holds a subquery, and comparisons taken apart.

import { TypeOid, type ColumnId, type Expression } from '#common';
import {
  CollatedFunction,
  functionRegistry,
  isLeakproofFunction,
  type Volatility,
} from '#functions';
import type { LogicalPlan } from '../logical-plan.ts';
import { someExpression, visitExpression } from './expression-tree.ts';
import { inputsOf, visitExpressions } from './plan-tree.ts';

/** Functions that are volatile but change nothing outside: a plan with them may run on any thread. */
const harmlessVolatile = new Set(['random', 'clock_timestamp', 'timeofday', 'gen_random_uuid']);

export function functionVolatility(functionOid: number): Volatility {
  return functionRegistry.functionByOid(functionOid)?.volatility ?? 'volatile';
}

/** True when two evaluations may differ within a statement, or when evaluation has side effects. */
export function isVolatile(expression: Expression): boolean {
  return someExpression(expression, (node) => {
    switch (node.kind) {
      case 'call':
      case 'aggregate':
      case 'arrayComparison':
        return functionVolatility(node.functionOid) === 'volatile';
      case 'cast':
        return node.elementCast !== undefined && isVolatile(node.elementCast);
      case 'subquery':
        return planIsVolatile(node.plan as LogicalPlan);
      default:
        return false;
    }
  });
}

/** True when evaluating it tells nothing of its arguments but by its result (PostgreSQL's leakproof). */
export function isLeakproof(expression: Expression): boolean {
  return !someExpression(expression, (node) => {
    switch (node.kind) {
      case 'call':
      case 'aggregate':
      case 'arrayComparison':
        return !isLeakproofFunction(node.functionOid);
      case 'isDistinct':
      case 'nullIf':
        return !isLeakproofFunction(node.equalityOid);
      case 'rowComparison':
        return node.pairs.some(
          ({ equalOid, lessOid }) =>
            !isLeakproofFunction(equalOid) || !isLeakproofFunction(lessOid),
        );
      case 'cast':
        return node.method !== 'relabel';
      case 'subscript':
      case 'subquery':
        return true;
      default:
        return false;
    }
  });
}

export function planIsVolatile(plan: LogicalPlan): boolean {
  if (
    plan.kind === 'insert' ||
    plan.kind === 'update' ||
    plan.kind === 'delete' ||
    plan.kind === 'merge' ||
    plan.kind === 'lockRows'
  )
    return true;
  let found = false;
  visitExpressions(plan, (expression) => {
    found ||= isVolatile(expression);
  });
  return found || inputsOf(plan).some(planIsVolatile);
}

export function hasSideEffects(expression: Expression): boolean {
  return someExpression(expression, (node) => {
    if (node.kind !== 'call') return false;
    const signature = functionRegistry.functionByOid(node.functionOid);
    return (
      signature === undefined ||
      (signature.volatility === 'volatile' && !harmlessVolatile.has(signature.name))
    );
  });
}

export function hasSubquery(expression: Expression): boolean {
  return someExpression(expression, (node) => node.kind === 'subquery');
}

/** True for a set-returning call anywhere in the expression. */
export function returnsSet(expression: Expression): boolean {
  return someExpression(
    expression,
    (node) =>
      node.kind === 'call' && functionRegistry.functionByOid(node.functionOid)?.returnsSet === true,
  );
}

/** Columns for which the expression is null (or, as a condition, not true) whenever one of them is null. */
export function nullRejected(expression: Expression): Set<ColumnId> {
  const columns = new Set<ColumnId>();
  addRejectedColumns(expression, columns);
  return columns;
}

/** Columns whose null makes the expression false or null, which is all that a condition needs. */
function addRejectedColumns(expression: Expression, columns: Set<ColumnId>): void {
  switch (expression.kind) {
    case 'and':
      for (const argument of expression.arguments) addRejectedColumns(argument, columns);
      return;
    case 'or': {
      const [first, ...others] = expression.arguments.map(nullRejected);
      for (const column of first ?? []) {
        if (others.every((other) => other.has(column))) columns.add(column);
      }
      return;
    }
    case 'isNull':
      if (expression.negated && !expression.rowwise) addStrictColumns(expression.argument, columns);
      return;
    case 'booleanTest':
      if (expression.negated || expression.test === 'unknown') return;
      if (expression.test === 'true') addRejectedColumns(expression.argument, columns);
      else addStrictColumns(expression.argument, columns);
      return;
    case 'arrayComparison':
      // ALL over an empty array is true whatever the left side is; ANY over one is false.
      if (expression.quantifier === 'any') addStrictColumns(expression.left, columns);
      return;
    case 'subquery':
      if (expression.mode === 'any' && expression.test !== undefined)
        addRejectedColumns(expression.test, columns);
      return;
    default:
      addStrictColumns(expression, columns);
  }
}

/** Columns whose null makes the expression null. AND, OR and ANY are not among them: they may be false. */
function addStrictColumns(expression: Expression, columns: Set<ColumnId>): void {
  switch (expression.kind) {
    case 'column':
      columns.add(expression.column);
      return;
    case 'call':
      if (functionRegistry.functionByOid(expression.functionOid)?.strict !== true) return;
      for (const argument of expression.arguments) addStrictColumns(argument, columns);
      return;
    case 'cast':
    case 'not':
      addStrictColumns(expression.argument, columns);
      return;
    default:
  }
}

/** `left operator right` where the operator is one of = < <= > >= over a btree order. */
export interface Comparison {
  readonly operator: '=' | '<' | '<=' | '>' | '>=';
  readonly operatorOid: number;
  readonly functionOid: number;
  readonly left: Expression;
  readonly right: Expression;
}

/** text = text, which equality under a collation stands for. */
const textEqualityOperator = 98;
const mirrored = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

export function asComparison(expression: Expression): Comparison | undefined {
  if (expression.kind === 'call' && expression.functionOid === CollatedFunction.eq) {
    const { functionOid } = expression;
    const [left, right] = expression.arguments;
    return { operator: '=', operatorOid: textEqualityOperator, functionOid, left, right };
  }
  if (
    expression.kind !== 'call' ||
    expression.operatorOid === undefined ||
    expression.arguments.length !== 2
  )
    return undefined;
  const signature = functionRegistry.operatorByOid(expression.operatorOid);
  if (signature === undefined || signature.result !== TypeOid.bool || !(signature.name in mirrored))
    return undefined;
  return {
    operator: signature.name as Comparison['operator'],
    operatorOid: expression.operatorOid,
    functionOid: expression.functionOid,
    left: expression.arguments[0],
    right: expression.arguments[1],
  };
}

/** The same comparison read from the right, when the operator has a commutator. */
export function mirror(comparison: Comparison): Comparison | undefined {
  if (comparison.functionOid === CollatedFunction.eq)
    return { ...comparison, left: comparison.right, right: comparison.left };
  const signature = functionRegistry.operatorByOid(comparison.operatorOid);
  const commutator =
    signature === undefined ? undefined : functionRegistry.operatorByOid(signature.commutatorOid);
  if (commutator === undefined) return undefined;
  return {
    operator: mirrored[comparison.operator],
    operatorOid: commutator.oid,
    functionOid: commutator.functionOid,
    left: comparison.right,
    right: comparison.left,
  };
}

/** Everything a call in the expression could raise or cost is harmless enough to evaluate earlier. */
export function isConstantLike(expression: Expression): boolean {
  let constant = true;
  visitExpression(expression, (node) => {
    if (
      node.kind === 'column' ||
      node.kind === 'input' ||
      node.kind === 'subquery' ||
      node.kind === 'aggregate'
    )
      constant = false;
    return constant;
  });
  return constant && !isVolatile(expression);
}

/** Removes relabelling casts (same representation), down to what is stored. */
export function withoutRelabel(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'cast' && inner.method === 'relabel') inner = inner.argument;
  return inner;
}
