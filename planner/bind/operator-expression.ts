// A_Expr: infix and prefix operators and the constructs that are operators underneath - BETWEEN, IN,
// LIKE, IS DISTINCT FROM, NULLIF, ANY and ALL over arrays (PostgreSQL's parse_expr.c).

import type { A_Expr, Node } from '@pgsql/types';
import {
  arrayTypeOf,
  collationOfType,
  databaseError,
  elementTypeOf,
  sqlType,
  TypeOid,
  type CallExpression,
  type Expression,
} from '#common';
import { at } from '../errors.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import { arrayTypeFor, canCoerce, coerceType } from './coercion.ts';
import { coerceToCommon, commonTypeIfAny } from './common-type.ts';
import { booleanType, logic, not, placed, textType } from './expression-build.ts';
import { elementProbe, plainText } from './collation.ts';
import { bodyOf, listItems, locationOf, nodeTag } from './node.ts';
import { bindOperator, operatorCall, resolveOperator } from './operator-call.ts';
import { operatorName } from './operator-name.ts';
import { bindRowComparison, rowFields } from './row-comparison.ts';
import type { Scope } from './scope.ts';
import { refuseSet } from './set-returning.ts';
import { bindRowSubquery } from './subquery-expression.ts';
import { typeName } from './type-name.ts';

export function bindOperatorExpression(node: A_Expr, scope: Scope): Expression {
  const name = operatorName(node.name, scope, node.location);
  const position = scope.position(node.location);
  switch (node.kind) {
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      return bindArrayComparison({
        name,
        quantifier: node.kind === 'AEXPR_OP_ANY' ? 'any' : 'all',
        left: scope.bind(node.lexpr!),
        array: scope.bind(node.rexpr!),
        scope,
        position,
      });
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT':
      return bindDistinct(node, scope, position);
    case 'AEXPR_NULLIF':
      return bindNullIf(node, scope, position);
    case 'AEXPR_IN':
      return bindIn(node, name, scope, position);
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM':
      return bindBetween(node, scope, position);
    default:
      return bindPlain(node, name, scope, position);
  }
}

function bindPlain(
  node: A_Expr,
  name: string,
  scope: Scope,
  position: number | undefined,
): Expression {
  const leftRow = node.lexpr === undefined ? undefined : bodyOf(node.lexpr, 'RowExpr');
  if (leftRow !== undefined) {
    const rightRow = bodyOf(node.rexpr, 'RowExpr');
    if (rightRow !== undefined) {
      const left = rowFields(leftRow, scope);
      return bindRowComparison(name, left, rowFields(rightRow, scope), scope, position);
    }
    const link = bodyOf(node.rexpr, 'SubLink');
    if (link?.subLinkType === 'EXPR_SUBLINK')
      return bindRowSubquery(leftRow, name, link, scope, position);
  }
  const left = node.lexpr === undefined ? undefined : scope.bind(node.lexpr);
  return bindOperator(name, left, scope.bind(node.rexpr!), scope, position);
}

interface ArrayComparisonParts {
  readonly name: string;
  readonly quantifier: 'any' | 'all';
  readonly left: Expression;
  readonly array: Expression;
  readonly scope: Scope;
  readonly position: number | undefined;
}

/** make_scalar_array_op() */
function bindArrayComparison(parts: ArrayComparisonParts): Expression {
  const { name, quantifier, left, array, scope, position } = parts;
  const { binder } = scope;
  const known = array.type.oid !== TypeOid.unknown;
  const element = known ? elementTypeOf(array.type.oid) : TypeOid.unknown;
  if (element === 0) {
    throw databaseError(
      'wrongObjectType',
      'op ANY/ALL (array) requires array on right side',
      at(position),
    );
  }
  const operator = resolveOperator(name, left.type, sqlType(element), binder, position);
  if (operator.resultType !== TypeOid.bool) {
    throw databaseError(
      'wrongObjectType',
      'op ANY/ALL (array) requires operator to yield boolean',
      at(position),
    );
  }
  const arrayType = arrayTypeFor(sqlType(operator.right), binder, position);
  const probe = operatorCall(
    operator,
    [left, elementProbe(array, operator.right)],
    binder,
    position,
  );
  return {
    kind: 'arrayComparison',
    quantifier,
    functionOid: probe.functionOid,
    operatorOid: operator.signature.oid,
    left: probe.arguments[0],
    array: coerceType(array, sqlType(arrayType.oid), 'implicit', binder),
    type: booleanType,
    ...placed(position),
  };
}

function bindIn(
  node: A_Expr,
  name: string,
  scope: Scope,
  position: number | undefined,
): Expression {
  const quantifier = name === '<>' ? 'all' : 'any';
  const rowNode = bodyOf(node.lexpr, 'RowExpr');
  const items = listItems(node.rexpr);
  if (rowNode !== undefined) return bindRowIn(node, name, items, scope, position);
  const left = scope.bind(node.lexpr!);
  const values = items.map((item) => scope.bind(item));
  const constants: Expression[] = [];
  const others: Expression[] = [];
  for (const value of values) (readsRow(value, scope) ? others : constants).push(value);
  const results: Expression[] = [];
  const array = constants.length > 1 ? inArray([left, ...constants], scope) : undefined;
  if (array !== undefined)
    results.push(bindArrayComparison({ name, quantifier, left, array, scope, position }));
  for (const value of array === undefined ? values : others) {
    const result = requireBoolean(bindOperator(name, left, value, scope, position), scope);
    refuseSet(result, 'IN', scope);
    results.push(result);
  }
  return chain(quantifier === 'all' ? 'and' : 'or', results, scope);
}

/** One condition after the other; a query that will be printed nests them, as PostgreSQL does. */
function chain(kind: 'and' | 'or', results: readonly Expression[], scope: Scope): Expression {
  if (scope.binder.context.record === undefined) return logic(kind, results);
  return results.reduce((left, right) => ({ kind, arguments: [left, right], type: booleanType }));
}

/** Columns of enclosing queries are no more of the row than what set-returning calls give. */
function readsRow(value: Expression, scope: Scope): boolean {
  const { owners } = scope.binder;
  return [...columnsOf(value)].some((id) => {
    if ((owners.get(id) ?? scope) !== scope) return false;
    const set = scope.sets.find(({ column }) => column.id === id);
    return set === undefined || readsRow(set.call, scope);
  });
}

/** The values of an IN list as one array, when they and the left side have a common type. */
function inArray(all: readonly Expression[], scope: Scope): Expression | undefined {
  const { binder } = scope;
  const common =
    commonTypeIfAny(all) ??
    (all.every(({ type }) => type.oid === TypeOid.unknown) ? textType : undefined);
  if (common === undefined || common.oid === TypeOid.record) return undefined;
  if (!all.every(({ type }) => canCoerce(type.oid, common.oid, 'implicit'))) return undefined;
  // Row types and other types without an array type are compared one by one.
  const hasArrayType = arrayTypeOrUndefined(common.oid) !== undefined;
  if (!hasArrayType) return undefined;
  const elements = all.slice(1).map((each) => coerceToCommon(each, common, 'IN', binder));
  return {
    kind: 'array',
    nested: false,
    elements,
    type: sqlType(arrayTypeOrUndefined(common.oid)!),
  };
}

function arrayTypeOrUndefined(element: number): number | undefined {
  const oid = arrayTypeOf(element);
  return oid === 0 ? undefined : oid;
}

function bindRowIn(
  node: A_Expr,
  name: string,
  items: readonly Node[],
  scope: Scope,
  position: number | undefined,
): Expression {
  const left = rowFields(bodyOf(node.lexpr, 'RowExpr')!, scope);
  const results = items.map((item) => {
    const row = bodyOf(item, 'RowExpr');
    if (row === undefined) {
      throw databaseError(
        'syntaxError',
        'unequal number of entries in row expressions',
        at(scope.position(locationOf(item))),
      );
    }
    return bindRowComparison(name, left, rowFields(row, scope), scope, position);
  });
  return chain(name === '<>' ? 'and' : 'or', results, scope);
}

function requireBoolean(call: CallExpression, scope: Scope): Expression {
  if (call.type.oid === TypeOid.bool) return call;
  throw databaseError(
    'datatypeMismatch',
    `argument of IN must be type boolean, not type ${typeName(call.type, scope.binder)}`,
    at(call.position),
  );
}

function bindBetween(node: A_Expr, scope: Scope, position: number | undefined): Expression {
  const [lowNode, highNode] = listItems(node.rexpr);
  const value = scope.bind(node.lexpr!);
  const low = scope.bind(lowNode);
  const high = scope.bind(highNode);
  const joined = node.kind === 'AEXPR_NOT_BETWEEN' ? 'OR' : 'AND';
  for (const each of [value, low, high]) refuseSet(each, joined, scope);
  const compare = (name: string, bound: Expression): Expression =>
    bindOperator(name, value, bound, scope, position);
  const inside = (from: Expression, to: Expression): Expression =>
    logic('and', [compare('>=', from), compare('<=', to)]);
  const outside = (from: Expression, to: Expression): Expression =>
    logic('or', [compare('<', from), compare('>', to)]);
  switch (node.kind) {
    case 'AEXPR_BETWEEN':
      return inside(low, high);
    case 'AEXPR_NOT_BETWEEN':
      return outside(low, high);
    case 'AEXPR_BETWEEN_SYM':
      return logic('or', [inside(low, high), inside(high, low)]);
    default:
      return logic('and', [outside(low, high), outside(high, low)]);
  }
}

function bindDistinct(node: A_Expr, scope: Scope, position: number | undefined): Expression {
  const negated = node.kind === 'AEXPR_NOT_DISTINCT';
  const nullSide = isNullLiteral(node.rexpr)
    ? node.lexpr
    : isNullLiteral(node.lexpr)
      ? node.rexpr
      : undefined;
  if (nullSide !== undefined) {
    const argument = scope.bind(nullSide);
    return {
      kind: 'isNull',
      argument,
      negated: !negated,
      rowwise: false,
      type: booleanType,
      ...placed(position),
    };
  }
  const leftRow = bodyOf(node.lexpr, 'RowExpr');
  const rightRow = bodyOf(node.rexpr, 'RowExpr');
  if (leftRow !== undefined && rightRow !== undefined) {
    const left = rowFields(leftRow, scope);
    const right = rowFields(rightRow, scope);
    if (left.length !== right.length) {
      throw databaseError(
        'syntaxError',
        'unequal number of entries in row expressions',
        at(position),
      );
    }
    const pairs = left.map((field, index) => distinct(field, right[index], false, scope, position));
    const result =
      pairs.length === 0
        ? ({ kind: 'constant', value: false, type: booleanType } as const)
        : logic('or', pairs);
    return negated ? not(result) : result;
  }
  return distinct(scope.bind(node.lexpr!), scope.bind(node.rexpr!), negated, scope, position);
}

function isNullLiteral(node: Node | undefined): boolean {
  return (
    node !== undefined && nodeTag(node) === 'A_Const' && bodyOf(node, 'A_Const')?.isnull === true
  );
}

function distinct(
  left: Expression,
  right: Expression,
  negated: boolean,
  scope: Scope,
  position: number | undefined,
): Expression {
  const call = bindOperator('=', left, right, scope, position);
  if (call.type.oid !== TypeOid.bool) {
    throw databaseError(
      'datatypeMismatch',
      'IS DISTINCT FROM requires = operator to yield boolean',
      at(position),
    );
  }
  return {
    kind: 'isDistinct',
    equalityOid: call.functionOid,
    left: call.arguments[0],
    right: call.arguments[1],
    negated,
    type: booleanType,
    ...placed(position),
  };
}

function bindNullIf(node: A_Expr, scope: Scope, position: number | undefined): Expression {
  const call = bindOperator('=', scope.bind(node.lexpr!), scope.bind(node.rexpr!), scope, position);
  if (call.type.oid !== TypeOid.bool) {
    throw databaseError(
      'datatypeMismatch',
      'NULLIF requires = operator to yield boolean',
      at(position),
    );
  }
  const [left, right] = call.arguments as [Expression, Expression];
  const value: Expression = {
    kind: 'nullIf',
    equalityOid: call.functionOid,
    left,
    right,
    type: left.type,
    ...placed(position),
  };
  return collationOfType(left.type.oid) === 0 ? value : plainText(value, textType);
}
