// Gives the table layer what it cannot compute itself: predicates of partial indexes and expressions of
// expression indexes. Compiled once per table descriptor; such expressions are immutable, so they only
// borrow the session at hand.

import { type Column, type Datum, type TableDescriptor, assert } from '#common';
import type { FunctionContext } from '#functions';
import { tableAccess } from '#storage';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from '../expression/environment.ts';
import { SingleRow } from './single-row.ts';
import { type BindingScope, indexExpression } from './stored-expressions.ts';

interface IndexEnvironment extends ExpressionEnvironment {
  functions: FunctionContext;
}

const prepared = new WeakMap<TableDescriptor, IndexEnvironment>();

export function hasComputedIndexes(table: TableDescriptor): boolean {
  return table.indexes.some(
    (index) =>
      index.predicate !== undefined ||
      index.columns.some((column) => column.expression !== undefined),
  );
}

/** To be called before a statement writes rows of the table. */
export function prepareIndexComputations(table: TableDescriptor, scope: BindingScope): void {
  if (!hasComputedIndexes(table)) return;
  const known = prepared.get(table);
  if (known !== undefined) {
    known.functions = scope.functions;
    return;
  }
  const environment: IndexEnvironment = {
    parameters: [],
    slots: [],
    functions: scope.functions,
    caseTest: null,
    subplan: () => assert(false, 'index expressions have no subqueries') as never,
  };
  install(table, environment, scope);
  prepared.set(table, environment);
}

function install(table: TableDescriptor, environment: IndexEnvironment, scope: BindingScope): void {
  const row = new SingleRow(table.columns.length);
  const compile = (sql: string, place: 'indexExpression' | 'indexPredicate'): Evaluator =>
    compileExpression(indexExpression(sql, place, { table, scope }), environment);
  const evaluate = (evaluator: Evaluator, values: readonly Datum[]): Datum => {
    const columns: readonly Column[] = row.columns;
    for (let i = 0; i < columns.length; i++) row.set(i, values[i] ?? null);
    return evaluator(columns, 0);
  };
  for (const index of table.indexes) {
    const predicate =
      index.predicate === undefined ? undefined : compile(index.predicate.sql, 'indexPredicate');
    const expressions = index.columns.map((column) =>
      column.expression === undefined
        ? undefined
        : compile(column.expression.sql, 'indexExpression'),
    );
    const computed = expressions.some((expression) => expression !== undefined);
    if (predicate === undefined && !computed) continue;
    tableAccess(table).setIndexComputation(index.oid, {
      ...(predicate === undefined
        ? {}
        : { includes: (values) => evaluate(predicate, values) === true }),
      ...(computed
        ? { expression: (values, position) => evaluate(expressions[position]!, values) }
        : {}),
    });
  }
}
