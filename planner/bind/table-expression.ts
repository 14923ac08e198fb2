// Expressions that belong to a table, for DDL and for whoever writes rows without a statement: bound
// over one row of the table as `input` ordinals.

import type { Node } from '@pgsql/types';
import {
  BuiltinOid,
  elementTypeOf,
  TypeOid,
  type DomainRule,
  type Expression,
  type TableDescriptor,
  moduleOfType,
} from '#common';
import { mapChildren, visitExpression } from '../optimize/expression-tree.ts';
import type { PhysicalCheck } from '../physical-plan.ts';
import type { BindContext, SourceText } from './context.ts';
import { domainRule } from './domain.ts';
import { newBinder } from './grammar.ts';
import {
  bindStoredText,
  bindTableNode,
  columnDefault,
  noSource,
  type TableExpressionTarget,
} from './stored-expression.ts';

export type { TableExpressionPlace, TableExpressionTarget } from './stored-expression.ts';

export interface TableExpressionRequest extends TableExpressionTarget {
  readonly context: BindContext;
}

export interface TableExpression {
  /** Over `input` ordinals: attribute number - 1. */
  readonly expression: Expression;
  /** Attributes that the expression reads, ascending. */
  readonly attributes: readonly number[];
  /** Relations (sequences) that the expression names, and user types that it uses. */
  readonly dependencies: readonly number[];
}

/** Binds an expression node of the statement that `source` belongs to. */
export function bindTableExpression(
  node: Node,
  source: SourceText,
  request: TableExpressionRequest,
): TableExpression {
  return finishExpression(bindTableNode(newBinder(request.context, source), node, request));
}

/** Binds the text of a StoredExpression. */
export function bindStoredExpression(
  sql: string,
  request: TableExpressionRequest,
): TableExpression {
  return finishExpression(bindStoredText(newBinder(request.context, noSource), sql, request));
}

/** The table's CHECK constraints in order of name, as the executor tests them. */
export function bindTableChecks(table: TableDescriptor, context: BindContext): PhysicalCheck[] {
  const checks: PhysicalCheck[] = [];
  for (const constraint of table.constraints) {
    if (constraint.type !== 'check') continue;
    const { expression, attributes } = bindStoredExpression(constraint.expression.sql, {
      place: 'check',
      context,
      table,
    });
    const renumber = (each: Expression): Expression =>
      each.kind === 'input'
        ? { ...each, ordinal: attributes.indexOf(each.ordinal + 1) }
        : mapChildren(each, renumber);
    checks.push({ constraintName: constraint.name, attributes, condition: renumber(expression) });
  }
  return checks.toSorted((left, right) => (left.constraintName < right.constraintName ? -1 : 1));
}

/** The default of a column over no columns at all, for whoever writes rows without a statement. */
export function bindColumnDefault(
  table: TableDescriptor,
  attributeNumber: number,
  context: BindContext,
): Expression | undefined {
  const column = table.columns.find((each) => each.attributeNumber === attributeNumber);
  return column === undefined
    ? undefined
    : columnDefault(table, column, newBinder(context, noSource));
}

/** What a value of the domain has to pass; undefined when the type is no domain. */
export function bindDomainRule(typeOid: number, context: BindContext): DomainRule | undefined {
  return domainRule(typeOid, newBinder(context, noSource));
}

function finishExpression(expression: Expression): TableExpression {
  const attributes = new Set<number>();
  const dependencies = new Set<number>();
  visitExpression(expression, (each) => {
    if (each.kind === 'input') attributes.add(each.ordinal + 1);
    if (
      each.kind === 'constant' &&
      each.type.oid === TypeOid.regclass &&
      typeof each.value === 'number'
    ) {
      dependencies.add(each.value);
    }
    if (each.kind === 'call' && each.functionOid >= BuiltinOid.firstUserOid)
      dependencies.add(each.functionOid);
    if ('operatorOid' in each && (each.operatorOid ?? 0) >= BuiltinOid.firstUserOid)
      dependencies.add(each.operatorOid!);
    const { oid } = each.type;
    const below = elementTypeOf(oid) || oid;
    if (oid >= BuiltinOid.firstUserOid || moduleOfType(below) !== undefined)
      dependencies.add(below);
  });
  return {
    expression,
    attributes: [...attributes].toSorted((left, right) => left - right),
    dependencies: [...dependencies],
  };
}
