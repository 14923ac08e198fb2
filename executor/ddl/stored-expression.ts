// Expressions that the catalog keeps: defaults, checks, generation and index expressions, predicates.
// Each is bound to be checked and typed, and kept as the text of what was bound, with relations and user
// types by oid ('16384'::regclass, pg_catalog."16384"), so that renaming them does no harm.

import type { Node } from '@pgsql/types';
import {
  type Expression,
  quoteIdentifier,
  type SqlType,
  type StoredExpression,
  type TableDescriptor,
} from '#common';
import {
  bindStoredExpression,
  bindTableExpression,
  bodyOf,
  deparseExpression,
  type NameResolver,
  type TableExpression,
  type TableExpressionRequest,
} from '#planner';
import type { DdlStatement } from './statement.ts';

export interface ExpressionTarget {
  readonly place: TableExpressionRequest['place'];
  /** Columns that the expression may name; absent: none. */
  readonly table?: TableDescriptor;
  /** The type of VALUE in a domain's constraint. */
  readonly value?: SqlType;
  /** The column that the value is for; it is converted to its type. */
  readonly column?: { readonly name: string; readonly type: SqlType };
}

export interface StoredBinding {
  readonly stored: StoredExpression;
  /** Over `input` ordinals: attribute number - 1. */
  readonly expression: Expression;
  /** Attributes that the expression reads, ascending. */
  readonly attributes: readonly number[];
}

export function bindStored(ddl: DdlStatement, node: Node, target: ExpressionTarget): StoredBinding {
  const request = requestOf(ddl, target);
  const bound = bindTableExpression(node, ddl.parsed, request);
  return binding(
    bound,
    expressionSql(shownExpression(ddl, node, request).expression, target.table),
  );
}

/** A literal is kept with its column's type ('x'::character varying), anything else as it is written. */
function shownExpression(
  ddl: DdlStatement,
  node: Node,
  request: TableExpressionRequest,
): TableExpression {
  const { column } = request;
  if (column === undefined) return bindTableExpression(node, ddl.parsed, request);
  const isString = bodyOf(node, 'A_Const')?.sval !== undefined;
  const shown = isString
    ? { ...request, column: { ...column, type: { oid: column.type.oid, typmod: -1 } } }
    : withoutColumn(request);
  return bindTableExpression(node, ddl.parsed, shown);
}

/** Text that was stored before, bound anew (LIKE, ALTER TABLE). */
export function bindStoredText(
  ddl: DdlStatement,
  sql: string,
  target: ExpressionTarget,
): StoredBinding {
  return binding(bindStoredExpression(sql, requestOf(ddl, target)), sql);
}

function binding(bound: TableExpression, sql: string): StoredBinding {
  const { expression, attributes, dependencies } = bound;
  return { stored: { sql, dependencies }, expression, attributes };
}

function requestOf(ddl: DdlStatement, target: ExpressionTarget): TableExpressionRequest {
  return { ...target, context: ddl.definitionContext };
}

function withoutColumn({
  column: _column,
  ...request
}: TableExpressionRequest): TableExpressionRequest {
  return request;
}

/** The text of an expression over a table's row. */
export function expressionSql(expression: Expression, table: TableDescriptor | undefined): string {
  const names: NameResolver = {
    column: (id) => `column${id}`,
    input: (ordinal) =>
      table === undefined ? 'VALUE' : quoteIdentifier(table.columns[ordinal]?.name ?? ''),
    slot: (slot) => `$${slot}`,
    subplan: () => '(SubPlan)',
    userType: (oid) => `pg_catalog."${oid}"`,
  };
  return deparseExpression(expression, names);
}

/** DEFAULT NULL is no default. */
export function isNullConstant(node: Node): boolean {
  return bodyOf(node, 'A_Const')?.isnull === true;
}
