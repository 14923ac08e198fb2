// Which expressions look at nothing of a text column but its first characters.

import { type Datum, type Expression, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import { prefixLengthMax } from './prefix-places.ts';

/** The value of an expression that is the same for all rows. */
type ValueOf = (expression: Expression) => Datum | undefined;

/** The most characters that the expression looks at; undefined: it looks at more than a prefix. */
export function prefixLengthOf(expression: Expression, valueOf: ValueOf): number | undefined {
  let length = 0;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) return value.forEach(visit);
    if (Object.getPrototypeOf(value) !== Object.prototype) return;
    const inner = value as Expression;
    if (inner.kind === 'input') length = Infinity;
    const prefix = substringLength(inner, valueOf);
    // What a cast does with the elements of an array reads no column.
    if (inner.kind === 'cast') visit(inner.argument);
    else if (prefix === undefined) Object.values(value).forEach(visit);
    else if (length === 0 || length === prefix) length = prefix;
    else length = Infinity;
  };
  visit(expression);
  return length >= 1 && length <= prefixLengthMax ? length : undefined;
}

/** n of substring(column from 1 for n). */
function substringLength(expression: Expression, valueOf: ValueOf): number | undefined {
  if (expression.kind !== 'call' || implementationOf(expression) !== 'text_substr')
    return undefined;
  const [text, start, length] = expression.arguments;
  if (!isTextColumn(text) || valueOf(start) !== 1) return undefined;
  const characters = valueOf(length);
  return typeof characters === 'number' ? characters : undefined;
}

/** A text column; a cast of char(n) to text strips blanks, others change nothing. */
function isTextColumn(expression: Expression): boolean {
  if (expression.kind === 'input') {
    const { oid } = expression.type;
    return oid === TypeOid.text || oid === TypeOid.varchar || oid === TypeOid.bpchar;
  }
  if (expression.kind === 'cast') {
    return expression.method === 'relabel' && isTextColumn(expression.argument);
  }
  if (expression.kind !== 'call' || implementationOf(expression) !== 'rtrim1') return false;
  return expression.arguments.length === 1 && isTextColumn(expression.arguments[0]);
}

function implementationOf(expression: Extract<Expression, { kind: 'call' }>): string | undefined {
  return functionRegistry.functionByOid(expression.functionOid)?.implementation;
}
