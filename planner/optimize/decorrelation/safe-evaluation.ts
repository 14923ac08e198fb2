// Which expressions never raise an error. A subquery that is turned into a join is computed for rows that
// nobody may ask about; only what cannot fail may be computed so.

import { type CastExpression, type Expression, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import type { LogicalPlan } from '../../logical-plan.ts';
import { someExpression } from '../expression-tree.ts';
import { inputsOf, visitExpressions } from '../plan-tree.ts';

const safeOperators = new Set(['=', '<>', '<', '<=', '>', '>=', '~~', '!~~', '||']);
const arithmetic = new Set(['+', '-', '*']);
const safeFunctions = new Set(['extract', 'date_part', 'lower', 'upper', 'length', 'abs', 'btrim']);
/** Their arithmetic does not overflow for any value that a table holds. */
const wideTypes: ReadonlySet<number> = new Set([TypeOid.numeric]);
const safeKinds: ReadonlySet<string> = new Set([
  'constant',
  'parameter',
  'column',
  'and',
  'or',
  'not',
  'isNull',
  'booleanTest',
  'isDistinct',
  'nullIf',
  'case',
  'caseTest',
  'coalesce',
  'greatest',
  'least',
]);

export function cannotFail(expression: Expression): boolean {
  return !someExpression(expression, (node) => !isSafe(node));
}

/** Of all expressions in a plan; aggregates count as their arguments. */
export function planCannotFail(plan: LogicalPlan): boolean {
  let safe = true;
  visitExpressions(plan, (expression) => {
    const parts =
      expression.kind === 'aggregate'
        ? [...expression.arguments, ...(expression.filter === undefined ? [] : [expression.filter])]
        : [expression];
    safe &&= parts.every(cannotFail);
  });
  return safe && inputsOf(plan).every(planCannotFail);
}

function isSafe(node: Expression): boolean {
  if (safeKinds.has(node.kind)) return true;
  if (node.kind === 'cast') return node.method === 'relabel' || isSafeForElements(node);
  if (node.kind === 'arrayComparison')
    return safeOperators.has(functionRegistry.operatorByOid(node.operatorOid)?.name ?? '');
  if (node.kind === 'array') return !node.nested;
  if (node.kind !== 'call') return false;
  const { operatorOid } = node;
  if (operatorOid === undefined) return isSafeFunction(node.functionOid);
  const name = functionRegistry.operatorByOid(operatorOid)?.name ?? '';
  return safeOperators.has(name) || (arithmetic.has(name) && wideTypes.has(node.type.oid));
}

/** A cast of arrays whose elements are converted by what cannot fail (a list of varchar as text[]). */
function isSafeForElements({ method, elementCast }: CastExpression): boolean {
  if (method !== 'array' || elementCast === undefined) return false;
  return !someExpression(elementCast, (node) => node.kind !== 'input' && !isSafe(node));
}

/** Widening casts are functions that a cast names. */
function isSafeFunction(functionOid: number): boolean {
  const signature = functionRegistry.functionByOid(functionOid);
  if (signature === undefined) return false;
  if (safeFunctions.has(signature.name)) return true;
  const [source] = signature.argumentTypes;
  const cast =
    signature.argumentTypes.length === 1
      ? functionRegistry.castBetween(source, signature.resultType)
      : undefined;
  return cast?.functionOid === functionOid && cast.context === 'implicit';
}
