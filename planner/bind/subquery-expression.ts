// Subqueries as expressions (PostgreSQL's transformSubLink): EXISTS, scalar, ARRAY, IN, ANY and ALL.

import type { RowExpr, SelectStmt, SubLink } from '@pgsql/types';
import { databaseError, elementTypeOf, notSupported, TypeOid, type Expression } from '#common';
import { at, syntaxError } from '../errors.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { exactPlan, type BoundSelect } from './bound-select.ts';
import { arrayTypeFor } from './coercion.ts';
import { booleanType, placed } from './expression-build.ts';
import { bodyOf } from './node.ts';
import { bindOperator } from './operator-call.ts';
import { operatorName } from './operator-name.ts';
import { bindRowComparison, rowFields } from './row-comparison.ts';
import { columnReference, type Scope } from './scope.ts';
import { typeName } from './type-name.ts';

export function bindSubLink(link: SubLink, scope: Scope): Expression {
  const bound = bindLink(link, scope);
  if (bound.kind === 'subquery') scope.binder.context.record?.subqueries.set(bound.plan, link);
  return bound;
}

function bindLink(link: SubLink, scope: Scope): Expression {
  const position = scope.position(link.location);
  const select = bindSubselect(link, scope, position);
  switch (link.subLinkType) {
    case 'EXISTS_SUBLINK':
      return {
        kind: 'subquery',
        mode: 'exists',
        plan: select.plan,
        outputs: [],
        test: undefined,
        type: booleanType,
        ...placed(position),
      };
    case 'EXPR_SUBLINK': {
      const column = onlyColumn(select, position);
      return scalarSubquery(exactPlan(select), column, position);
    }
    case 'ARRAY_SUBLINK': {
      const column = onlyColumn(select, position);
      return {
        kind: 'subquery',
        mode: 'array',
        plan: exactPlan(select),
        outputs: [column.id],
        test: undefined,
        type: arrayTypeOfColumn(column, scope, position),
        ...placed(position),
      };
    }
    case 'ANY_SUBLINK':
    case 'ALL_SUBLINK':
      return bindQuantified(link, select, scope, position);
    default:
      throw notSupported('this kind of subquery', at(position));
  }
}

function arrayTypeOfColumn(
  column: PlanColumn,
  scope: Scope,
  position: number | undefined,
): Expression['type'] {
  // Arrays are stacked: the result has one dimension more, and the same type.
  const array =
    elementTypeOf(column.type.oid) !== 0 && column.type.oid !== TypeOid.name
      ? column.type
      : arrayTypeFor(column.type, scope.binder, position);
  return { oid: array.oid, typmod: column.type.typmod };
}

function scalarSubquery(
  plan: LogicalPlan,
  column: PlanColumn,
  position: number | undefined,
): Expression {
  return {
    kind: 'subquery',
    mode: 'scalar',
    plan,
    outputs: [column.id],
    test: undefined,
    type: column.type,
    ...placed(position),
  };
}

export function bindSubselect(
  link: SubLink,
  scope: Scope,
  position: number | undefined,
): BoundSelect {
  const place = scope.kind.subqueries;
  if (place !== undefined) {
    throw databaseError('featureNotSupported', `cannot use subquery in ${place}`, at(position));
  }
  const statement: SelectStmt | undefined = bodyOf(link.subselect, 'SelectStmt');
  if (statement === undefined) throw notSupported('this statement as a subquery', at(position));
  const select = scope.binder.grammar.select(statement, scope.child());
  const [first] = select.columns;
  if (first !== undefined) scope.binder.subqueryNames.set(link, first.name);
  return select;
}

function onlyColumn(select: BoundSelect, position: number | undefined): PlanColumn {
  if (select.columns.length !== 1)
    throw syntaxError('subquery must return only one column', position);
  return select.columns[0];
}

/** left op ANY (subquery); without an operator it is IN. */
function bindQuantified(
  link: SubLink,
  select: BoundSelect,
  scope: Scope,
  position: number | undefined,
): Expression {
  const name =
    link.operName === undefined ? '=' : operatorName(link.operName, scope, link.location);
  const row = bodyOf(link.testexpr, 'RowExpr');
  const left = row === undefined ? [scope.bind(link.testexpr!)] : rowFields(row, scope);
  const right = matchingColumns(left, select, position);
  const test =
    left.length === 1
      ? bindOperator(name, left[0], right[0], scope, position)
      : bindRowComparison(name, left, right, scope, position);
  if (test.type.oid !== TypeOid.bool) {
    throw databaseError(
      'datatypeMismatch',
      `row comparison operator must yield type boolean, not type ${typeName(test.type, scope.binder)}`,
      at(position),
    );
  }
  return {
    kind: 'subquery',
    mode: link.subLinkType === 'ALL_SUBLINK' ? 'all' : 'any',
    plan: exactPlan(select),
    outputs: select.columns.map((column) => column.id),
    test,
    type: booleanType,
    ...placed(position),
  };
}

function matchingColumns(
  left: readonly Expression[],
  select: BoundSelect,
  position: number | undefined,
): Expression[] {
  if (select.columns.length < left.length)
    throw syntaxError('subquery has too few columns', position);
  if (select.columns.length > left.length)
    throw syntaxError('subquery has too many columns', position);
  return select.columns.map((column) => columnReference(column.id, column.type));
}

/**
 * (a, b) op (SELECT x, y …): the comparison is computed above the subquery's plan, so it is a scalar
 * subquery that yields one boolean; no row yields null, several are an error.
 */
export function bindRowSubquery(
  row: RowExpr,
  name: string,
  link: SubLink,
  scope: Scope,
  position: number | undefined,
): Expression {
  const left = rowFields(row, scope);
  const select = bindSubselect(link, scope, scope.position(link.location));
  const test = bindRowComparison(
    name,
    left,
    matchingColumns(left, select, position),
    scope,
    position,
  );
  const output = scope.binder.newColumn(undefined, '?column?', booleanType);
  const plan: LogicalPlan = {
    kind: 'project',
    input: exactPlan(select),
    expressions: [test],
    outputs: [output],
  };
  return scalarSubquery(plan, output, position);
}
