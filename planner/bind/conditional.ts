// CASE, COALESCE, GREATEST, LEAST: values of one common type.

import type { CaseExpr, CoalesceExpr, MinMaxExpr } from '@pgsql/types';
import type { Expression } from '#common';
import { collatedChoice } from './collation.ts';
import { coerceToBoolean } from './coercion.ts';
import { coerceToCommon, commonTypmod, selectCommonType, unify } from './common-type.ts';
import { constant, placed, unknownType } from './expression-build.ts';
import { bodyOf } from './node.ts';
import { bindOperator } from './operator-call.ts';
import type { Scope } from './scope.ts';
import { refuseSet } from './set-returning.ts';
import { requireOrdering, textIfUnknown } from './sort-key.ts';

/** Runs with set-returning functions forbidden, as they are inside conditional expressions. */
function withoutSets<Result>(
  scope: Scope,
  construct: string | undefined,
  run: () => Result,
): Result {
  const outer = scope.setForbidden;
  scope.setForbidden = construct;
  try {
    return run();
  } finally {
    scope.setForbidden = outer;
  }
}

export function bindCase(node: CaseExpr, scope: Scope): Expression {
  return withoutSets(scope, 'CASE', () => {
    const { binder } = scope;
    const operand =
      node.arg === undefined ? undefined : textIfUnknown(scope.bind(node.arg), binder);
    const whens: Expression[] = [];
    const thens: Expression[] = [];
    for (const each of node.args ?? []) {
      const when = bodyOf(each, 'CaseWhen')!;
      const condition = withoutSets(scope, undefined, () => scope.bind(when.expr!));
      const test =
        operand === undefined
          ? condition
          : bindOperator(
              '=',
              { kind: 'caseTest', type: operand.type },
              condition,
              scope,
              scope.position(when.location),
            );
      whens.push(coerceToBoolean(test, 'CASE/WHEN', binder));
      refuseSet(test, 'CASE/WHEN', scope);
      thens.push(scope.bind(when.result!));
    }
    const otherwise =
      node.defresult === undefined ? constant(null, unknownType) : scope.bind(node.defresult);
    // The ELSE result leads the choice of the type, as in PostgreSQL.
    const common = selectCommonType([otherwise, ...thens], 'CASE', binder);
    const coerced = [otherwise, ...thens].map((each) =>
      coerceToCommon(each, common, 'CASE', binder),
    );
    const [last, ...results] = coerced as [Expression, ...Expression[]];
    return {
      kind: 'case',
      ...(operand === undefined ? {} : { operand }),
      branches: whens.map((when, index) => ({ when, then: results[index] })),
      otherwise: node.defresult === undefined ? undefined : last,
      type: { oid: common.oid, typmod: commonTypmod(coerced, common) },
      ...placed(scope.position(node.location)),
    };
  });
}

export function bindCoalesce(node: CoalesceExpr, scope: Scope): Expression {
  return withoutSets(scope, 'COALESCE', () => {
    const bound = (node.args ?? []).map((argument) => scope.bind(argument));
    const { type, expressions } = unify(bound, 'COALESCE', scope.binder);
    return {
      kind: 'coalesce',
      arguments: expressions,
      type,
      ...placed(scope.position(node.location)),
    };
  });
}

export function bindGreatestLeast(node: MinMaxExpr, scope: Scope): Expression {
  const kind = node.op === 'IS_LEAST' ? 'least' : 'greatest';
  const bound = (node.args ?? []).map((argument) => scope.bind(argument));
  const { type, expressions } = unify(bound, kind.toUpperCase(), scope.binder);
  for (const expression of expressions) requireOrdering(expression, scope.binder);
  return collatedChoice(expressions, type, (values, valueType): Expression => ({
    kind,
    arguments: values,
    type: valueType,
    ...placed(scope.position(node.location)),
  }));
}
