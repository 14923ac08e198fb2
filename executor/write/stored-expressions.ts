// Expressions that a table keeps as text, bound for writes whose plan does not carry them: CHECK
// constraints and defaults of tables that a cascade writes, index expressions and predicates.

import type { Expression, TableDescriptor } from '#common';
import type { FunctionContext } from '#functions';
import {
  type BindContext,
  type Catalog,
  type PhysicalCheck,
  bindColumnDefault,
  bindStoredExpression,
  bindTableChecks,
} from '#planner';

/** What binding needs of an execution. */
export interface BindingScope {
  readonly catalog: Catalog;
  readonly functions: FunctionContext;
}

export function tableChecks(table: TableDescriptor, scope: BindingScope): readonly PhysicalCheck[] {
  if (!table.constraints.some((constraint) => constraint.type === 'check')) return [];
  return bindTableChecks(table, bindContext(scope));
}

/** The default of a column, over no columns; undefined when it has none. */
export function defaultExpression(
  table: TableDescriptor,
  attribute: number,
  scope: BindingScope,
): Expression | undefined {
  return bindColumnDefault(table, attribute, bindContext(scope));
}

/** An index's expression or predicate over `input` ordinals attribute number - 1. */
export function indexExpression(
  sql: string,
  place: 'indexExpression' | 'indexPredicate',
  parts: { readonly table: TableDescriptor; readonly scope: BindingScope },
): Expression {
  const context = bindContext(parts.scope);
  return bindStoredExpression(sql, { place, context, table: parts.table }).expression;
}

/** A key of a partitioned table that is an expression, over `input` ordinals attribute number - 1. */
export function partitionKeyExpression(
  sql: string,
  { table, scope }: { readonly table: TableDescriptor; readonly scope: BindingScope },
): Expression {
  const context = bindContext(scope);
  return bindStoredExpression(sql, { place: 'partitionKey', context, table }).expression;
}

function bindContext({ catalog, functions }: BindingScope): BindContext {
  const { searchPath, currentUser } = functions;
  return {
    catalog,
    searchPath: searchPath.includes('pg_catalog') ? searchPath : ['pg_catalog', ...searchPath],
    currentUser,
    formatSettings: functions,
  };
}
