// Gives the table layer what it cannot compute itself: predicates of partial indexes, expressions of
// expression indexes, terms of inverted ones. Compiled once per table descriptor; such expressions are immutable, so they only
// borrow the session at hand.

import {
  assert,
  type Column,
  type Datum,
  type IndexDescriptor,
  notSupported,
  type SqlType,
  type TableDescriptor,
} from '#common';
import { type FunctionContext, indexClassOf, invertedClass } from '#functions';
import { columnTypeOf } from '#planner';
import { tableAccess } from '#storage';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from '../expression/environment.ts';
import { SingleRow } from './single-row.ts';
import { type BindingScope, indexExpression } from './stored-expressions.ts';

interface IndexEnvironment extends ExpressionEnvironment {
  functions: FunctionContext;
}

interface Compiled {
  readonly evaluate: Evaluator;
  readonly type: SqlType;
}

const prepared = new WeakMap<TableDescriptor, IndexEnvironment>();

export function hasComputedIndexes(table: TableDescriptor): boolean {
  return table.indexes.some(
    (index) =>
      index.method === 'gin' ||
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
  const compile = (sql: string, place: 'indexExpression' | 'indexPredicate'): Compiled => {
    const expression = indexExpression(sql, place, { table, scope });
    return { evaluate: compileExpression(expression, environment), type: columnTypeOf(expression) };
  };
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
    const isInverted = index.method === 'gin';
    if (predicate === undefined && !computed && !isInverted) continue;
    const valueOf = (values: readonly Datum[], position: number): Datum => {
      const { attributeNumber } = index.columns[position];
      if (attributeNumber !== 0) return values[attributeNumber - 1] ?? null;
      return evaluate(expressions[position]!.evaluate, values);
    };
    tableAccess(table).setIndexComputation(index.oid, {
      ...(predicate === undefined
        ? {}
        : { includes: (values) => evaluate(predicate.evaluate, values) === true }),
      ...(computed
        ? {
            expression: (values, position) => evaluate(expressions[position]!.evaluate, values),
            types: expressions.map((expression) => expression?.type),
          }
        : {}),
      ...(isInverted ? { terms: termsOf(table, index, expressions, valueOf) } : {}),
    });
  }
}

function termsOf(
  table: TableDescriptor,
  index: IndexDescriptor,
  expressions: readonly (Compiled | undefined)[],
  valueOf: (values: readonly Datum[], position: number) => Datum,
): (values: readonly Datum[], position: number) => Iterable<string> {
  const classes = index.columns.map((column, position) => {
    const { oid } = expressions[position]?.type ?? table.columns[column.attributeNumber - 1].type;
    const name = indexClassOf('gin', column.operatorClass, oid);
    const found = name === undefined ? undefined : invertedClass(name, oid);
    if (found === undefined) throw notSupported(`inverted index "${index.name}"`);
    return found;
  });
  return (values, position) => {
    const value = valueOf(values, position);
    return value === null ? [] : classes[position].terms(value);
  };
}
