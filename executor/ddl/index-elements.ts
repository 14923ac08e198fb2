// What an index or an exclusion constraint is over: columns, expressions, included columns.

import type { IndexElem } from '@pgsql/types';
import {
  databaseError,
  type IndexColumn,
  notSupported,
  type SqlType,
  type TableDescriptor,
} from '#common';
import { bodyOf, isCollatable, nodeTag, stringsOf, typeCollation } from '#planner';
import { liveColumn } from './index-definition.ts';
import { classAndOrder } from './operator-classes.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored } from './stored-expression.ts';
import { findCollation } from './collations.ts';
import { requireImmutable } from '../expression/volatility.ts';

/** A column or expression of an index, with its order. */
export function indexColumn(
  ddl: DdlStatement,
  table: TableDescriptor,
  method: string,
  element: IndexElem,
): { readonly column: IndexColumn; readonly type: SqlType } {
  const collation = keyCollation(ddl, element);
  const name = element.name ?? simpleColumnName(element);
  if (name !== undefined) {
    const found = liveColumn(table, name);
    if (found === undefined)
      throw databaseError('undefinedColumn', `column "${name}" does not exist`);
    const { attributeNumber, type } = found;
    return {
      column: {
        attributeNumber,
        ...classAndOrder(ddl, method, element, type),
        ...(collation === undefined ? {} : { collation }),
      },
      type,
    };
  }
  const { stored, expression } = bindStored(ddl, element.expr!, {
    place: 'indexExpression',
    table,
  });
  requireImmutable(expression, 'indexExpression');
  const { type } = expression;
  const order = classAndOrder(ddl, method, element, type);
  const own = collation === undefined ? {} : { collation };
  return { column: { attributeNumber: 0, expression: stored, ...order, ...own }, type };
}

/** Says in pg_index what the key is compared by; undefined: what its column says. */
function keyCollation(ddl: DdlStatement, element: IndexElem): number | undefined {
  if (element.collation === undefined) return undefined;
  return findCollation(ddl, stringsOf(element.collation)).oid;
}

/** 42804 for a collation of what has none, 0A000 for a unique key that its bytes do not tell. */
export function checkKeyCollation(
  ddl: DdlStatement,
  { collation }: IndexColumn,
  type: SqlType,
  unique: boolean,
): void {
  if (collation !== undefined && !isCollatable(type)) {
    throw databaseError(
      'datatypeMismatch',
      `collations are not supported by type ${ddl.typeText(type)}`,
    );
  }
  const effective = ddl.catalog.collationByOid(collation ?? typeCollation(type));
  if (unique && effective?.deterministic === false)
    throw notSupported('a unique index under a nondeterministic collation');
}

/** (a) in parentheses is the column, not an expression. */
function simpleColumnName(element: IndexElem): string | undefined {
  if (element.expr === undefined || nodeTag(element.expr) !== 'ColumnRef') return undefined;
  const fields = bodyOf(element.expr, 'ColumnRef')?.fields ?? [];
  return fields.length === 1 ? bodyOf(fields[0], 'String')?.sval : undefined;
}

/** An attribute of INCLUDE. */
export function includedColumn(table: TableDescriptor, element: IndexElem): number {
  if (element.name === undefined) throw notSupported('an expression in included columns');
  const column = liveColumn(table, element.name);
  if (column === undefined)
    throw databaseError('undefinedColumn', `column "${element.name}" does not exist`);
  return column.attributeNumber;
}

/** A column or expression of an exclusion constraint. */
export function comparedColumn(
  ddl: DdlStatement,
  table: TableDescriptor,
  method: string,
  element: IndexElem,
): { readonly column: IndexColumn; readonly type: SqlType } {
  const name = element.name ?? simpleColumnName(element);
  if (name !== undefined && liveColumn(table, name) === undefined)
    throw databaseError('undefinedColumn', `column "${name}" named in key does not exist`);
  return indexColumn(ddl, table, method, element);
}
