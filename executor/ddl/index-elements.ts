// What an index or an exclusion constraint is over: columns, expressions, included columns.

import type { IndexElem } from '@pgsql/types';
import {
  databaseError,
  type IndexColumn,
  notSupported,
  type SqlType,
  type TableDescriptor,
} from '#common';
import { bodyOf, nodeTag, stringsOf } from '#planner';
import { liveColumn, requireOrdering } from './index-definition.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored } from './stored-expression.ts';
import { checkCollation } from './table-elements.ts';
import { requireImmutable } from './volatility.ts';

/** A column or expression of an index, with its order. */
export function indexColumn(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: IndexElem,
): IndexColumn {
  const descending = element.ordering === 'SORTBY_DESC';
  const nulls = element.nulls_ordering;
  const collation = stringsOf(element.collation).at(-1);
  if (collation !== undefined) checkCollation(collation);
  const operatorClass = stringsOf(element.opclass).at(-1);
  const order = {
    descending,
    nullsFirst: nulls === 'SORTBY_NULLS_FIRST' || (descending && nulls !== 'SORTBY_NULLS_LAST'),
    ...(operatorClass === undefined ? {} : { operatorClass: checkOperatorClass(operatorClass) }),
  };
  const name = element.name ?? simpleColumnName(element);
  if (name !== undefined) {
    const column = liveColumn(table, name);
    if (column === undefined)
      throw databaseError('undefinedColumn', `column "${name}" does not exist`);
    requireOrdering(column.type);
    return { attributeNumber: column.attributeNumber, ...order };
  }
  const { stored, expression } = bindStored(ddl, element.expr!, {
    place: 'indexExpression',
    table,
  });
  requireImmutable(expression, 'indexExpression');
  requireOrdering(expression.type);
  return { attributeNumber: 0, expression: stored, ...order };
}

/** (a) in parentheses is the column, not an expression. */
function simpleColumnName(element: IndexElem): string | undefined {
  if (element.expr === undefined || nodeTag(element.expr) !== 'ColumnRef') return undefined;
  const fields = bodyOf(element.expr, 'ColumnRef')?.fields ?? [];
  return fields.length === 1 ? bodyOf(fields[0], 'String')?.sval : undefined;
}

/** Byte order is the order of all text, so the pattern classes are the plain ones. */
function checkOperatorClass(name: string): string {
  if (/^[a-z0-9_]+_ops$/.test(name) && !name.includes('trgm') && !name.startsWith('gin_'))
    return name;
  throw databaseError(
    'undefinedObject',
    `operator class "${name}" does not exist for access method "btree"`,
  );
}

/** An attribute of INCLUDE. */
export function includedColumn(table: TableDescriptor, element: IndexElem): number {
  if (element.name === undefined) throw notSupported('an expression in included columns');
  const column = liveColumn(table, element.name);
  if (column === undefined)
    throw databaseError('undefinedColumn', `column "${element.name}" does not exist`);
  return column.attributeNumber;
}

/** A column or expression of an exclusion constraint: values need no order, only its operator. */
export function comparedColumn(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: IndexElem,
): { readonly column: IndexColumn; readonly type: SqlType } {
  const operatorClass = stringsOf(element.opclass).at(-1);
  const order = {
    descending: false,
    nullsFirst: false,
    ...(operatorClass === undefined ? {} : { operatorClass }),
  };
  const name = element.name ?? simpleColumnName(element);
  if (name !== undefined) {
    const column = liveColumn(table, name);
    if (column === undefined)
      throw databaseError('undefinedColumn', `column "${name}" named in key does not exist`);
    return { column: { attributeNumber: column.attributeNumber, ...order }, type: column.type };
  }
  const { stored, expression } = bindStored(ddl, element.expr!, {
    place: 'indexExpression',
    table,
  });
  return { column: { attributeNumber: 0, expression: stored, ...order }, type: expression.type };
}
