// WHERE CURRENT OF: UPDATE and DELETE of the row that a cursor stands on. A cursor's query returns the
// keys of its rows behind its visible columns; the statement's scan reads the row of the key that the
// cursor has for its table (PostgreSQL's execCurrent.c says which queries have one).

import type { CurrentOfExpr, Node, SelectStmt } from '@pgsql/types';
import { databaseError, type Expression, sqlType, TypeOid } from '#common';
import type { CursorKey } from '../logical-plan.ts';
import { constant } from './expression-build.ts';
import { tablesBelow } from './inheritance.ts';
import type { ModifiedTable } from './modified-table.ts';
import { bodyOf } from './node.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import { variableReference } from './variable.ts';

/** The name of the cursor in WHERE CURRENT OF; undefined for any other condition. */
export function currentOf(
  where: Node | undefined,
  target: ModifiedTable,
  scope: Scope,
): Expression | undefined {
  const node: CurrentOfExpr | undefined = bodyOf(where, 'CurrentOfExpr');
  if (node === undefined) return undefined;
  if (target.isView || target.view !== undefined) {
    throw databaseError('featureNotSupported', 'WHERE CURRENT OF on a view is not implemented');
  }
  const name = node.cursor_name ?? '';
  const variable = variableReference([name], scope, undefined);
  if (variable !== undefined && 'expression' in variable) {
    const { expression } = variable;
    if (expression.type.oid === TypeOid.refcursor) return expression;
  }
  return constant(name, sqlType(TypeOid.text));
}

/** The query is a cursor's own, not one inside of it. */
export function isCursorQuery(statement: SelectStmt, scope: Scope): boolean {
  return scope.binder.cursorQuery === statement;
}

/** Notes that the cursor's rows come with the key of the item's row, in a column of the query's plan. */
export function noteCursorKey(
  item: NamespaceItem,
  column: number,
  scope: Scope,
  locked: boolean,
): void {
  const { table } = item;
  if (table === undefined) return;
  const { binder } = scope;
  const isTagged = (table.children ?? []).length > 0 || table.partitioning !== undefined;
  const tables = isTagged ? tablesBelow(table, binder.context.catalog).map(({ oid }) => oid) : [];
  const key: CursorKey = {
    column,
    tableOid: table.oid,
    members: isTagged ? tables : undefined,
    locked,
  };
  binder.cursorKeys.push(key);
}
