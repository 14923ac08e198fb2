// Does one condition follow from another (PostgreSQL's predicate_implied_by(), for what the predicates of
// partial indexes are made of)? Equal conditions, comparisons of the same operand with constants, and
// IS NOT NULL of what a comparison reads. What is not seen to follow counts as not following.

import type { Datum, Expression } from '#common';
import { functionRegistry } from '#functions';
import { sameExpression } from './same-expression.ts';

/** Every part of the wanted conjunction follows from one of the given conjuncts. */
export function followsFrom(wanted: readonly Expression[], given: readonly Expression[]): boolean {
  return wanted.every((part) => given.some((each) => implies(each, part)));
}

function implies(given: Expression, wanted: Expression): boolean {
  if (sameExpression(given, wanted)) return true;
  const known = comparisonOf(given);
  if (known === undefined) return false;
  if (wanted.kind === 'isNull')
    return wanted.negated && !wanted.rowwise && sameExpression(wanted.argument, known.operand);
  const asked = comparisonOf(wanted);
  if (asked === undefined || asked.typeOid !== known.typeOid) return false;
  return sameExpression(asked.operand, known.operand) && isWithin(known, asked);
}

type Symbol = '<' | '<=' | '=' | '>=' | '>';

/** operand symbol value */
interface Comparison {
  readonly operand: Expression;
  readonly symbol: Symbol;
  readonly value: Datum;
  readonly typeOid: number;
}

const mirrored = { '<': '>', '<=': '>=', '=': '=', '>=': '<=', '>': '<' } as const;

/** Of values of one type, in the type's own order. */
function comparisonOf(expression: Expression): Comparison | undefined {
  if (expression.kind !== 'call' || expression.arguments.length !== 2) return undefined;
  const operator = functionRegistry.operatorByOid(expression.operatorOid ?? 0);
  if (operator === undefined || operator.left !== operator.right) return undefined;
  if (!Object.hasOwn(mirrored, operator.name)) return undefined;
  const [left, right] = expression.arguments;
  if (left.type.collation !== undefined || right.type.collation !== undefined) return undefined;
  const symbol = operator.name as Symbol;
  const typeOid = operator.left ?? 0;
  if (right.kind === 'constant' && right.value !== null)
    return { operand: left, symbol, value: right.value, typeOid };
  if (left.kind === 'constant' && left.value !== null)
    return { operand: right, symbol: mirrored[symbol], value: left.value, typeOid };
  return undefined;
}

function isWithin(known: Comparison, asked: Comparison): boolean {
  const ordering = functionRegistry.ordering(known.typeOid);
  if (ordering === undefined) return false;
  const order = ordering.compare(known.value, asked.value);
  const isPoint = known.symbol === '=';
  switch (asked.symbol) {
    case '=':
      return isPoint && order === 0;
    case '<':
      return isPoint || known.symbol === '<=' ? order < 0 : known.symbol === '<' && order <= 0;
    case '<=':
      return (isPoint || known.symbol === '<=' || known.symbol === '<') && order <= 0;
    case '>':
      return isPoint || known.symbol === '>=' ? order > 0 : known.symbol === '>' && order >= 0;
    case '>=':
      return (isPoint || known.symbol === '>=' || known.symbol === '>') && order >= 0;
  }
}
