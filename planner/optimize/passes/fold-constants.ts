// Constant folding: calls of immutable functions over constants, and the boolean algebra of what is
// then known. Branches that cannot be reached are dropped before their constants could be folded. A call
// that raises an error is left in place; what is left of those when all other passes are done fails the
// statement although it might never have run, as in PostgreSQL.

import {
  DatabaseError,
  relabelling,
  sqlType,
  TypeOid,
  type CallExpression,
  type ConstantExpression,
  type Datum,
  type Expression,
  type SqlType,
  type SubqueryExpression,
} from '#common';
import { functionRegistry, type FunctionContext } from '#functions';
import type { LogicalPlan } from '../../logical-plan.ts';
import { mapChildren } from '../expression-tree.ts';
import type { Pass } from '../pass.ts';
import { mapExpressions, rewritePlan } from '../plan-tree.ts';

export const foldConstantsPass: Pass = {
  name: 'fold constants',
  rewrite: (plan, { functions }) => foldPlan(plan, { functions, raises: false }),
};

export const constantErrorsPass: Pass = {
  name: 'errors of constants',
  rewrite: (plan, { functions }) => foldPlan(plan, { functions, raises: true }),
};

function foldPlan(plan: LogicalPlan, folding: Folding): LogicalPlan {
  return rewritePlan(plan, (node) =>
    simplifyNode(mapExpressions(node, (expression) => foldWith(expression, folding))),
  );
}

const boolType = sqlType(TypeOid.bool);

/** A filter that is always true vanishes; one that never is true leaves nothing. */
function simplifyNode(plan: LogicalPlan): LogicalPlan {
  if (plan.kind !== 'filter' || plan.condition.kind !== 'constant') return plan;
  if (plan.condition.value !== true) return { kind: 'empty', outputs: plan.outputs };
  // As a barrier it still keeps apart what is above from what is below.
  return plan.barrier && plan.input.kind !== 'scan' ? plan : plan.input;
}

/** Folds for an estimate: a call that raises an error is left in place. */
export function fold(expression: Expression, functions: FunctionContext): Expression {
  return foldWith(expression, { functions, raises: false });
}

interface Folding {
  readonly functions: FunctionContext;
  /** Errors of folded calls are the statement's. */
  readonly raises: boolean;
  /** What `caseTest` is, inside a CASE whose operand is constant. */
  readonly caseValue?: ConstantExpression | undefined;
}

function foldWith(expression: Expression, folding: Folding): Expression {
  switch (expression.kind) {
    case 'case':
      return foldCase(expression, folding);
    case 'and':
    case 'or':
      return foldLogic(expression, folding);
    case 'coalesce':
      return foldCoalesce(expression, folding);
    case 'caseTest':
      return folding.caseValue ?? expression;
    case 'subquery':
      if (expression.mode === 'exists') return foldExists(expression);
      break;
    default:
  }
  const mapped = mapChildren(expression, (child) => foldWith(child, folding));
  switch (mapped.kind) {
    case 'call':
      return foldCall(mapped, folding);
    case 'cast':
      // As any record, a row still has the columns of its type.
      return mapped.method === 'relabel' &&
        mapped.argument.kind === 'constant' &&
        mapped.type.oid !== TypeOid.record
        ? relabelled(mapped.argument, mapped.type)
        : mapped;
    case 'not':
      return mapped.argument.kind === 'constant'
        ? constant(mapped, negate(mapped.argument.value))
        : mapped;
    case 'isNull':
      return mapped.argument.kind === 'constant' && !mapped.rowwise
        ? constant(mapped, (mapped.argument.value === null) !== mapped.negated)
        : mapped;
    default:
      return mapped;
  }
}

function relabelled(argument: ConstantExpression, type: SqlType): ConstantExpression {
  const change = relabelling(argument.type.oid, type.oid);
  return {
    ...argument,
    type,
    value: change === undefined ? argument.value : change(argument.value),
  };
}

function negate(value: Datum): Datum {
  return value === null ? null : value !== true;
}

function constant(expression: Expression, value: Datum): ConstantExpression {
  return { kind: 'constant', type: expression.type, value };
}

function foldCall(call: CallExpression, { functions, raises }: Folding): Expression {
  if (
    call.variadicArray === true ||
    !call.arguments.every((argument) => argument.kind === 'constant')
  )
    return call;
  const signature = functionRegistry.functionByOid(call.functionOid);
  if (signature === undefined || signature.volatility !== 'immutable' || signature.returnsSet)
    return call;
  // Routines of users run when the statement does.
  if (signature.routine !== undefined) return call;
  const values = call.arguments.map((argument) => argument.value);
  if (signature.strict && values.includes(null)) return constant(call, null);
  const implementation = functionRegistry.scalar(call.functionOid, {
    argumentTypes: call.arguments.map((argument) => argument.type.oid),
    resultType: call.type.oid,
  });
  if (implementation === undefined) return call;
  try {
    return constant(
      call,
      (implementation as (context: FunctionContext, ...args: Datum[]) => Datum)(
        functions,
        ...values,
      ),
    );
  } catch (error) {
    if (raises && error instanceof DatabaseError && error.sqlState !== '0A000') throw error;
    return call;
  }
}

function foldLogic(
  expression: Extract<Expression, { kind: 'and' | 'or' }>,
  folding: Folding,
): Expression {
  const deciding = expression.kind === 'or';
  const kept: Expression[] = [];
  for (const unfolded of expression.arguments) {
    const argument = foldWith(unfolded, folding);
    if (argument.kind === expression.kind) {
      kept.push(...argument.arguments);
    } else if (argument.kind !== 'constant') {
      kept.push(argument);
    } else if (argument.value === deciding) {
      return { kind: 'constant', type: boolType, value: deciding };
    } else if (argument.value === null) {
      kept.push(argument);
    }
  }
  if (kept.length === 0) return { kind: 'constant', type: boolType, value: !deciding };
  if (kept.length === 1) return kept[0];
  return kept.length === expression.arguments.length &&
    kept.every((item, at) => item === expression.arguments[at])
    ? expression
    : { ...expression, arguments: kept };
}

/** What EXISTS selects is never computed. */
function foldExists(expression: SubqueryExpression): Expression {
  const plan = expression.plan as LogicalPlan;
  if (plan.kind !== 'project' || plan.outputs.length === 0) return expression;
  const bare: LogicalPlan = { ...plan, expressions: [], outputs: [] };
  return { ...expression, plan: bare };
}

function foldCase(expression: Extract<Expression, { kind: 'case' }>, folding: Folding): Expression {
  const operand =
    expression.operand === undefined ? undefined : foldWith(expression.operand, folding);
  const caseValue = operand?.kind === 'constant' ? operand : undefined;
  const testing: Folding = { ...folding, caseValue };
  const branches: { when: Expression; then: Expression }[] = [];
  for (const branch of expression.branches) {
    const when = foldWith(branch.when, testing);
    if (when.kind === 'constant') {
      if (when.value !== true) continue;
      const then = foldWith(branch.then, folding);
      if (branches.length === 0) return then;
      return rebuild(expression, { operand, branches, otherwise: then });
    }
    branches.push({ when, then: foldWith(branch.then, folding) });
  }
  const otherwise =
    expression.otherwise === undefined ? undefined : foldWith(expression.otherwise, folding);
  if (branches.length === 0) return otherwise ?? constant(expression, null);
  return rebuild(expression, { operand, branches, otherwise });
}

function rebuild(
  expression: Extract<Expression, { kind: 'case' }>,
  parts: {
    readonly operand: Expression | undefined;
    readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
    readonly otherwise: Expression | undefined;
  },
): Expression {
  const { operand, branches, otherwise } = parts;
  return { ...expression, ...(operand === undefined ? {} : { operand }), branches, otherwise };
}

function foldCoalesce(
  expression: Extract<Expression, { kind: 'coalesce' }>,
  folding: Folding,
): Expression {
  const kept: Expression[] = [];
  for (const unfolded of expression.arguments) {
    const argument = foldWith(unfolded, folding);
    if (argument.kind === 'constant' && argument.value === null) continue;
    kept.push(argument);
    if (argument.kind === 'constant') break;
  }
  if (kept.length === 0) return constant(expression, null);
  if (kept.length === 1) return kept[0];
  return { ...expression, arguments: kept };
}
