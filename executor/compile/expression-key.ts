// A text that is the same for expressions that compute the same, so that generated code computes them
// once. It is a key only, and never becomes part of the code.

import { type Expression, Jsonb } from '#common';
import { visitExpression } from '../expression/walk.ts';
import { isVolatileCall } from './row-constants.ts';

const keys = new WeakMap<Expression, { readonly key: string | undefined }>();

/** undefined: each occurrence is computed for itself. */
export function expressionKey(expression: Expression): string | undefined {
  let known = keys.get(expression);
  if (known === undefined) {
    known = { key: isShareable(expression) ? JSON.stringify(expression, replacer) : undefined };
    keys.set(expression, known);
  }
  return known.key;
}

function replacer(this: unknown, name: string, value: unknown): unknown {
  if (name === 'position') return undefined;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0';
  // It has no fields that can be seen.
  if (value instanceof Jsonb) return { jsonb: String(value) };
  return value;
}

function isShareable(expression: Expression): boolean {
  let shareable = true;
  visitExpression(expression, (inner) => {
    if (inner.kind === 'caseTest' || inner.kind === 'subplan' || isVolatileCall(inner))
      shareable = false;
  });
  return shareable;
}
