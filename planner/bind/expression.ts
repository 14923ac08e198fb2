// The dispatcher of expressions: one line a kind of node of PostgreSQL's grammar.

import type {
  BooleanTest,
  BoolExpr,
  CollateClause,
  Node,
  NullTest,
  ParamRef,
  SQLValueFunction,
} from '@pgsql/types';
import {
  databaseError,
  notSupported,
  sqlType,
  TypeOid,
  type Expression,
  type SqlValueExpression,
} from '#common';
import { at } from '../errors.ts';
import { bindArray, bindIndirection } from './array-expression.ts';
import { bindTypeCast } from './cast.ts';
import { coerceToBoolean } from './coercion.ts';
import { isCollatable, resolveCollation, withCollation } from './collation.ts';
import { bindColumnRef } from './column-reference.ts';
import { bindCase, bindCoalesce, bindGreatestLeast } from './conditional.ts';
import { booleanType, logic, not, placed } from './expression-build.ts';
import { bindFunctionCall } from './function-call.ts';
import { bindGrouping } from './grouping-call.ts';
import { bindLiteral } from './literal.ts';
import { nodeTag, stringsOf, type NodeBody, type NodeTag } from './node.ts';
import { bindOperatorExpression } from './operator-expression.ts';
import { isRowType } from './record-shape.ts';
import { bindRow } from './row-comparison.ts';
import type { Scope } from './scope.ts';
import { refuseSet } from './set-returning.ts';
import { textIfUnknown } from './sort-key.ts';
import { bindSubLink } from './subquery-expression.ts';
import { typeName } from './type-name.ts';
import { variableParameter } from './variable.ts';

type NodeBinders = {
  readonly [Tag in NodeTag]?: (body: NodeBody<Tag>, scope: Scope) => Expression;
};

const binders: NodeBinders = {
  A_Const: (literal, scope) => bindLiteral(literal, scope.binder),
  ColumnRef: bindColumnRef,
  ParamRef: bindParameter,
  A_Expr: bindOperatorExpression,
  BoolExpr: bindBoolean,
  NullTest: bindNullTest,
  BooleanTest: bindBooleanTest,
  TypeCast: bindTypeCast,
  FuncCall: bindFunctionCall,
  CaseExpr: bindCase,
  CoalesceExpr: bindCoalesce,
  MinMaxExpr: bindGreatestLeast,
  SubLink: bindSubLink,
  A_ArrayExpr: (array, scope) => bindArray(array, scope),
  A_Indirection: bindIndirection,
  RowExpr: bindRow,
  SQLValueFunction: bindSqlValue,
  CollateClause: bindCollate,
  GroupingFunc: bindGrouping,
  SetToDefault: (node, scope) => {
    throw databaseError(
      'syntaxError',
      'DEFAULT is not allowed in this context',
      at(scope.position(node.location)),
    );
  },
  CurrentOfExpr: () => {
    throw notSupported('WHERE CURRENT OF');
  },
  XmlExpr: () => {
    throw notSupported('XML');
  },
};

export function bindExpressionNode(node: Node, scope: Scope): Expression {
  const tag = nodeTag(node);
  const bind = binders[tag] as ((body: unknown, scope: Scope) => Expression) | undefined;
  if (bind === undefined) throw notSupported(`an expression of kind ${tag}`);
  return bind((node as Record<string, unknown>)[tag], scope);
}

function bindParameter(node: ParamRef, scope: Scope): Expression {
  const number = node.number ?? 0;
  const position = scope.position(node.location);
  return (
    variableParameter(number, scope, position) ??
    scope.binder.parameters.reference(number, position)
  );
}

function bindBoolean(node: BoolExpr, scope: Scope): Expression {
  const name = node.boolop === 'OR_EXPR' ? 'OR' : node.boolop === 'NOT_EXPR' ? 'NOT' : 'AND';
  const bound = (node.args ?? []).map((argument) => {
    const value = coerceToBoolean(scope.bind(argument), name, scope.binder);
    refuseSet(value, name, scope);
    return value;
  });
  if (name === 'NOT') return not(bound[0]);
  const kind = name === 'OR' ? 'or' : 'and';
  // A query that will be printed keeps its nesting.
  if (scope.binder.context.record !== undefined)
    return { kind, arguments: bound, type: booleanType };
  return logic(kind, bound);
}

function bindNullTest(node: NullTest, scope: Scope): Expression {
  const argument = scope.bind(node.arg!);
  return {
    kind: 'isNull',
    argument,
    negated: node.nulltesttype === 'IS_NOT_NULL',
    rowwise: isRowType(argument.type),
    type: booleanType,
    ...placed(scope.position(node.location)),
  };
}

function bindBooleanTest(node: BooleanTest, scope: Scope): Expression {
  const kind = node.booltesttype ?? 'IS_TRUE';
  const words = kind.replaceAll('_', ' ');
  const argument = coerceToBoolean(scope.bind(node.arg!), words, scope.binder);
  return {
    kind: 'booleanTest',
    test: kind.endsWith('TRUE') ? 'true' : kind.endsWith('FALSE') ? 'false' : 'unknown',
    negated: kind.startsWith('IS_NOT'),
    argument,
    type: booleanType,
    ...placed(scope.position(node.location)),
  };
}

const sqlValues: ReadonlyMap<string, readonly [SqlValueExpression['name'], number]> = new Map([
  ['SVFOP_CURRENT_DATE', ['current_date', TypeOid.date]],
  ['SVFOP_CURRENT_TIME', ['current_time', TypeOid.timetz]],
  ['SVFOP_CURRENT_TIME_N', ['current_time', TypeOid.timetz]],
  ['SVFOP_CURRENT_TIMESTAMP', ['current_timestamp', TypeOid.timestamptz]],
  ['SVFOP_CURRENT_TIMESTAMP_N', ['current_timestamp', TypeOid.timestamptz]],
  ['SVFOP_LOCALTIME', ['localtime', TypeOid.time]],
  ['SVFOP_LOCALTIME_N', ['localtime', TypeOid.time]],
  ['SVFOP_LOCALTIMESTAMP', ['localtimestamp', TypeOid.timestamp]],
  ['SVFOP_LOCALTIMESTAMP_N', ['localtimestamp', TypeOid.timestamp]],
  ['SVFOP_CURRENT_ROLE', ['current_role', TypeOid.name]],
  ['SVFOP_CURRENT_USER', ['current_user', TypeOid.name]],
  ['SVFOP_USER', ['current_user', TypeOid.name]],
  ['SVFOP_SESSION_USER', ['session_user', TypeOid.name]],
  ['SVFOP_CURRENT_CATALOG', ['current_catalog', TypeOid.name]],
  ['SVFOP_CURRENT_SCHEMA', ['current_schema', TypeOid.name]],
] as const);

function bindSqlValue(node: SQLValueFunction, scope: Scope): Expression {
  const [name, oid] = sqlValues.get(node.op ?? '') ?? (['current_date', TypeOid.date] as const);
  const typmod = node.op?.endsWith('_N') === true ? Math.min(node.typmod ?? 0, 6) : -1;
  return {
    kind: 'sqlValue',
    name,
    type: sqlType(oid, typmod),
    ...placed(scope.position(node.location)),
  };
}

/** COLLATE: the value as it is, with a collation to compare it by. 42804. */
function bindCollate(node: CollateClause, scope: Scope): Expression {
  const argument = textIfUnknown(scope.bind(node.arg!), scope.binder);
  const position = scope.position(node.location);
  if (!isCollatable(argument.type)) {
    throw databaseError(
      'datatypeMismatch',
      `collations are not supported by type ${typeName(argument.type, scope.binder)}`,
      at(position),
    );
  }
  const { oid } = resolveCollation(stringsOf(node.collname), scope.binder, position);
  return {
    kind: 'cast',
    method: 'relabel',
    argument,
    type: withCollation(argument.type, oid),
    explicit: true,
    collation: oid,
    ...placed(position),
  };
}
