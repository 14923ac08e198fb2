// What an index or an exclusion constraint is over: columns, expressions, included columns.

import type { IndexElem, Node } from '@pgsql/types';
import {
  databaseError,
  type IndexColumn,
  isDeterministic,
  notSupported,
  type SqlType,
  type TableDescriptor,
} from '#common';
import { bodyOf, columnTypeOf, isCollatable, nodeTag, stringsOf, typeCollation } from '#planner';
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
  const name = element.name ?? simpleColumnName(element);
  if (name !== undefined) {
    const found = liveColumn(table, name);
    if (found === undefined)
      throw databaseError('undefinedColumn', `column "${name}" does not exist`);
    const { attributeNumber, type } = found;
    const order = classAndOrder(ddl, method, element, type);
    return { column: { attributeNumber, ...order, ...keyCollation(ddl, element, type) }, type };
  }
  const { stored, expression } = bindStored(ddl, withoutCollation(element.expr!), {
    place: 'indexExpression',
    table,
  });
  requireImmutable(expression, 'indexExpression');
  const { type } = expression;
  const order = classAndOrder(ddl, method, element, type);
  const collation = keyCollation(ddl, element, columnTypeOf(expression));
  const column = { attributeNumber: 0, expression: stored, type, ...order, ...collation };
  return { column, type };
}

/** COLLATE, of the element or on top of its expression, where it says what the key does not say itself. */
function keyCollation(
  ddl: DdlStatement,
  element: IndexElem,
  type: SqlType,
): { readonly collation?: number } {
  const inner = bodyOf(element.expr, 'CollateClause')?.collname;
  const name = element.collation ?? inner;
  if (name === undefined) return {};
  const collation = findCollation(ddl, stringsOf(name)).oid;
  return isCollatable(type) && typeCollation(type) === collation ? {} : { collation };
}

function withoutCollation(expression: Node): Node {
  const inner = bodyOf(expression, 'CollateClause')?.arg;
  return inner === undefined ? expression : withoutCollation(inner);
}

/** They look into texts, and go by their bytes. */
const patternClasses = ['text_pattern_ops', 'varchar_pattern_ops', 'bpchar_pattern_ops'];

/** 42804 for a collation of what has none, 0A000 for one that an operator class cannot go by. */
export function checkKeyCollation(
  ddl: DdlStatement,
  { collation, operatorClass }: IndexColumn,
  type: SqlType,
): void {
  const isPattern = operatorClass !== undefined && patternClasses.includes(operatorClass);
  if (isPattern && !isDeterministic(collation ?? typeCollation(type))) {
    throw databaseError(
      'featureNotSupported',
      `nondeterministic collations are not supported for operator class "${operatorClass}"`,
    );
  }
  if (collation === undefined || isCollatable(type)) return;
  throw databaseError(
    'datatypeMismatch',
    `collations are not supported by type ${ddl.typeText(type)}`,
  );
}

/** (a) in parentheses is the column, not an expression. */
function simpleColumnName(element: IndexElem): string | undefined {
  const expression = element.expr === undefined ? undefined : withoutCollation(element.expr);
  if (expression === undefined || nodeTag(expression) !== 'ColumnRef') return undefined;
  const fields = bodyOf(expression, 'ColumnRef')?.fields ?? [];
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
