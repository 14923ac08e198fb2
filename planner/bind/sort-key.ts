// One key of an ORDER BY: direction, place of nulls, and that its type can be ordered at all.

import type { SortBy } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  sqlType,
  TypeOid,
  type Expression,
  type OrderKey,
} from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';
import { coerceType } from './coercion.ts';
import type { Binder } from './context.ts';
import { locationOf, stringsOf } from './node.ts';
import type { Scope } from './scope.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

/** Binds the expression of a key as it stands (aggregates and windows: no names of output columns). */
export function bindSortKey(sort: SortBy, scope: Scope): OrderKey {
  return sortKey(sort, scope.bind(sort.node!), scope.binder);
}

/** The key over an expression that is bound already; an untyped literal sorts as text. */
export function sortKey(sort: SortBy, expression: Expression, binder: Binder): OrderKey {
  const value = textIfUnknown(expression, binder);
  requireOrdering(value, binder, binder.position(locationOf(sort.node)));
  const descending = isDescending(sort);
  const nullsFirst =
    sort.sortby_nulls === 'SORTBY_NULLS_FIRST' ||
    (descending && sort.sortby_nulls !== 'SORTBY_NULLS_LAST');
  return { expression: value, descending, nullsFirst };
}

function isDescending(sort: SortBy): boolean {
  if (sort.sortby_dir !== 'SORTBY_USING') return sort.sortby_dir === 'SORTBY_DESC';
  const operator = stringsOf(sort.useOp).at(-1);
  if (operator === '<') return false;
  if (operator === '>') return true;
  throw notSupported(`ORDER BY USING ${operator}`);
}

export function textIfUnknown(expression: Expression, binder: Binder): Expression {
  return expression.type.oid === TypeOid.unknown
    ? coerceType(expression, sqlType(TypeOid.text), 'implicit', binder)
    : expression;
}

export function requireOrdering(
  expression: Expression,
  binder: Binder,
  position = startOf(expression),
): void {
  if (functionRegistry.ordering(expression.type.oid) !== undefined) return;
  throw databaseError(
    'undefinedFunction',
    `could not identify an ordering operator for type ${typeName(expression.type, binder)}`,
    { ...at(position), hint: 'Use an explicit ordering operator or modify the query.' },
  );
}

/** GROUP BY, DISTINCT and UNION need equality, which comes with the ordering. */
export function requireEquality(
  expression: Expression,
  binder: Binder,
  position = startOf(expression),
): void {
  if (functionRegistry.ordering(expression.type.oid) !== undefined) return;
  throw databaseError(
    'undefinedFunction',
    `could not identify an equality operator for type ${typeName(expression.type, binder)}`,
    at(position),
  );
}
