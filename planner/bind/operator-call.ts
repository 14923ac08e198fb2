// Operators: resolution by operand types (PostgreSQL's parse_oper.c) and the call.

import {
  databaseError,
  sqlType,
  type CallExpression,
  type Expression,
  type SqlType,
} from '#common';
import { typeResolution, type ResolvedOperator } from '#functions';
import { at, undeterminedPolymorphic } from '../errors.ts';
import { coerceType } from './coercion.ts';
import { collatedCall } from './collated-call.ts';
import type { Binder } from './context.ts';
import { placed } from './expression-build.ts';
import { hasModule } from './module-schema.ts';
import { namedOperators } from './operator-name.ts';
import { requireScalar } from './implementation.ts';
import type { Scope } from './scope.ts';
import { typeName } from './type-name.ts';

/** left operator right, or operator right when left is undefined. */
export function bindOperator(
  name: string,
  left: Expression | undefined,
  right: Expression,
  scope: Scope,
  position: number | undefined,
): CallExpression {
  const { binder } = scope;
  const operands = left === undefined ? [right] : [left, right];
  const operator = resolveOperator(name, left?.type, right.type, binder, position);
  return operatorCall(operator, operands, binder, position);
}

export function operatorCall(
  operator: ResolvedOperator,
  operands: readonly Expression[],
  binder: Binder,
  position: number | undefined,
): CallExpression {
  const { signature, left, right } = operator;
  requireScalar(signature.functionOid, `operator ${signature.name}`, position);
  const types = operands.length === 1 ? [right] : [left, right];
  return collatedCall({
    kind: 'call',
    functionOid: signature.functionOid,
    operatorOid: signature.oid,
    arguments: operands.map((operand, index) =>
      coerceType(operand, sqlType(types[index]), 'implicit', binder),
    ),
    type: sqlType(operator.resultType),
    ...placed(position),
  });
}

/** The operator for operand types; 42883 when there is none, 42725 when several fit equally. */
export function resolveOperator(
  name: string,
  left: SqlType | undefined,
  right: SqlType,
  binder: Binder,
  position: number | undefined,
): ResolvedOperator {
  const operator = typeResolution.resolveOperator({
    ...namedOperators(name, binder),
    hasModule: (module) => hasModule(binder.context.catalog, module),
    left: left?.oid ?? 0,
    right: right.oid,
  });
  const isShell = operator.kind === 'operator' && operator.signature.functionOid === 0;
  if (operator.kind === 'operator' && !isShell) return operator;
  const rightName = typeName(right, binder);
  const text =
    left === undefined ? `${name} ${rightName}` : `${typeName(left, binder)} ${name} ${rightName}`;
  if (operator.kind === 'operator') {
    const message = `operator is only a shell: ${text}`;
    throw databaseError('undefinedFunction', message, at(position));
  }
  switch (operator.kind) {
    case 'undetermined':
      throw undeterminedPolymorphic(position);
    case 'ambiguous':
      throw databaseError('ambiguousFunction', `operator is not unique: ${text}`, {
        ...at(position),
        hint: 'Could not choose a best candidate operator. You might need to add explicit type casts.',
      });
    case 'notFound':
      throw databaseError('undefinedFunction', `operator does not exist: ${text}`, {
        ...at(position),
        hint:
          left === undefined
            ? 'No operator matches the given name and argument type. You might need to add an explicit type cast.'
            : 'No operator matches the given name and argument types. You might need to add explicit type casts.',
      });
  }
}
