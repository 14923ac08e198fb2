// CAST, :: and type 'literal'.

import type { TypeCast } from '@pgsql/types';
import {
  baseTypeOf,
  databaseError,
  elementTypeOf,
  sqlType,
  type Expression,
  type SqlType,
} from '#common';
import { at } from '../errors.ts';
import { bindArray } from './array-expression.ts';
import { coerceToTarget } from './coercion.ts';
import { withPosition, type Binder } from './context.ts';
import { bodyOf } from './node.ts';
import { multirangeOf } from './range-constructor.ts';
import type { Scope } from './scope.ts';
import { resolveTypeName, typeName } from './type-name.ts';

export function bindTypeCast(cast: TypeCast, scope: Scope): Expression {
  const { binder } = scope;
  const target = resolveTypeName(cast.typeName!, binder);
  const array = bodyOf(cast.arg, 'A_ArrayExpr');
  // The elements are of the type's elements, below a domain too.
  const base = baseTypeOf(target.oid);
  const arrayType = base === target.oid ? target : sqlType(base);
  const argument =
    array !== undefined && elementTypeOf(base) !== 0
      ? bindArray(array, scope, arrayType)
      : scope.bind(cast.arg!);
  const location = cast.location === -1 ? cast.typeName?.location : cast.location;
  return explicitCast(argument, target, binder, scope.position(location));
}

export function explicitCast(
  argument: Expression,
  target: SqlType,
  binder: Binder,
  position: number | undefined,
): Expression {
  const multirange = multirangeOf(argument, target);
  if (multirange !== undefined) return multirange;
  const value = withPosition(position ?? argument.position, () =>
    coerceToTarget(argument, target, 'explicit', binder),
  );
  if (value !== undefined) return value;
  throw databaseError(
    'cannotCoerce',
    `cannot cast type ${typeName(argument.type, binder)} to ${typeName(target, binder)}`,
    at(position ?? argument.position),
  );
}
