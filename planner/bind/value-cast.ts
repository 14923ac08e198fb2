// Conversion of a value whose type is known only when a routine runs: by assignment cast or, as
// PL/pgSQL does it, through text.

import type { Expression, ParameterExpression, SqlType } from '#common';
import { guardStack } from '../parse/index.ts';
import { coerceToTarget, coerceTypmod } from './coercion.ts';
import type { BindContext } from './context.ts';
import { newBinder } from './grammar.ts';
import { noSource } from './stored-expression.ts';

/** The value is parameter 0. `explicit`: any cast will do. */
export function bindValueCast(source: SqlType, target: SqlType, context: BindContext): Expression {
  return guardStack(() => {
    const { variables: _variables, ...plain } = context;
    const binder = newBinder(
      { ...plain, parameterTypes: [source], allowParameters: true },
      noSource,
    );
    const value: ParameterExpression = { kind: 'parameter', index: 0, type: source };
    const converted = coerceToTarget(value, target, 'assignment', binder);
    if (converted !== undefined) return converted;
    const throughText: Expression = {
      kind: 'cast',
      method: 'io',
      argument: value,
      explicit: false,
      type: target,
    };
    return coerceTypmod(throughText, target, false);
  });
}
