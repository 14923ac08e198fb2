// The order in which the conjuncts of a condition are asked, PostgreSQL's (order_qual_clauses): what is
// known for the whole scan first, then the cheapest for a row, those of equal cost as they were written.
// So a cheap test keeps rows from an expensive one, and functions with effects or errors see the rows
// that they see there. Conditions behind a security barrier need no rank of their own: only leakproof
// ones ever stand beside them (optimize/passes/push-predicates.ts).

import { ArrayValue, type Expression } from '#common';
import { functionEstimate } from '#functions';
import type { PhysicalNode } from '../physical-plan.ts';
import { isVolatile } from '../optimize/expression-facts.ts';
import { conjunction, visitChildren } from '../optimize/expression-tree.ts';
import { costs } from './cost.ts';

/** Elements of an array that is not known. */
const unknownArrayLength = 10;
/** From so many constants on, = ANY looks its left side up in a hash table. */
const hashedArrayLengthMin = 9;

/** Lowered conjuncts as one condition. */
export function orderedCondition(
  conjuncts: readonly Expression[],
  subplans: readonly PhysicalNode[],
): Expression | undefined {
  if (conjuncts.length <= 1) return conjuncts[0];
  const ranked = conjuncts.map((conjunct) => ({
    conjunct,
    cost: isKnownBefore(conjunct) ? -1 : costOf(conjunct, subplans),
  }));
  ranked.sort((left, right) => left.cost - right.cost);
  return conjunction(ranked.map(({ conjunct }) => conjunct));
}

/** The same for every row: asked once there. */
function isKnownBefore(conjunct: Expression): boolean {
  return !readsRow(conjunct) && !isVolatile(conjunct);
}

function readsRow(expression: Expression): boolean {
  if (expression.kind === 'input') return true;
  let found = false;
  visitParts(expression, (part) => {
    found ||= readsRow(part);
  });
  return found;
}

/** visitChildren stops at subplans, whose own plans are no part of the expression. */
function visitParts(expression: Expression, visit: (part: Expression) => void): void {
  if (expression.kind !== 'subplan') return visitChildren(expression, visit);
  for (const binding of expression.bindings) visit(binding.expression);
  if (expression.test !== undefined) visit(expression.test);
  expression.hashedKeys?.forEach(visit);
}

/** For one row, what is computed once left out. */
function costOf(expression: Expression, subplans: readonly PhysicalNode[]): number {
  const cost = (part: Expression) => costOf(part, subplans);
  if (expression.kind === 'subplan') return subplanCost(expression, subplans);
  if (expression.kind === 'cast' && expression.method === 'array') {
    const each = expression.elementCast === undefined ? 0 : cost(expression.elementCast);
    return cost(expression.argument) + each * arrayLength(expression.argument);
  }
  let sum = ownCost(expression);
  visitChildren(expression, (part) => {
    sum += cost(part);
  });
  return sum;
}

function ownCost(expression: Expression): number {
  const call = (oid: number) => functionEstimate(oid).cost * costs.operator;
  switch (expression.kind) {
    case 'call':
      return call(expression.functionOid);
    case 'isDistinct':
    case 'nullIf':
      return call(expression.equalityOid);
    case 'arrayComparison': {
      const length = arrayLength(expression.array);
      const isHashed =
        expression.quantifier === 'any' &&
        expression.array.kind === 'constant' &&
        length >= hashedArrayLengthMin;
      return call(expression.functionOid) * (isHashed ? 2 : length / 2);
    }
    case 'rowComparison':
      return expression.pairs.reduce((sum, pair) => sum + call(pair.lessOid), 0);
    case 'cast':
      // Through text: an output and an input function.
      if (expression.method === 'io') return 2 * costs.operator;
      return expression.method === 'domain' ? costs.operator : 0;
    case 'greatest':
    case 'least':
    case 'sqlValue':
      return costs.operator;
    default:
      return 0;
  }
}

function arrayLength(array: Expression): number {
  if (array.kind === 'array') return array.elements.length;
  if (array.kind === 'cast') return arrayLength(array.argument);
  if (array.kind === 'constant' && array.value instanceof ArrayValue)
    return array.value.elements.length;
  return unknownArrayLength;
}

function subplanCost(
  expression: Extract<Expression, { kind: 'subplan' }>,
  subplans: readonly PhysicalNode[],
): number {
  const test = expression.test === undefined ? 0 : costOf(expression.test, subplans);
  if (expression.hashedKeys !== undefined) return test;
  const { mode } = expression;
  const isRepeated = expression.bindings.length > 0;
  if (!isRepeated && mode !== 'any' && mode !== 'all') return 0;
  const { startupCost, totalCost, estimatedRows } = subplans[expression.subplan];
  const run = totalCost - startupCost;
  const start = isRepeated ? startupCost : 0;
  if (mode === 'exists') return start + run / estimatedRows;
  if (mode === 'any' || mode === 'all') return start + run / 2 + (test * estimatedRows) / 2;
  return start + run;
}
