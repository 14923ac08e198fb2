// One type for several expressions (UNION, CASE, COALESCE, VALUES, IN, ARRAY): PostgreSQL's
// select_common_type and coerce_to_common_type.

import { databaseError, sqlType, TypeOid, type Expression, type SqlType } from '#common';
import { typeResolution } from '#functions';
import { at } from '../errors.ts';
import { canCoerce, coerceType } from './coercion.ts';
import type { Binder } from './context.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

/** The common type, or 42804 "CASE types text and integer cannot be matched". */
export function selectCommonType(
  expressions: readonly Expression[],
  construct: string,
  binder: Binder,
): SqlType {
  const common = typeResolution.commonType(expressions.map(({ type }) => type.oid));
  if (common.kind === 'type') return sqlType(common.type);
  const offender = expressions.find(({ type }) => type.oid === common.right);
  throw databaseError(
    'datatypeMismatch',
    `${construct} types ${typeName(sqlType(common.left), binder)} and ${typeName(sqlType(common.right), binder)} cannot be matched`,
    at(offender === undefined ? undefined : startOf(offender)),
  );
}

/** select_common_type() that does not complain; undefined instead, also for nothing but literals. */
export function commonTypeIfAny(expressions: readonly Expression[]): SqlType | undefined {
  if (expressions.every(({ type }) => type.oid === TypeOid.unknown)) return undefined;
  const common = typeResolution.commonType(expressions.map(({ type }) => type.oid));
  return common.kind === 'type' ? sqlType(common.type) : undefined;
}

export function coerceToCommon(
  expression: Expression,
  type: SqlType,
  construct: string,
  binder: Binder,
): Expression {
  if (expression.type.oid === type.oid) return expression;
  if (!canCoerce(expression.type.oid, type.oid, 'implicit')) {
    throw databaseError(
      'cannotCoerce',
      `${construct} could not convert type ${typeName(expression.type, binder)} to ${typeName(type, binder)}`,
      at(startOf(expression)),
    );
  }
  return coerceType(expression, sqlType(type.oid), 'implicit', binder);
}

/** The type modifier when all the expressions agree on it, else -1. */
export function commonTypmod(expressions: readonly Expression[], common: SqlType): number {
  const first = expressions[0]?.type;
  if (first === undefined || first.oid !== common.oid) return -1;
  const same = expressions.every(
    ({ type }) => type.oid === common.oid && type.typmod === first.typmod,
  );
  return same ? first.typmod : -1;
}

/** Coerces all to their common type; the type carries a modifier they share. */
export function unify(
  expressions: readonly Expression[],
  construct: string,
  binder: Binder,
): { readonly type: SqlType; readonly expressions: readonly Expression[] } {
  const common = selectCommonType(expressions, construct, binder);
  const coerced = expressions.map((each) => coerceToCommon(each, common, construct, binder));
  return { type: sqlType(common.oid, commonTypmod(coerced, common)), expressions: coerced };
}
